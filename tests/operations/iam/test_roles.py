import json
import re
from typing import Any
from urllib.parse import unquote

import pytest

from ferrox.identity import Account
from ferrox.operations.iam import quotas
from tests.in_process import OTHER, ROOT
from tests.queries import Queries, items

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
ACCOUNT = ROOT.account_id


def trust(principal: Any, action: Any = "sts:AssumeRole", **more: Any) -> str:
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


OURS = trust({"AWS": ACCOUNT})


async def make(root: Queries, name: str = "Role", **more: str) -> Any:
    made = await root.iam("CreateRole", RoleName=name, AssumeRolePolicyDocument=OURS, **more)
    return made["Role"]


async def test_a_role_is_made_found_and_listed(root: Queries) -> None:
    made = await make(root, Path="/a/", Description="for tests", MaxSessionDuration="7200")
    found = (await root.iam("GetRole", RoleName="role"))["Role"]
    listed = items((await root.iam("ListRoles", PathPrefix="/a/"))["Roles"])
    elsewhere = items((await root.iam("ListRoles", PathPrefix="/b/"))["Roles"])

    assert re.fullmatch("AROA[A-Z2-7]{17}", made["RoleId"])
    assert OURS == unquote(made.pop("AssumeRolePolicyDocument"))
    assert {
        "Path": "/a/",
        "RoleName": "Role",
        "RoleId": made["RoleId"],
        "Arn": f"arn:aws:iam::{ACCOUNT}:role/a/Role",
        "CreateDate": "2026-09-21T14:13:20Z",
        "Description": "for tests",
        "MaxSessionDuration": "7200",
    } == made
    assert made.items() <= found.items()
    assert OURS == unquote(found["AssumeRolePolicyDocument"])
    assert [made["RoleId"]] == [one["RoleId"] for one in listed]
    assert [] == elsewhere


async def test_a_role_begins_with_sessions_of_an_hour_at_the_root(root: Queries) -> None:
    made = await make(root)

    assert ("3600", "/") == (made["MaxSessionDuration"], made["Path"])


async def test_a_name_is_taken_however_it_is_capitalised(root: Queries) -> None:
    await make(root)

    refused = await root.refused("CreateRole", RoleName="ROLE", AssumeRolePolicyDocument=OURS)

    assert (409, "EntityAlreadyExists", "Role with name ROLE already exists.") == refused


@pytest.mark.parametrize(
    ("action", "more"),
    [
        ("GetRole", {}),
        ("UpdateRole", {}),
        ("UpdateRoleDescription", {"Description": "x"}),
        ("UpdateAssumeRolePolicy", {"PolicyDocument": OURS}),
        ("DeleteRole", {}),
        ("TagRole", {"Tags.member.1.Key": "a", "Tags.member.1.Value": "b"}),
        ("UntagRole", {"TagKeys.member.1": "a"}),
        ("ListRoleTags", {}),
    ],
)
async def test_what_is_not_there_cannot_be_found(
    root: Queries, action: str, more: dict[str, str]
) -> None:
    expected = (404, "NoSuchEntity", "The role with name none cannot be found.")

    assert expected == await root.refused(action, RoleName="none", **more)


async def test_a_role_is_changed_in_parts(root: Queries) -> None:
    await make(root, Description="before")

    await root.iam("UpdateRole", RoleName="role", MaxSessionDuration="43200")
    first = (await root.iam("GetRole", RoleName="role"))["Role"]
    await root.iam("UpdateRole", RoleName="role", Description="after")
    second = (await root.iam("GetRole", RoleName="role"))["Role"]
    third = (await root.iam("UpdateRoleDescription", RoleName="role", Description="last"))["Role"]

    assert [("before", "43200"), ("after", "43200"), ("last", "43200")] == [
        (one["Description"], one["MaxSessionDuration"]) for one in (first, second, third)
    ]


async def test_sessions_last_an_hour_at_least_and_twelve_at_most(root: Queries) -> None:
    for seconds in ("3599", "43201"):
        status, code, _ = await root.refused(
            "CreateRole",
            RoleName="role",
            AssumeRolePolicyDocument=OURS,
            MaxSessionDuration=seconds,
        )
        assert (400, "ValidationError") == (status, code)


