"""admin/handlers/policies.py: managed policies, their versions, and those of the server."""

import copy
from typing import Any

import pytest

from tests.admin.operator import Operator

POLICIES = "/accounts/root/policies"
DOCUMENT: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
}


def saying(action: str) -> dict[str, Any]:
    document = copy.deepcopy(DOCUMENT)
    document["Statement"][0]["Action"] = action
    return document


async def make(operator: Operator, name: str = "reading") -> Any:
    return await operator.order("POST", POLICIES, name=name, document=DOCUMENT)


async def test_a_policy_is_made_and_shown(operator: Operator) -> None:
    made = await make(operator)

    assert (DOCUMENT, "v1", ["v1"]) == (made["document"], made["version"], made["versions"])
    assert made == await operator.get(f"{POLICIES}/reading")
    quoted = made["arn"].replace("/", "%2F")
    assert made == await operator.get(f"{POLICIES}/{quoted}")


async def test_what_is_no_policy_is_refused(operator: Operator) -> None:
    answer = await operator.ask("POST", POLICIES, {"name": "x", "document": {"Statement": 1}})

    assert "MalformedPolicyDocument" == answer.code


async def test_policies_are_listed_with_those_of_the_server_if_wanted(operator: Operator) -> None:
    await make(operator)

    own = await operator.get(POLICIES)
    every = await operator.get(POLICIES, builtin="true")

    assert ["reading"] == [policy["name"] for policy in own["policies"]]
    assert {"AmazonS3ReadOnlyAccess", "reading"} <= {policy["name"] for policy in every["policies"]}


async def test_a_policy_that_comes_with_the_server_is_shown(operator: Operator) -> None:
    shown = await operator.get(f"{POLICIES}/AmazonS3ReadOnlyAccess")

    assert "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess" == shown["arn"]
    assert "Statement" in shown["document"]


async def test_a_policy_is_changed_any_number_of_times(operator: Operator) -> None:
    changed = await make(operator)
    for number in range(6):
        changed = await operator.order(
            "PUT", f"{POLICIES}/reading", document=saying(f"s3:Get{number}*")
        )

    assert ("v7", "s3:Get5*") == (changed["version"], changed["document"]["Statement"][0]["Action"])
    assert {"v7", "v6", "v5", "v4", "v3"} == set(changed["versions"])


async def test_a_policy_goes_with_its_versions_unless_it_is_attached(operator: Operator) -> None:
    await make(operator)
    await operator.order("PUT", f"{POLICIES}/reading", document=saying("s3:*"))
    await operator.order("POST", "/accounts/root/users", name="alice", policy=["reading"])

    kept = await operator.ask("DELETE", f"{POLICIES}/reading")
    versions = (await operator.get(f"{POLICIES}/reading"))["versions"]
    await operator.order("DELETE", "/accounts/root/users/alice/policies/reading")
    await operator.order("DELETE", f"{POLICIES}/reading")

    assert (409, "DeleteConflict", 2) == (kept.status, kept.code, len(versions))
    assert [] == (await operator.get(POLICIES))["policies"]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_a_policy_that_is_not_there_is_not_found(operator: Operator, method: str) -> None:
    body = {"document": DOCUMENT} if method == "PUT" else None

    answer = await operator.ask(method, f"{POLICIES}/none", body)

    assert (404, "NotFound") == (answer.status, answer.code)
