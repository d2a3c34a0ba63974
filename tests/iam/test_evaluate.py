"""iam/evaluate.py: AWS's order of evaluation, as tables."""

import json
from typing import Any

import pytest

from ferrox.decision import Source, Verdict
from ferrox.iam.document import Document, Kind, Question, parse
from ferrox.iam.evaluate import Attached, decide, matched
from ferrox.iam.principals import Named
from ferrox.identity import ANONYMOUS, Principal, PrincipalKind

ACCOUNT, OTHER_ACCOUNT = "123456789012", "210987654321"
ADA = Principal(ACCOUNT, "a" * 64, "ada", f"arn:aws:iam::{ACCOUNT}:user/ada", "AKIAADA")
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/reader"
SESSION = Principal(
    ACCOUNT,
    "a" * 64,
    "s",
    f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/s",
    "ASIAREADER",
    PrincipalKind.ROLE_SESSION,
    parent_arn=ROLE_ARN,
)
FEDERATED = SESSION._replace(
    arn=f"arn:aws:sts::{ACCOUNT}:federated-user/bob",
    kind=PrincipalKind.FEDERATED,
    parent_arn=ADA.arn,
)
CAT = "arn:aws:s3:::photos/cat.png"
QUESTION = Question("s3:GetObject", CAT, {})


def document(kind: Kind, *statements: dict[str, Any], name: str = "policy") -> Document:
    return parse(json.dumps({"Version": "2012-10-17", "Statement": list(statements)}), kind, name)


def own(effect: str = "Allow", action: str = "s3:GetObject") -> Document:
    return document(Kind.IDENTITY, {"Effect": effect, "Action": action, "Resource": "*"})


def of_bucket(principal: Any, effect: str = "Allow", element: str = "Principal") -> Document:
    return document(
        Kind.RESOURCE,
        {"Sid": "it", "Effect": effect, element: principal, "Action": "s3:*", "Resource": CAT},
        name="the bucket policy",
    )


ALLOWED, EXPLICIT, IMPLICIT = Verdict
BY_ARN = {"AWS": ADA.arn}
BY_ACCOUNT = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
BY_ROLE = {"AWS": ROLE_ARN}
OF_OTHER = {"AWS": OTHER_ACCOUNT}
PUT = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}
ELSE = document(Kind.IDENTITY, PUT)


