import json
from typing import Any

from ferrox.iam.context_keys import context_keys


def policy(version: str = "2012-10-17", **statement: Any) -> str:
    return json.dumps({"Version": version, "Statement": statement})


def test_keys_stand_in_conditions_and_as_variables() -> None:
    text = policy(
        Resource=["arn:aws:s3:::b/${aws:UserName}/*", "*"],
        Condition={
            "StringEquals": {"s3:prefix": ["${aws:userid, 'nobody'}", 1]},
            "Bool": {"aws:SecureTransport": "true"},
        },
    )

    found = context_keys([text])

    assert ["s3:prefix", "aws:SecureTransport", "aws:UserName", "aws:userid"] == list(
        found.values()
    )


def test_a_key_counts_once_however_it_is_capitalised() -> None:
    texts = [
        policy(Resource="*", Condition={"Bool": {"aws:SecureTransport": "true"}}),
        policy(NotResource="*", Condition={"Null": {"AWS:securetransport": "true"}}),
    ]

    assert {"aws:securetransport": "aws:SecureTransport"} == context_keys(texts)


def test_the_old_version_has_no_variables() -> None:
    assert {} == context_keys([policy("2008-10-17", NotResource="arn:aws:s3:::${aws:username}")])
