"""Policies: what one decision costs."""

import json

from pytest_benchmark.fixture import BenchmarkFixture

from ferrox.iam.document import Kind, Question, parse
from ferrox.iam.evaluate import Attached, decide
from ferrox.identity import Principal

OWNER = Principal("123456789012", "c" * 64, "root", "arn:aws:iam::123456789012:root", "AKIA")
STATEMENTS = [
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


def test_a_policy_of_twenty_statements(benchmark: BenchmarkFixture) -> None:
    policy = parse(json.dumps({"Version": "2012-10-17", "Statement": STATEMENTS}), Kind.RESOURCE)
    attached = Attached(OWNER, True, resource=policy, is_root=True)
    values = {"aws:sourceip": ("203.0.113.9",)}
    question = Question("s3:GetObject", "arn:aws:s3:::photos/team-3/cat.png", values)

    decision = benchmark(decide, question, attached)

    assert decision.is_allowed