@pytest.mark.parametrize(
    ("attached", "expected"),
    [
        (Attached(ADA, True), IMPLICIT),
        (Attached(ADA, True, [own()]), ALLOWED),
        (Attached(ADA, True, [own(), own("Deny")]), EXPLICIT),
        (Attached(ADA, True, [], of_bucket(BY_ARN)), ALLOWED),
        (Attached(ADA, True, [], of_bucket("*")), ALLOWED),
        (Attached(ADA, True, [], of_bucket({"AWS": "*"})), ALLOWED),
        (Attached(ADA, True, [], of_bucket(BY_ACCOUNT)), IMPLICIT),
        (Attached(ADA, True, [own()], of_bucket(BY_ACCOUNT)), ALLOWED),
        (Attached(ADA, True, [own()], of_bucket(BY_ARN, "Deny")), EXPLICIT),
        (Attached(ADA, True, [own()], of_bucket(BY_ACCOUNT, "Deny")), EXPLICIT),
        (Attached(ADA, True, [own()], of_bucket(BY_ARN, "Deny", "NotPrincipal")), ALLOWED),
        (Attached(ADA, True, [own()], of_bucket({"AWS": OTHER_ACCOUNT}, "Deny")), ALLOWED),
        (Attached(ADA, True, [own()], of_bucket("*", "Deny")), EXPLICIT),
        # a boundary
        (Attached(ADA, True, [own()], boundary=own()), ALLOWED),
        (Attached(ADA, True, [own()], boundary=ELSE), IMPLICIT),
        (Attached(ADA, True, [], of_bucket(BY_ARN), boundary=ELSE), ALLOWED),
        (Attached(ADA, True, [], of_bucket(BY_ARN), boundary=own("Deny")), EXPLICIT),
        # whoever has a boundary is denied by every statement that says whom it does not mean
        (
            Attached(ADA, True, [own()], of_bucket(BY_ARN, "Deny", "NotPrincipal"), boundary=own()),
            EXPLICIT,
        ),
        # a session of a role
        (Attached(SESSION, True, [own()]), ALLOWED),
        (Attached(SESSION, True, [own()], sessions=[own()]), ALLOWED),
        (Attached(SESSION, True, [own()], sessions=[ELSE]), IMPLICIT),
        (Attached(SESSION, True, [own()], sessions=[ELSE, own()]), ALLOWED),
        (Attached(SESSION, True, [own()], sessions=[own(), own("Deny")]), EXPLICIT),
        (Attached(SESSION, True, [own()], boundary=ELSE, sessions=[own()]), IMPLICIT),
        (Attached(SESSION, True, [], of_bucket(BY_ROLE)), ALLOWED),
        (Attached(SESSION, True, [], of_bucket(BY_ROLE), sessions=[ELSE]), IMPLICIT),
        (Attached(SESSION, True, [], of_bucket(BY_ROLE), boundary=ELSE), IMPLICIT),
        (Attached(SESSION, True, [], of_bucket(BY_ROLE), sessions=[own()]), ALLOWED),
        (Attached(SESSION, True, [], of_bucket({"AWS": SESSION.arn}), sessions=[ELSE]), ALLOWED),
        (Attached(SESSION, True, [], of_bucket({"AWS": SESSION.arn}), boundary=ELSE), ALLOWED),
        (Attached(SESSION, True, [], of_bucket(BY_ACCOUNT), sessions=[own()]), IMPLICIT),
        (Attached(SESSION, True, [own()], of_bucket(BY_ROLE, "Deny")), EXPLICIT),
        # a federated user
        (Attached(FEDERATED, True, [own()], sessions=[own()]), ALLOWED),
        (Attached(FEDERATED, True, [own()], sessions=[document(Kind.IDENTITY, PUT)]), IMPLICIT),
        (Attached(FEDERATED, True, [], of_bucket(BY_ARN), sessions=[ELSE]), IMPLICIT),
        (Attached(FEDERATED, True, [], of_bucket(BY_ARN), sessions=[own()]), ALLOWED),
        (
            Attached(FEDERATED, True, [], of_bucket({"AWS": FEDERATED.arn}), sessions=[ELSE]),
            ALLOWED,
        ),
        # another account
        (Attached(ADA, False, [own()]), IMPLICIT),
        (Attached(ADA, False, [], of_bucket(BY_ARN)), IMPLICIT),
        (Attached(ADA, False, [own()], of_bucket(BY_ARN)), ALLOWED),
        (Attached(ADA, False, [own()], of_bucket(BY_ACCOUNT)), ALLOWED),
        (Attached(ADA, False, [own()], of_bucket({"CanonicalUser": "a" * 64})), ALLOWED),
        (Attached(ADA, False, [own()], of_bucket("*")), ALLOWED),
        (Attached(ADA, False, [own()], of_bucket("*"), boundary=ELSE), IMPLICIT),
        (Attached(SESSION, False, [own()], of_bucket(BY_ROLE), sessions=[ELSE]), IMPLICIT),
        # a list
        (Attached(ADA, True, listed=Named.BY_ITSELF), ALLOWED),
        (Attached(ADA, True, listed=Named.BY_ACCOUNT), IMPLICIT),
        (Attached(ADA, True, [own("Deny")], listed=Named.BY_ITSELF), EXPLICIT),
        (Attached(ADA, False, listed=Named.BY_ITSELF), IMPLICIT),
        (Attached(ADA, False, [own()], listed=Named.BY_ACCOUNT), ALLOWED),
        (Attached(ANONYMOUS, False, listed=Named.BY_ITSELF), ALLOWED),
        # a policy that cannot grant still denies
        (Attached(ADA, False, [own()], of_bucket(BY_ARN), may_grant=False), IMPLICIT),
        (
            Attached(
                ADA, False, [own()], of_bucket(BY_ARN), may_grant=False, listed=Named.BY_ACCOUNT
            ),
            ALLOWED,
        ),
        (
            Attached(
                ADA, False, [own()], of_bucket(BY_ARN, "Deny"), may_grant=False,
                listed=Named.BY_ITSELF,
            ),
            EXPLICIT,
        ),
        # a role that is to be taken
        (Attached(ADA, True, [own()], of_bucket(OF_OTHER), must_be_named=True), IMPLICIT),
        (Attached(ADA, True, [own()], of_bucket(BY_ACCOUNT), must_be_named=True), ALLOWED),
        (Attached(ADA, True, [], of_bucket(BY_ACCOUNT), must_be_named=True), IMPLICIT),
        (Attached(ADA, True, [], of_bucket(BY_ARN), must_be_named=True), ALLOWED),
        (
            Attached(
                ADA, True, resource=of_bucket(OF_OTHER), is_root=True, must_be_named=True
            ),
            IMPLICIT,
        ),
        # root and nobody
        (Attached(ADA, True, is_root=True), ALLOWED),
        (Attached(ADA, False, is_root=True), IMPLICIT),
        (Attached(ADA, False, resource=of_bucket(BY_ACCOUNT), is_root=True), ALLOWED),
        (Attached(ADA, True, resource=of_bucket("*", "Deny"), is_root=True), EXPLICIT),
        (Attached(ANONYMOUS, False), IMPLICIT),
        (Attached(ANONYMOUS, False, resource=of_bucket("*")), ALLOWED),
        (Attached(ANONYMOUS, False, resource=of_bucket(BY_ARN)), IMPLICIT),
        (Attached(ANONYMOUS, False, resource=of_bucket("*", "Deny")), EXPLICIT),
    ],
)  # fmt: skip
def test_what_is_attached_decides_in_the_order_of_aws(
    attached: Attached, expected: Verdict
) -> None:
    assert decide(QUESTION, attached).verdict is expected


