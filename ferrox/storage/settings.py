"""Settings: small JSON documents under (table, name) in settings.db; the only user of sqlitedict.

sqlitedict runs one thread and one connection for each table, so tables are opened when they are
first asked for. Three of its habits are overruled here: values are JSON, never pickle; every
change is a commit of its own that is on the drive when the call returns (it sets
`synchronous=OFF`, which is set back to FULL); the journal is a WAL, so that readers do not wait.

Every method blocks: a look-up for some tens of µs, a change for an `fsync`. On the event loop only
look-ups are welcome.
"""

import contextlib
import json
import os
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlitedict import SqliteDict

from ferrox.errors import Fault, StorageFull

Document = dict[str, Any]


class Settings:
    """The documents of one data directory."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._tables: dict[str, SqliteDict] = {}
        # sqlitedict reports a failure to whoever calls next: so there is only one caller at a time.
        self._lock = threading.Lock()

    def get(self, table: str, name: str) -> Document | None:
        """Return a document, or None."""
        with self._using(table) as documents:
            try:
                document: Document = documents[name]
            except KeyError:
                return None
            return document

    def put(self, table: str, name: str, document: Document) -> None:
        """Write a document; it is durable on return."""
        with self._using(table) as documents:
            documents[name] = document

    def delete(self, table: str, name: str) -> None:
        """Remove a document; an absent one is fine."""
        with self._using(table) as documents, contextlib.suppress(KeyError):
            del documents[name]

    def names(self, table: str) -> list[str]:
        """The names in a table, sorted."""
        with self._using(table) as documents:
            return sorted(documents)

    def close(self) -> None:
        """End the threads and close the database."""
        with self._lock:
            while self._tables:
                documents = self._tables.popitem()[1]
                thread = documents.conn
                documents.close()
                thread.join()  # nobody should fork with a thread that is about to end

    @contextlib.contextmanager
    def _using(self, table: str) -> Iterator[SqliteDict]:
        with self._lock:
            try:
                yield self._table(table)
            except sqlite3.Error as error:
                if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
                    raise StorageFull("no room for settings") from error
                raise Fault(f"{self._path} cannot be used: {error}") from error

    def _table(self, table: str) -> SqliteDict:
        found = self._tables.get(table)
        if found is None:
            self._require_database()
            found = self._tables[table] = SqliteDict(
                str(self._path),
                tablename=table,
                autocommit=True,
                journal_mode="WAL",
                encode=_encode,
                decode=json.loads,
                outer_stack=False,
            )
            found.conn.execute("PRAGMA synchronous=FULL")
        return found

    def _require_database(self) -> None:
        """Let SQLite say what is wrong with the file; sqlitedict lets a thread die of it."""
        if not self._path.exists():  # SQLite would let everybody read it
            with contextlib.suppress(OSError):  # whatever it is, SQLite says it better
                os.close(os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
        with contextlib.closing(sqlite3.connect(self._path)) as connection:
            connection.execute("PRAGMA schema_version").fetchone()


def _encode(document: Document) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
