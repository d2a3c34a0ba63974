"""admin/handlers/accounts.py: accounts are made, named, found, and removed when they are empty."""

from typing import Any

import pytest

from ferrox.identity import GroupRecord, KeyRecord, PolicyRecord, UserRecord
from ferrox.operations.public_access_block import TABLE
from ferrox.storage.store import Store
from tests.admin.operator import Operator


async def make(operator: Operator, name: str) -> Any:
    return await operator.order("POST", "/accounts", name=name)


async def test_an_account_is_made_with_a_key_pair_of_its_root(
    operator: Operator, store: Store
) -> None:
    made = await make(operator, "Team One")

    account, pair = made["account"], made["access_key"]
    key = store.identities.key(pair["access_key_id"])
    assert key is not None
    assert (account["account_id"], "") == (key.account_id, key.user_name)
    assert pair["secret_access_key"] == store.identities.open_secret(key)
    assert f"arn:aws:iam::{account['account_id']}:root" == account["arn"]
    assert account == await operator.get("/accounts/Team%20One")
    assert account == await operator.get(f"/accounts/{account['account_id']}")
    assert (12, 64) == (len(account["account_id"]), len(account["canonical_id"]))


async def test_the_secret_is_shown_once(operator: Operator, store: Store) -> None:
    secret = (await make(operator, "team"))["access_key"]["secret_access_key"]

    answers = [await operator.ask("GET", path) for path in ("/accounts", "/accounts/team/keys")]

    assert not [answer for answer in answers if secret.encode() in answer.body]


async def test_the_first_account_is_always_called_root(operator: Operator) -> None:
    first = await operator.get("/accounts/root")
    await operator.order("PATCH", "/accounts/root", name="us")

    assert {**first, "name": "us"} == await operator.get("/accounts/root")
    assert {**first, "name": "us"} == await operator.get("/accounts/us")


async def test_accounts_are_paged_by_number(operator: Operator) -> None:
    await operator.get("/accounts/root")  # which makes it
    numbers = sorted([(await make(operator, name))["account"]["account_id"] for name in "ab"])

    first = await operator.get("/accounts", limit="2")
    rest = await operator.get("/accounts", after=first["next"])

    found = [account["account_id"] for account in (*first["accounts"], *rest["accounts"])]
    assert (3, None) == (len(found), rest["next"])
    assert sorted(found) == found
    assert set(numbers) < set(found)


@pytest.mark.parametrize("name", ["team", "TEAM", "root", "Root"])
async def test_a_name_is_there_once(operator: Operator, name: str) -> None:
    await operator.get("/accounts/root")
    await make(operator, "team")
    await make(operator, "other")

    made = await operator.ask("POST", "/accounts", {"name": name})
    renamed = await operator.ask("PATCH", "/accounts/other", {"name": name})

    assert [(409, "Conflict")] * 2 == [(one.status, one.code) for one in (made, renamed)]


async def test_a_name_may_be_capitalised_anew(operator: Operator) -> None:
    await make(operator, "team")

    renamed = await operator.order("PATCH", "/accounts/team", name="Team")

    assert "Team" == renamed["name"]


@pytest.mark.parametrize("name", ["", "x" * 51, " team", "a\nb", "123456789012"])
async def test_what_is_no_name_is_refused(operator: Operator, name: str) -> None:
    answer = await operator.ask("POST", "/accounts", {"name": name})

    assert (400, "InvalidRequest") == (answer.status, answer.code)


async def test_an_empty_account_is_removed_with_its_keys(operator: Operator, store: Store) -> None:
    made = await make(operator, "team")
    canonical_id, pair = made["account"]["canonical_id"], made["access_key"]
    await store.identities.change(lambda tx: tx.put_document(TABLE, canonical_id, {}))

    await operator.order("DELETE", "/accounts/team")

    assert store.identities.key(pair["access_key_id"]) is None
    assert store.identities.document(TABLE, canonical_id) is None
    assert 404 == (await operator.ask("GET", "/accounts/team")).status


async def test_the_first_account_stays(operator: Operator) -> None:
    answer = await operator.ask("DELETE", "/accounts/root")

    assert (409, "Conflict") == (answer.status, answer.code)


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (UserRecord("", "u", "AIDA", 0), "The account has users."),
        (GroupRecord("", "g", "AGPA", 0), "The account has groups."),
        (PolicyRecord("", "p", "ANPA", 0, 0, (), "v1", 1), "The account has policies."),
    ],
)
async def test_an_account_with_identities_stays(
    operator: Operator, store: Store, record: Any, words: str
) -> None:
    made = await make(operator, "team")
    account_id = made["account"]["account_id"]
    await store.identities.change(lambda tx: tx.put(record._replace(account_id=account_id)))

    answer = await operator.ask("DELETE", "/accounts/team")

    assert (409, words) == (answer.status, answer.message)
    assert store.identities.key(made["access_key"]["access_key_id"])


async def test_an_account_with_a_bucket_stays(operator: Operator, store: Store) -> None:
    made = await make(operator, "team")
    await store.create_bucket("theirs", made["account"]["canonical_id"], "r")

    answer = await operator.ask("DELETE", "/accounts/team")

    assert (409, "The account owns buckets: theirs.") == (answer.status, answer.message)


async def test_a_bucket_that_is_made_meanwhile_brings_the_account_back(
    operator: Operator, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await make(operator, "team")
    list_buckets = store.list_buckets
    asked = []

    async def late(*args: Any) -> Any:
        found = await list_buckets(*args)
        asked.append(found)
        await store.create_bucket("theirs", made["account"]["canonical_id"], "r")
        return found

    monkeypatch.setattr(store, "list_buckets", late)

    answer = await operator.ask("DELETE", "/accounts/team")

    assert 2 == len(asked)
    assert 409 == answer.status
    key = store.identities.key(made["access_key"]["access_key_id"])
    assert isinstance(key, KeyRecord)
    assert made["account"] == await operator.get("/accounts/team")


@pytest.mark.parametrize("name", ["nobody", "000000000000", "%20"])
async def test_an_account_that_is_not_there_is_not_found(operator: Operator, name: str) -> None:
    for method, body in (("GET", None), ("PATCH", {"name": "x"}), ("DELETE", None)):
        answer = await operator.ask(method, f"/accounts/{name}", body)
        assert (404, "NotFound") == (answer.status, answer.code)
