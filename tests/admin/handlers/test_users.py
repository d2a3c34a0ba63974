"""admin/handlers/users.py: users and groups are made by the rules of IAM, and shown."""

from typing import Any

import pytest

from tests.admin.operator import Operator

USERS = "/accounts/root/users"
GROUPS = "/accounts/root/groups"
READ_ONLY = "AmazonS3ReadOnlyAccess"
READ_ONLY_ARN = f"arn:aws:iam::aws:policy/{READ_ONLY}"


async def make(operator: Operator, name: str = "alice", **more: Any) -> Any:
    return await operator.order("POST", USERS, name=name, **more)


@pytest.mark.parametrize(
    ("body", "code"),
    [({"name": "alice"}, "EntityAlreadyExists"), ({"name": "a b"}, "ValidationError")],
)
async def test_the_rules_are_those_of_iam(operator: Operator, body: Any, code: str) -> None:
    await make(operator)

    assert code == (await operator.ask("POST", USERS, body)).code


async def test_users_are_paged_by_name_in_their_account(operator: Operator) -> None:
    for name in "cab":
        await make(operator, name)
    await operator.order("POST", "/accounts", name="team")
    await operator.order("POST", "/accounts/team/users", name="d")

    first = await operator.get(USERS, limit="2")
    rest = await operator.get(USERS, after=first["next"])
    theirs = await operator.get("/accounts/team/users")

    names = [[user["name"] for user in page["users"]] for page in (first, rest, theirs)]
    assert [["a", "b"], ["c"], ["d"]] == names
