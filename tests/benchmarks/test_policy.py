"""Policies: what one decision costs, and what permission costs a request.

Not part of the tests, and no time is judged. The aim is 30 µs of processor time for a request of a
user with three policies to a bucket with a policy of twenty statements.
"""

import json
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from ferrox.iam.document import Document, Kind, Question, parse
from ferrox.iam.evaluate import Attached, decide
from ferrox.identity import Principal
from ferrox.operations.access import POLICY_DOCUMENT, POLICY_TEXT
from ferrox.protocol.message import Request
from tests.callers import add_user, user_of
from tests.in_process import ROOT as OWNER
from tests.in_process import InProcess

ADA = user_of(OWNER, "ada")
STATEMENTS: list[dict[str, Any]] = [
    {
        "Sid": f"s{number}",
        "Effect": "Deny" if number % 4 == 0 else "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{number:012}:root"} if number % 2 else "*",
        "Action": ["s3:Put*", "s3:DeleteObject"] if number % 3 else "s3:GetObject",
        "Resource": f"arn:aws:s3:::photos/team-{number}/*",
        "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
    }
    for number in range(20)
]
OWN: list[list[dict[str, Any]]] = [
    [
        {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"},
        {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::photos"},
    ],
    [
        {
            "Effect": "Deny",
            "Action": "s3:*",
            "Resource": "arn:aws:s3:::photos/secret/*",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
        {
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:PutObject"],
            "Resource": "arn:aws:s3:::photos/${aws:username}/*",
        },
    ],
    [{"Effect": "Allow", "Action": ["s3:Get*", "s3:Put*"], "Resource": "arn:aws:s3:::photos/*"}],
]
KEY = "team-3/cat.png"


def text(statements: list[dict[str, Any]]) -> str:
    """A policy."""
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def compiled(kind: Kind, statements: list[dict[str, Any]]) -> Document:
    """A policy, compiled."""
    return parse(text(statements), kind)


def test_a_policy_of_twenty_statements(benchmark: BenchmarkFixture) -> None:
    policy = compiled(Kind.RESOURCE, STATEMENTS)
    attached = Attached(OWNER, True, resource=policy, is_root=True)
    values = {"aws:sourceip": ("203.0.113.9",)}
    question = Question("s3:GetObject", f"arn:aws:s3:::photos/{KEY}", values)

    decision = benchmark(decide, question, attached)

    assert decision.is_allowed


def test_a_policy_of_twenty_statements_and_three_of_the_caller(
    benchmark: BenchmarkFixture,
) -> None:
    policy = compiled(Kind.RESOURCE, STATEMENTS)
    own = [compiled(Kind.IDENTITY, statements) for statements in OWN]
    attached = Attached(ADA, True, own, policy)
    values = {
        "aws:sourceip": ("203.0.113.9",),
        "aws:username": ("ada",),
        "aws:securetransport": ("true",),
    }
    question = Question("s3:GetObject", f"arn:aws:s3:::photos/{KEY}", values)

    decision = benchmark(decide, question, attached)

    assert decision.is_allowed


@pytest.fixture
async def s3(s3: InProcess) -> InProcess:
    """A server with the bucket, its policy, and the user."""
    await s3.make_bucket("photos")
    await s3.put(KEY, bucket="photos")
    bucket = s3.store.bucket("photos")
    assert bucket is not None
    await s3.store.put_bucket_document(bucket, POLICY_DOCUMENT, {POLICY_TEXT: text(STATEMENTS)})
    add_user(s3, "ada", *(text(statements) for statements in OWN))
    return s3


@pytest.mark.parametrize("action", ["s3:PutObject", "s3:GetObject"])
@pytest.mark.parametrize("principal", [OWNER, ADA], ids=["root", "user"])
async def test_permission_of_a_request(
    benchmark: BenchmarkFixture, s3: InProcess, principal: Principal, action: str
) -> None:
    authorizer = s3.services.authorizer
    bucket = s3.store.bucket("photos")
    assert bucket is not None

    def ask() -> object:
        request = Request("GET", f"/photos/{KEY}", "", {}, peer="203.0.113.9")
        authorizer.require(principal, action, bucket, KEY, None, request=request)
        return request.decision

    assert benchmark(ask) is None


async def test_a_request_without_the_question(benchmark: BenchmarkFixture) -> None:
    def ask() -> Request:
        return Request("GET", f"/photos/{KEY}", "", {}, peer="203.0.113.9")

    assert benchmark(ask).decision is None
