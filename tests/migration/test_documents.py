"""documents.py: what documents say, and what changes in them with the name of a bucket."""

import json
from typing import Any

import pytest

from ferrox.migration import documents
from ferrox.migration.documents import AFTER, BEFORE, Kind, content, is_public, renamed
from ferrox.protocol.operation import Operation

BY_NAME = {kind.name: kind for kind in (*BEFORE, *AFTER)}
POLICY = BY_NAME[documents.POLICY]


@pytest.mark.parametrize("kind", [*BEFORE, *AFTER], ids=lambda kind: kind.name)
def test_a_document_is_got_and_put_under_one_selector(kind: Kind) -> None:
    def sort_of(operation: Operation[Any, Any]) -> tuple[str, str]:
        return operation.selector, operation.level

    assert sort_of(kind.get) == sort_of(kind.put)
    assert ("GET", "PUT") == (kind.get.method, kind.put.method)
    shape = kind.put.input
    assert shape is not None
    assert kind.root == shape.plan.payload.wire


def test_what_acts_on_objects_comes_after_them() -> None:
    assert {"lifecycle", "object lock", "policy", "notification"} <= {one.name for one in AFTER}
    assert "policy" == AFTER[-1].name


def test_documents_that_say_nothing_are_none() -> None:
    said = content(BY_NAME["CORS"], b"<CORSConfiguration><CORSRule/></CORSConfiguration>")
    assert {"CORSRule": ""} == said
    for name, body in {
        "notification": b"<NotificationConfiguration/>",
        "request payment": b"<RequestPaymentConfiguration><Payer>BucketOwner</Payer>"
        b"</RequestPaymentConfiguration>",
        "object lock": b"<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled>"
        b"</ObjectLockConfiguration>",
        "tagging": b"<html>",
        "policy": b"not JSON",
    }.items():
        assert None is content(BY_NAME[name], body)


def test_a_policy_speaks_of_the_bucket_by_its_new_name() -> None:
    policy = {
        "Statement": [
            {"Resource": ["arn:aws:s3:::old", "arn:aws:s3:::old/*", "arn:aws:s3:::older/*"]},
            {"NotResource": "arn:aws:s3:::old/a", "Sid": "old"},
            {"Resource": "*"},
        ]
    }

    body = renamed(POLICY, json.dumps(policy).encode(), "old", "new")

    assert [
        {"Resource": ["arn:aws:s3:::new", "arn:aws:s3:::new/*", "arn:aws:s3:::older/*"]},
        {"NotResource": "arn:aws:s3:::new/a", "Sid": "old"},
        {"Resource": "*"},
    ] == json.loads(body)["Statement"]


def test_a_policy_may_have_one_statement_that_is_no_list() -> None:
    policy = {"Statement": {"Resource": "arn:aws:s3:::old*"}}

    body = renamed(POLICY, json.dumps(policy).encode(), "old", "new")

    assert {"Statement": {"Resource": "arn:aws:s3:::new*"}} == json.loads(body)


def test_nothing_changes_without_another_name() -> None:
    assert b"{ }" == renamed(POLICY, b"{ }", "same", "same")
    assert b"<old/>" == renamed(BY_NAME["tagging"], b"<old/>", "old", "new")


@pytest.mark.parametrize(
    ("principal", "effect", "expected"),
    [
        ("*", "Allow", True),
        ({"AWS": "*"}, "Allow", True),
        ({"AWS": ["*"]}, "Allow", True),
        ("*", "Deny", False),
        ({"AWS": "arn:aws:iam::123456789012:root"}, "Allow", False),
    ],
)
def test_a_policy_for_everybody(principal: object, effect: str, expected: bool) -> None:
    statement = {"Effect": effect, "Principal": principal}

    assert expected is is_public({"Statement": [statement]})
    assert expected is is_public({"Statement": statement})


def test_what_is_no_policy_is_for_nobody() -> None:
    assert not is_public([])
