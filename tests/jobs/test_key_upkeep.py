"""Key upkeep: rotations and deletions that are due are done, and told of."""

import logging

import pytest

from ferrox.clock import SettableClock
from ferrox.errors import Fault
from ferrox.jobs.key_upkeep import KeyUpkeep
from ferrox.storage.keys.kms_keys import KmsKeys
from ferrox.storage.keys.kms_records import MS_PER_DAY, KeyState
from tests.in_process import InProcess
from tests.key_rings import give_keys, make_key


@pytest.fixture
def keys(s3: InProcess) -> KmsKeys:
    return give_keys(s3)


async def test_what_is_due_is_done_and_told_of(
    keys: KmsKeys, clock: SettableClock, caplog: pytest.LogCaptureFixture
) -> None:
    now_ms = clock.now_ms()
    old, done = await make_key(keys), await make_key(keys)
    old = old._replace(rotation_days=90, rotates_from_ms=now_ms - 91 * MS_PER_DAY)
    done = done._replace(state=KeyState.PENDING_DELETION, deletion_ms=now_ms)
    await keys.change(lambda tx: (keys.put(tx, old), keys.put(tx, done)))

    with caplog.at_level(logging.INFO):
        await KeyUpkeep(keys, clock).work_once()

    (left,) = keys.keys()
    assert (old.key_id, 2) == (left.key_id, len(left.versions))
    assert f"key {old.key_id} is rotated" in caplog.text
    assert f"key {done.key_id} is deleted" in caplog.text


async def test_trouble_is_told_and_the_next_round_tries_anew(
    keys: KmsKeys,
    clock: SettableClock,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def fail(_now_ms: int) -> None:
        raise Fault("no disk")

    monkeypatch.setattr(keys, "do_what_is_due", fail)

    await KeyUpkeep(keys, clock).work_once()

    assert "left as they are: no disk" in caplog.text
