"""Readers, the writer thread, and what it does when the disk says no."""

import asyncio
import os
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ferrox.errors import Fault, StartError, StorageFull, StoreReadOnly
from ferrox.storage.metadata import database as database_module
from ferrox.storage.metadata.database import MOST_BYTES_A_FUNCTION, PAGE_BYTES, Database, Tx
from ferrox.storage.read_only import ReadOnlyMark
from ferrox.storage.room import Room

SELECT = "SELECT name FROM garbage ORDER BY name"


def insert(name: bytes) -> Callable[[Tx], bytes]:
    def work(tx: Tx) -> bytes:
        tx.execute("INSERT INTO garbage VALUES (?, 0)", (name,))
        return name

    return work


def stored(database: Database) -> list[bytes]:
    return database.read(lambda reader: [name for (name,) in reader.execute(SELECT)])


def failure(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("as the disk says")
    error.sqlite_errorcode = code
    return error


async def in_one_batch(database: Database, *functions: Callable[[Tx], Any]) -> list[Any]:
    """Queue functions up behind one that holds the writer; return results and exceptions."""
    has_begun, may_end = threading.Event(), threading.Event()

    def hold(_: Tx) -> None:
        has_begun.set()
        may_end.wait(30)

    holding = asyncio.ensure_future(database.write(hold))
    await asyncio.to_thread(has_begun.wait, 30)
    waiting = [asyncio.ensure_future(database.write(function)) for function in functions]
    await asyncio.sleep(0)  # they run up to the queue
    may_end.set()
    await asyncio.gather(holding, return_exceptions=True)
    return await asyncio.gather(*waiting, return_exceptions=True)


async def test_what_was_acknowledged_is_seen_by_the_next_read(database: Database) -> None:
    result = await database.write(insert(b"a"))

    assert b"a" == result
    assert [b"a"] == stored(database)
    assert [(b"a",)] == await database.read_long(lambda reader: reader.execute(SELECT).fetchall())


async def test_functions_that_wait_are_committed_together(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits: list[None] = []
    really_commit = database._commit

    def commit() -> None:
        commits.append(None)
        really_commit()

    monkeypatch.setattr(database, "_commit", commit)

    results = await in_one_batch(database, *(insert(bytes([n])) for n in range(100)))

    assert [bytes([n]) for n in range(100)] == results
    assert 2 == len(commits), "one for what held the writer, one for all that waited"


async def test_a_function_sees_what_earlier_ones_of_its_batch_wrote(database: Database) -> None:
    def count(tx: Tx) -> int:
        return int(tx.execute("SELECT count(*) FROM garbage").fetchone()[0])

    results = await in_one_batch(database, count, insert(b"a"), count, insert(b"b"), count)

    assert [0, b"a", 1, b"b", 2] == results


@pytest.mark.parametrize("error", [KeyError("no"), sqlite3.IntegrityError("no"), StopIteration()])
async def test_a_function_that_raises_undoes_only_itself(
    database: Database, error: Exception
) -> None:
    def fail(tx: Tx) -> None:
        insert(b"never")(tx)
        raise error

    results = await in_one_batch(database, insert(b"a"), fail, insert(b"b"))

    expected = RuntimeError if isinstance(error, StopIteration) else type(error)
    assert [b"a", expected, b"b"] == [results[0], type(results[1]), results[2]]
    assert [b"a", b"b"] == stored(database)


async def test_a_function_that_raises_alone_undoes_itself(database: Database) -> None:
    def fail(tx: Tx) -> None:
        insert(b"never")(tx)
        raise KeyError

    with pytest.raises(KeyError):
        await database.write(fail)

    assert [] == stored(database)
    assert b"a" == await database.write(insert(b"a"))


async def test_a_waiter_that_is_cancelled_does_not_cancel_the_write(database: Database) -> None:
    may_begin = threading.Event()

    def wait_and_insert(tx: Tx) -> None:
        may_begin.wait(30)
        insert(b"a")(tx)

    waiter = asyncio.ensure_future(database.write(wait_and_insert))
    await asyncio.sleep(0)

    waiter.cancel()
    await asyncio.wait([waiter])
    may_begin.set()
    await database.write(lambda _: None)

    assert waiter.cancelled()
    assert [b"a"] == stored(database)


async def test_a_full_disk_fails_the_batch_and_work_goes_on(database: Database) -> None:
    def fill(tx: Tx) -> None:
        pages = tx.execute("PRAGMA page_count").fetchone()[0]
        tx.execute(f"PRAGMA max_page_count = {pages}")
        tx.execute("INSERT INTO inline_data VALUES (1, 0, zeroblob(1000000))")

    results = await in_one_batch(database, insert(b"a"), fill, insert(b"b"))

    assert [StorageFull] * 3 == [type(result) for result in results]
    assert [] == stored(database)
    assert database.read_only_reason is None
    await database.write(lambda tx: tx.execute("PRAGMA max_page_count = 1000000"))
    assert b"c" == await database.write(insert(b"c"))


async def test_where_room_is_short_only_what_frees_some_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = Room(tmp_path)
    room.reserve_bytes = 4 * MOST_BYTES_A_FUNCTION
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
    fill = "INSERT INTO inline_data VALUES (1, 0, zeroblob(1000000))"
    await database.write(lambda tx: tx.execute(fill).rowcount)
    await database.write(lambda tx: tx.execute("DELETE FROM inline_data").rowcount)
    monkeypatch.setattr(room, "is_short", lambda more_bytes=0: more_bytes > -900_000)

    await database.write(insert(b"a"))
    stored_names = stored(database)
    await database.close()

    assert [b"a"] == stored_names
    assert 0 < room.owed_bytes < 2_000_000


@pytest.mark.parametrize(
    ("code", "told", "is_final"),
    [
        (sqlite3.SQLITE_FULL, StorageFull, False),
        (sqlite3.SQLITE_BUSY, Fault, False),
        (sqlite3.SQLITE_IOERR_FSYNC, StoreReadOnly, True),
        (sqlite3.SQLITE_IOERR_WRITE, StoreReadOnly, True),
        (sqlite3.SQLITE_CORRUPT, StoreReadOnly, True),
    ],
)
async def test_what_a_failed_commit_means(
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    code: int,
    told: type[Fault],
    *,
    is_final: bool,
) -> None:
    await database.write(insert(b"before"))

    def commit() -> None:
        raise failure(code)

    with monkeypatch.context() as patch:
        patch.setattr(database, "_commit", commit)
        with pytest.raises(Fault) as raised:
            await database.write(insert(b"never"))

    assert told is type(raised.value)
    assert is_final == (database.read_only_reason is not None)
    assert [b"before"] == stored(database)
    if is_final:
        with pytest.raises(StoreReadOnly, match="writing the index failed"):
            await database.write(insert(b"later"))
    else:
        assert b"later" == await database.write(insert(b"later"))


async def test_after_a_failed_commit_what_already_waits_is_refused_too(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def commit() -> None:
        raise failure(sqlite3.SQLITE_IOERR_FSYNC)

    monkeypatch.setattr(database, "_commit", commit)

    results = await in_one_batch(database, insert(b"a"), insert(b"b"))

    assert [StoreReadOnly] * 2 == [type(result) for result in results]
    assert results[0] is not results[1], "each waiter has an exception of its own"
    assert [] == stored(database)


async def test_after_a_failed_commit_every_process_refuses_to_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = ReadOnlyMark()
    one = await Database.open(tmp_path / "index.db", read_only=mark)
    other = await Database.open(tmp_path / "index.db", read_only=mark)
    await other.write(insert(b"before"))

    def commit() -> None:
        raise failure(sqlite3.SQLITE_IOERR_FSYNC)

    monkeypatch.setattr(one, "_commit", commit)
    with pytest.raises(StoreReadOnly):
        await one.write(insert(b"never"))
    with pytest.raises(StoreReadOnly, match="writing the index failed"):
        await other.write(insert(b"later"))

    assert [b"before"] == stored(one) == stored(other)
    await other.close()
    await one.close()


async def test_an_io_error_inside_a_function_ends_the_whole_batch(database: Database) -> None:
    def fail(_: Tx) -> None:
        raise failure(sqlite3.SQLITE_IOERR_READ)

    results = await in_one_batch(database, insert(b"a"), fail, insert(b"b"))

    assert [StoreReadOnly] * 3 == [type(result) for result in results]
    assert [] == stored(database)


async def test_nothing_ends_the_writer(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def commit() -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(database, "_commit", commit)
        with pytest.raises(StoreReadOnly, match="MemoryError"):
            await database.write(insert(b"never"))

    with pytest.raises(StoreReadOnly):
        await database.write(insert(b"later"))
    assert [] == stored(database)


async def test_a_page_that_cannot_be_read_is_a_fault_of_this_look_up_only(
    tmp_path: Path,
) -> None:
    def sizes(reader: sqlite3.Connection) -> list[int]:
        return [size for (size,) in reader.execute("SELECT length(name) FROM garbage")]

    path = tmp_path / "index.db"
    database = await Database.open(path)
    await database.write(lambda tx: tx.execute("INSERT INTO inline_data VALUES (1, 0, x'00')"))
    for n in range(100):
        await database.write(insert(bytes([n]) * 3000))
    await database.close()
    size_bytes = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size_bytes // 2 // PAGE_BYTES * PAGE_BYTES)
        file.write(b"\xff" * (size_bytes - file.tell()))

    database = await Database.open(path)
    with pytest.raises(Fault, match="cannot be read"):
        database.read(sizes)
    with pytest.raises(Fault, match="cannot be read"):
        await database.read_long(sizes)
    kept = await database.read_long(
        lambda reader: reader.execute("SELECT version FROM inline_data").fetchall()
    )
    await database.close()

    assert [(1,)] == kept


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

    monkeypatch.setattr(database_module, "CHECKPOINT_EVERY", 1)
    monkeypatch.setattr(database, "_writer", Broken(database._writer))

    assert b"a" == await database.write(insert(b"a"))
    with pytest.raises(StoreReadOnly, match="copying the log"):
        await database.write(insert(b"b"))


async def test_the_log_is_copied_back_while_work_goes_on(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "CHECKPOINT_EVERY", 10)
    log = tmp_path / "index.db-wal"

    for n in range(200):
        await database.write(insert(n.to_bytes(2, "big") + bytes(1000)))

    assert log.stat().st_size < 200 * 4096


async def test_what_was_written_is_there_after_reopening(tmp_path: Path) -> None:
    first = await Database.open(tmp_path / "index.db")
    await first.write(insert(b"a"))
    await first.close()

    second = await Database.open(tmp_path / "index.db")
    found = stored(second)
    await second.close()

    assert [b"a"] == found
    assert ["index.db"] == os.listdir(tmp_path), "the log is gone"
    assert 0o600 == os.stat(tmp_path / "index.db").st_mode & 0o777


async def test_what_waits_is_finished_before_closing(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "index.db")
    waiting = [asyncio.ensure_future(database.write(insert(bytes([n])))) for n in range(50)]
    await asyncio.sleep(0)

    await database.close()

    assert [bytes([n]) for n in range(50)] == await asyncio.gather(*waiting)
    with pytest.raises(RuntimeError, match="closed"):
        await database.write(insert(b"late"))


async def test_long_reads_see_one_state_and_do_not_hold_up_writers(database: Database) -> None:
    await database.write(insert(b"a"))
    has_begun, may_end = threading.Event(), threading.Event()

    def count_twice(reader: sqlite3.Connection) -> list[int]:
        counts = [reader.execute("SELECT count(*) FROM garbage").fetchone()[0]]
        has_begun.set()
        may_end.wait(30)
        return [*counts, reader.execute("SELECT count(*) FROM garbage").fetchone()[0]]

    reading = asyncio.ensure_future(database.read_long(count_twice))
    await asyncio.to_thread(has_begun.wait, 30)
    await database.write(insert(b"b"))
    may_end.set()

    assert [1, 1] == await reading
    assert [b"a", b"b"] == stored(database)


async def test_writers_sync_every_commit(database: Database) -> None:
    def pragmas(tx: Tx) -> list[Any]:
        return [
            tx.execute(f"PRAGMA {name}").fetchone()[0] for name in ("synchronous", "journal_mode")
        ]

    assert [2, "wal"] == await database.write(pragmas)


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "index.db").write_bytes(b"not a database" * 1000)

    with pytest.raises(StartError, match=r"index\.db cannot be opened"):
        await Database.open(tmp_path / "index.db")


async def test_an_old_sqlite_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 34, 1))
    monkeypatch.setattr(sqlite3, "sqlite_version", "3.34.1")

    with pytest.raises(StartError, match=r"SQLite 3\.34\.1 is too old: 3\.37\.0 is needed"):
        await Database.open(tmp_path / "index.db")
