"""iam/refusals.py: what callers are told, letter by letter as AWS publishes it."""

import pytest

from ferrox.decision import Decision, Source, Verdict
from ferrox.iam import refusals

MARY = "arn:aws:iam::123456789012:user/MaryMajor"
DECISION = Decision(
    Verdict.IMPLICIT_DENY,
    "a secret of the operator",
    principal=MARY,
    action="s3:GetObject",
    resource="arn:aws:s3:::amzn-s3-demo-bucket1/object-name",
)
SAID = (
    f"User: {MARY} is not authorized to perform: s3:GetObject on resource: "
    '"arn:aws:s3:::amzn-s3-demo-bucket1/object-name"'
)


@pytest.mark.parametrize(
    ("verdict", "source", "context"),
    [
        (
            Verdict.IMPLICIT_DENY,
            Source.IDENTITY,
            "because no identity-based policy allows the s3:GetObject action",
        ),
        (
            Verdict.EXPLICIT_DENY,
            Source.IDENTITY,
            "with an explicit deny in an identity-based policy",
        ),
        (
            Verdict.IMPLICIT_DENY,
            Source.RESOURCE,
            "because no resource-based policy allows the s3:GetObject action",
        ),
        (
            Verdict.EXPLICIT_DENY,
            Source.RESOURCE,
            "with an explicit deny in a resource-based policy",
        ),
        (
            Verdict.IMPLICIT_DENY,
            Source.BOUNDARY,
            "because no permissions boundary allows the s3:GetObject action",
        ),
        (
            Verdict.EXPLICIT_DENY,
            Source.BOUNDARY,
            "with an explicit deny in a permissions boundary",
        ),
        (
            Verdict.IMPLICIT_DENY,
            Source.SESSION,
            "because no session policy allows the s3:GetObject action",
        ),
        (Verdict.EXPLICIT_DENY, Source.SESSION, "with an explicit deny in a session policy"),
    ],
)
def test_callers_are_told_what_kind_of_policy_refuses_them(
    verdict: Verdict, source: Source, context: str
) -> None:
    error = refusals.denied(DECISION._replace(verdict=verdict, source=source))

    assert f"{SAID} {context}" == error.message
    assert ("AccessDenied", 403) == (error.code, error.status)


def test_listing_all_buckets_is_asked_of_no_resource() -> None:
    decision = DECISION._replace(
        action="s3:ListAllMyBuckets", resource=refusals.ALL_BUCKETS, source=Source.IDENTITY
    )

    assert refusals.denied(decision).message == (
        f"User: {MARY} is not authorized to perform: s3:ListAllMyBuckets because no identity-based "
        "policy allows the s3:ListAllMyBuckets action"
    )


def test_resources_of_iam_stand_without_quotation_marks() -> None:
    decision = DECISION._replace(
        action="iam:CreateUser",
        resource="arn:aws:iam::123456789012:user/bob",
        source=Source.IDENTITY,
    )

    assert refusals.denied(decision).message == (
        f"User: {MARY} is not authorized to perform: iam:CreateUser on resource: "
        "arn:aws:iam::123456789012:user/bob because no identity-based policy allows the "
        "iam:CreateUser action"
    )


@pytest.mark.parametrize(
    ("verdict", "context"),
    [
        (
            Verdict.IMPLICIT_DENY,
            "because no role trust policy allows the sts:AssumeRole action",
        ),
        (Verdict.EXPLICIT_DENY, "with an explicit deny in the role trust policy"),
    ],
)
def test_who_may_not_take_a_role_is_told_only_in_its_account_why(
    verdict: Verdict, context: str
) -> None:
    role = "arn:aws:iam::123456789012:role/reader"
    decision = DECISION._replace(
        verdict=verdict, action="sts:AssumeRole", resource=role, source=Source.TRUST
    )
    said = f"User: {MARY} is not authorized to perform: sts:AssumeRole on resource: {role}"

    assert f"{said} {context}" == refusals.denied(decision).message
    assert said == refusals.denied_elsewhere(decision).message


def test_a_setting_is_named_by_the_reason() -> None:
    reason = "public ACLs are prevented by the BlockPublicAcls setting in S3 Block Public Access"

    error = refusals.prevented(DECISION._replace(reason=reason))

    assert f"{SAID} because {reason}." == error.message
