"""The writer: one thread of each process takes all functions that wait, and commits once for them.

It waits for its turn among the processes, then takes what waits, runs each function in the order
they came, commits with one fsync, gives the turn back, and tells the callers. A function sees what
earlier ones of its batch wrote.

- A function that raises is undone, and its caller gets the exception. Nothing has to be undone as a
  rule: who refuses a write has not written yet. So the functions of a batch run without savepoints;
  if one raises after it wrote, the batch is undone and run again, with one savepoint for each. That
  is why a function may run twice.
- Short of room: only functions that free some are run, the others' callers get StorageFull.
- No room (SQLITE_FULL): the whole batch is undone, each caller gets StorageFull, work goes on.
- Any other failure of SQLite that concerns the database, not the function, is final. After an fsync
  that failed nobody knows what is on the disk, and asking again may be answered with a lie. The
  batch gets StoreReadOnly and so does every later write of any process, until the store is opened
  again: the reason is noted before the turn is given back.
"""

import asyncio
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from ferrox import metrics
from ferrox.errors import Fault, StorageFull, StoreReadOnly
from ferrox.storage.metadata.checkpoints import Checkpoints
from ferrox.storage.metadata.transaction import Tx
from ferrox.storage.metadata.turn import Turn
from ferrox.storage.read_only import ReadOnlyMark
from ferrox.storage.room import Room

BATCH_LIMIT = 512
"""Functions in one transaction, about: bounds how long the first of them waits for the last."""


class Write(NamedTuple):
    """A function that waits to be run."""

    function: Callable[[Tx], Any]
    future: "asyncio.Future[Any]"
    frees_room: bool
    data_bytes: int


class _Waiting(NamedTuple):
    """Functions of one round of the event loop, and since when they wait."""

    writes: list[Write]
    since_s: float


class _Outcome(NamedTuple):
    future: "asyncio.Future[Any]"
    result: Any
    error: BaseException | None


