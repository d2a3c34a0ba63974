"""Scrubbing: what a pass of the scrub goes through, page by page, and how far it is.

The pages are short, each in a snapshot of its own: a pass takes days, and a snapshot that is held
keeps the log of the index from being copied back.
"""

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, NamedTuple

from ferrox.errors import DataCorrupted
from ferrox.records import Encryption, Extent, WrappedKey
from ferrox.storage import sealing
from ferrox.storage.metadata import findings, manifest
from ferrox.storage.metadata.connections import open_reader
from ferrox.storage.metadata.database import Reader, Tx
from ferrox.storage.metadata.findings import Name
from ferrox.storage.metadata.versions import crc32c, decode_encryption

KEPT_PASSES = 10

ROWS_AT_ONCE = 200
"""Versions or parts of a page: some milliseconds on a thread, with manifests of usual length."""

INLINE_AT_ONCE = 50
"""Versions whose bytes lie in the index, of a page: up to 3 MiB."""

BLOBS_AT_ONCE = 200

COUNTED_AT_ONCE = 20_000

ROW_BYTES = 256
"""What a row counts for, beside its manifest, where the pace is one of bytes."""

_BLOB_COLUMNS = "SELECT name, size_bytes, kek_id, wrapped_key FROM blobs"
_BLOBS = f"{_BLOB_COLUMNS} WHERE name > ? ORDER BY name LIMIT ?"
_BLOB = f"{_BLOB_COLUMNS} WHERE name = ?"
_INLINE = (
    "SELECT version, data, crc32c, kek_id, size_bytes, encryption"
    " FROM inline_data JOIN versions USING (version)"
    " WHERE version > ? ORDER BY version LIMIT ?"
)
_VERSIONS = (
    "SELECT version, size_bytes, manifest,"
    " EXISTS (SELECT 1 FROM inline_data WHERE inline_data.version = versions.version)"
    " FROM versions WHERE version > ? ORDER BY version LIMIT ?"
)
_PARTS = (
    "SELECT upload_id, part_number, size_bytes, manifest FROM parts"
    " WHERE (upload_id, part_number) > (?, ?) ORDER BY upload_id, part_number LIMIT ?"
)
_COUNT_BLOBS = (
    "SELECT count(*), sum(size_bytes), max(name) FROM"
    " (SELECT name, size_bytes FROM blobs WHERE name > ? ORDER BY name LIMIT ?)"
)
_COUNT_INLINE = (
    "SELECT count(*), sum(size_bytes), max(version) FROM (SELECT version, length(data) AS"
    " size_bytes FROM inline_data WHERE version > ? ORDER BY version LIMIT ?)"
)
_CONTEXT = (
    "SELECT encryption, manifest FROM versions JOIN buckets USING (bucket_id)"
    " WHERE buckets.name = ? AND key = ? AND encryption IS NOT NULL AND manifest IS NOT NULL"
)
_LATEST = "SELECT pass, state FROM scrub_passes ORDER BY pass DESC LIMIT ?"
_KEEP = "INSERT OR REPLACE INTO scrub_passes (pass, state) VALUES (?, ?)"
_FORGET = "DELETE FROM scrub_passes WHERE pass <= ?"


class Phase(NamedTuple):
    """A part of a pass, and the kinds of findings it has judged when it is over."""

    name: str
    kinds: tuple[str, ...] = ()


PHASES = (
    Phase("known"),
    Phase("count"),
    Phase("databases", (findings.DATABASE,)),
    Phase("versions", (findings.VERSION,)),
    Phase("parts", (findings.UPLOAD,)),
    Phase("inline", (findings.INLINE,)),
    Phase("blobs", (findings.BLOB,)),
)
"""In this order: what was found before first, so that what was mended is soon forgotten."""