def test_a_decision_names_its_statement() -> None:
    denied = decide(QUESTION, Attached(ADA, True, [own()], of_bucket("*", "Deny")))

    assert (denied.document, denied.statement) == ("the bucket policy", "it")
    assert denied.reason == "statement it of the bucket policy denies it"
    assert not denied.is_allowed


def test_a_statement_without_sid_is_named_by_its_number() -> None:
    policy = document(
        Kind.IDENTITY,
        {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"},
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"},
    )

    assert decide(QUESTION, Attached(ADA, True, [policy])).statement == "2"


@pytest.mark.parametrize(
    ("attached", "source"),
    [
        (Attached(ADA, True), Source.IDENTITY),
        (Attached(ADA, True, [own("Deny")]), Source.IDENTITY),
        (Attached(ADA, True, [own()], of_bucket("*", "Deny")), Source.RESOURCE),
        (Attached(ADA, True, [own()], boundary=ELSE), Source.BOUNDARY),
        (Attached(ADA, True, [own()], boundary=own("Deny")), Source.BOUNDARY),
        (Attached(SESSION, True, [own()], sessions=[ELSE]), Source.SESSION),
        (Attached(SESSION, True, [own()], sessions=[own("Deny")]), Source.SESSION),
        (Attached(ADA, False, [own()]), Source.RESOURCE),
        (Attached(ADA, False, [], of_bucket(BY_ARN)), Source.IDENTITY),
    ],
)
def test_a_refusal_says_what_kind_of_policy_it_is_for(attached: Attached, source: Source) -> None:
    assert decide(QUESTION, attached).source is source


def matches(attached: Attached) -> list[tuple[str, int]]:
    verdict = decide(QUESTION, attached).verdict
    return [(match.document.name, match.number) for match in matched(QUESTION, attached, verdict)]


def test_every_statement_that_speaks_for_the_verdict_is_told() -> None:
    both = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    identity = [document(Kind.IDENTITY, PUT, both, both), document(Kind.IDENTITY, both, name="b")]
    attached = Attached(ADA, True, identity, of_bucket(BY_ARN))

    assert [("policy", 2), ("policy", 3), ("b", 1), ("the bucket policy", 1)] == matches(attached)
    assert [("policy", 2), ("policy", 3), ("b", 1)] == matches(attached._replace(may_grant=False))
    assert [] == matches(Attached(ADA, True, [ELSE], boundary=own()))


def test_only_denials_speak_for_a_denial() -> None:
    attached = Attached(
        ADA, True, [own()], of_bucket(BY_ARN, "Deny"), own("Deny"), [own(), own("Deny")]
    )

    expected = [("the bucket policy", 1), ("policy", 1), ("policy", 1)]
    assert expected == matches(attached)
    assert expected[1:] == matches(attached._replace(resource=of_bucket(BY_ROLE, "Deny")))