async def test_others_are_trusted_once_the_policy_names_them(root: Queries) -> None:
    await root.iam("CreateUser", UserName="alice", Path="/a/")
    await make(root)
    text = trust({"AWS": f"arn:aws:iam::{ACCOUNT}:user/a/alice"})

    await root.iam("UpdateAssumeRolePolicy", RoleName="role", PolicyDocument=text)

    found = (await root.iam("GetRole", RoleName="role"))["Role"]
    assert text == unquote(found["AssumeRolePolicyDocument"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            trust({"AWS": f"arn:aws:iam::{ACCOUNT}:user/nobody"}),
            f'Invalid principal in policy: "AWS":"arn:aws:iam::{ACCOUNT}:user/nobody"',
        ),
        (trust({"AWS": "nobody"}), "Invalid principal in policy"),
        (trust("*", Resource="*"), "Has prohibited field Resource"),
        (trust("*", "s3:GetObject"), "AssumeRole policy may only specify STS AssumeRole actions."),
        (trust("*", "*"), "AssumeRole policy may only specify STS AssumeRole actions."),
        (
            '{"Statement": {"Effect": "Allow", "Principal": "*", "NotAction": "s3:*"}}',
            "AssumeRole policy may only specify STS AssumeRole actions.",
        ),
        (
            '{"Statement": {"Effect": "Allow", "NotPrincipal": "*", "Action": "sts:*"}}',
            "Allow with NotPrincipal is not allowed.",
        ),
        (
            '{"Statement": {"Effect": "Deny", "NotPrincipal": "*", "Action": "sts:*"}}',
            "AssumeRole policy must not contain NotPrincipal field.",
        ),
        (
            '{"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole"}}',
            "Missing required field Principal",
        ),
        ('{"Statement": ', "This policy contains invalid Json"),
    ],
)
async def test_a_trust_policy_that_is_none_is_refused(
    root: Queries, text: str, message: str
) -> None:
    await root.keep(Account(ACCOUNT, ROOT.canonical_id, ROOT.display_name))
    await make(root, "other")
    expected = (400, "MalformedPolicyDocument", message)

    made = await root.refused("CreateRole", RoleName="role", AssumeRolePolicyDocument=text)
    changed = await root.refused("UpdateAssumeRolePolicy", RoleName="other", PolicyDocument=text)

    assert (expected, expected) == (made, changed)
    assert OURS == unquote(
        (await root.iam("GetRole", RoleName="other"))["Role"]["AssumeRolePolicyDocument"]
    )


@pytest.mark.parametrize(
    "text",
    [
        trust("*"),
        trust({"AWS": f"arn:aws:iam::{OTHER.account_id}:root"}),
        trust({"AWS": "arn:aws:iam::999999999999:role/elsewhere"}),
        trust({"Service": "ec2.amazonaws.com"}),
        trust({"AWS": ACCOUNT}, ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]),
        trust({"AWS": ACCOUNT}, "sts:*"),
        '{"Statement": {"Effect": "Deny", "Principal": "*", "NotAction": "STS:AssumeRole"}}',
        trust({"AWS": ACCOUNT}, Condition={"StringEquals": {"sts:ExternalId": "x"}}),
        trust(
            {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/id.example"},
            "sts:AssumeRoleWithWebIdentity",
        ),
    ],
)
async def test_many_may_be_trusted(root: Queries, text: str) -> None:
    made = await root.iam("CreateRole", RoleName="role", AssumeRolePolicyDocument=text)

    assert text == unquote(made["Role"]["AssumeRolePolicyDocument"])


async def test_a_trust_policy_may_have_2048_characters_without_white_space(root: Queries) -> None:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}
    lean = json.dumps({"Id": "", "Statement": statement}, separators=(",", ":"))
    full = lean.replace('"Id":""', f'"Id":"{"x" * (2048 - len(lean))}"')

    refused = await root.refused(
        "CreateRole", RoleName="role", AssumeRolePolicyDocument=full.replace('"x', '"xx', 1)
    )
    await root.iam(
        "CreateRole", RoleName="role", AssumeRolePolicyDocument=full.replace(",", ",\n" + " " * 99)
    )

    assert (409, "LimitExceeded", "Cannot exceed quota for ACLSizePerRole: 2048") == refused


async def test_a_role_with_policies_is_not_deleted(root: Queries) -> None:
    text = '{"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}'
    await make(root)
    await root.iam("AttachRolePolicy", RoleName="role", PolicyArn=READ_ONLY)
    await root.iam("PutRolePolicy", RoleName="role", PolicyName="p", PolicyDocument=text)

    attached = await root.refused("DeleteRole", RoleName="role")
    await root.iam("DetachRolePolicy", RoleName="role", PolicyArn=READ_ONLY)
    inline = await root.refused("DeleteRole", RoleName="role")
    await root.iam("DeleteRolePolicy", RoleName="role", PolicyName="p")
    await root.iam("DeleteRole", RoleName="role")

    conflict = (409, "DeleteConflict")
    assert (*conflict, "Cannot delete entity, must detach all policies first.") == attached
    assert (*conflict, "Cannot delete entity, must delete policies first.") == inline
    assert 404 == (await root.refused("GetRole", RoleName="role"))[0]


async def test_a_boundary_is_there_from_the_beginning(root: Queries) -> None:
    role = await make(root, PermissionsBoundary=READ_ONLY)
    none = await root.refused(
        "CreateRole",
        RoleName="other",
        AssumeRolePolicyDocument=OURS,
        PermissionsBoundary=f"{READ_ONLY}2",
    )

    assert {
        "PermissionsBoundaryType": "PermissionsBoundaryPolicy",
        "PermissionsBoundaryArn": READ_ONLY,
    } == role["PermissionsBoundary"]
    assert (
        404,
        "NoSuchEntity",
        f"Scope ARN: {READ_ONLY}2 does not exist or is not attachable.",
    ) == none


async def test_lists_tell_neither_tags_nor_boundaries(root: Queries) -> None:
    tag = {"Tags.member.1.Key": "a", "Tags.member.1.Value": "b"}
    await make(root, PermissionsBoundary=READ_ONLY, **tag)

    [listed] = items((await root.iam("ListRoles"))["Roles"])

    assert not listed.keys() & {"Tags", "PermissionsBoundary", "RoleLastUsed"}


async def test_an_account_has_so_many_roles_and_no_more(
    root: Queries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quotas, "ROLES", 1)
    await make(root)

    refused = await root.refused("CreateRole", RoleName="other", AssumeRolePolicyDocument=OURS)

    assert (409, "LimitExceeded", "Cannot exceed quota for RolesPerAccount: 1") == refused