class Pass(NamedTuple):
    """How far a pass is, or what came of it.

    ended_ms        None: it is under way, or waits to go on
    phase, after    the part it is in, and the last thing that was looked at; JSON knows both
    done_bytes      verified so far, of blobs and of what lies in the index
    total_bytes     of both, as they were counted; None: not yet
    unopened_count  blobs and inline objects whose seals were not tried, for want of their keys
    problem_count   of what was looked at, what is damaged
    """

    number: int
    began_ms: int
    ended_ms: int | None = None
    phase: int = 0
    after: Any = None
    done_bytes: int = 0
    total_bytes: int | None = None
    blob_count: int = 0
    inline_count: int = 0
    version_count: int = 0
    unopened_count: int = 0
    problem_count: int = 0


class BlobRow(NamedTuple):
    """What the index says of a blob."""

    name: bytes
    size_bytes: int
    key: WrappedKey | None


class InlineRow(NamedTuple):
    """Bytes that lie in the index, and what it says of them."""

    version: int
    data: bytes
    crc32c: int
    kek_id: str | None
    size_bytes: int
    encryption: Any
    """an `Encryption`, or None"""


class Looked(NamedTuple):
    """A page of rows that were judged: how many, how much it was, what is wrong, the last one."""

    row_count: int
    size_bytes: int
    problems: list[tuple[str, Name, str]]
    last: Any


# What there is


def blobs(reader: Reader, after: bytes) -> list[BlobRow]:
    """Return some blobs, in order of their names."""
    return [_blob(row) for row in reader.execute(_BLOBS, (after, BLOBS_AT_ONCE))]


def blob(reader: Reader, name: bytes) -> BlobRow | None:
    """Return a blob, if it is still named."""
    row = reader.execute(_BLOB, (name,)).fetchone()
    return None if row is None else _blob(row)


def _blob(row: Sequence[Any]) -> BlobRow:
    name, size_bytes, kek_id, wrapped = row
    return BlobRow(name, size_bytes, None if kek_id is None else WrappedKey(kek_id, wrapped))


def inline(reader: Reader, after: int, limit: int = INLINE_AT_ONCE) -> list[InlineRow]:
    """Return some bytes that lie in the index, in order of their versions."""
    rows = map(InlineRow._make, reader.execute(_INLINE, (after, limit)))
    return [row._replace(encryption=decode_encryption(row.encryption)) for row in rows]


def count(reader: Reader, *, is_inline: bool, after: Any) -> tuple[int, Any]:
    """Return how many bytes some blobs, or versions inside the index, have, and the last one."""
    select = _COUNT_INLINE if is_inline else _COUNT_BLOBS
    rows, size_bytes, last = reader.execute(select, (after, COUNTED_AT_ONCE)).fetchone()
    return size_bytes or 0, last if rows == COUNTED_AT_ONCE else None


def encryption_of(reader: Reader, bucket: str, key: str, name: bytes) -> Encryption | None:
    """How a blob is sealed, if a version of this key names it."""
    for encryption, packed in reader.execute(_CONTEXT, (bucket, key)):
        if name in manifest.names(packed):
            return decode_encryption(encryption)
    return None


# Judged


def versions(reader: Reader, after: int, limit: int = ROWS_AT_ONCE) -> Looked:
    """Judge some versions: their manifests are whole, and name what is there."""
    problems: list[tuple[str, Name, str]] = []
    size_bytes, last, rows = 0, None, reader.execute(_VERSIONS, (after, limit)).fetchall()
    for version, version_bytes, packed, is_inline in rows:
        last = version
        size_bytes += ROW_BYTES + len(packed or b"")
        if packed is None and version_bytes and not is_inline:
            problem: str | None = f"version {version} has not the bytes it should have"
        else:
            problem = _judge(reader, packed, None if is_inline else version_bytes)
        if problem:
            problems.append((findings.VERSION, version, problem))
    return Looked(len(rows), size_bytes, problems, last)


def parts(reader: Reader, after: tuple[str, int], limit: int = ROWS_AT_ONCE) -> Looked:
    """Judge some parts of uploads in the same way."""
    problems: list[tuple[str, Name, str]] = []
    size_bytes, last, rows = 0, None, reader.execute(_PARTS, (*after, limit)).fetchall()
    for upload_id, number, part_bytes, packed in rows:
        last = (upload_id, number)
        size_bytes += ROW_BYTES + len(packed or b"")
        if problem := _judge(reader, packed, part_bytes):
            problems.append((findings.UPLOAD, upload_id, f"part {number}: {problem}"))
    return Looked(len(rows), size_bytes, problems, last)


