"""Rows of versions: how records are stored and found. Which one is current, `objects` decides."""

import json
from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import anycrc

from ferrox.errors import DataCorrupted
from ferrox.records import (
    UNLOCKED,
    Checksum,
    Extent,
    Lock,
    PartFacts,
    VersionDraft,
    VersionRecord,
)
from ferrox.storage.metadata import locks, manifest, references
from ferrox.storage.metadata.database import Reader, Tx
from ferrox.storage.metadata.deferred import Deferred

crc32c = anycrc.Model("CRC32C").calc

_COLUMNS = (
    "version, bucket_id, key, version_id, is_delete_marker, size_bytes, modified_ms, etag,"
    " storage_class, owner_id, facts, tags, parts, manifest, retention_mode, retain_until_ms,"
    " legal_hold"
)
_NEWEST = (
    f"SELECT {_COLUMNS} FROM versions WHERE bucket_id = ? AND key = ? ORDER BY version DESC LIMIT 1"
)
_BY_ID = f"SELECT {_COLUMNS} FROM versions WHERE bucket_id = ? AND key = ? AND version_id = ?"
_WITH_INLINE = (
    f"SELECT {_COLUMNS}, data, crc32c FROM versions LEFT JOIN inline_data USING (version)"
)
_NEWEST_WITH_INLINE = (
    f"{_WITH_INLINE} WHERE bucket_id = ? AND key = ? ORDER BY version DESC LIMIT 1"
)
_BY_ID_WITH_INLINE = f"{_WITH_INLINE} WHERE bucket_id = ? AND key = ? AND version_id = ?"
_INLINE = "SELECT data, crc32c FROM inline_data WHERE version = ?"
_INSERT = (
    "INSERT INTO versions (bucket_id, key, version_id, is_delete_marker, size_bytes, modified_ms,"
    " etag, storage_class, owner_id, facts, tags, parts, manifest, retention_mode,"
    " retain_until_ms, legal_hold) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_INSERT_INLINE = "INSERT INTO inline_data (version, crc32c, data) VALUES (?, ?, ?)"

_AMEND = (
    "UPDATE versions SET tags = ?, retention_mode = ?, retain_until_ms = ?, legal_hold = ?"
    " WHERE version = ?"
)
_LEGAL_HOLDS = (None, True, False)
"""What `legal_hold` means: the number in the column is the index here."""

SET_ACL = "UPDATE versions SET acl = ? WHERE version = ?"

encode_json = json.JSONEncoder(separators=(",", ":")).encode
decode_json = json.JSONDecoder().decode


class Body(NamedTuple):
    """The bytes of a version about to be inserted: inline, or in extents already counted."""

    size_bytes: int
    inline: bytes | None = None
    extents: Sequence[Extent] = ()
    parts: Sequence[PartFacts] = ()


class Row(NamedTuple):
    """What it takes to remove a version."""

    version: int
    is_delete_marker: bool
    manifest: bytes | None
    lock: Lock


def find(
    reader: Reader, bucket_id: int, key: str, version_id: str | None, *, with_inline: bool = False
) -> VersionRecord | None:
    """Return one version of a key, the newest one if none is named; it may be a delete marker."""
    if version_id is None:
        select = _NEWEST_WITH_INLINE if with_inline else _NEWEST
        row = reader.execute(select, (bucket_id, key)).fetchone()
    else:
        select = _BY_ID_WITH_INLINE if with_inline else _BY_ID
        row = reader.execute(select, (bucket_id, key, version_id)).fetchone()
    if row is None:
        return None
    if not with_inline:
        return _record(row, None)
    *columns, data, expected = row
    return _record(columns, None if data is None else _verified(columns[0], data, expected))


def inline_data(reader: Reader, version: int) -> bytes | None:
    """Return the bytes of a version that lie in the index; None if none do, or it is gone."""
    row = reader.execute(_INLINE, (version,)).fetchone()
    return None if row is None else _verified(version, *row)


def exists(reader: Reader, version: int) -> bool:
    """Whether this version is still there. Numbers are never used again."""
    select = "SELECT 1 FROM versions WHERE version = ?"
    return reader.execute(select, (version,)).fetchone() is not None


def null_row(tx: Tx, bucket_id: int, key: str) -> Row | None:
    """Return the null version of a key."""
    return named_row(tx, bucket_id, key, "null")


def named_row(tx: Tx, bucket_id: int, key: str, version_id: str) -> Row | None:
    """Return a version by its id."""
    row = tx.execute(
        "SELECT version, is_delete_marker, manifest, retention_mode, retain_until_ms, legal_hold"
        " FROM versions WHERE bucket_id = ? AND key = ? AND version_id = ?",
        (bucket_id, key, version_id),
    ).fetchone()
    return None if row is None else Row(row[0], bool(row[1]), row[2], _lock(*row[3:]))


def insert(
    tx: Tx, bucket_id: int, draft: VersionDraft, version_id: str, body: Body, *, now_ms: int
) -> VersionRecord:
    """Add the newest version of a key."""
    version = tx.execute(
        _INSERT,
        (
            bucket_id,
            draft.key,
            version_id,
            0,
            body.size_bytes,
            now_ms,
            draft.etag,
            draft.storage_class,
            draft.owner_id,
            encode_facts(draft),
            encode_json(draft.tags) if draft.tags else None,
            encode_json(body.parts) if body.parts else None,
            manifest.pack(body.extents),
            *_lock_columns(draft.lock),
        ),
    ).lastrowid
    if body.inline:
        tx.execute(_INSERT_INLINE, (version, crc32c(body.inline), body.inline))
    if draft.acl is not None:
        tx.execute(SET_ACL, (encode_json(draft.acl), version))
    return VersionRecord(
        version or 0,
        bucket_id,
        draft.key,
        version_id,
        False,
        body.size_bytes,
        now_ms,
        draft.etag,
        draft.storage_class,
        draft.owner_id,
        draft.headers,
        draft.user_metadata,
        draft.tags,
        draft.checksum,
        body.parts,
        body.extents,
        lock=draft.lock,
    )


def insert_delete_marker(tx: Tx, bucket_id: int, key: str, version_id: str, now_ms: int) -> None:
    """Add a newest version that hides the key."""
    nothing = (0, now_ms, "", "", "", None, None, None, None, None, None, 0)
    tx.execute(_INSERT, (bucket_id, key, version_id, 1, *nothing))


def amend(tx: Tx, amended: VersionRecord) -> None:
    """Store the tags and the lock of a version anew."""
    tags = encode_json(amended.tags) if amended.tags else None
    tx.execute(_AMEND, (tags, *_lock_columns(amended.lock), amended.version))


def remove(tx: Tx, row: Row, now_ms: int, *, bypass: bool = False) -> None:
    """Take a version away, and its bytes, unless something else needs them.

    bypass  the caller may bypass GOVERNANCE, and says so
    raises  AccessDenied when the version is locked, whoever asks, and for whatever reason
    """
    locks.require_unlocked(row.lock, now_ms, bypass=bypass)
    tx.execute("DELETE FROM versions WHERE version = ?", (row.version,))
    if row.manifest:
        references.drop(tx, manifest.unpack(row.manifest), now_ms)
    elif not row.is_delete_marker:
        tx.execute("DELETE FROM inline_data WHERE version = ?", (row.version,))


def encode_facts(draft: VersionDraft) -> str | None:
    """Return headers, user metadata and checksum as JSON; None when there are none of them."""
    facts: dict[str, Any] = {}
    if draft.headers:
        facts["headers"] = draft.headers
    if draft.user_metadata:
        facts["user_metadata"] = draft.user_metadata
    if draft.checksum is not None:
        facts["checksum"] = draft.checksum
    return encode_json(facts) if facts else None


def decode_facts(
    facts: str | None,
) -> tuple[dict[str, str], dict[str, str], Checksum | None]:
    """Return headers, user metadata and checksum."""
    if facts is None:
        return {}, {}, None
    found = decode_json(facts)
    checksum = found.get("checksum")
    return (
        found.get("headers") or {},
        found.get("user_metadata") or {},
        None if checksum is None else Checksum(*checksum),
    )


def decode_parts(parts: str | None) -> Sequence[PartFacts]:
    """Return what is known of the parts; of many, when it is looked at."""
    if parts is None:
        return ()
    if len(parts) > manifest.DEFERRED_FROM_BYTES:
        return Deferred(partial(_decode_all_parts, parts))
    return _decode_all_parts(parts)


def _decode_all_parts(parts: str) -> tuple[PartFacts, ...]:
    return tuple(map(PartFacts._make, decode_json(parts)))


def decode_tags(tags: str | None) -> dict[str, str]:
    """Return tags from their stored form."""
    return {} if tags is None else dict(decode_json(tags))


def _record(row: Sequence[Any], inline: bytes | None) -> VersionRecord:
    (
        version,
        bucket_id,
        key,
        version_id,
        is_delete_marker,
        size_bytes,
        modified_ms,
        etag,
        storage_class,
        owner_id,
        facts,
        tags,
        parts,
        packed,
        *lock,
    ) = row
    headers, user_metadata, checksum = decode_facts(facts)
    return VersionRecord(
        version,
        bucket_id,
        key,
        version_id,
        is_delete_marker == 1,
        size_bytes,
        modified_ms,
        etag,
        storage_class,
        owner_id,
        headers,
        user_metadata,
        decode_tags(tags),
        checksum,
        decode_parts(parts),
        () if packed is None else manifest.unpack(packed),
        inline,
        _lock(*lock),
    )


def _lock(mode: str | None, retain_until_ms: int | None, legal_hold: int) -> Lock:
    if mode is None and not legal_hold:
        return UNLOCKED
    return Lock(mode, retain_until_ms, _LEGAL_HOLDS[legal_hold])


def _lock_columns(lock: Lock) -> tuple[str | None, int | None, int]:
    return lock.mode, lock.retain_until_ms, _LEGAL_HOLDS.index(lock.legal_hold)


def _verified(version: int, data: bytes, expected: int) -> bytes:
    if crc32c(data) != expected:
        raise DataCorrupted(f"the inline bytes of version {version} fail their CRC-32C")
    return data
