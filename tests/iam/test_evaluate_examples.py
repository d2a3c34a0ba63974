"""The examples with which AWS explains how policies are evaluated, one table for each page."""

import json
from typing import Any

import pytest

from ferrox.decision import Verdict
from ferrox.iam.document import Document, Kind, Question, parse
from ferrox.iam.evaluate import Attached, decide
from ferrox.identity import Principal, PrincipalKind

ALLOWED, EXPLICIT, IMPLICIT = Verdict
OWN, ELSEWHERE = "111122223333", "444455556666"


def user(name: str, account: str = OWN) -> Principal:
    """A user."""
    arn = f"arn:aws:iam::{account}:user/{name}"
    return Principal(account, account * 5, "", arn, "AKIA", PrincipalKind.USER, user_name=name)


def session(role: str, name: str) -> Principal:
    """A session of a role."""
    arn = f"arn:aws:sts::{OWN}:assumed-role/{role}/{name}"
    parent_arn = f"arn:aws:iam::{OWN}:role/{role}"
    kind = PrincipalKind.ROLE_SESSION
    return Principal(OWN, OWN * 5, "", arn, "ASIA", kind, parent_arn=parent_arn)


def federated(name: str, by: Principal) -> Principal:
    """A session that a user gave somebody."""
    arn = f"arn:aws:sts::{OWN}:federated-user/{name}"
    kind = PrincipalKind.FEDERATED
    return Principal(OWN, OWN * 5, "", arn, "ASIA", kind, parent_arn=by.arn)


def statement(effect: str, actions: Any, resources: Any = "*", **more: Any) -> dict[str, Any]:
    """A statement."""
    return {"Effect": effect, "Action": actions, "Resource": resources, **more}


def identity(*statements: dict[str, Any]) -> Document:
    """A policy of an identity."""
    return parse(json.dumps({"Version": "2012-10-17", "Statement": statements}), Kind.IDENTITY)


def bucket(principal: str, *actions: str, resource: str = "*") -> Document:
    """A policy of a bucket that allows something."""
    one = statement("Allow", actions, resource, Principal={"AWS": principal})
    return parse(json.dumps({"Version": "2012-10-17", "Statement": [one]}), Kind.RESOURCE)


def verdict(action: str, resource: str, attached: Attached) -> Verdict:
    """What is decided."""
    return decide(Question(action, resource, {}), attached).verdict


# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html
CARLOS = user("carlossalazar")
LOGS = statement("Deny", "s3:*", ["arn:aws:s3:::*log*", "arn:aws:s3:::*log*/*"])
OF_CARLOS = identity(
    statement(
        "Allow",
        [
            "s3:GetBucketLocation",
            "s3:GetAccountPublicAccessBlock",
            "s3:ListAccessPoints",
            "s3:ListAllMyBuckets",
        ],
        "arn:aws:s3:::*",
    ),
    statement("Allow", "s3:*", ["arn:aws:s3:::carlossalazar/*", "arn:aws:s3:::carlossalazar"]),
    LOGS,
)
ONLY_CARLOS = bucket(CARLOS.arn, "s3:*")


@pytest.mark.parametrize(
    ("action", "resource", "policy", "expected"),
    [
        ("s3:PutObject", "arn:aws:s3:::carlossalazar-logs/file", None, EXPLICIT),
        ("s3:PutObject", "arn:aws:s3:::carlossalazar/file", ONLY_CARLOS, ALLOWED),
        ("s3:PutObject", "arn:aws:s3:::carlossalazar/file", None, ALLOWED),
        ("s3:ListAllMyBuckets", "arn:aws:s3:::*", None, ALLOWED),
        ("s3:PutObject", "arn:aws:s3:::another/file", None, IMPLICIT),
        ("s3:PutObject", "arn:aws:s3:::another/file", ONLY_CARLOS, ALLOWED),
    ],
)
def test_within_an_account(
    action: str, resource: str, policy: Document | None, expected: Verdict
) -> None:
    assert expected == verdict(action, resource, Attached(CARLOS, True, [OF_CARLOS], policy))


# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
OTHER_CARLOS = user("carlossalazar", ELSEWHERE)
PRODUCTION = "arn:aws:s3:::production/*"
OF_OTHER_CARLOS = identity(
    statement("Allow", "s3:ListAllMyBuckets"),
    statement("Allow", "s3:*Object*", PRODUCTION),
    LOGS,
)
OF_PRODUCTION = bucket(
    OTHER_CARLOS.arn,
    "s3:GetObject*",
    "s3:PutObject*",
    "s3:ReplicateObject",
    "s3:RestoreObject",
    resource=PRODUCTION,
)


