"""storage/scrubbing.py: the verbs of the scrub; the whole is tried in tests/jobs/test_scrub.py."""

import asyncio
import logging
import threading
from pathlib import Path

import pytest

from ferrox.errors import DataCorrupted, Fault
from ferrox.records import BucketRecord
from ferrox.storage.metadata.findings import BLOB, DATABASE, Finding
from ferrox.storage.metadata.scrubbing import QuickCheck
from ferrox.storage.scrubbing import Judged, Unreadable
from ferrox.storage.store import Store
from tests.storage.verbs import pattern, put

LARGE = pattern(100_000)


async def no_pace(_: int) -> None:
    return


def path_of(store: Store, name: bytes) -> Path:
    text = name.hex()
    return store.data_dir.blobs_path / text[-4:-2] / text[-2:] / text


async def test_a_blob_that_the_index_does_not_know_is_gone(store: Store) -> None:
    assert Judged(is_gone=True) == await store.scrubbing.blob(bytes(16), no_pace)


async def test_a_sound_blob_says_how_much_it_was(store: Store, bucket: BucketRecord) -> None:
    version = await put(store, bucket, "k", LARGE)

    judged = await store.scrubbing.blob(version.extents[0].blob_name, no_pace)

    assert Judged(None, len(LARGE)) == judged


async def test_the_index_that_cannot_be_read_is_told_from_other_faults(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(_: object) -> None:
        raise Fault("the index cannot be read: malformed")

    monkeypatch.setattr(store._database, "read_long", fail)

    with pytest.raises(Unreadable, match="malformed"):
        await store.scrubbing.versions(0)


async def test_what_needs_damaged_things_is_told_as_far_as_it_can_be_read(
    store: Store,
    bucket: BucketRecord,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    version = await put(store, bucket, "k", LARGE)
    await store.scrubbing.note([(BLOB, version.extents[0].blob_name, "broken")], 1)

    def fail(*_: object, **__: object) -> None:
        raise Fault("malformed")

    monkeypatch.setattr("ferrox.storage.metadata.findings.holders_among", fail)
    caplog.set_level(logging.WARNING)

    (told,) = await store.scrubbing.tell(no_pace)

    assert told.holders is not None
    assert 0 == told.holders.total
    assert "not known in full" in caplog.text


async def test_what_a_pass_alone_can_judge_stays_damaged(store: Store) -> None:
    finding = Finding(DATABASE, "index.db", "x", 1, 1)

    assert await store.scrubbing.is_sound(finding, no_pace) is False


async def test_a_blob_is_sound_again_when_its_file_is_back(
    store: Store, bucket: BucketRecord
) -> None:
    name = (await put(store, bucket, "k", LARGE)).extents[0].blob_name
    path = path_of(store, name)
    finding = Finding(BLOB, name, "x", 1, 1)
    path.rename(path.with_name("aside"))
    during = await store.scrubbing.is_sound(finding, no_pace)
    path.with_name("aside").rename(path)

    after = await store.scrubbing.is_sound(finding, no_pace)

    assert (False, True) == (during, after)


async def test_corruption_is_no_trouble_of_the_index() -> None:
    assert not issubclass(DataCorrupted, Unreadable)


async def test_a_check_that_would_let_the_log_grow_is_given_up(
    store: Store, bucket: BucketRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(store, bucket, "k", b"1")
    monkeypatch.setattr("ferrox.storage.scrubbing.MOST_LOG_BYTES", 0)
    monkeypatch.setattr("ferrox.storage.scrubbing.LOG_LOOKED_AT_S", 0.001)
    stopped = threading.Event()
    stop, run = QuickCheck.stop, QuickCheck.run

    def stop_and_tell(self: QuickCheck) -> None:
        stop(self)
        stopped.set()

    def run_late(self: QuickCheck) -> tuple[str | None, bool]:
        stopped.wait()
        return run(self)

    monkeypatch.setattr(QuickCheck, "stop", stop_and_tell)
    monkeypatch.setattr(QuickCheck, "run", run_late)

    assert (None, False) == await store.scrubbing.database(store.data_dir.index_path)


async def test_who_is_cancelled_ends_the_check(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = asyncio.Event()
    loop = asyncio.get_running_loop()

    def run_long(self: QuickCheck) -> tuple[str | None, bool]:
        loop.call_soon_threadsafe(begun.set)
        while not self.is_stopped:
            threading.Event().wait(0.001)
        return None, False

    monkeypatch.setattr(QuickCheck, "run", run_long)
    task = loop.create_task(store.scrubbing.database(store.data_dir.index_path))
    await begun.wait()
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