def _judge(reader: Reader, packed: bytes | None, size_bytes: int | None) -> str | None:
    """What is wrong with a manifest; `size_bytes` is what it should hold, None: anything."""
    try:
        extents = manifest.unpack(packed)
        found_bytes = sum(extent.size_bytes for extent in extents)
    except DataCorrupted as fault:
        return str(fault)
    if size_bytes is not None and found_bytes != size_bytes:
        return f"its manifest holds {found_bytes} bytes where {size_bytes} are wanted"
    return next((problem for one in extents if (problem := _judge_extent(reader, one))), None)


def _judge_extent(reader: Reader, extent: Extent) -> str | None:
    found = blob(reader, extent.blob_name)
    if found is None:
        return f"the index does not know blob {extent.blob_name.hex()}, which it names"
    if extent.offset_bytes + extent.size_bytes > found.size_bytes:
        return f"it reaches beyond the end of blob {extent.blob_name.hex()}"
    return None


def judge_inline(row: InlineRow) -> str | None:
    """What is wrong with bytes in the index, as far as that can be told without a key."""
    text = f"the inline bytes of version {row.version}"
    if crc32c(row.data) != row.crc32c:
        return f"{text} fail their CRC-32C"
    try:
        found_bytes = sealing.plain_bytes(row.data, row.encryption)
        kek_id = row.encryption and sealing.parse_inline(row.data).key.kek_id
    except DataCorrupted as fault:
        return f"{text}: {fault}"
    if found_bytes != row.size_bytes:
        return f"{text} are {found_bytes} where {row.size_bytes} are wanted"
    if kek_id != row.kek_id:
        return f"{text} are sealed under another key than the index says"
    return None


class QuickCheck:
    """`PRAGMA quick_check` of a database, table by table, on a connection of its own."""

    def __init__(self, path: Path) -> None:
        self.is_stopped = False
        self._path = path
        self._connection: sqlite3.Connection | None = None

    def run(self) -> tuple[str | None, bool]:
        """Return what is wrong, None if nothing is, and whether it came to its end. Blocks."""
        about = ""
        try:
            with closing(open_reader(self._path)) as connection:
                self._connection = connection
                tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
                for (table,) in tables.fetchall():
                    if self.is_stopped:
                        return None, False
                    about = f"table {table}: "
                    quoted = table.replace("'", "''")
                    (said,) = connection.execute(f"PRAGMA quick_check('{quoted}')").fetchone()
                    if self.is_stopped:  # an interruption may be told as a problem
                        return None, False
                    if said != "ok":
                        return about + " ".join(said.split()), True
        except sqlite3.Error as error:
            return (
                (None, False) if self.is_stopped else (f"{about}it cannot be read: {error}", True)
            )
        finally:
            self._connection = None
        return None, True

    def log_bytes(self) -> int:
        """How long the log of the database is."""
        try:
            return self._path.with_name(f"{self._path.name}-wal").stat().st_size
        except FileNotFoundError:
            return 0

    def stop(self) -> None:
        """End it soon; may be called by any thread."""
        self.is_stopped = True
        if (connection := self._connection) is not None:
            with suppress(sqlite3.ProgrammingError):  # closed in this moment
                connection.interrupt()


# How far it is


def passes(reader: Reader, limit: int = KEPT_PASSES) -> list[Pass]:
    """Return the last passes, the newest first."""
    return [
        Pass(number, **json.loads(state)) for number, state in reader.execute(_LATEST, (limit,))
    ]


def keep(tx: Tx, one: Pass) -> None:
    """Remember how far a pass is, and forget the oldest one too many."""
    state = one._asdict()
    number = state.pop("number")
    tx.execute(_KEEP, (number, json.dumps(state, separators=(",", ":"))))
    tx.execute(_FORGET, (number - KEPT_PASSES,))
