"""index.db: readers that never wait, and one writer thread that commits for many at once.

Theory of operation

Readers. WAL mode lets them see the last commit while the writer works. `read` runs on the event
loop's thread: for point look-ups of some ten microseconds. `read_long` runs on a thread with a
connection of its own: for everything whose length depends on data.

The writer. `write` puts a function into a queue. One thread takes all functions that wait, runs
them in the order they came, each in a savepoint of one transaction, and commits once: one fsync for
all of them. The futures are resolved after the commit, so what was acknowledged is on the disk, and
the next `read` sees it. A function sees what earlier ones of its batch wrote.

- A function that raises undoes its own savepoint only, and its caller gets the exception.
- A waiter that is cancelled does not cancel its function.
- Short of room: only functions that free some are run, the others' callers get StorageFull.
- No room (SQLITE_FULL): the whole batch is undone, each caller gets StorageFull, work goes on.
- Any other failure of SQLite that concerns the database, not the function, is final. After an fsync
  that failed nobody knows what is on the disk, and asking again may be answered with a lie. The
  batch gets StoreReadOnly and so does every later write, until the store is opened again.

Checkpoints. SQLite's automatic ones swallow their errors, so they are turned off and the writer
makes them between two batches, where a failure is noticed: after CHECKPOINT_EVERY functions, when
the index would grow by much, and always when room is short. The log is cut back to WAL_LIMIT_BYTES
after each burst.
"""

import asyncio
import logging
import os
import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple, NewType, TypeVar

from ferrox.errors import Fault, StartError, StorageFull, StoreReadOnly
from ferrox.storage.metadata.schema import migrate
from ferrox.storage.read_only import ReadOnlyMark
from ferrox.storage.room import Room

logger = logging.getLogger(__name__)

T = TypeVar("T")

Reader = sqlite3.Connection
"""What functions that only look things up take."""

Tx = NewType("Tx", sqlite3.Connection)
"""The writing transaction. Only `Database.write` hands one out."""

OLDEST_SQLITE = (3, 37, 0)
"""The first version that knows STRICT tables."""

BATCH_LIMIT = 512
"""Functions in one transaction at most: bounds how long the first of them waits for the last."""

CHECKPOINT_EVERY = 2_000
"""Functions between two checkpoints: of 4 KiB objects that makes a log of some 30 MiB."""

MOST_BYTES_A_FUNCTION = 64 * 1024
"""By which a function makes the index grow, as a rule: an object of the inline limit."""

WAL_LIMIT_BYTES = 64 * 1024 * 1024

PAGE_BYTES = 4096

READ_THREADS = 4

_BUSY_TIMEOUT_S = 30.0
_CACHED_STATEMENTS = 256
_WRITER_CACHE_KIB = 16 * 1024
_READER_CACHE_KIB = 8 * 1024


class _Write(NamedTuple):
    function: Callable[[Tx], Any]
    future: "asyncio.Future[Any]"
    frees_room: bool


class _Outcome(NamedTuple):
    future: "asyncio.Future[Any]"
    result: Any
    error: BaseException | None


