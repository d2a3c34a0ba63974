"""The last use of keys: known at once, written down later, and never lost but by a crash."""

import asyncio

import pytest

from ferrox.clock import SettableClock
from ferrox.errors import Fault
from ferrox.identity import KeyUse
from ferrox.storage.key_uses import KEPT_MS, KeyUses
from ferrox.storage.store import Store


def another_process(store: Store, clock: SettableClock) -> KeyUses:
    return KeyUses(store._database, clock)


async def test_a_use_is_known_at_once(store: Store, clock: SettableClock) -> None:
    store.key_uses.note("FRX1", "s3", "eu")

    assert KeyUse(clock.now_ms(), "s3", "eu") == store.key_uses.find("FRX1")
    assert store.key_uses.find("FRX2") is None


async def test_others_know_it_when_it_is_written_down(store: Store, clock: SettableClock) -> None:
    other = another_process(store, clock)
    store.key_uses.note("FRX1", "s3", "eu")
    assert other.find("FRX1") is None

    await store.key_uses.flush()

    assert KeyUse(clock.now_ms(), "s3", "eu") == other.find("FRX1")
    assert other.find("FRX1") == store.key_uses.find("FRX1")


async def test_the_latest_use_of_all_processes_counts(store: Store, clock: SettableClock) -> None:
    other = another_process(store, clock)
    store.key_uses.note("FRX1", "s3", "eu")
    clock.advance(1)
    other.note("FRX1", "iam", "eu")
    latest = KeyUse(clock.now_ms(), "iam", "eu")

    await other.flush()
    await store.key_uses.flush()

    assert [latest, latest] == [other.find("FRX1"), store.key_uses.find("FRX1")]


async def test_the_rest_is_written_down_at_the_end(store: Store, clock: SettableClock) -> None:
    task = asyncio.get_running_loop().create_task(store.key_uses.run())
    await asyncio.sleep(0)
    store.key_uses.note("FRX1", "s3", "eu")

    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    assert another_process(store, clock).find("FRX1") is not None


async def test_what_cannot_be_written_is_kept(
    store: Store, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object) -> None:
        store.key_uses.note("FRX2", "sts", "eu")
        raise Fault("no")

    store.key_uses.note("FRX1", "s3", "eu")
    with monkeypatch.context() as patch:
        patch.setattr(store._database, "write", refuse)
        await store.key_uses.flush()

    await store.key_uses.flush()

    found = [another_process(store, clock).find(key) for key in ("FRX1", "FRX2")]
    assert ["s3", "sts"] == [use.service for use in found if use is not None]


async def test_uses_of_long_ago_are_forgotten(store: Store, clock: SettableClock) -> None:
    store.key_uses.note("FRX1", "s3", "eu")
    await store.key_uses.flush()
    clock.advance(KEPT_MS / 1000 + 1)
    store.key_uses.note("FRX2", "s3", "eu")

    await store.key_uses.flush()

    assert store.key_uses.find("FRX1") is None


async def test_where_no_key_was_used_nothing_is_written(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store._database, "write", None)

    await store.key_uses.flush()

    assert store.key_uses.find("FRX1") is None
