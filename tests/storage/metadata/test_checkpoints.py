"""When the log is copied back, and what happens if it cannot be."""

import asyncio
import sqlite3
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from ferrox.errors import StorageFull, StoreReadOnly
from ferrox.storage.metadata import checkpoints
from ferrox.storage.metadata.checkpoints import BYTES_A_FUNCTION, Checkpoints
from ferrox.storage.metadata.connections import PAGE_BYTES
from ferrox.storage.metadata.database import Database, Reader
from ferrox.storage.room import Room
from tests.storage.metadata.batches import NAMES, failure, insert, stored


def wait_for_pass(log: Checkpoints) -> None:
    """Wait until no pass is under way."""
    if log._pass is not None:
        log._pass.result(30)


async def test_where_room_is_short_only_what_frees_some_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = Room(tmp_path)
    room.reserve_bytes = 256 * 1024
    database = await Database.open(tmp_path / "index.db", room)
    log_bytes = (tmp_path / "index.db-wal").stat().st_size
    monkeypatch.setattr(room, "is_short", lambda more_bytes=0: more_bytes >= 0)

    for n in range(100):
        await database.write(insert(bytes([n])), frees_room=True)
    with pytest.raises(StorageFull):
        await database.write(insert(b"never"))
    grown_bytes = (tmp_path / "index.db-wal").stat().st_size - log_bytes

    assert 100 == len(stored(database))
    assert database.read_only_reason is None
    assert grown_bytes < 10 * PAGE_BYTES, "the log is copied back after each batch"
    await database.write(lambda tx: tx.execute("DELETE FROM garbage").rowcount, frees_room=True)
    await database.close()


async def test_pages_that_are_free_in_the_index_are_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = Room(tmp_path)
    database = await Database.open(tmp_path / "index.db", room)
    fill = "INSERT INTO inline_data (version, crc32c, data) VALUES (1, 0, zeroblob(1000000))"
    await database.write(lambda tx: tx.execute(fill).rowcount)
    await database.write(lambda tx: tx.execute("DELETE FROM inline_data").rowcount)
    monkeypatch.setattr(room, "is_short", lambda more_bytes=0: more_bytes > -900_000)

    await database.write(insert(b"a"))
    stored_names = stored(database)
    await database.close()

    assert [b"a"] == stored_names
    assert 0 < room.owed_bytes < 2_000_000


