"""Settings: small JSON documents under (table, name) in settings.db; the only user of sqlitedict.

Changes. sqlitedict writes, with one thread and one connection for all tables, opened at the first
change. Four of its habits are overruled: values are JSON, never pickle; it sets `synchronous=OFF`,
which is set back to FULL; the journal is a WAL, so that readers do not wait; and it does not
commit, because `changing` does, once for all documents of a block. Blocks of all threads and
processes come one after the other, in the order that the kernel queues them (metadata/turn.py).

Looks. They have a connection of their own that never writes, so a look costs some µs, sees every
commit of whatever process, and `version` tells at that price whether there was one.

Every method blocks: a change for an `fsync`. On the event loop only looks are welcome.
"""

import contextlib
import json
import os
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlitedict import SqliteDict, SqliteMultithread

from ferrox.errors import Fault, StorageFull, StoreReadOnly
from ferrox.storage.metadata.turn import Turn
from ferrox.storage.read_only import ReadOnlyMark

Document = dict[str, Any]

_IN_RANGE = "key >= ? AND key < ?"
_LAST = "\U0010ffff"
"""Sorts after whatever a name goes on with."""


class Settings:
    """The documents of one data directory.

    read_only  the mark of a store that takes no more writes
    """

    def __init__(self, path: Path, read_only: ReadOnlyMark | None = None) -> None:
        self.path = path
        self._read_only = read_only
        self._looking = threading.Lock()
        self._reader: sqlite3.Connection | None = None
        self._changing = threading.RLock()
        self._writer: _Writer | None = None
        self._change: Change | None = None

    def version(self) -> int:
        """A number that is another one after each change, in whichever process it was made.

        It says nothing to other processes, nor after `close`.
        """
        try:
            with self._looking:
                reader = self._reader or self._open_reader()
                version: int = reader.execute("PRAGMA data_version").fetchone()[0]
                return version
        except sqlite3.Error as error:
            raise self._fault(error) from error

    def get(self, table: str, name: str) -> Document | None:
        """Return a document, or None."""
        found = self._rows(_select("value", table, "key = ?"), name)
        return json.loads(found[0][0]) if found else None

    def scan(self, table: str, prefix: str = "") -> Iterator[tuple[str, Document]]:
        """The documents whose names begin like this, sorted by name, as of one instant."""
        select = _select("key, value", table, _IN_RANGE)
        for name, text in self._rows(select, prefix, prefix + _LAST):
            yield name, json.loads(text)

    def names(self, table: str, prefix: str = "") -> list[str]:
        """The names in a table that begin like this, sorted."""
        select = _select("key", table, _IN_RANGE)
        return [name for (name,) in self._rows(select, prefix, prefix + _LAST)]

    def count(self, table: str, prefix: str = "") -> int:
        """How many documents have names that begin like this."""
        found = self._rows(_select("count(*)", table, _IN_RANGE), prefix, prefix + _LAST)
        return int(found[0][0]) if found else 0

    def tables(self) -> list[str]:
        """The tables there are, sorted."""
        select = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
        return [name for (name,) in self._rows(select)]

    def put(self, table: str, name: str, document: Document) -> None:
        """Write a document; it is durable on return."""
        with self.changing() as change:
            change.put(table, name, document)

    def delete(self, table: str, name: str) -> None:
        """Remove a document; an absent one is fine."""
        with self.changing() as change:
            change.delete(table, name)

    @contextlib.contextmanager
    def changing(self) -> Iterator["Change"]:
        """A block in which nobody else changes anything, here or in any other process.

        At its end everything that was done in it is durable, or, if it is left by an exception or
        the process ends, nothing is. A block inside another one is a part of that one.
        StoreReadOnly.
        """
        if self._read_only is not None and (reason := self._read_only.reason) is not None:
            raise StoreReadOnly(reason)
        with self._changing:
            if self._change is not None:
                yield self._change
                return
            with self._faults():
                writer = self._writer or self._open_writer()
                with writer.transaction() as change:
                    self._change = change
                    try:
                        yield change
                    finally:
                        self._change = None

    def erase_history(self) -> None:
        """Remove from the files what was changed or deleted; readers may keep it for a while."""
        with self._changing, self._faults():
            if self._writer is not None:
                self._writer.empty_log()

    def close(self) -> None:
        """End the thread and close the database."""
        with self._changing, self._looking:
            if self._writer is not None:
                self._writer.close()
                self._writer = None
            if self._reader is not None:
                self._reader.close()
                self._reader = None

    def _rows(self, select: str, *arguments: str) -> list[tuple[Any, ...]]:
        try:
            with self._looking:
                reader = self._reader or self._open_reader()
                return reader.execute(select, arguments).fetchall()
        except sqlite3.Error as error:
            if str(error).startswith("no such table: "):
                return []
            raise self._fault(error) from error

    def _open_reader(self) -> sqlite3.Connection:
        self._require_database()
        reader = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        reader.execute("PRAGMA query_only = ON")
        self._reader = reader
        return reader

    def _open_writer(self) -> "_Writer":
        self._require_database()
        try:
            self._writer = _Writer(self.path)
        except OSError as error:
            raise Fault(f"{self.path.parent} cannot be written: {error.strerror}") from error
        return self._writer

    @contextlib.contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise self._fault(error) from error

    def _fault(self, error: sqlite3.Error) -> Fault:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
            return StorageFull("no room for settings")
        return Fault(f"{self.path} cannot be used: {error}")

    def _require_database(self) -> None:
        """Let SQLite say what is wrong with the file; sqlitedict lets a thread die of it."""
        if not self.path.exists():  # SQLite would let everybody read it
            with contextlib.suppress(OSError):  # whatever it is, SQLite says it better
                os.close(os.open(self.path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
        with contextlib.closing(sqlite3.connect(self.path)) as connection:
            connection.execute("PRAGMA schema_version").fetchone()


class Change:
    """What a block of `Settings.changing` works with: it sees its own changes, nobody else does."""

    def __init__(self, tables: "_Tables") -> None:
        self._tables = tables

    def get(self, table: str, name: str) -> Document | None:
        """Return a document, or None."""
        found: Document | None = self._tables[table].get(name)
        return found

    def put(self, table: str, name: str, document: Document) -> None:
        """Write a document."""
        self._tables[table][name] = document

    def delete(self, table: str, name: str) -> None:
        """Remove a document; an absent one is fine."""
        with contextlib.suppress(KeyError):
            del self._tables[table][name]

    def scan(self, table: str, prefix: str = "") -> Iterator[tuple[str, Document]]:
        """The documents whose names begin like this, sorted by name."""
        select = _select("key, value", table, _IN_RANGE)
        for name, text in list(self._tables[table].conn.select(select, (prefix, prefix + _LAST))):
            yield name, json.loads(text)

    def count(self, table: str, prefix: str = "") -> int:
        """How many documents have names that begin like this."""
        select = _select("count(*)", table, _IN_RANGE)
        found = self._tables[table].conn.select_one(select, (prefix, prefix + _LAST))
        return int(found[0])


class _Writer:
    """Sqlitedict's thread, the tables that were used, and the right to write."""

    def __init__(self, path: Path) -> None:
        self._turn = Turn(path)
        self._connection = _Connection(
            str(path), autocommit=False, journal_mode="WAL", outer_stack=False
        )
        self._tables = _Tables(path, self._connection)
        # What is deleted may have been sealed under a key that is known to others by now.
        for pragma in ("synchronous = FULL", "secure_delete = ON"):
            self._connection.select_one(f"PRAGMA {pragma}")

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Change]:
        """Commit what is done in the block, or take all of it back."""
        with self._turn:
            self._connection.select_one("BEGIN IMMEDIATE")
            try:
                yield Change(self._tables)
                # Statements without a result are not waited for, and neither are their errors.
                self._connection.select_one("SELECT 1")
                self._connection.select_one("COMMIT")
            except BaseException:
                self._tables.clear()  # some may just have been made
                self._roll_back()
                raise

    def empty_log(self) -> None:
        """Copy the log into the database and cut it off."""
        with self._turn:
            self._connection.select_one("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """End the thread."""
        self._tables.clear()
        self._connection.close()
        self._turn.close()

    def _roll_back(self) -> None:
        for _ in range(2):  # the first call may only tell what became of the last statement
            with contextlib.suppress(sqlite3.Error):
                self._connection.select_one("ROLLBACK")
                return


class _Connection(SqliteMultithread):  # type: ignore[misc]  # sqlitedict has no types
    """A connection that commits when it is told `COMMIT`: a thread does not survive errors else."""

    def commit(self, blocking: bool = True) -> None:
        """Do nothing: tables call this when they are made."""


class _Table(SqliteDict):  # type: ignore[misc]  # sqlitedict has no types
    """A table over the connection of all of them; made inside a transaction if there is none."""

    def __init__(self, path: Path, name: str, connection: _Connection) -> None:
        self._connection = connection
        super().__init__(
            str(path), tablename=name, encode=_encode, decode=json.loads, outer_stack=False
        )

    def _new_conn(self) -> _Connection:
        return self._connection

    def close(self, do_log: bool = True, force: bool = False) -> None:
        """Do nothing: the connection is not this table's."""


class _Tables(dict[str, _Table]):
    """Tables by name."""

    def __init__(self, path: Path, connection: _Connection) -> None:
        self._path = path
        self._connection = connection

    def __missing__(self, name: str) -> _Table:
        table = self[name] = _Table(self._path, name, self._connection)
        return table


def _select(columns: str, table: str, condition: str) -> str:
    quoted = table.replace('"', '""')
    return f'SELECT {columns} FROM "{quoted}" WHERE {condition} ORDER BY key'  # noqa: S608 - a table cannot be a parameter


def _encode(document: Document) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
