"""iam/condition_keys.py: which keys there are."""

import pytest

from ferrox.iam.actions import ACTIONS
from ferrox.iam.condition_keys import _KNOWN_TO, actions_that_know, is_known
from ferrox.operations import caller_keys, circumstances


@pytest.mark.parametrize(
    "key",
    [
        "aws:sourceip",
        "aws:somethingnew",
        "s3:prefix",
        "s3:x-amz-acl",
        "s3:existingobjecttag/team",
        "s3:requestobjecttag/a/b",
        "ec2:sourceinstancearn",
        "idp.example.com/realm:sub",
    ],
)
def test_these_keys_there_are(key: str) -> None:
    assert is_known(key)


@pytest.mark.parametrize(
    "key",
    [
        *("", "prefix", "aws:", ":prefix", "s3:", "s3:versionstatus", "s3:x-acl"),
        *("s3:existingobjecttag", "s3:existingobjecttag/", "s4:prefix", "sourceip"),
    ],
)
def test_others_there_are_not(key: str) -> None:
    assert not is_known(key)


def test_what_only_some_actions_know_is_known_and_so_are_they() -> None:
    assert [] == [key for key in _KNOWN_TO if not is_known(key) and not is_known(f"{key}/x")]
    assert set() == {action for known in _KNOWN_TO.values() for action in known} - ACTIONS


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("s3:prefix", {"s3:ListBucket", "s3:ListBucketVersions"}),
        ("s3:if-none-match", {"s3:PutObject"}),
        ("s3:requestobjecttag/a/b", actions_that_know("s3:requestobjecttagkeys")),
        ("s3:signatureversion", None),
        ("aws:sourceip", None),
        ("idp.example.com:aud", None),
    ],
)
def test_a_key_belongs_to_some_actions_or_to_all(key: str, expected: set[str] | None) -> None:
    assert expected == actions_that_know(key)


def test_whatever_is_worked_out_is_known() -> None:
    worked_out = [
        *circumstances._KNOWN,
        *circumstances._QUERIES,
        *circumstances._HEADERS,
        *caller_keys._KNOWN,
    ]

    assert [] == [key for key in worked_out if not is_known(key)]