async def test_a_checkpoint_that_fails_turns_the_store_read_only(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        def __init__(self, connection: sqlite3.Connection) -> None:
            self._connection = connection

        def execute(self, statement: str, *values: Any) -> Any:
            if "checkpoint" in statement:
                raise failure(sqlite3.SQLITE_IOERR_FSYNC)
            return self._connection.execute(statement, *values)

        def __getattr__(self, name: str) -> Any:
            return getattr(self._connection, name)

    log = database._writer._checkpoints
    monkeypatch.setattr(log, "_log_limit_bytes", 0)
    monkeypatch.setattr(log, "_writer", Broken(log._writer))

    assert b"a" == await database.write(insert(b"a"))
    with pytest.raises(StoreReadOnly, match="copying the log"):
        await database.write(insert(b"b"))


async def test_the_log_is_copied_back_while_work_goes_on(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database._writer._checkpoints, "_log_limit_bytes", 10 * BYTES_A_FUNCTION)
    monkeypatch.setattr(database._writer._checkpoints, "_pass_bytes", 2 * BYTES_A_FUNCTION)
    log = tmp_path / "index.db-wal"

    for n in range(200):
        await database.write(insert(n.to_bytes(2, "big") + bytes(1000)))

    assert log.stat().st_size < 200 * PAGE_BYTES


async def test_a_pass_copies_back_beside_the_writer(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = database._writer._checkpoints
    monkeypatch.setattr(log, "_pass_bytes", 50 * BYTES_A_FUNCTION)
    monkeypatch.setattr(log, "finish", None)  # nobody may call it
    before_bytes = (tmp_path / "index.db").stat().st_size

    for n in range(60):
        await database.write(insert(n.to_bytes(2, "big") + bytes(1000)))
    await asyncio.to_thread(wait_for_pass, log)
    after_bytes = (tmp_path / "index.db").stat().st_size
    monkeypatch.undo()

    assert after_bytes > before_bytes + 10 * PAGE_BYTES


async def test_a_pass_that_fails_turns_the_store_read_only(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        def execute(self, _statement: str) -> None:
            raise failure(sqlite3.SQLITE_IOERR_FSYNC)

        def close(self) -> None: ...

    log = database._writer._checkpoints
    monkeypatch.setattr(log, "_pass_bytes", 1)
    monkeypatch.setattr(checkpoints, "open_reader", lambda _: Broken())

    await database.write(insert(b"a"))
    with suppress(StoreReadOnly):
        await database.write(lambda _: None)  # by then the pass was begun
    await asyncio.to_thread(wait_for_pass, log)

    with pytest.raises(StoreReadOnly, match="copying the log"):
        await database.write(insert(b"b"))


async def test_a_reader_that_holds_up_the_log_does_not_hold_up_the_writer(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    has_begun, may_end = threading.Event(), threading.Event()

    def read(reader: Reader) -> None:
        reader.execute(NAMES).fetchall()
        has_begun.set()
        may_end.wait(30)

    log = database._writer._checkpoints
    copied: list[int] = []
    copy_back = log._copy_back

    def copy(connection: sqlite3.Connection) -> Any:
        outcome = copy_back(connection)
        assert outcome is not None
        copied.append(outcome.left_bytes)
        return outcome

    monkeypatch.setattr(log, "_log_limit_bytes", 40 * BYTES_A_FUNCTION)
    monkeypatch.setattr(log, "_pass_bytes", 20 * BYTES_A_FUNCTION)
    monkeypatch.setattr(log, "_copy_back", copy)
    reading = asyncio.ensure_future(database.read_long(read))
    await asyncio.to_thread(has_begun.wait, 30)

    for n in range(100):
        await database.write(insert(n.to_bytes(2, "big") + bytes(1000)))
    while_read = [left_bytes for left_bytes in copied if left_bytes]
    may_end.set()
    await reading
    log.finish()

    assert 100 == len(stored(database))
    assert 2 <= len(while_read) <= 10, "it is not tried after every batch"
    assert 0 == copied[-1]


async def test_what_came_during_the_last_pass_is_copied_as_soon_as_that_ends(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = database._writer._checkpoints
    finished: list[int] = []
    finish = log.finish

    def note() -> None:
        finished.append(log._log_bytes)
        finish()

    monkeypatch.setattr(log, "_log_limit_bytes", 1000 * BYTES_A_FUNCTION)
    monkeypatch.setattr(log, "_pass_bytes", 994 * BYTES_A_FUNCTION)
    monkeypatch.setattr(log, "finish", note)
    await database.write(insert(b"short"))
    before = list(finished)

    await database.write(insert(b"a pass begins after this"), data_bytes=995 * BYTES_A_FUNCTION)
    await database.write(lambda _: None)  # by then it has begun
    await asyncio.to_thread(wait_for_pass, log)
    await database.write(insert(b"and this finds it ended"))
    await database.write(lambda _: None)

    assert [] == before
    assert 1 == len(finished)
    assert BYTES_A_FUNCTION < finished[0] < 1000 * BYTES_A_FUNCTION, "the limit was not reached"


async def test_what_other_processes_added_to_the_log_counts_from_the_next_pass_on(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = database._writer._checkpoints
    other = await Database.open(tmp_path / "index.db", Room(tmp_path))
    added_bytes = 200 * PAGE_BYTES
    fill = f"INSERT INTO inline_data (version, crc32c, data) VALUES (1, 0, zeroblob({added_bytes}))"
    await other.write(lambda tx: tx.execute(fill).rowcount)
    counted_before = log._log_bytes
    monkeypatch.setattr(log, "_pass_bytes", 1)

    await database.write(insert(b"a"))
    await database.write(lambda _: None)  # by then the pass was begun
    await asyncio.to_thread(wait_for_pass, log)
    has_passed = log._pass is None or log._has_passed()

    assert has_passed
    assert counted_before < added_bytes <= log._log_bytes
    await other.close()
