"""Reads: what is absent is None, and each kind of record is found by its own name only."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ferrox.identity import GroupRecord, PolicyRecord, ProviderRecord, RoleRecord, UserRecord
from ferrox.storage.identities.identities import Identities
from ferrox.storage.identities.names import Record
from ferrox.storage.identities.transaction import Tx
from ferrox.storage.identities.view import IdentityView
from ferrox.storage.settings import Settings

USER = UserRecord("1", "Same", "AIDA", 0)
GROUP = GroupRecord("1", "Same", "AGPA", 0)
ROLE = RoleRecord("1", "Same", "AROA", 0, "{}")
POLICY = PolicyRecord("1", "Same", "ANPA", 0, 0, (), "v1", 1)
PROVIDER = ProviderRecord("1", "same.example/path", 0)


@pytest.fixture
def identities(tmp_path: Path) -> Iterator[Identities]:
    settings = Settings(tmp_path / "settings.db")
    yield Identities(settings, tmp_path / "settings.key")
    settings.close()


def everything(view: IdentityView) -> list[object]:
    return [
        view.user("1", "same"),
        view.group("1", "same"),
        view.role("1", "same"),
        view.policy("1", "same"),
        view.provider("1", "same.example/path"),
        view.users("1"),
        view.groups("1"),
        view.roles("1"),
        view.policies("1"),
        view.providers("1"),
    ]


EVERYTHING: list[Record] = [USER, GROUP, ROLE, POLICY, PROVIDER]
EXPECTED: list[object] = [*EVERYTHING, *([record] for record in EVERYTHING)]


async def test_a_change_sees_its_own_and_others_see_it_afterwards(identities: Identities) -> None:
    def work(tx: Tx) -> list[object]:
        for record in EVERYTHING:
            tx.put(record)
        return everything(tx)

    assert EXPECTED == await identities.change(work)
    assert EXPECTED == everything(identities)


def test_what_is_absent_is_nothing(identities: Identities) -> None:
    assert [None] * 5 + [[]] * 5 == everything(identities)
    assert identities.account("1") is None
    assert identities.account_of("c") is None
    assert identities.account_called("a") is None
    assert identities.key("FRX") is None
    assert [] == identities.keys("1", "same")
    assert [] == identities.accounts()


def test_nobody_has_no_name(identities: Identities) -> None:
    assert identities.user("1", "") is None


async def test_lists_are_sorted_without_regard_to_case(identities: Identities) -> None:
    def work(tx: Tx) -> None:
        for name in ("b", "C", "a"):
            tx.put(USER._replace(name=name))

    await identities.change(work)

    assert ["a", "b", "C"] == [user.name for user in identities.users("1")]