@pytest.mark.parametrize(
    ("action", "resource", "policy", "expected"),
    [
        ("s3:PutObject", "arn:aws:s3:::production-logs/file", None, EXPLICIT),
        ("s3:PutObject", "arn:aws:s3:::production/file", OF_PRODUCTION, ALLOWED),
        ("s3:PutObject", "arn:aws:s3:::production/file", None, IMPLICIT),
        ("s3:DeleteObject", "arn:aws:s3:::production/file", OF_PRODUCTION, IMPLICIT),
        ("s3:PutObject", "arn:aws:s3:::staging/file", bucket(OTHER_CARLOS.arn, "s3:*"), IMPLICIT),
    ],
)
def test_between_accounts(
    action: str, resource: str, policy: Document | None, expected: Verdict
) -> None:
    attached = Attached(OTHER_CARLOS, False, [OF_OTHER_CARLOS], policy)

    assert expected == verdict(action, resource, attached)


# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_AccessPolicyLanguage_Interplay.html
REPORTS = [
    identity(
        statement("Allow", ["iam:Get*", "iam:List*"]),
        statement("Deny", "iam:*Report"),
    ),
    identity(statement("Allow", "iam:GenerateCredentialReport")),
]


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("iam:GetUser", ALLOWED),
        ("iam:CreatePolicy", IMPLICIT),
        ("iam:GetOrganizationsAccessReport", EXPLICIT),
        ("iam:GenerateCredentialReport", EXPLICIT),
    ],
)
def test_explicit_and_implicit_denials(action: str, expected: Verdict) -> None:
    assert expected == verdict(action, "*", Attached(CARLOS, True, REPORTS))


# https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
SHIRLEY = user("ShirleyRodriguez")
LIMIT = identity(statement("Allow", ["s3:*", "cloudwatch:*", "ec2:*"]))


@pytest.mark.parametrize(
    ("action", "own", "expected"),
    [
        ("iam:CreateUser", [identity(statement("Allow", "iam:CreateUser"))], IMPLICIT),
        ("s3:PutObject", [], IMPLICIT),
        ("s3:PutObject", [identity(statement("Allow", "s3:*"))], ALLOWED),
    ],
)
def test_a_boundary_sets_a_limit_and_grants_nothing(
    action: str, own: list[Document], expected: Verdict
) -> None:
    attached = Attached(SHIRLEY, True, own, boundary=LIMIT)

    assert expected == verdict(action, "arn:aws:s3:::photos/k", attached)


# The paragraphs on resource-based policies of
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
READER = session("examplerole", "examplerolesessionname")
BOB = federated("exampleuser", SHIRLEY)
NOTHING = identity(statement("Allow", "s3:ListBucket"))
READ = identity(statement("Allow", "s3:GetObject"))
DENIED = identity(statement("Deny", "s3:GetObject"))


@pytest.mark.parametrize(
    ("principal", "named", "boundary", "sessions", "expected"),
    [
        # the ARN of a role is limited by a boundary and by the policies of a session
        (READER, READER.parent_arn, None, [], ALLOWED),
        (READER, READER.parent_arn, NOTHING, [], IMPLICIT),
        (READER, READER.parent_arn, None, [NOTHING], IMPLICIT),
        (READER, READER.parent_arn, READ, [READ], ALLOWED),
        # everybody is not, whatever aws:PrincipalArn is held to
        (READER, "*", NOTHING, [NOTHING], ALLOWED),
        # the ARN of the session is not
        (READER, READER.arn, NOTHING, [NOTHING], ALLOWED),
        (READER, READER.arn, DENIED, [], EXPLICIT),
        (READER, READER.arn, None, [DENIED], EXPLICIT),
        # nor is that of a user
        (SHIRLEY, SHIRLEY.arn, NOTHING, [], ALLOWED),
        (SHIRLEY, SHIRLEY.arn, DENIED, [], EXPLICIT),
        # nor that of a federated user; but that of whose session it is
        (BOB, BOB.arn, NOTHING, [NOTHING], ALLOWED),
        (BOB, SHIRLEY.arn, None, [NOTHING], IMPLICIT),
        (BOB, SHIRLEY.arn, NOTHING, [READ], IMPLICIT),
        (BOB, SHIRLEY.arn, READ, [READ], ALLOWED),
    ],
)
def test_whom_a_resource_names_decides_what_limits_it(
    principal: Principal,
    named: str,
    boundary: Document | None,
    sessions: list[Document],
    expected: Verdict,
) -> None:
    policy = bucket(named, "s3:GetObject")
    attached = Attached(principal, True, [], policy, boundary, sessions)

    assert expected == verdict("s3:GetObject", "arn:aws:s3:::photos/k", attached)
