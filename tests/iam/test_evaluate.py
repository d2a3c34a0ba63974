"""iam/evaluate.py: AWS's order of evaluation, as tables and against a naive evaluator."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferrox.iam.document import Document, Kind, Question, parse
from ferrox.iam.evaluate import Attached, Verdict, decide
from ferrox.identity import ANONYMOUS, Principal

ACCOUNT, OTHER_ACCOUNT = "123456789012", "210987654321"
ADA = Principal(ACCOUNT, "a" * 64, "ada", f"arn:aws:iam::{ACCOUNT}:user/ada", "AKIAADA")
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/reader"
SESSION = Principal(
    ACCOUNT, "a" * 64, "s", f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/s", "ASIAREADER"
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
ELSE = own(action="s3:PutObject")


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
        # a session of a role
        (Attached(SESSION, True, [own()], session=own(), parent_arn=ROLE_ARN), ALLOWED),
        (Attached(SESSION, True, [own()], session=ELSE, parent_arn=ROLE_ARN), IMPLICIT),
        (
            Attached(
                SESSION, True, [], of_bucket({"AWS": ROLE_ARN}), session=ELSE, parent_arn=ROLE_ARN
            ),
            IMPLICIT,
        ),
        (
            Attached(
                SESSION, True, [], of_bucket({"AWS": ROLE_ARN}), session=own(), parent_arn=ROLE_ARN
            ),
            ALLOWED,
        ),
        (
            Attached(
                SESSION, True, [], of_bucket({"AWS": SESSION.arn}), session=ELSE,
                parent_arn=ROLE_ARN,
            ),
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


PRINCIPALS: list[Any] = ["*", BY_ARN, BY_ACCOUNT, {"AWS": OTHER_ACCOUNT}]
EFFECTS = st.sampled_from(["Allow", "Deny"])
OWN_STATEMENTS = st.lists(
    st.tuples(EFFECTS, st.sampled_from(["s3:GetObject", "s3:PutObject"])), max_size=3
)
BUCKET_STATEMENTS = st.lists(
    st.tuples(EFFECTS, st.sampled_from(range(len(PRINCIPALS)))), max_size=3
)


@given(OWN_STATEMENTS, BUCKET_STATEMENTS, st.none() | OWN_STATEMENTS, st.booleans(), st.booleans())
def test_any_mixture_is_decided_as_a_naive_evaluator_would(
    own_statements: list[tuple[str, str]],
    bucket_statements: list[tuple[str, int]],
    boundary_statements: list[tuple[str, str]] | None,
    is_same_account: bool,
    is_root: bool,
) -> None:
    def identity(statements: list[tuple[str, str]]) -> Document | None:
        entries = [
            {"Effect": effect, "Action": action, "Resource": "*"} for effect, action in statements
        ]
        return document(Kind.IDENTITY, *entries) if entries else None

    bucket_entries = [
        {"Effect": effect, "Principal": PRINCIPALS[which], "Action": "s3:*", "Resource": "*"}
        for effect, which in bucket_statements
    ]
    boundary = identity(boundary_statements or [])
    own_policy = identity(own_statements)
    attached = Attached(
        ADA,
        is_same_account,
        [own_policy] if own_policy else [],
        document(Kind.RESOURCE, *bucket_entries) if bucket_entries else None,
        boundary,
        is_root=is_root,
    )

    mine = {effect for effect, action in own_statements if action == "s3:GetObject"}
    bounding = {e for e, action in boundary_statements or [] if action == "s3:GetObject"}
    by_name = {effect for effect, which in bucket_statements if which in {0, 1}}
    by_account = {effect for effect, which in bucket_statements if which == 2}
    own_yes = ("Allow" in mine or is_root) and (boundary is None or "Allow" in bounding)
    resource_yes = "Allow" in by_name | by_account
    if "Deny" in mine | bounding | by_name | by_account:
        expected = EXPLICIT
    elif is_same_account:
        expected = ALLOWED if own_yes or "Allow" in by_name else IMPLICIT
    else:
        expected = ALLOWED if own_yes and resource_yes else IMPLICIT

    assert decide(QUESTION, attached).verdict is expected
