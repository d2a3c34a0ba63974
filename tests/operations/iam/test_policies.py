import json
import re
from typing import Any
from urllib.parse import unquote

import pytest

from ferrox.iam import managed
from ferrox.identity import GroupRecord, PolicyRecord, PolicyVersion, RoleRecord, UserRecord
from ferrox.operations.iam import quotas
from tests.in_process import OTHER, ROOT
from tests.queries import Queries, items

ACCOUNT = ROOT.account_id
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
OURS = f"arn:aws:iam::{ACCOUNT}:policy/a/Limit"
STATEMENT = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
TEXT = json.dumps({"Version": "2012-10-17", "Statement": STATEMENT})


async def make(root: Queries, name: str = "Limit", path: str = "/a/", **more: str) -> Any:
    made = await root.iam("CreatePolicy", PolicyName=name, Path=path, PolicyDocument=TEXT, **more)
    return made["Policy"]


async def listed(root: Queries, **wanted: str) -> list[str]:
    page = await root.iam("ListPolicies", **wanted)
    return [one["PolicyName"] for one in items(page["Policies"])]


async def test_a_policy_is_made_and_found(root: Queries) -> None:
    made = await make(root, Description="what may be")
    found = (await root.iam("GetPolicy", PolicyArn=OURS))["Policy"]

    assert re.fullmatch("ANPA[A-Z2-7]{17}", made["PolicyId"])
    assert {
        "PolicyName": "Limit",
        "PolicyId": made["PolicyId"],
        "Path": "/a/",
        "Arn": OURS,
        "DefaultVersionId": "v1",
        "AttachmentCount": "0",
        "PermissionsBoundaryUsageCount": "0",
        "IsAttachable": "true",
        "CreateDate": "2026-09-21T14:13:20Z",
        "UpdateDate": "2026-09-21T14:13:20Z",
    } == made
    assert made | {"Description": "what may be"} == found


async def test_a_policy_of_aws_is_found_and_not_changed(root: Queries) -> None:
    found = (await root.iam("GetPolicy", PolicyArn=READ_ONLY))["Policy"]
    version = {"PolicyArn": READ_ONLY, "VersionId": found["DefaultVersionId"]}
    shown = (await root.iam("GetPolicyVersion", **version))["PolicyVersion"]

    assert (READ_ONLY, "true") == (found["Arn"], shown["IsDefaultVersion"])
    assert managed.POLICIES["ReadOnlyAccess"].text == unquote(shown["Document"])
    for action, parameters in (
        ("DeletePolicy", {"PolicyArn": READ_ONLY}),
        ("CreatePolicyVersion", {"PolicyArn": READ_ONLY, "PolicyDocument": TEXT}),
        ("SetDefaultPolicyVersion", version),
        ("DeletePolicyVersion", version),
        (
            "TagPolicy",
            {"PolicyArn": READ_ONLY, "Tags.member.1.Key": "a", "Tags.member.1.Value": "b"},
        ),
        ("UntagPolicy", {"PolicyArn": READ_ONLY, "TagKeys.member.1": "a"}),
    ):
        refused = await root.refused(action, **parameters)
        assert (403, "AccessDenied", "Policy is outside your own account.") == refused, action


async def test_a_name_is_taken_however_it_is_capitalised(root: Queries) -> None:
    await make(root)

    refused = await root.refused("CreatePolicy", PolicyName="LIMIT", PolicyDocument=TEXT)

    assert (
        409,
        "EntityAlreadyExists",
        "A policy called LIMIT already exists. Duplicate names are not allowed.",
    ) == refused


async def test_what_is_no_policy_is_refused(root: Queries) -> None:
    old = json.dumps({"Statement": STATEMENT})

    for text, message in (
        ("nothing", "Syntax errors in policy."),
        (old, "Policy document must be version 2012-10-17 or greater."),
    ):
        refused = await root.refused("CreatePolicy", PolicyName="p", PolicyDocument=text)
        assert (400, "MalformedPolicyDocument", message) == refused


async def test_what_is_not_there_cannot_be_found(root: Queries) -> None:
    for action in ("GetPolicy", "DeletePolicy", "ListPolicyTags", "ListPolicyVersions"):
        refused = await root.refused(action, PolicyArn=OURS)
        assert (404, "NoSuchEntity", f"Policy {OURS} was not found.") == refused


