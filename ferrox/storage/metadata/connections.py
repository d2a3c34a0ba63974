"""Connections: how index.db is made, migrated and opened, with the settings all of them share."""

import os
import sqlite3
from pathlib import Path
from typing import TypeVar

from ferrox.errors import StartError
from ferrox.storage.metadata.schema import migrate
from ferrox.storage.metadata.transaction import Tx
from ferrox.storage.room import Room

OLDEST_SQLITE = (3, 37, 0)
"""The first version that knows STRICT tables."""

PAGE_BYTES = 4096

WAL_LIMIT_BYTES = 64 * 1024 * 1024
"""How long the log may become, as a rule."""

_BUSY_TIMEOUT_S = 30.0
_CACHED_STATEMENTS = 256
_WRITER_CACHE_KIB = 16 * 1024
_READER_CACHE_KIB = 8 * 1024

C = TypeVar("C", bound=sqlite3.Connection)


def open_reader(path: Path) -> sqlite3.Connection:
    """Open one more connection, for reading and for copying the log back."""
    return _connect(path, sqlite3.Connection, _READER_CACHE_KIB)


def _connect(path: Path, kind: type[C], cache_kib: int) -> C:
    connection = sqlite3.connect(
        path,
        timeout=_BUSY_TIMEOUT_S,
        isolation_level=None,
        check_same_thread=False,
        factory=kind,
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


def prepare(path: Path, room: Room) -> Tx:
    """Create the file, readable by nobody else, and migrate it. Return the writer. Blocks."""
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        oldest = ".".join(map(str, OLDEST_SQLITE))
        raise StartError(f"SQLite {sqlite3.sqlite_version} is too old: {oldest} is needed")
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        writer = _connect(path, Tx, _WRITER_CACHE_KIB)
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
