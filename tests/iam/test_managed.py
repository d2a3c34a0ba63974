"""iam/managed.py: the policies that come with the server."""

import pytest

from ferrox.iam import managed
from ferrox.iam.document import Kind, Question, parse
from ferrox.iam.evaluate import Attached, decide
from ferrox.identity import Principal, PrincipalKind

ADA = Principal(
    "123456789012",
    "a" * 64,
    "root",
    "arn:aws:iam::123456789012:user/ada",
    "AKIAADA",
    PrincipalKind.USER,
)
OBJECT = "arn:aws:s3:::photos/cat.png"
READ, WRITE = "s3:GetObject", "s3:PutObject"
LOOK_UP, ADD = "iam:GetUser", "iam:CreateUser"


@pytest.mark.parametrize("name", sorted(managed.POLICIES))
def test_each_is_a_policy_and_is_found_by_its_arn(name: str) -> None:
    record = managed.POLICIES[name]

    assert parse(record.text, Kind.IDENTITY).statements
    assert record is managed.policy(f"arn:aws:iam::aws:policy/{name}")
    assert record.arn == f"arn:aws:iam::aws:policy/{name}"


def test_others_are_not_found() -> None:
    assert managed.policy("arn:aws:iam::aws:policy/AmazonEC2FullAccess") is None
    assert managed.policy("arn:aws:iam::123456789012:policy/ReadOnlyAccess") is None


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("AdministratorAccess", {READ, WRITE, LOOK_UP, ADD}),
        ("AmazonS3FullAccess", {READ, WRITE}),
        ("AmazonS3ReadOnlyAccess", {READ}),
        ("IAMFullAccess", {LOOK_UP, ADD}),
        ("IAMReadOnlyAccess", {LOOK_UP}),
        ("PowerUserAccess", {READ, WRITE}),
        ("ReadOnlyAccess", {READ, LOOK_UP}),
        ("SecurityAudit", {LOOK_UP}),
    ],
)
def test_they_allow_what_they_say(name: str, allowed: set[str]) -> None:
    document = parse(managed.POLICIES[name].text, Kind.IDENTITY)
    attached = Attached(ADA, True, [document])

    found = {
        action
        for action in (READ, WRITE, LOOK_UP, ADD)
        if decide(Question(action, OBJECT, {}), attached).is_allowed
    }

    assert allowed == found
