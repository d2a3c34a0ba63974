"""iam/public.py: which policies let the public in."""

import json
from typing import Any

import pytest

from ferrox.iam.document import Kind, parse
from ferrox.iam.public import is_public

STATEMENT: dict[str, Any] = {
    "Effect": "Allow",
    "Principal": "*",
    "Action": "s3:GetObject",
    "Resource": "arn:aws:s3:::photos/*",
}


def verdict(*changes: dict[str, Any]) -> bool:
    statements = [
        {name: value for name, value in (STATEMENT | change).items() if value is not None}
        for change in changes
    ]
    text = json.dumps({"Version": "2012-10-17", "Statement": statements})
    return is_public(parse(text, Kind.RESOURCE))


def held_to(operator: str, key: str, value: Any) -> dict[str, Any]:
    return {"Condition": {operator: {key: value}}}


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"Principal": {"AWS": "*"}},
        {"Principal": {"AWS": ["123456789012", "*"]}},
        {"Principal": None, "NotPrincipal": {"AWS": "123456789012"}},
        held_to("StringEquals", "aws:Referer", "https://example.com"),
        held_to("StringLike", "aws:PrincipalArn", "arn:aws:iam::*"),
        held_to("StringEquals", "aws:SourceVpc", "${aws:username}"),
        held_to("StringNotEquals", "aws:SourceVpc", "vpc-1"),
        held_to("NumericLessThan", "aws:PrincipalAccount", "999999999999"),
        held_to("NumericGreaterThanEquals", "aws:PrincipalAccount", "0"),
        held_to("StringEquals", "aws:userid", ["AIDAADA", "anonymous"]),
        held_to("StringEqualsIfExists", "aws:SourceVpc", "vpc-1"),
        held_to("ForAllValues:StringEquals", "aws:SourceVpc", "vpc-1"),
        held_to("Null", "aws:SourceVpc", "false"),
        held_to("IpAddress", "aws:SourceIp", "0.0.0.0/1"),
        held_to("IpAddress", "aws:SourceIp", ["203.0.113.0/24", "0.0.0.0/0"]),
        held_to("IpAddress", "aws:SourceIp", "::/0"),
        held_to("StringEquals", "aws:SourceIp", "anywhere"),
        held_to("NotIpAddress", "aws:SourceIp", "203.0.113.0/24"),
    ],
)
def test_a_policy_that_speaks_to_everybody_is_public(change: dict[str, Any]) -> None:
    assert verdict(change)


@pytest.mark.parametrize(
    "change",
    [
        {"Effect": "Deny"},
        {"Principal": {"AWS": "123456789012"}},
        {"Principal": {"CanonicalUser": "a" * 64}},
        held_to("IpAddress", "aws:SourceIp", "203.0.113.0/24"),
        held_to("IpAddress", "aws:SourceIp", ["10.0.0.0/8", "2001:db8::/32"]),
        held_to("StringEquals", "aws:SourceVpc", "vpc-1"),
        held_to("StringEquals", "aws:userid", "AIDAADA"),
        held_to("NumericEquals", "aws:PrincipalAccount", "123456789012"),
        held_to("StringEquals", "AWS:PrincipalOrgID", "o-1"),
        held_to("ArnEquals", "aws:PrincipalArn", "arn:aws:iam::123456789012:user/ada"),
    ],
)
def test_a_policy_that_speaks_to_some_is_not_public(change: dict[str, Any]) -> None:
    assert not verdict(change)


def test_one_public_statement_makes_a_policy_public() -> None:
    assert verdict({"Principal": {"AWS": "123456789012"}}, {})
