"""iam/actions.py: the vocabulary of S3, and which of it makes sense in a bucket's policy."""

import json
from functools import partial
from typing import Any

import pytest

from ferrox.iam.actions import (
    ACTIONS,
    check_bucket_statement,
    check_new_bucket_statement,
    matching,
)
from ferrox.iam.document import Kind, PolicyError, parse
from ferrox.operations.handlers import HANDLERS

BUCKET = "arn:aws:s3:::photos"


def refusal(*, is_new: bool = False, **elements: Any) -> str:
    """Why a bucket policy of one statement is refused; "" when it is not."""
    text = json.dumps({"Statement": {"Effect": "Allow", "Principal": "*", **elements}})
    check = check_new_bucket_statement if is_new else check_bucket_statement
    try:
        parse(text, Kind.RESOURCE, check=partial(check, "photos"))
    except PolicyError as refused:
        return str(refused)
    return ""


def test_every_action_that_an_operation_asks_for_is_known() -> None:
    asked = {handler.action for handler in HANDLERS.values() if isinstance(handler.action, str)}

    assert asked - ACTIONS == set()


def test_a_pattern_means_the_actions_that_it_fits() -> None:
    assert matching("s3:getobjectacl") == {"s3:GetObjectAcl"}
    assert matching("s3:*BucketPolicy") == {
        "s3:GetBucketPolicy",
        "s3:PutBucketPolicy",
        "s3:DeleteBucketPolicy",
    }
    assert matching("*") == ACTIONS


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("s3:ListBucket", BUCKET),
        ("s3:GetObject", f"{BUCKET}/*"),
        ("s3:GetObject", "*"),
        ("s3:ListBucket", "*"),
        ("s3:*", BUCKET),
        ("*", f"{BUCKET}/a"),
        ("s3:GetObject", f"{BUCKET}*"),
        (["s3:GetObject", "s3:ListBucket"], [BUCKET, f"{BUCKET}/*"]),
        (["s3:GetObject", "s3:ListBucket"], BUCKET),
        ("s3:GetObject", "arn:aws:s3:::p*/x"),
    ],
)
def test_a_statement_may_speak_of_its_bucket_and_what_is_in_it(
    action: str | list[str], resource: str | list[str]
) -> None:
    assert "" == refusal(Action=action, Resource=resource)


@pytest.mark.parametrize(
    ("action", "resource", "message"),
    [
        ("s3:GetObject", "arn:aws:s3:::other/*", "Policy has invalid resource"),
        ("s3:GetObject", [f"{BUCKET}/*", "arn:aws:s3:::other/*"], "Policy has invalid resource"),
        ("s3:GetObject", "arn:aws:sns:::photos/*", "Policy has invalid resource"),
        ("sqs:Send", f"{BUCKET}/*", "Policy has invalid action"),
        ("s3:GetObject", BUCKET, "Action does not apply to any resource(s) in statement"),
        ("s3:ListBucket", f"{BUCKET}/*", "Action does not apply to any resource(s) in statement"),
        ("s3:ListAllMyBuckets", BUCKET, "Action does not apply to any resource(s) in statement"),
    ],
)
def test_a_statement_that_cannot_mean_anything_here_is_refused(
    action: str, resource: str | list[str], message: str
) -> None:
    assert message == refusal(Action=action, Resource=resource)


def test_what_is_excluded_is_not_compared_with_what_is_named() -> None:
    assert "" == refusal(Action="s3:GetObject", NotResource=BUCKET)
    assert "" == refusal(NotAction="s3:GetObject", Resource=BUCKET)


# What conditions ask of actions
INAPT = "Conditions do not apply to combination of actions and resources in statement"


@pytest.mark.parametrize(
    ("action", "key"),
    [
        ("s3:PutObject", "s3:ExistingObjectTag/a"),
        ("s3:deleteobject", "s3:ExistingObjectTag/a"),
        ("s3:GetObjectRetention", "s3:ExistingObjectTag/a"),
        (["s3:DeleteObjectTagging", "s3:DeleteObject"], "s3:ExistingObjectTag/a"),
        (["s3:PutObjectTagging", "s3:PutObjectAcl"], "s3:RequestObjectTag/a"),
        (["s3:GetObject", "s3:PutObject"], "s3:x-amz-acl"),
        (["s3:GetObject", "s3:PutObject"], "s3:x-amz-server-side-encryption"),
        (["s3:GetObjectVersion", "s3:PutObject"], "s3:x-amz-copy-source"),
        (["s3:ListBucket", "s3:GetObject"], "s3:prefix"),
        (["s3:ListBucket", "s3:ListBucketMultipartUploads"], "s3:prefix"),
        ("s3:GetObject*", "s3:prefix"),
    ],
)
def test_a_condition_that_an_action_knows_nothing_of_is_refused(
    action: str | list[str], key: str
) -> None:
    said: dict[str, Any] = {"Action": action, "Resource": [BUCKET, f"{BUCKET}/*"]}
    condition = {"StringEquals": {key: "x"}}

    assert INAPT == refusal(is_new=True, Condition=condition, **said)
    assert "" == refusal(Condition=condition, **said), "a policy that is kept stays one"


@pytest.mark.parametrize(
    ("action", "key"),
    [
        (["s3:GetObject", "s3:GetObjectVersion"], "s3:ExistingObjectTag/a"),
        (["s3:PutObject", "s3:PutObjectTagging"], "s3:RequestObjectTag/a"),
        (["s3:PutObject", "s3:PutObjectAcl"], "s3:x-amz-acl"),
        (["s3:ListBucket", "s3:ListBucketVersions"], "s3:prefix"),
        (["s3:GetObject", "s3:PutObject"], "s3:signatureversion"),
        (["s3:GetObject", "s3:PutObject"], "aws:SourceVpce"),
        ("s3:Put*", "s3:x-amz-acl"),
        ("s3:*", "s3:prefix"),
        (["s3:PutObject", "s3:WhatThereIsNotYet"], "s3:x-amz-acl"),
    ],
)
def test_a_condition_that_all_actions_know_is_taken(action: str | list[str], key: str) -> None:
    said: dict[str, Any] = {"Action": action, "Resource": [BUCKET, f"{BUCKET}/*"]}

    assert "" == refusal(is_new=True, Condition={"StringEquals": {key: "x"}}, **said)


def test_what_a_statement_leaves_out_is_asked_anything() -> None:
    condition = {"StringEquals": {"s3:prefix": "x"}}

    assert "" == refusal(
        is_new=True, NotAction="s3:GetObject", Resource=f"{BUCKET}/*", Condition=condition
    )
