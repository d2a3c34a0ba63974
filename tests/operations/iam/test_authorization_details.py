from urllib.parse import unquote

import pytest

from ferrox.identity import GroupRecord, PolicyRecord, PolicyVersion, RoleRecord, UserRecord
from tests.in_process import ROOT
from tests.queries import Queries, items

ACCOUNT = ROOT.account_id
TEXT = '{"Version": "2012-10-17", "Statement": []}'
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
OURS = f"arn:aws:iam::{ACCOUNT}:policy/limit"
LISTS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")


@pytest.fixture
async def everybody(root: Queries) -> Queries:
    """The root of an account with one of each kind."""
    versions = (PolicyVersion("v1", TEXT, 0), PolicyVersion("v2", TEXT, 0))
    await root.keep(
        UserRecord(
            ACCOUNT, "alice", "AIDA", 0, attached=(READ_ONLY,), inline={"p": TEXT}, boundary=OURS,
            groups=("team",), tags={"a": "b"},
        ),
        GroupRecord(ACCOUNT, "team", "AGPA", 0, attached=(OURS,), members=("alice",)),
        RoleRecord(ACCOUNT, "role", "AROA", 0, TEXT, attached=(OURS,)),
        PolicyRecord(ACCOUNT, "limit", "ANPA", 0, 0, versions, "v2", 2),
    )  # fmt: skip
    return root


async def test_everybody_is_told_of_with_policies(everybody: Queries) -> None:
    details = await everybody.iam("GetAccountAuthorizationDetails")

    [user], [group], [role] = (items(details[name]) for name in LISTS[:3])
    policies = {one["PolicyName"]: one for one in items(details["Policies"])}
    assert {"PolicyName": "ReadOnlyAccess", "PolicyArn": READ_ONLY} == items(
        user["AttachedManagedPolicies"]
    )[0]
    assert TEXT == unquote(items(user["UserPolicyList"])[0]["PolicyDocument"])
    assert (OURS, ["team"]) == (
        user["PermissionsBoundary"]["PermissionsBoundaryArn"],
        items(user["GroupList"]),
    )
    assert [OURS] == [one["PolicyArn"] for one in items(group["AttachedManagedPolicies"])]
    assert TEXT == unquote(role["AssumeRolePolicyDocument"])
    assert ("2", "1", "v2") == (
        policies["limit"]["AttachmentCount"],
        policies["limit"]["PermissionsBoundaryUsageCount"],
        policies["limit"]["DefaultVersionId"],
    )
    assert ["false", "true"] == [
        one["IsDefaultVersion"] for one in items(policies["limit"]["PolicyVersionList"])
    ]
    assert "1" == policies["ReadOnlyAccess"]["AttachmentCount"]


async def test_only_the_kinds_that_are_asked_for_are_told_of(everybody: Queries) -> None:
    details = await everybody.iam(
        "GetAccountAuthorizationDetails",
        **{"Filter.member.1": "Role", "Filter.member.2": "LocalManagedPolicy"},
    )

    assert [0, 0, 1, 1] == [len(items(details[name])) for name in LISTS]


async def test_pages_go_on_from_one_kind_to_the_next(everybody: Queries) -> None:
    kinds = {
        f"Filter.member.{number}": kind
        for number, kind in enumerate(["User", "Group", "Role", "LocalManagedPolicy"], start=1)
    }

    first = await everybody.iam("GetAccountAuthorizationDetails", MaxItems="3", **kinds)
    second = await everybody.iam(
        "GetAccountAuthorizationDetails", MaxItems="3", Marker=first["Marker"], **kinds
    )

    assert ("true", [1, 1, 1, 0]) == (
        first["IsTruncated"],
        [len(items(first[name])) for name in LISTS],
    )
    assert ("false", [0, 0, 0, 1]) == (
        second["IsTruncated"],
        [len(items(second[name])) for name in LISTS],
    )
