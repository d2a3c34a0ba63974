"""The order of what reaches the drive: bytes durable, then named, then old bytes removed.

Every call by which the store asks the drive for something is written down, and so is every commit
of the index, which is durable because SQLite is told `synchronous = FULL`.
"""

import os
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from ferrox.clock import SettableClock
from ferrox.records import BucketRecord, VersionDraft, VersionRecord
from ferrox.storage.content import BlobLabel
from ferrox.storage.metadata.database import Tx
from ferrox.storage.store import Store

NOON_MS = 1_790_000_000_000
FULL = 2
DRIVE_LATENCY_S = 0.03


class Journal:
    """What was done, in order: `<what> <which kind of file>`."""

    def __init__(self, data_dir: Path) -> None:
        self.entries: list[str] = []
        self.connections: list[sqlite3.Connection] = []
        self._data_dir = data_dir

    def is_about(self, path: str) -> bool:
        """Whether this is the blobs' directory or below it."""
        return self._data_dir / "blobs" in (Path(path), *Path(path).parents)

    def note(self, what: str, path: str) -> None:
        place = Path(path)
        if self.is_about(path):
            kind = "directory" if place.is_dir() else "blob"
            self.entries.append(f"{what} {kind}")

    def since(self, start: int) -> list[str]:
        return self.entries[start:]


def patch_os(monkeypatch: pytest.MonkeyPatch, journal: Journal) -> None:
    """Write down what is written, synced and unlinked, on a drive that is slow.

    Whoever does not wait for it is then sure to be seen doing so.
    """

    def watched(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(target: Any, *arguments: Any, **named: Any) -> Any:
            is_open = isinstance(target, int)
            path = os.fspath(os.readlink(f"/proc/self/fd/{target}") if is_open else target)
            if name in ("fsync", "fdatasync") and journal.is_about(path):
                threading.Event().wait(DRIVE_LATENCY_S)
            done = real(target, *arguments, **named)
            journal.note(name, path)
            return done

        return call

    for name in ("write", "fsync", "fdatasync", "unlink"):
        monkeypatch.setattr(os, name, watched(name, getattr(os, name)))


def patch_sqlite(monkeypatch: pytest.MonkeyPatch, journal: Journal) -> None:
    """Write down every commit that a connection is asked for."""

    class Watched(Tx):
        def execute(self, statement: str, *arguments: Any) -> sqlite3.Cursor:
            cursor = super().execute(statement, *arguments)
            if statement == "COMMIT":
                journal.entries.append("commit")
            return cursor

    real = sqlite3.connect

    def connect(*arguments: Any, **named: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = real(*arguments, **named | {"factory": Watched})
        journal.connections.append(connection)
        return connection

    monkeypatch.setattr(sqlite3, "connect", connect)


@pytest.fixture
def journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Journal:
    """Written from now on."""
    kept = Journal(tmp_path / "data")
    patch_os(monkeypatch, kept)
    patch_sqlite(monkeypatch, kept)
    return kept


@pytest.fixture
async def watched_store(tmp_path: Path, journal: Journal) -> AsyncIterator[Store]:
    """A store whose every step is written down; `journal` comes first."""
    assert [] == journal.entries
    opened = await Store.open(tmp_path / "data", clock=SettableClock(NOON_MS))
    yield opened
    await opened.close()


@pytest.fixture
async def bucket(watched_store: Store) -> BucketRecord:
    record, _ = await watched_store.create_bucket("bucket", "owner", "us-east-1")
    return record


async def put(store: Store, bucket: BucketRecord, body: bytes) -> VersionRecord:
    """Store an object, from its first byte to its name."""

    async def pieces() -> AsyncIterator[bytes]:
        yield body

    label = BlobLabel("bucket", "key")
    async with store.receive(
        pieces(), [], label, size_hint=None, max_bytes=len(body), may_inline=True
    ) as content:
        return await store.add_version(bucket, VersionDraft("key", "etag", "owner"), content)


async def test_bytes_are_durable_before_they_are_named(
    watched_store: Store, bucket: BucketRecord, journal: Journal
) -> None:
    start = len(journal.entries)

    await put(watched_store, bucket, bytes(300_000))

    steps = journal.since(start)
    last_write = len(steps) - 1 - steps[::-1].index("write blob")
    assert ["fdatasync blob", "fsync directory", "commit"] == steps[last_write + 1 :]


async def test_the_directories_of_a_blob_are_durable_before_it_is_named(
    watched_store: Store, bucket: BucketRecord, journal: Journal
) -> None:
    start = len(journal.entries)

    await put(watched_store, bucket, bytes(300_000))

    steps = journal.since(start)
    syncs = [step for step in steps if step == "fsync directory"]
    assert 3 == len(syncs), "the root, the directory below it, and the one with the file"
    assert steps.index("commit") > max(
        at for at, step in enumerate(steps) if step == "fsync directory"
    )


async def test_old_bytes_are_removed_after_their_last_name_and_not_by_the_writer(
    watched_store: Store, bucket: BucketRecord, journal: Journal
) -> None:
    await put(watched_store, bucket, bytes(300_000))
    start = len(journal.entries)

    await put(watched_store, bucket, bytes(200_000))
    written = journal.since(start)
    reaped = await watched_store.reap()

    assert "unlink blob" not in written
    assert 1 == reaped
    removal = journal.since(start)[len(written) :]
    assert 1 == removal.count("unlink blob")
    assert "commit" in removal[removal.index("unlink blob") :], "off the list once it is gone"


async def test_small_objects_are_one_commit_and_no_file(
    watched_store: Store, bucket: BucketRecord, journal: Journal
) -> None:
    start = len(journal.entries)

    await put(watched_store, bucket, b"small")

    assert ["commit"] == journal.since(start)


async def test_what_is_not_published_is_removed_without_ever_having_a_name(
    watched_store: Store, journal: Journal
) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield bytes(1_000_000)
        raise ConnectionResetError

    start = len(journal.entries)
    with pytest.raises(ConnectionResetError):
        async with watched_store.receive(
            pieces(),
            [],
            BlobLabel("bucket", "key"),
            size_hint=None,
            max_bytes=10**6,
            may_inline=True,
        ):
            pass

    steps = journal.since(start)
    assert (1, 0) == (steps.count("unlink blob"), steps.count("commit"))


async def test_a_commit_waits_for_the_drive(watched_store: Store, journal: Journal) -> None:
    await watched_store.list_buckets("owner", "", "", 1)  # long look-ups have connections, too

    modes = {
        (
            connection.execute("PRAGMA synchronous").fetchone()[0],
            connection.execute("PRAGMA journal_mode").fetchone()[0],
        )
        for connection in journal.connections
        if "index.db" in connection.execute("PRAGMA database_list").fetchone()[2]
    }

    assert {(FULL, "wal")} == modes
