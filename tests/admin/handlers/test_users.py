"""admin/handlers/users.py: users and groups are made by the rules of IAM, and shown."""

from typing import Any

import pytest

from ferrox.storage.store import Store
from tests.admin.operator import Operator

USERS = "/accounts/root/users"
GROUPS = "/accounts/root/groups"
READ_ONLY = "AmazonS3ReadOnlyAccess"
READ_ONLY_ARN = f"arn:aws:iam::aws:policy/{READ_ONLY}"


async def make(operator: Operator, name: str = "alice", **more: Any) -> Any:
    return await operator.order("POST", USERS, name=name, **more)


async def test_a_user_is_made_with_a_key_pair_that_works(operator: Operator, store: Store) -> None:
    made = await make(operator, policy=[READ_ONLY])

    user, pair = made["user"], made["access_key"]
    key = store.identities.key(pair["access_key_id"])
    assert key is not None
    assert ("alice", pair["secret_access_key"]) == (
        key.user_name, store.identities.open_secret(key),
    )  # fmt: skip
    assert ([READ_ONLY_ARN], [key.access_key_id]) == (user["policies"], user["keys"])
    assert user == await operator.get(f"{USERS}/alice")


async def test_a_user_may_begin_with_everything_or_nothing(operator: Operator) -> None:
    await operator.order("POST", GROUPS, name="staff")

    full = await make(operator, "a", group=["staff"], boundary=READ_ONLY, path="/team/")
    bare = await make(operator, "b", without_key=True)

    user = full["user"]
    assert (["staff"], READ_ONLY_ARN) == (user["groups"], user["boundary"])
    assert user["arn"].endswith(":user/team/a")
    assert (None, []) == (bare["access_key"], bare["user"]["keys"])
    assert ["a"] == (await operator.get(f"{GROUPS}/staff"))["members"]


@pytest.mark.parametrize("more", [{"policy": ["NoSuchPolicy"]}, {"group": ["nobody"]}])
async def test_of_a_user_that_cannot_have_everything_nothing_is_left(
    operator: Operator, more: Any
) -> None:
    body = {"name": "alice", **({"policy": [READ_ONLY]} | more)}

    answer = await operator.ask("POST", USERS, body)

    assert (404, "NoSuchEntity") == (answer.status, answer.code)
    assert [] == (await operator.get(USERS))["users"]


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


async def test_a_policy_is_attached_and_detached(operator: Operator) -> None:
    await make(operator)

    await operator.order("PUT", f"{USERS}/alice/policies/{READ_ONLY}")
    with_it = await operator.get(f"{USERS}/alice")
    quoted = READ_ONLY_ARN.replace("/", "%2F")
    await operator.order("DELETE", f"{USERS}/alice/policies/{quoted}")
    without = await operator.get(f"{USERS}/alice")

    assert ([READ_ONLY_ARN], []) == (with_it["policies"], without["policies"])


async def test_a_user_with_something_left_goes_only_by_force(
    operator: Operator, store: Store
) -> None:
    await operator.order("POST", GROUPS, name="staff")
    made = await make(operator, policy=[READ_ONLY], group=["staff"])

    kept = await operator.ask("DELETE", f"{USERS}/alice")
    await operator.order("DELETE", f"{USERS}/alice", force="true")

    assert (409, "DeleteConflict") == (kept.status, kept.code)
    assert 404 == (await operator.ask("GET", f"{USERS}/alice")).status
    assert store.identities.key(made["access_key"]["access_key_id"]) is None
    assert [] == (await operator.get(f"{GROUPS}/staff"))["members"]


async def test_a_group_is_made_filled_and_removed(operator: Operator) -> None:
    await make(operator, without_key=True)
    made = await operator.order("POST", GROUPS, name="staff", path="/a/")

    await operator.order("PUT", f"{GROUPS}/staff/members/alice")
    await operator.order("PUT", f"{GROUPS}/staff/policies/{READ_ONLY}")
    (full,) = (await operator.get(GROUPS))["groups"]
    kept = await operator.ask("DELETE", f"{GROUPS}/staff")
    await operator.order("DELETE", f"{GROUPS}/staff/members/alice")
    await operator.order("DELETE", f"{GROUPS}/staff/policies/{READ_ONLY}")
    await operator.order("DELETE", f"{GROUPS}/staff")

    assert made["arn"].endswith(":group/a/staff")
    assert (["alice"], [READ_ONLY_ARN]) == (full["members"], full["policies"])
    assert "DeleteConflict" == kept.code
    assert [] == (await operator.get(GROUPS))["groups"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"{USERS}/nobody"),
        ("DELETE", f"{USERS}/nobody"),
        ("GET", f"{GROUPS}/nobody"),
        ("DELETE", f"{GROUPS}/nobody"),
        ("PUT", f"{USERS}/nobody/policies/{READ_ONLY}"),
        ("GET", "/accounts/nobody/users"),
    ],
)
async def test_who_is_not_there_is_not_found(operator: Operator, method: str, path: str) -> None:
    answer = await operator.ask(method, path)

    assert 404 == answer.status
