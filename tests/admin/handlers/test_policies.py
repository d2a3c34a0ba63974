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


async def test_a_policy_that_comes_with_the_server_is_shown(operator: Operator) -> None:
    shown = await operator.get(f"{POLICIES}/AmazonS3ReadOnlyAccess")

    assert "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess" == shown["arn"]
    assert "Statement" in shown["document"]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_a_policy_that_is_not_there_is_not_found(operator: Operator, method: str) -> None:
    body = {"document": DOCUMENT} if method == "PUT" else None

    answer = await operator.ask(method, f"{POLICIES}/none", body)

    assert (404, "NotFound") == (answer.status, answer.code)