class Writer:
    """The thread, its connection and its queue. Made inside a running event loop."""

    def __init__(
        self,
        path: Path,
        connection: Tx,
        room: Room,
        read_only: ReadOnlyMark,
    ) -> None:
        self._tx = connection
        self._room = room
        self._read_only = read_only
        self._turn = Turn(path)
        self._checkpoints = Checkpoints(path, connection, room, self._turn, read_only)
        self._loop = asyncio.get_running_loop()
        self._waiting: list[Write] = []
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="ferrox-write", daemon=True)
        self._thread.start()

    def add(self, write: Write) -> None:
        """Let a function wait. Those of one round of the event loop wake the thread once."""
        if not self._waiting:
            self._loop.call_soon(self._hand_over)
        self._waiting.append(write)

    async def close(self) -> None:
        """Finish what waits, copy the log into the database, close the connection."""
        self._hand_over()
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)
        self._tx.close()
        self._turn.close()

    def _hand_over(self) -> None:
        if self._waiting:
            self._queue.put(_Waiting(self._waiting, time.perf_counter()))
            self._waiting = []

    # What follows runs on the writer thread.

    def _run(self) -> None:
        is_open = True
        while is_open and (first := self._queue.get()) is not None:
            writes, is_open, outcomes = self._take_turn(first)
            self._loop.call_soon_threadsafe(_resolve, outcomes)
            self._checkpoints.wrote(len(writes), sum([write.data_bytes for write in writes]))
        self._checkpoints.close()

    def _take_turn(self, first: _Waiting) -> tuple[list[Write], bool, list[_Outcome]]:
        """Return what waited when the turn came, whether more may come, and what became of it."""
        try:
            with self._turn:
                writes, is_open = self._gather(first)
                began_s = time.perf_counter()
                outcomes = self._execute(writes)
                metrics.COMMIT_WRITES.observe(len(writes))
                metrics.COMMIT_DURATION.observe(time.perf_counter() - began_s)
                return writes, is_open, outcomes
        except OSError as error:  # the lock, as functions have their errors handled
            self._read_only.refuse(f"waiting for the turn to write failed: {error}")
            refusals = _all_failed(first.writes, StoreReadOnly(self._read_only.reason))
            return first.writes, True, refusals

    def _gather(self, waiting: _Waiting) -> tuple[list[Write], bool]:
        """Return what waits now, and whether more may come."""
        now_s = time.perf_counter()
        writes: list[Write] = []
        more: _Waiting | None = waiting
        while more is not None:
            writes += more.writes
            metrics.COMMIT_WAIT.observe(max(0.0, now_s - more.since_s), times=len(more.writes))
            if len(writes) >= BATCH_LIMIT or self._queue.empty():
                return writes, True
            more = self._queue.get()
        return writes, False

    def _execute(self, writes: list[Write]) -> list[_Outcome]:
        """Run all functions in one transaction and commit it."""
        reason = self._read_only.reason
        if reason is not None:
            return _all_failed(writes, StoreReadOnly(reason))
        refused: list[_Outcome] = []
        try:
            if self._is_short():
                adding = [write for write in writes if not write.frees_room]
                refused = _all_failed(adding, StorageFull("no room for the index"))
                writes = [write for write in writes if write.frees_room]
            return refused + self._execute_batch(writes)
        except BaseException as error:  # noqa: BLE001 - no error may end the only writer
            return refused + _all_failed(writes, self._abandon(error))

    def _execute_batch(self, writes: list[Write]) -> list[_Outcome]:
        self._tx.begin()
        outcomes = self._run_together(writes)
        if outcomes is None:
            self._tx.execute("ROLLBACK")
            self._tx.begin()
            outcomes = [self._run_in_savepoint(write) for write in writes]
        self._tx.settle()
        self._commit()
        return outcomes

    def _commit(self) -> None:
        began_s = time.perf_counter()
        self._tx.execute("COMMIT")
        metrics.FSYNC_DURATION.observe(time.perf_counter() - began_s, metrics.INDEX)

    def _run_together(self, writes: list[Write]) -> list[_Outcome] | None:
        """Run the functions; None if one of them raised and left something behind."""
        tx = self._tx
        outcomes = []
        for function, future, _, _ in writes:
            left = tx.left
            try:
                outcomes.append(_Outcome(future, function(tx), None))
            except BaseException as error:  # noqa: BLE001 - handed to the caller
                self._reraise_if_final(error)
                if tx.left != left:
                    return None
                outcomes.append(_Outcome(future, None, error))
        return outcomes

    def _run_in_savepoint(self, write: Write) -> _Outcome:
        self._tx.execute("SAVEPOINT one")
        changes = self._tx.changes()
        try:
            outcome = _Outcome(write.future, write.function(self._tx), None)
        except BaseException as error:  # noqa: BLE001 - handed to the caller
            self._reraise_if_final(error)
            self._tx.execute("ROLLBACK TO one")
            self._tx.restore(changes)
            outcome = _Outcome(write.future, None, error)
        self._tx.execute("RELEASE one")
        return outcome

    def _reraise_if_final(self, error: BaseException) -> None:
        """Pass on what ends the whole transaction; SQLite may have undone it already."""
        if _kind(error) in _FINAL or not self._tx.in_transaction:
            raise error

    def _abandon(self, error: BaseException) -> Fault:
        """Undo the transaction; return what its callers are told."""
        try:
            if self._tx.in_transaction:
                self._tx.execute("ROLLBACK")
        except sqlite3.Error as failure:
            self._read_only.refuse(f"undoing a transaction of the index failed: {failure}")
        if _kind(error) == sqlite3.SQLITE_FULL:
            self._checkpoints.require()
            return StorageFull(f"no room for the index: {error}")
        if _kind(error) == sqlite3.SQLITE_BUSY:
            return Fault("another program holds the index")
        self._read_only.refuse(f"writing the index failed: {error!r}")
        return StoreReadOnly(self._read_only.reason)

    def _is_short(self) -> bool:
        """Whether there is room for nothing more, not even in the free pages of the index."""
        if not self._room.is_short():
            return False
        self._checkpoints.require()  # a log that was copied back is used again
        self._checkpoints.measure()
        return self._room.is_short(-self._checkpoints.reusable_bytes)


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


def _all_failed(writes: list[Write], error: Fault) -> list[_Outcome]:
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
