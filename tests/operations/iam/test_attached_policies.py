from typing import Any

import pytest

from ferrox.identity import PolicyRecord, PolicyVersion
from tests.in_process import OTHER, ROOT
from tests.queries import Queries, items

ACCOUNT = ROOT.account_id
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
TRUST = '{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}}'
KINDS = ("User", "Group", "Role")


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """What has policies."""
    return str(request.param)


@pytest.fixture
async def named(root: Queries, kind: str) -> dict[str, str]:
    """The parameter that names one of that kind."""
    more = {"AssumeRolePolicyDocument": TRUST} if kind == "Role" else {}
    await root.iam(f"Create{kind}", **{f"{kind}Name": "it"}, **more)
    return {f"{kind}Name": "it"}


async def attached(root: Queries, kind: str, named: dict[str, str], **more: str) -> Any:
    page = await root.iam(f"ListAttached{kind}Policies", **named, **more)
    return [(one["PolicyName"], one["PolicyArn"]) for one in items(page["AttachedPolicies"])]


async def test_policies_come_and_go(root: Queries, kind: str, named: dict[str, str]) -> None:
    for _ in range(2):
        await root.iam(f"Attach{kind}Policy", **named, PolicyArn=READ_ONLY)
    there = await attached(root, kind, named)
    await root.iam(f"Detach{kind}Policy", **named, PolicyArn=READ_ONLY)
    gone = await attached(root, kind, named)
    refused = await root.refused(f"Detach{kind}Policy", **named, PolicyArn=READ_ONLY)

    assert ([("ReadOnlyAccess", READ_ONLY)], []) == (there, gone)
    assert (404, "NoSuchEntity", f"Policy {READ_ONLY} was not found.") == refused


@pytest.mark.parametrize(
    ("arn", "expected"),
    [
        (
            f"{READ_ONLY}2",
            (404, "NoSuchEntity", f"Policy {READ_ONLY}2 does not exist or is not attachable."),
        ),
        (
            "nothing-that-is-an-arn",
            (400, "InvalidInput", "ARN nothing-that-is-an-arn is not valid."),
        ),
        (
            f"arn:aws:iam::{OTHER.account_id}:policy/p",
            (403, "AccessDenied", "Policy is outside your own account."),
        ),
    ],
)
async def test_what_is_no_policy_is_not_attached(
    root: Queries, kind: str, named: dict[str, str], arn: str, expected: tuple[int, str, str]
) -> None:
    assert expected == await root.refused(f"Attach{kind}Policy", **named, PolicyArn=arn)


async def test_nobody_has_no_policies(root: Queries, kind: str) -> None:
    named = {f"{kind}Name": "none"}
    expected = (404, "NoSuchEntity", f"The {kind.lower()} with name none cannot be found.")

    for action in (f"Attach{kind}Policy", f"Detach{kind}Policy"):
        assert expected == await root.refused(action, **named, PolicyArn=READ_ONLY)
    assert expected == await root.refused(f"ListAttached{kind}Policies", **named)


@pytest.mark.parametrize("kind", ["User", "Role"])
async def test_a_boundary_comes_and_goes(root: Queries, kind: str, named: dict[str, str]) -> None:
    async def boundary() -> Any:
        return (await root.iam(f"Get{kind}", **named))[kind].get("PermissionsBoundary")

    await root.iam(f"Put{kind}PermissionsBoundary", **named, PermissionsBoundary=READ_ONLY)
    there = await boundary()
    refused = await root.refused(
        f"Put{kind}PermissionsBoundary", **named, PermissionsBoundary=f"{READ_ONLY}2"
    )
    for _ in range(2):
        await root.iam(f"Delete{kind}PermissionsBoundary", **named)

    assert (READ_ONLY, None) == (there["PermissionsBoundaryArn"], await boundary())
    assert (404, "NoSuchEntity") == refused[:2]


async def make_policies(root: Queries, count: int, path: str) -> list[str]:
    versions = (PolicyVersion("v1", "{}", 0),)
    policies = [
        PolicyRecord(ACCOUNT, f"p{number:02}", "ANPA", 0, 0, versions, "v1", 1, path=path)
        for number in range(count)
    ]
    await root.keep(*policies)
    return [policy.arn for policy in policies]


async def test_there_are_ten_at_most(root: Queries, kind: str, named: dict[str, str]) -> None:
    *ten, last = await make_policies(root, 11, "/")
    for arn in ten:
        await root.iam(f"Attach{kind}Policy", **named, PolicyArn=arn)

    refused = await root.refused(f"Attach{kind}Policy", **named, PolicyArn=last)
    await root.iam(f"Attach{kind}Policy", **named, PolicyArn=ten[0])

    message = f"Cannot exceed quota for PoliciesPer{kind}: 10"
    assert (409, "LimitExceeded", message) == refused


async def test_policies_are_listed_below_a_path_and_in_pages(
    root: Queries, kind: str, named: dict[str, str]
) -> None:
    for arn in (READ_ONLY, *await make_policies(root, 2, "/a/")):
        await root.iam(f"Attach{kind}Policy", **named, PolicyArn=arn)

    below = await attached(root, kind, named, PathPrefix="/a/")
    first = await root.iam(f"ListAttached{kind}Policies", **named, MaxItems="2")
    rest = await attached(root, kind, named, Marker=first["Marker"])

    assert ["p00", "p01"] == [name for name, _ in below]
    assert ("true", [("ReadOnlyAccess", READ_ONLY)]) == (first["IsTruncated"], rest)
