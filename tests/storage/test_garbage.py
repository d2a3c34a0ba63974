"""The order in which garbage goes, and what a failure on the way leaves."""

import asyncio
import contextlib
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from ferrox.errors import NoAnswer
from ferrox.storage import garbage
from ferrox.storage.blob_hold import BlobHold
from ferrox.storage.blobs.files import FileBlobStore
from ferrox.storage.content import Arrivals
from ferrox.storage.metadata import references
from ferrox.storage.metadata.database import Database
from ferrox.storage.reading import Pins
from tests.storage.metadata.index import blob, names

NOW_MS = 1_790_000_000_000

DYING_COMMIT = """
import os, signal, sqlite3, sys
index = sqlite3.connect(sys.argv[1], isolation_level=None)
index.execute("PRAGMA synchronous = FULL")
index.execute("INSERT INTO blobs (name, size_bytes, reference_count) VALUES (?, 1, 1)",
    (bytes.fromhex(sys.argv[2]),))
os.kill(os.getpid(), signal.SIGKILL)
"""


class RecordingBlobs(FileBlobStore):
    """Notes what is deleted; refuses some."""

    def __init__(self, root: Path, present: list[bytes]) -> None:
        super().__init__(root)
        self.present = present
        self.stuck: set[bytes] = set()

    def delete(self, name: bytes) -> None:
        if name in self.stuck:
            raise PermissionError(1, "Operation not permitted")
        if name in self.present:
            self.present.remove(name)

    def scan(self) -> Iterator[bytes]:
        yield from list(self.present)


class Neighbours:
    """Other processes, which hold some blobs, or do not answer from some question on."""

    def __init__(self, held: list[bytes], answers: int = 1000) -> None:
        self._held = held
        self._answers = answers
        self.asked: list[Sequence[bytes]] = []

    async def held(self, names: Sequence[bytes]) -> Sequence[bytes]:
        self.asked.append(names)
        if len(self.asked) > self._answers:
            raise NoAnswer("worker 2")
        return self._held


@pytest.fixture
async def database(tmp_path: Path) -> Database:
    opened = await Database.open(tmp_path / "index.db")
    extents = [blob(number) for number in range(1, 6)]
    await opened.write(lambda tx: references.introduce(tx, extents))
    await opened.write(lambda tx: references.drop(tx, extents[1:], 1))
    return opened


@pytest.fixture
def blobs(tmp_path: Path) -> RecordingBlobs:
    return RecordingBlobs(tmp_path, names(1, 2, 3, 4, 5))


@pytest.fixture
def hold(tmp_path: Path) -> BlobHold:
    return BlobHold(tmp_path / "blobs.hold")


def listed(database: Database) -> list[bytes]:
    return database.read(lambda reader: references.garbage(reader, b"", 100))


@pytest.mark.parametrize("names_at_once", [1, 2, 1000])
async def test_reaping_goes_through_the_whole_list(
    database: Database,
    blobs: RecordingBlobs,
    hold: BlobHold,
    monkeypatch: pytest.MonkeyPatch,
    names_at_once: int,
) -> None:
    monkeypatch.setattr(garbage, "NAMES_AT_ONCE", names_at_once)
    pins = Pins()
    pins.pin(names(3))

    assert 3 == await garbage.reap(database, blobs, hold, pins)

    assert names(1, 3) == blobs.present
    assert names(3) == listed(database)
    await database.close()


async def test_a_file_that_cannot_be_removed_stays_on_the_list(
    database: Database, blobs: RecordingBlobs, hold: BlobHold
) -> None:
    blobs.stuck.update(names(2))

    assert 3 == await garbage.reap(database, blobs, hold, Pins())

    assert names(2) == listed(database)
    await database.close()


async def test_a_file_that_is_gone_already_comes_off_the_list(
    database: Database, blobs: RecordingBlobs, hold: BlobHold
) -> None:
    blobs.present.clear()

    assert 4 == await garbage.reap(database, blobs, hold, Pins())

    assert [] == listed(database)
    await database.close()


@pytest.mark.parametrize("names_at_once", [1, 1000])
async def test_only_what_is_in_no_table_and_not_arriving_is_an_orphan(
    database: Database,
    blobs: RecordingBlobs,
    hold: BlobHold,
    monkeypatch: pytest.MonkeyPatch,
    names_at_once: int,
) -> None:
    monkeypatch.setattr(garbage, "NAMES_AT_ONCE", names_at_once)
    blobs.present += names(6, 7, 8)
    arrivals = Arrivals()
    arrivals.names.update(names(7))

    removed_count = await garbage.remove_orphans(database, blobs, hold, arrivals, NOW_MS)
    await arrivals.close()

    assert 2 == removed_count
    assert names(1, 2, 3, 4, 5, 7) == blobs.present
    await database.close()