async def test_lists_are_of_the_account_of_aws_or_of_both(root: Queries) -> None:
    await make(root)
    await make(root, "readonlyaccess", "/")

    every, ours, of_aws = [
        await listed(root, **scope) for scope in ({}, {"Scope": "Local"}, {"Scope": "AWS"})
    ]

    assert ["Limit", "readonlyaccess"] == ours
    assert sorted(managed.POLICIES, key=str.lower) == of_aws
    assert sorted(ours + of_aws) == sorted(every)
    assert every == await listed(root, Scope="All")
    assert ["Limit"] == await listed(root, PathPrefix="/a/")


async def test_lists_come_in_pages(root: Queries) -> None:
    await make(root, "readonlyaccess", "/")
    every = await listed(root)

    page = await root.iam("ListPolicies", MaxItems="1")
    names = [items(page["Policies"])[0]["PolicyName"]]
    while page["IsTruncated"] == "true":
        page = await root.iam("ListPolicies", MaxItems="1", Marker=page["Marker"])
        names += [one["PolicyName"] for one in items(page["Policies"])]

    assert every == names


@pytest.fixture
async def used(root: Queries) -> Queries:
    """Policies that are in use in each way, and one that is not."""
    version = PolicyVersion("v1", TEXT, 0)
    names = {"idle", "limiting", "permitting", "elsewhere"}
    arns = {name: f"arn:aws:iam::{ACCOUNT}:policy/{name}" for name in names}
    await root.keep(
        *(PolicyRecord(ACCOUNT, one, "ANPA", 0, 0, (version,), "v1", 1) for one in names),
        UserRecord(
            ACCOUNT, "u", "AIDA", 0, attached=(arns["permitting"],), boundary=arns["limiting"]
        ),
        GroupRecord(ACCOUNT, "g", "AGPA", 0, "/a/", attached=(arns["permitting"], READ_ONLY)),
        RoleRecord(ACCOUNT, "r", "AROA", 0, "{}", boundary=arns["limiting"]),
        UserRecord(OTHER.account_id, "u", "AIDA", 0, attached=(arns["elsewhere"],)),
    )
    return root


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"OnlyAttached": "true"}, ["limiting", "permitting", "ReadOnlyAccess"]),
        ({"OnlyAttached": "true", "Scope": "Local"}, ["limiting", "permitting"]),
        ({"PolicyUsageFilter": "PermissionsPolicy"}, ["permitting", "ReadOnlyAccess"]),
        ({"PolicyUsageFilter": "PermissionsBoundary"}, ["limiting"]),
    ],
)
async def test_lists_are_of_policies_in_use(
    used: Queries, wanted: dict[str, str], expected: list[str]
) -> None:
    assert expected == await listed(used, **wanted)


async def test_uses_are_counted(used: Queries) -> None:
    counts = {}
    for name in ("idle", "limiting", "permitting"):
        arn = f"arn:aws:iam::{ACCOUNT}:policy/{name}"
        policy = (await used.iam("GetPolicy", PolicyArn=arn))["Policy"]
        counts[name] = policy["AttachmentCount"], policy["PermissionsBoundaryUsageCount"]

    assert {"idle": ("0", "0"), "limiting": ("0", "2"), "permitting": ("2", "0")} == counts


async def test_a_policy_in_use_is_not_deleted(used: Queries) -> None:
    for name in ("limiting", "permitting"):
        refused = await used.refused(
            "DeletePolicy", PolicyArn=f"arn:aws:iam::{ACCOUNT}:policy/{name}"
        )
        assert (409, "DeleteConflict", "Cannot delete a policy attached to entities.") == refused
    await used.iam("DeletePolicy", PolicyArn=f"arn:aws:iam::{ACCOUNT}:policy/idle")
    assert ["elsewhere", "limiting", "permitting"] == await listed(used, Scope="Local")


async def test_a_policy_is_shown_with_its_tags_and_listed_without(root: Queries) -> None:
    await make(root, **{"Tags.member.1.Key": "k", "Tags.member.1.Value": "v"})

    found = (await root.iam("GetPolicy", PolicyArn=OURS))["Policy"]
    [shown] = items((await root.iam("ListPolicies", Scope="Local"))["Policies"])

    assert ([{"Key": "k", "Value": "v"}], False) == (items(found["Tags"]), "Tags" in shown)


async def test_an_account_has_so_many_policies_and_no_more(
    root: Queries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quotas, "POLICIES", 1)
    await make(root)

    refused = await root.refused("CreatePolicy", PolicyName="other", PolicyDocument=TEXT)

    assert (409, "LimitExceeded", "Cannot exceed quota for PoliciesPerAccount: 1") == refused
