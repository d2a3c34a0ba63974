"""The databases of a data directory, as of one instant, while others write them.

Which of the two first? Neither. Rows of the index name keys and accounts that are in settings.db:
copied first, settings would lack a key made meanwhile; copied last, they would lack one that was
removed meanwhile, when nothing was under it any more, but something still was in the copy of the
index. So whoever copies takes the turn to write settings.db (see `metadata.turn`), opens a
transaction that reads on each database, and gives the turn back: for these microseconds settings.db
stood still, so both show a state that was there at one time. The log (WAL) keeps that state for its
readers; the online backup of SQLite, whose source is already in a transaction, copies it at
leisure, and never begins anew because somebody writes. What it costs is that the logs cannot be
begun anew until the copies are made.

The key file is read in the same turn, as it is changed only by who has that.
"""

import contextlib
import errno
import hashlib
import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import anycrc

from ferrox.clock import Clock
from ferrox.errors import DataCorrupted, StartError
from ferrox.storage.backup.place import FileProof
from ferrox.storage.identities import key_ring, root
from ferrox.storage.identities.outer_key import is_key_file
from ferrox.storage.metadata.schema import MIGRATIONS
from ferrox.storage.metadata.turn import Turn

INDEX = "index.db"
SETTINGS = "settings.db"
KEY_FILE = "settings.key"
DATABASES = (INDEX, SETTINGS)

Progress = Callable[[int, int], None]
"""Told how much is done, and how much there is."""

_WAIT_S = 30.0
_PAGES_AT_ONCE = 4096

_crc32c = anycrc.Model("CRC32C").calc


def no_progress(_done: int, _total: int) -> None:
    """Nobody wants to know."""


class Pinned(NamedTuple):
    """Both databases as of one instant.

    settings_reader  None: there is none yet
    secrets          what they are sealed under: "key file", "passphrase", or "nothing"
    key_file         what the key file holds, if it seals
    source           tells this data directory from all others
    """

    created_ms: int
    index_reader: sqlite3.Connection
    settings_reader: sqlite3.Connection | None
    secrets: str
    key_file: bytes | None
    source: str
    index_format: int


@contextlib.contextmanager
def pinned(data_dir: Path, clock: Clock) -> Iterator[Pinned]:
    """The databases for the length of a block; StartError."""
    if not (data_dir / INDEX).exists():
        raise StartError(f"there is no data directory at {data_dir.absolute()}")
    with contextlib.ExitStack() as stack:
        try:
            pinned = _pin(data_dir, clock, stack)
        except OSError as error:
            raise StartError(
                f"data directory {data_dir} cannot be used: {error.strerror}"
            ) from error
        if pinned.index_format > len(MIGRATIONS):
            raise StartError(f"{data_dir} was written by a newer ferroxd")
        yield pinned


def _pin(data_dir: Path, clock: Clock, stack: contextlib.ExitStack) -> Pinned:
    """Begin to read both databases; it ends with the stack."""
    turn = Turn(data_dir / SETTINGS)
    stack.callback(turn.close)
    with turn:
        settings = None
        if (data_dir / SETTINGS).exists():
            settings = stack.enter_context(_reading(data_dir / SETTINGS))
        index = stack.enter_context(_reading(data_dir / INDEX))
        created_ms = clock.now_ms()
        secrets, key_file = _secrets(data_dir, settings)
    (index_format,) = index.execute("PRAGMA user_version").fetchone()
    source = _source(settings)
    return Pinned(created_ms, index, settings, secrets, key_file, source, index_format)


def copy(source: sqlite3.Connection, target: Path, progress: Progress = no_progress) -> None:
    """Copy a pinned database into a new file of mode 0600; it is durable on return.

    It may be damaged as its source is: see `require_sound`, which needs nothing pinned any more.
    """
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))

    def tell(_status: int, left: int, total: int) -> None:
        progress(total - left, total)

    with _damage(target.name), contextlib.closing(sqlite3.connect(target)) as copied:
        for pragma in ("journal_mode = OFF", "synchronous = OFF"):  # it is synced below, at once
            copied.execute(f"PRAGMA {pragma}").fetchall()
        source.backup(copied, pages=_PAGES_AT_ONCE, progress=tell)
    sync_file(target)


def prove(path: Path) -> FileProof:
    """Length and SHA-256 of a file."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return FileProof(file.tell(), digest)


def sync_file(path: Path) -> None:
    """Make a file durable that others wrote."""
    fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def require_sound(path: Path) -> None:
    """DataCorrupted if a database that nobody writes is not whole."""
    with opened(path) as connection, _damage(path.name):
        found = connection.execute("PRAGMA quick_check(1)").fetchone()
        if found != ("ok",):
            raise DataCorrupted(f"{path.name} is damaged: {found[0]}")


def damaged_inline(index: sqlite3.Connection) -> list[int]:
    """The versions whose bytes lie in the index and fail their CRC-32C."""
    with _damage(INDEX):
        rows = index.execute("SELECT version, crc32c, data FROM inline_data")
        return [version for version, crc32c, data in rows if _crc32c(data) != crc32c]


@contextlib.contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """A database that nobody writes, without leaving anything beside it."""
    uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    with contextlib.closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as connection:
        yield connection


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection whose transaction has begun, so that it sees one state until it ends."""
    uri = f"{path.absolute().as_uri()}?mode=ro"
    try:
        connection = sqlite3.connect(uri, uri=True, timeout=_WAIT_S, isolation_level=None)
    except sqlite3.Error as error:
        raise StartError(f"{path} cannot be opened: {error}") from error
    with contextlib.closing(connection):
        try:
            connection.execute("BEGIN")
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.Error as error:
            raise StartError(f"{path} cannot be read: {error}") from error
        yield connection


def _secrets(data_dir: Path, settings: sqlite3.Connection | None) -> tuple[str, bytes | None]:
    """What secrets are sealed under, and the key file if it is that.

    One that is there beside a passphrase was left by a rotation that was cut off.
    """
    ring = _document(settings, key_ring.TABLE, key_ring.RING)
    if ring is not None and not is_key_file(ring["outer"]):
        return "passphrase", None
    with contextlib.suppress(FileNotFoundError):
        return "key file", (data_dir / KEY_FILE).read_bytes()
    return "nothing", None


def _source(settings: sqlite3.Connection | None) -> str:
    account = _document(settings, root.ACCOUNTS, root.ROOT)
    if account is None:
        raise StartError("this data directory has never been served: there is nothing to back up")
    return hashlib.sha256(account["canonical_id"].encode()).hexdigest()[:32]


def _document(settings: sqlite3.Connection | None, table: str, name: str) -> dict[str, Any] | None:
    """A document, as `storage.settings` stores them."""
    if settings is None:
        return None
    try:
        select = f'SELECT value FROM "{table}" WHERE key = ?'  # noqa: S608 - names of our own
        row = settings.execute(select, (name,)).fetchone()
    except sqlite3.OperationalError:  # there is no such table yet
        return None
    found: dict[str, Any] | None = None if row is None else json.loads(row[0])
    return found


@contextlib.contextmanager
def _damage(name: str) -> Iterator[None]:
    """What an error of SQLite means: there is no room for the copy, or its source is damaged."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), name) from error
        raise DataCorrupted(f"{name} cannot be copied whole: {error}") from error