class Database:
    """The open index. Made by `Database.open`, inside a running event loop."""

    def __init__(
        self, path: Path, writer: sqlite3.Connection, room: Room, read_only: ReadOnlyMark
    ) -> None:
        self._read_only = read_only
        self._path = path
        self._room = room
        self._writer = writer
        self._reader = connect(path, _READER_CACHE_KIB)
        self._loop = asyncio.get_running_loop()
        self._queue: queue.SimpleQueue[_Write | None] = queue.SimpleQueue()
        self._is_closed = False
        self._unchecked_count = 0
        self._unmeasured_count = 0
        self._reusable_bytes = 0
        self._local = threading.local()
        self._long_readers: list[sqlite3.Connection] = []
        self._threads = ThreadPoolExecutor(READ_THREADS, "ferrox-read")
        self._thread = threading.Thread(target=self._run, name="ferrox-write", daemon=True)
        self._thread.start()

    @classmethod
    async def open(
        cls, path: Path, room: Room | None = None, read_only: ReadOnlyMark | None = None
    ) -> "Database":
        """Open or create the database and bring it to the newest format."""
        room = room or Room(path.parent)
        writer = await asyncio.to_thread(prepare, path, room)
        return cls(path, writer, room, read_only or ReadOnlyMark())

    @property
    def read_only_reason(self) -> str | None:
        """Why writes are refused until the store is opened again; None as long as all is well."""
        return self._read_only.reason

    async def close(self) -> None:
        """Finish what waits, copy the log into the database, close everything."""
        if self._is_closed:
            return
        self._is_closed = True
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)
        await asyncio.to_thread(self._threads.shutdown)
        for connection in (*self._long_readers, self._reader, self._writer):
            connection.close()

    def read(self, function: Callable[[Reader], T]) -> T:
        """Run a point look-up now, on the event loop's thread."""
        try:
            return function(self._reader)
        except sqlite3.Error as error:
            raise _unreadable(error) from error

    async def read_long(self, function: Callable[[Reader], T]) -> T:
        """Run a look-up of any length on a thread, in one snapshot."""
        return await self._loop.run_in_executor(self._threads, self._read_snapshot, function)

    async def write(self, function: Callable[[Tx], T], *, frees_room: bool = False) -> T:
        """Run `function` in a transaction; return when what it did is on the disk.

        frees_room  it may use the room that is reserved for making room
        """
        if self._is_closed:
            raise RuntimeError("the index is closed")
        if self.read_only_reason is not None:
            raise StoreReadOnly(self.read_only_reason)
        future: asyncio.Future[T] = self._loop.create_future()
        self._queue.put(_Write(function, future, frees_room))
        return await future

    def refuse_writes(self, reason: str) -> None:
        """Turn read-only until the store is opened again. The first reason is kept."""
        if self._read_only.set(reason):
            logger.error("the store turns read-only: %s", reason)

    def _read_snapshot(self, function: Callable[[Reader], T]) -> T:
        try:
            connection = self._long_reader()
            connection.execute("BEGIN")
            try:
                return function(connection)
            finally:
                if connection.in_transaction:  # some errors end it
                    connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise _unreadable(error) from error

    def _long_reader(self) -> sqlite3.Connection:
        """The connection of this thread."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = connect(self._path, _READER_CACHE_KIB)
            self._long_readers.append(connection)
        return connection

    # What follows runs on the writer thread.

    def _run(self) -> None:
        is_open = True
        while is_open:
            batch = [self._queue.get()]
            while len(batch) < BATCH_LIMIT and not self._queue.empty():
                batch.append(self._queue.get())
            is_open = batch[-1] is not None
            writes = [write for write in batch if write is not None]
            if writes:
                outcomes = self._execute(writes)
                self._loop.call_soon_threadsafe(_resolve, outcomes)
                self._unchecked_count += len(writes)
                self._unmeasured_count += len(writes)
                if self._is_checkpoint_due():
                    self._checkpoint("PASSIVE")
        self._checkpoint("TRUNCATE")

    def _execute(self, writes: list[_Write]) -> list[_Outcome]:
        """Run all functions in one transaction and commit it."""
        if self.read_only_reason is not None:
            return _all_failed(writes, StoreReadOnly(self.read_only_reason))
        refused: list[_Outcome] = []
        try:
            if self._is_short():
                adding = [write for write in writes if not write.frees_room]
                refused = _all_failed(adding, StorageFull("no room for the index"))
                writes = [write for write in writes if write.frees_room]
            return refused + self._execute_batch(writes)
        except BaseException as error:  # noqa: BLE001 - no error may end the only writer
            return refused + _all_failed(writes, self._abandon(error))

    def _execute_batch(self, writes: list[_Write]) -> list[_Outcome]:
        self._writer.execute("BEGIN IMMEDIATE")
        if len(writes) == 1:
            outcomes = [self._run_alone(writes[0])]
        else:
            outcomes = [self._run_in_savepoint(write) for write in writes]
        if self._writer.in_transaction:
            self._commit()
        return outcomes

    def _commit(self) -> None:
        self._writer.execute("COMMIT")

    def _run_alone(self, write: _Write) -> _Outcome:
        try:
            return _Outcome(write.future, write.function(Tx(self._writer)), None)
        except BaseException as error:  # noqa: BLE001 - handed to the caller
            self._reraise_if_final(error)
            self._writer.execute("ROLLBACK")
            return _Outcome(write.future, None, error)

    def _run_in_savepoint(self, write: _Write) -> _Outcome:
        self._writer.execute("SAVEPOINT one")
        try:
            outcome = _Outcome(write.future, write.function(Tx(self._writer)), None)
        except BaseException as error:  # noqa: BLE001 - handed to the caller
            self._reraise_if_final(error)
            self._writer.execute("ROLLBACK TO one")
            outcome = _Outcome(write.future, None, error)
        self._writer.execute("RELEASE one")
        return outcome

    def _reraise_if_final(self, error: BaseException) -> None:
        """Pass on what ends the whole transaction; SQLite may have undone it already."""
        if _kind(error) in _FINAL or not self._writer.in_transaction:
            raise error

    def _abandon(self, error: BaseException) -> Fault:
        """Undo the transaction; return what its callers are told."""
        try:
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
        except sqlite3.Error as failure:
            self.refuse_writes(f"undoing a transaction of the index failed: {failure}")
        if _kind(error) == sqlite3.SQLITE_FULL:
            self._unchecked_count = CHECKPOINT_EVERY
            return StorageFull(f"no room for the index: {error}")
        if _kind(error) == sqlite3.SQLITE_BUSY:
            return Fault("another program holds the index")
        self.refuse_writes(f"writing the index failed: {error!r}")
        return StoreReadOnly(self.read_only_reason)

    def _is_short(self) -> bool:
        """Whether there is room for nothing more, not even in the free pages of the index."""
        if not self._room.is_short():
            return False
        self._unchecked_count = CHECKPOINT_EVERY  # a log that was copied back is used again
        self._measure()
        return self._room.is_short(-self._reusable_bytes)

    def _measure(self) -> None:
        """Note how much of the index is free, and by how much it will grow at a checkpoint."""
        self._unmeasured_count = 0
        page_count, free_count = (
            self._writer.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "freelist_count")
        )
        self._reusable_bytes = free_count * PAGE_BYTES
        self._room.owed_bytes = page_count * PAGE_BYTES - self._path.stat().st_size

    def _is_checkpoint_due(self) -> bool:
        """Whether the log should be copied back now."""
        may_owe_bytes = self._room.reserve_bytes // 4
        if self._unchecked_count >= CHECKPOINT_EVERY:
            return True
        if self._unmeasured_count * MOST_BYTES_A_FUNCTION < may_owe_bytes:
            return False
        try:
            self._measure()
        except (OSError, sqlite3.Error) as error:
            self.refuse_writes(f"looking at the index failed: {error}")
        return self._room.owed_bytes > may_owe_bytes > 0

    def _checkpoint(self, mode: str) -> None:
        """Copy the log into the database. Without room it stays where it is, as safe as before."""
        self._unchecked_count = 0
        if self.read_only_reason is not None:
            return
        try:
            self._writer.execute(f"PRAGMA wal_checkpoint({mode})").fetchone()
        except sqlite3.Error as error:
            if _kind(error) != sqlite3.SQLITE_FULL:
                self.refuse_writes(f"copying the log into the index failed: {error}")


def connect(path: Path, cache_kib: int) -> sqlite3.Connection:
    """Open one more connection, with the settings all of them share."""
    connection = sqlite3.connect(
        path,
        timeout=_BUSY_TIMEOUT_S,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=_CACHED_STATEMENTS,
    )
    for pragma in (
        "synchronous = FULL",
        "wal_autocheckpoint = 0",
        f"journal_size_limit = {WAL_LIMIT_BYTES}",
        f"cache_size = -{cache_kib}",
        # A page that cannot be read must be an error, not the SIGBUS that a memory map would give.
        "mmap_size = 0",
        "temp_store = MEMORY",
        # Freed pages are overwritten only where that costs no further write.
        "secure_delete = FAST",
    ):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def prepare(path: Path, room: Room) -> sqlite3.Connection:
    """Create the file, readable by nobody else, and migrate it. Return the writer. Blocks."""
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        oldest = ".".join(map(str, OLDEST_SQLITE))
        raise StartError(f"SQLite {sqlite3.sqlite_version} is too old: {oldest} is needed")
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        writer = connect(path, _WRITER_CACHE_KIB)
    except (OSError, sqlite3.Error) as error:
        raise _unopenable(path, error, room) from error
    try:
        writer.execute(f"PRAGMA page_size = {PAGE_BYTES}")
        (mode,) = writer.execute("PRAGMA journal_mode = WAL").fetchone()
        if mode != "wal":
            raise StartError(f"{path} cannot be used: its file system has no shared memory files")
        if room.reserve_bytes:
            log_limit_bytes = min(WAL_LIMIT_BYTES, room.reserve_bytes)
            writer.execute(f"PRAGMA journal_size_limit = {log_limit_bytes}")
        migrate(writer)
    except sqlite3.Error as error:
        writer.close()
        raise _unopenable(path, error, room) from error
    except BaseException:
        writer.close()
        raise
    return writer


def _unopenable(path: Path, error: Exception, room: Room) -> StartError:
    hint = " (there is hardly any room on its drive)" if room.is_short() else ""
    return StartError(f"{path} cannot be opened: {error}{hint}")


def _unreadable(error: sqlite3.Error) -> Fault:
    """What a reader is told; the store goes on, as the next page may be sound."""
    return Fault(f"the index cannot be read: {error}")


def _kind(error: BaseException) -> int:
    """The result code of SQLite, without what extends it; 0 when the module itself complained."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


_FINAL = frozenset(
    {
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_NOMEM,
    }
)
"""What concerns the database, not the function that happened to meet it."""


def _all_failed(writes: list[_Write], error: Fault) -> list[_Outcome]:
    # An exception of its own for each: raising one adds to its traceback.
    return [_Outcome(write.future, None, type(error)(*error.args)) for write in writes]


def _resolve(outcomes: list[_Outcome]) -> None:
    """Tell every waiter; runs on the event loop."""
    for future, result, error in outcomes:
        if future.done():
            continue
        if error is None:
            future.set_result(result)
        elif isinstance(error, StopIteration):  # the one exception that futures do not take
            future.set_exception(RuntimeError(f"a writing function raised {error!r}"))
        else:
            future.set_exception(error)
