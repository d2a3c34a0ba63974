"""admin/handlers/keys.py: access keys of users and of roots, without their secrets."""

from typing import Any

import pytest

from ferrox.storage.store import Store
from tests.admin.operator import Operator

KEYS = "/accounts/root/keys"


@pytest.fixture
async def alice(operator: Operator) -> Any:
    """A user with a key."""
    return await operator.order("POST", "/accounts/root/users", name="alice")


async def test_keys_are_made_for_users_and_for_the_root(
    alice: Any, operator: Operator, store: Store
) -> None:
    of_alice = await operator.order("POST", KEYS, user="alice")
    of_root = await operator.order("POST", KEYS)

    found = [store.identities.key(pair["access_key_id"]) for pair in (of_alice, of_root)]
    assert ["alice", ""] == [key.user_name for key in found if key is not None]


async def test_keys_are_listed_of_an_account_and_of_a_user(alice: Any, operator: Operator) -> None:
    of_root = await operator.order("POST", KEYS)

    everyone = await operator.get(KEYS)
    users = await operator.get(KEYS, user="alice")

    mine = alice["access_key"]["access_key_id"]
    assert sorted([mine, of_root["access_key_id"]]) == [
        key["access_key_id"] for key in everyone["keys"]
    ]
    assert [(mine, "alice", "Active")] == [
        (key["access_key_id"], key["user"], key["status"]) for key in users["keys"]
    ]


async def test_a_key_is_switched_off_shown_and_removed(
    alice: Any, operator: Operator, store: Store
) -> None:
    key = alice["access_key"]["access_key_id"]

    off = await operator.order("PATCH", f"/keys/{key}", status="Inactive")
    shown = await operator.get(f"/keys/{key}")
    await operator.order("DELETE", f"/keys/{key}")

    assert "Inactive" == off["status"]
    assert off == shown
    assert store.identities.key(key) is None


async def test_a_key_is_shown_with_its_last_use(
    alice: Any, operator: Operator, store: Store
) -> None:
    key = alice["access_key"]["access_key_id"]
    unused = await operator.get(f"/keys/{key}")
    store.key_uses.note(key, "s3", "us-east-1")

    used = await operator.get(f"/keys/{key}")

    assert (None, None) == (unused["last_used"], unused["last_service"])
    assert ("2026-09-21T14:13:20.000Z", "s3") == (used["last_used"], used["last_service"])


async def test_the_secret_is_shown_nowhere(alice: Any, operator: Operator) -> None:
    key, secret = alice["access_key"].values()

    answers = [await operator.ask("GET", path) for path in (KEYS, f"/keys/{key}")]

    assert not [answer for answer in answers if secret.encode() in answer.body]


async def test_secrets_are_sealed_anew(alice: Any, operator: Operator, store: Store) -> None:
    key = store.identities.key(alice["access_key"]["access_key_id"])
    assert key is not None

    told = await operator.order("POST", "/sealing-key/rotate")

    after = store.identities.key(key.access_key_id)
    assert after is not None
    assert (True, []) == (told["secrets"] >= 1, told["unreadable"])
    assert key.sealed_secret != after.sealed_secret
    assert alice["access_key"]["secret_access_key"] == store.identities.open_secret(after)


async def test_without_a_passphrase_nothing_is_sealed_under_one(operator: Operator) -> None:
    answer = await operator.ask("POST", "/sealing-key/rotate", {"to": "passphrase"})

    assert (409, "Conflict") == (answer.status, answer.code)


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
async def test_a_key_that_is_not_there_is_not_found(operator: Operator, method: str) -> None:
    body = {"status": "Active"} if method == "PATCH" else None

    answer = await operator.ask(method, "/keys/AKIANOBODY", body)

    assert (404, "NotFound") == (answer.status, answer.code)


async def test_a_status_that_is_none_is_refused(alice: Any, operator: Operator) -> None:
    key = alice["access_key"]["access_key_id"]

    answer = await operator.ask("PATCH", f"/keys/{key}", {"status": "Off"})

    assert "status is not one of Active, Inactive" == answer.message
