import json
from typing import Any
from urllib.parse import unquote

import pytest

from tests.in_process import ROOT
from tests.queries import Queries, items

OURS = f"arn:aws:iam::{ROOT.account_id}:policy/p"
NAMED = {"PolicyArn": OURS}


def text(number: int) -> str:
    statement = {"Effect": "Allow", "Action": f"s3:Get{number}", "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": statement})


@pytest.fixture
async def policy(root: Queries) -> Queries:
    """The root of an account with a policy."""
    await root.iam("CreatePolicy", PolicyName="p", PolicyDocument=text(1))
    return root


async def add(root: Queries, number: int, **more: str) -> Any:
    made = await root.iam("CreatePolicyVersion", **NAMED, PolicyDocument=text(number), **more)
    return made["PolicyVersion"]


async def versions(root: Queries) -> list[tuple[str, str]]:
    page = await root.iam("ListPolicyVersions", **NAMED)
    return [(one["VersionId"], one["IsDefaultVersion"]) for one in items(page["Versions"])]


async def test_a_version_is_added_and_shown(policy: Queries) -> None:
    made = await add(policy, 2)
    shown = (await policy.iam("GetPolicyVersion", **NAMED, VersionId="v2"))["PolicyVersion"]

    assert {
        "VersionId": "v2",
        "IsDefaultVersion": "false",
        "CreateDate": "2026-09-21T14:13:20Z",
    } == made
    assert made == {name: value for name, value in shown.items() if name != "Document"}
    assert text(2) == unquote(shown["Document"])
    assert [("v2", "false"), ("v1", "true")] == await versions(policy)


async def test_another_version_is_put_in_force(policy: Queries) -> None:
    made = await add(policy, 2, SetAsDefault="true")
    second = (await policy.iam("GetPolicy", **NAMED))["Policy"]["DefaultVersionId"]
    await policy.iam("SetDefaultPolicyVersion", **NAMED, VersionId="v1")
    first = (await policy.iam("GetPolicy", **NAMED))["Policy"]["DefaultVersionId"]

    assert ("true", "v2", "v1") == (made["IsDefaultVersion"], second, first)


async def test_there_are_five_at_most_and_numbers_go_on(policy: Queries) -> None:
    for number in range(2, 6):
        await add(policy, number)

    refused = await policy.refused("CreatePolicyVersion", **NAMED, PolicyDocument=text(6))
    await policy.iam("DeletePolicyVersion", **NAMED, VersionId="v5")
    made = await add(policy, 6)

    assert (
        409,
        "LimitExceeded",
        "A managed policy can have up to 5 versions. Before you create a new version, you must "
        "delete an existing version.",
    ) == refused
    assert "v6" == made["VersionId"]
    assert ["v6", "v4", "v3", "v2", "v1"] == [one for one, _ in await versions(policy)]


async def test_more_than_nine_are_sorted_by_number(policy: Queries) -> None:
    for number in range(2, 12):
        await add(policy, number)
        if number > 3:
            await policy.iam("DeletePolicyVersion", **NAMED, VersionId=f"v{number - 2}")

    assert ["v11", "v10", "v1"] == [one for one, _ in await versions(policy)]


async def test_the_version_in_force_is_not_deleted(policy: Queries) -> None:
    await add(policy, 2)

    refused = await policy.refused("DeletePolicyVersion", **NAMED, VersionId="v1")

    assert (409, "DeleteConflict", "Cannot delete the default version of a policy.") == refused


async def test_a_policy_with_several_versions_is_not_deleted(policy: Queries) -> None:
    await add(policy, 2)

    refused = await policy.refused("DeletePolicy", **NAMED)
    await policy.iam("DeletePolicyVersion", **NAMED, VersionId="v2")
    await policy.iam("DeletePolicy", **NAMED)

    assert (
        409,
        "DeleteConflict",
        "This policy has more than one version. Before you delete a policy, you must delete the "
        "policy's versions. The default version is deleted with the policy.",
    ) == refused


@pytest.mark.parametrize(
    "action", ["GetPolicyVersion", "SetDefaultPolicyVersion", "DeletePolicyVersion"]
)
async def test_what_is_not_there_cannot_be_found(policy: Queries, action: str) -> None:
    refused = await policy.refused(action, **NAMED, VersionId="v2")

    message = f"Policy {OURS} version v2 does not exist or is not attachable."
    assert (404, "NoSuchEntity", message) == refused


async def test_a_version_that_is_no_policy_is_refused(policy: Queries) -> None:
    refused = await policy.refused("CreatePolicyVersion", **NAMED, PolicyDocument="nothing")

    assert (400, "MalformedPolicyDocument", "Syntax errors in policy.") == refused
    assert [("v1", "true")] == await versions(policy)


async def test_versions_come_in_pages(policy: Queries) -> None:
    await add(policy, 2)

    first = await policy.iam("ListPolicyVersions", **NAMED, MaxItems="1")
    second = await policy.iam("ListPolicyVersions", **NAMED, Marker=first["Marker"])

    assert (["v2"], "true") == (
        [one["VersionId"] for one in items(first["Versions"])],
        first["IsTruncated"],
    )
    assert ["v1"] == [one["VersionId"] for one in items(second["Versions"])]