async def test_what_another_process_reads_stays(
    database: Database, blobs: RecordingBlobs, hold: BlobHold
) -> None:
    neighbours = Neighbours(names(3, 4))
    pins = Pins()
    pins.pin(names(2))

    assert 1 == await garbage.reap(database, blobs, hold, pins, neighbours)

    assert [names(3, 4, 5)] == neighbours.asked
    assert names(1, 2, 3, 4) == blobs.present
    assert names(2, 3, 4) == listed(database)
    await database.close()


async def test_nothing_goes_while_another_process_does_not_answer(
    database: Database, blobs: RecordingBlobs, hold: BlobHold, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(garbage, "NAMES_AT_ONCE", 2)

    with pytest.raises(NoAnswer):
        await garbage.reap(database, blobs, hold, Pins(), Neighbours([], answers=1))

    assert names(1, 4, 5) == blobs.present
    assert names(4, 5) == listed(database)
    await database.close()


async def test_what_another_process_writes_is_no_orphan(
    database: Database, blobs: RecordingBlobs, hold: BlobHold
) -> None:
    blobs.present += names(6, 7, 8)
    arrivals = Arrivals()
    neighbours = Neighbours(names(7))

    removed_count = await garbage.remove_orphans(
        database, blobs, hold, arrivals, NOW_MS, neighbours
    )
    await arrivals.close()

    assert 2 == removed_count
    assert [names(6, 7, 8)] == neighbours.asked, "what the index knows is nobody else's business"
    assert names(1, 2, 3, 4, 5, 7) == blobs.present
    await database.close()


async def test_what_gets_its_name_while_the_others_answer_is_no_orphan(
    database: Database, blobs: RecordingBlobs, hold: BlobHold
) -> None:
    class Publishing(Neighbours):
        async def held(self, names: Sequence[bytes]) -> Sequence[bytes]:
            await database.write(lambda tx: references.introduce(tx, [blob(6)]))
            return ()

    blobs.present += names(6)
    arrivals = Arrivals()

    removed_count = await garbage.remove_orphans(
        database, blobs, hold, arrivals, NOW_MS, Publishing([])
    )
    await arrivals.close()

    assert 0 == removed_count
    assert names(6)[0] in blobs.present
    await database.close()


async def test_a_commit_that_nobody_saw_does_not_come_back_for_a_removed_orphan(
    database: Database, blobs: RecordingBlobs, hold: BlobHold, tmp_path: Path
) -> None:
    """A process is killed after its commit was written and before the others could know of it."""
    blobs.present += names(6)
    index, shared_memory = tmp_path / "index.db", tmp_path / "index.db-shm"
    before = shared_memory.read_bytes()
    dying = [sys.executable, "-c", DYING_COMMIT, str(index), names(6)[0].hex()]
    await asyncio.to_thread(subprocess.run, dying, check=False)
    with shared_memory.open("r+b") as file:
        file.write(before)
    assert names(6) == database.read(lambda reader: references.unnamed(reader, names(6)))
    assert names(6)[0] in known_after_crash(tmp_path, "limbo"), "it would be there at a next start"
    arrivals = Arrivals()

    await garbage.remove_orphans(database, blobs, hold, arrivals, NOW_MS)
    await arrivals.close()

    assert names(6)[0] not in blobs.present
    assert names(6)[0] not in known_after_crash(tmp_path, "after")
    await database.close()


async def test_what_is_being_copied_stays_without_anybody_waiting(
    database: Database, blobs: RecordingBlobs, hold: BlobHold
) -> None:
    blobs.present += names(6)
    arrivals = Arrivals()

    with hold.keeping():
        reaped = await garbage.reap(database, blobs, hold, Pins())
        orphaned = await garbage.remove_orphans(database, blobs, hold, arrivals, NOW_MS)

        assert (0, 0) == (reaped, orphaned)
        assert names(1, 2, 3, 4, 5, 6) == blobs.present
    assert names(2, 3, 4, 5, 6) == listed(database), "orphans wait with the rest"
    assert 5 == await garbage.reap(database, blobs, hold, Pins())
    assert names(1) == blobs.present
    await arrivals.close()
    await database.close()


def known_after_crash(folder: Path, name: str) -> set[bytes]:
    """The blobs that a next start would find in the index if all processes ended now."""
    copy = folder / name
    copy.mkdir()
    for suffix in ("", "-wal"):
        shutil.copy(folder / f"index.db{suffix}", copy / f"index.db{suffix}")
    with contextlib.closing(sqlite3.connect(copy / "index.db")) as index:
        return {found for (found,) in index.execute("SELECT name FROM blobs")}
