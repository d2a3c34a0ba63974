"""Changes of identities: what is put is found in every way, whatever becomes of its name."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from ferrox.identity import Account, GroupRecord, KeyRecord, KeyStatus, UserRecord
from ferrox.storage.identities.identities import Identities
from ferrox.storage.identities.names import Record
from ferrox.storage.identities.transaction import Tx
from ferrox.storage.settings import Settings

ACCOUNT = Account("111122223333", "c" * 64, "one", 5, "first")
ALICE = UserRecord("111122223333", "Alice", "AIDA1", 7)
KEY = KeyRecord("FRX1", "111122223333", "alice", "sealed", 8)


@pytest.fixture
def identities(tmp_path: Path) -> Iterator[Identities]:
    settings = Settings(tmp_path / "settings.db")
    yield Identities(settings, tmp_path / "settings.key")
    settings.close()


def putting(*records: Record) -> Callable[[Tx], None]:
    def work(tx: Tx) -> None:
        for record in records:
            tx.put(record)

    return work


async def test_what_is_put_is_found_however_it_is_capitalised(identities: Identities) -> None:
    await identities.change(putting(ALICE))

    assert ALICE == identities.user("111122223333", "aLICE")
    assert [ALICE] == identities.users("111122223333")
    assert identities.user("1", "alice") is None


async def test_what_is_raised_takes_everything_back(identities: Identities) -> None:
    def work(tx: Tx) -> None:
        tx.put(ALICE)
        raise KeyError("no")

    with pytest.raises(KeyError):
        await identities.change(work)

    assert [] == identities.users("111122223333")


async def test_an_account_is_found_by_its_number_its_canonical_id_and_its_alias(
    identities: Identities,
) -> None:
    await identities.change(putting(ACCOUNT))

    assert ACCOUNT == identities.account("111122223333")
    assert ACCOUNT == identities.account_of("c" * 64)
    assert ACCOUNT == identities.account_called("first")
    assert [ACCOUNT] == identities.accounts()


async def test_another_alias_is_not_the_former_one(identities: Identities) -> None:
    await identities.change(putting(ACCOUNT))

    await identities.change(putting(ACCOUNT._replace(alias="")))

    assert identities.account_called("first") is None


async def test_no_two_accounts_have_an_alias(identities: Identities) -> None:
    await identities.change(putting(ACCOUNT))
    other = Account("444455556666", "d" * 64, "two", 5, "first")

    with pytest.raises(ValueError, match="another account has alias/first"):
        await identities.change(putting(other))

    assert [ACCOUNT] == identities.accounts()


async def test_keys_are_found_through_their_user_and_named_with_it(identities: Identities) -> None:
    root_key = KEY._replace(access_key_id="FRX2", user_name="")
    await identities.change(putting(ALICE, KEY, root_key))

    assert [KEY] == identities.keys("111122223333", "Alice")
    assert [root_key] == identities.keys("111122223333", "")
    assert ALICE._replace(keys=("FRX1",)) == identities.user("111122223333", "alice")
    assert [ALICE._replace(keys=("FRX1",))] == identities.users("111122223333")


async def test_a_key_that_changes_is_still_one_key(identities: Identities) -> None:
    inactive = KEY._replace(status=KeyStatus.INACTIVE, expires_ms=9)
    await identities.change(putting(KEY))

    await identities.change(putting(inactive))

    assert inactive == identities.key("FRX1")
    assert [inactive] == identities.keys("111122223333", "alice")


async def test_keys_go_with_their_user(identities: Identities) -> None:
    await identities.change(putting(ALICE, KEY))

    await identities.change(lambda tx: tx.delete(ALICE))

    assert identities.user("111122223333", "alice") is None
    assert identities.key("FRX1") is None
    assert [] == identities.keys("111122223333", "alice")


async def test_keys_and_memberships_follow_a_user_to_another_name(identities: Identities) -> None:
    staff = GroupRecord("111122223333", "Staff", "AGPA1", 7, members=("Alice", "bob"))
    alice = ALICE._replace(groups=("Staff",))
    await identities.change(putting(alice, KEY, staff))

    await identities.change(lambda tx: tx.rename(alice, "Carol"))

    assert identities.user("111122223333", "alice") is None
    carol = identities.user("111122223333", "carol")
    assert carol == alice._replace(name="Carol", keys=("FRX1",))
    key = identities.key("FRX1")
    assert key == KEY._replace(user_name="Carol")
    group = identities.group("111122223333", "staff")
    assert group == staff._replace(members=("Carol", "bob"))


async def test_a_name_can_be_capitalised_anew(identities: Identities) -> None:
    await identities.change(putting(ALICE, KEY))

    await identities.change(lambda tx: tx.rename(ALICE, "ALICE"))

    found = identities.users("111122223333")
    assert [ALICE._replace(name="ALICE", keys=("FRX1",))] == found


async def test_a_group_takes_its_members_along(identities: Identities) -> None:
    staff = GroupRecord("111122223333", "Staff", "AGPA1", 7, members=("Alice",))
    await identities.change(putting(ALICE._replace(groups=("Staff", "x")), staff))

    await identities.change(lambda tx: tx.rename(staff, "crew"))

    alice = identities.user("111122223333", "alice")
    assert alice is not None
    assert ("crew", "x") == alice.groups
    assert [staff._replace(name="crew")] == identities.groups("111122223333")


async def test_nobody_is_renamed_over_somebody_else(identities: Identities) -> None:
    bob = ALICE._replace(name="bob")
    await identities.change(putting(ALICE, bob))

    with pytest.raises(ValueError, match="there is a 'BOB' already"):
        await identities.change(lambda tx: tx.rename(ALICE, "BOB"))

    assert [ALICE, bob] == identities.users("111122223333")


async def test_names_that_would_be_found_elsewhere_are_refused(identities: Identities) -> None:
    for name in ("", "a/b"):
        with pytest.raises(ValueError, match="nothing can be called"):
            await identities.change(putting(ALICE._replace(name=name)))


async def test_other_documents_have_tables_of_their_own(identities: Identities) -> None:
    await identities.change(lambda tx: tx.put_document("limits", "b", {"n": 1}))
    await identities.change(lambda tx: tx.put_document("limits", "a", {"n": 2}))

    assert {"n": 1} == identities.document("limits", "b")
    assert ["a", "b"] == list(identities.documents("limits"))

    await identities.change(lambda tx: tx.delete_document("limits", "b"))
    assert identities.document("limits", "b") is None


async def test_other_documents_are_not_put_among_identities(identities: Identities) -> None:
    for table in ("identities", "credentials", "accounts", "sealing"):
        with pytest.raises(ValueError, match="is not free"):
            await identities.change(partial(Tx.put_document, table=table, name="x", document={}))
        with pytest.raises(ValueError, match="is not free"):
            await identities.change(partial(Tx.delete_document, table=table, name="x"))
