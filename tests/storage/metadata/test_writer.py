"""The writer thread, and what it does when the disk says no."""

import asyncio
import sqlite3
import threading
from pathlib import Path

import pytest

from ferrox import metrics
from ferrox.errors import Fault, StorageFull, StoreReadOnly
from ferrox.storage.metadata.database import Database, Tx
from ferrox.storage.read_only import ReadOnlyMark
from tests.counted import counting
from tests.storage.metadata.batches import failure, in_one_batch, insert, stored


async def test_functions_that_wait_are_committed_together(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits: list[None] = []
    really_commit = database._writer._commit

    def commit() -> None:
        commits.append(None)
        really_commit()

    monkeypatch.setattr(database._writer, "_commit", commit)

    results = await in_one_batch(database, *(insert(bytes([n])) for n in range(100)))

    assert [bytes([n]) for n in range(100)] == results
    assert 2 == len(commits), "one for what held the writer, one for all that waited"


async def test_metrics_tell_how_many_were_committed_together_and_how_long_they_waited(
    database: Database,
) -> None:
    with counting() as counts:
        await in_one_batch(database, *(insert(bytes([n])) for n in range(100)))

    waited, writes = counts[metrics.COMMIT_WAIT][()], counts[metrics.COMMIT_WRITES][()]
    assert [101, 101] == [sum(waited[:-1]), writes[-1]], "one of them held the writer"
    assert 2 == sum(writes[:-1]) == sum(counts[metrics.COMMIT_DURATION][()][:-1])
    assert 2 == sum(counts[metrics.FSYNC_DURATION][metrics.INDEX,][:-1])


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
        tx.execute(
            "INSERT INTO inline_data (version, crc32c, data) VALUES (1, 0, zeroblob(1000000))"
        )

    results = await in_one_batch(database, insert(b"a"), fill, insert(b"b"))

    assert [StorageFull] * 3 == [type(result) for result in results]
    assert [] == stored(database)
    assert database.read_only_reason is None
    await database.write(lambda tx: tx.execute("PRAGMA max_page_count = 1000000"))
    assert b"c" == await database.write(insert(b"c"))


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
        patch.setattr(database._writer, "_commit", commit)
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

    monkeypatch.setattr(database._writer, "_commit", commit)

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

    monkeypatch.setattr(one._writer, "_commit", commit)
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
        patch.setattr(database._writer, "_commit", commit)
        with pytest.raises(StoreReadOnly, match="MemoryError"):
            await database.write(insert(b"never"))

    with pytest.raises(StoreReadOnly):
        await database.write(insert(b"later"))
    assert [] == stored(database)
