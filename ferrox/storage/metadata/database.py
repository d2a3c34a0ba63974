"""index.db: readers that never wait, and one writer thread that commits for many at once.

Readers. WAL mode lets them see the last commit, of whatever process, while the writer works. `read`
runs on the event loop's thread: for point look-ups of some ten microseconds. `read_long` runs on a
thread with a connection of its own: for everything whose length depends on data.

The writer. `write` puts a function into a queue; see `writer`. Its future is resolved after the
commit, so what was acknowledged is on the disk, and the next `read` sees it.
"""

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from ferrox.errors import Fault, StoreReadOnly
from ferrox.storage.metadata.connections import open_reader, prepare
from ferrox.storage.metadata.transaction import Tx
from ferrox.storage.metadata.writer import Write, Writer
from ferrox.storage.read_only import ReadOnlyMark
from ferrox.storage.room import Room

__all__ = ["Database", "Reader", "Tx"]

T = TypeVar("T")

Reader = sqlite3.Connection
"""What functions that only look things up take."""

READ_THREADS = 4


class Database:
    """The open index. Made by `Database.open`, inside a running event loop."""

    def __init__(self, path: Path, writer: Tx, room: Room, read_only: ReadOnlyMark) -> None:
        self._read_only = read_only
        self._path = path
        self._reader = open_reader(path)
        self._loop = asyncio.get_running_loop()
        self._writer = Writer(path, writer, room, read_only)
        self._is_closed = False
        self._local = threading.local()
        self._long_readers: list[sqlite3.Connection] = []
        self._threads = ThreadPoolExecutor(READ_THREADS, "ferrox-read")

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
        await self._writer.close()
        await asyncio.to_thread(self._threads.shutdown)
        for connection in (*self._long_readers, self._reader):
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

    async def write(
        self, function: Callable[[Tx], T], *, frees_room: bool = False, data_bytes: int = 0
    ) -> T:
        """Run `function` in a transaction; return when what it did is on the disk.

        function    may be run twice, as if for the first time: it changes nothing but the index
        frees_room  it may use the room that is reserved for making room
        data_bytes  how much it adds to the index beside rows of usual size
        """
        if self._is_closed:
            raise RuntimeError("the index is closed")
        if self.read_only_reason is not None:
            raise StoreReadOnly(self.read_only_reason)
        future: asyncio.Future[T] = self._loop.create_future()
        self._writer.add(Write(function, future, frees_room, data_bytes))
        return await future

    def refuse_writes(self, reason: str) -> None:
        """Turn read-only until the store is opened again. The first reason is kept."""
        self._read_only.refuse(reason)

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
            connection = self._local.connection = open_reader(self._path)
            self._long_readers.append(connection)
        return connection


def _unreadable(error: sqlite3.Error) -> Fault:
    """What a reader is told; the store goes on, as the next page may be sound."""
    return Fault(f"the index cannot be read: {error}")
