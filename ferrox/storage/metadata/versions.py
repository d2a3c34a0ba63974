"""Rows of versions: how records are stored and found. Which one is current, `objects` decides."""

import json
from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import anycrc

from ferrox.errors import DataCorrupted, SourceChanged
from ferrox.records import (
    UNLOCKED,
    Checksum,
    Encryption,
    Extent,
    Lock,
    PartFacts,
    VersionDraft,
    VersionRecord,
    WrappedKey,
)
from ferrox.storage import sealing
from ferrox.storage.metadata import locks, manifest, references
from ferrox.storage.metadata.database import Reader, Tx
from ferrox.storage.metadata.deferred import Deferred

crc32c = anycrc.Model("CRC32C").calc

_COLUMNS = (
    "version, bucket_id, key, version_id, is_delete_marker, size_bytes, modified_ms, etag,"
    " storage_class, owner_id, facts, tags, parts, manifest, encryption, retention_mode,"
    " retain_until_ms, legal_hold"
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
_ALWAYS_WRITTEN = (
    "version", "bucket_id", "key", "version_id", "is_delete_marker", "size_bytes", "modified_ms",
    "etag", "storage_class", "owner_id", "facts",
)  # fmt: skip
_WRITTEN = (
    *_ALWAYS_WRITTEN, "tags", "parts", "manifest", "encryption", "retention_mode",
    "retain_until_ms", "legal_hold",
)  # fmt: skip


def _inserting(columns: Sequence[str]) -> str:
    return f"INSERT INTO versions ({', '.join(columns)}) VALUES ({', '.join('?' for _ in columns)})"


_INSERT = _inserting(_WRITTEN)
_INSERT_PLAIN = _inserting(_ALWAYS_WRITTEN)
"""Of what has nothing of the rest, as most small objects. Every None or bool that is bound costs:
Python's module asks around first whether anybody has another form for it."""

_REPLACE = (
    f"UPDATE versions SET {', '.join(f'{column} = ?' for column in _WRITTEN)}, acl = NULL"
    " WHERE version = ?"
)
_INSERT_INLINE = "INSERT INTO inline_data (version, crc32c, data) VALUES (?, ?, ?)"
_INSERT_SEALED = "INSERT INTO inline_data (version, crc32c, data, kek_id) VALUES (?, ?, ?, ?)"
_REPLACE_INLINE = (
    "UPDATE inline_data SET version = ?, crc32c = ?, data = ?, kek_id = ? WHERE version = ?"
)
_REMOVE_INLINE = "DELETE FROM inline_data WHERE version = ?"

_SEALED = "SELECT encryption, manifest FROM versions WHERE version = ?"
_RESEAL = "UPDATE versions SET encryption = ?, manifest = ? WHERE version = ?"

_AMEND = (
    "UPDATE versions SET tags = ?, retention_mode = ?, retain_until_ms = ?, legal_hold = ?"
    " WHERE version = ?"
)
_LEGAL_HOLDS = (None, True, False)
"""What `legal_hold` means: the number in the column is the index here."""

ROW_COLUMNS = (
    "version",
    "is_delete_marker",
    "size_bytes",
    "manifest",
    "retention_mode",
    "retain_until_ms",
    "legal_hold",
)
"""What `row` takes."""
_ROW = (
    f"SELECT {', '.join(ROW_COLUMNS)} FROM versions"
    " WHERE bucket_id = ? AND key = ? AND version_id = ?"
)

SET_ACL = "UPDATE versions SET acl = ? WHERE version = ?"

encode_json = json.JSONEncoder(separators=(",", ":")).encode
decode_json = json.JSONDecoder().decode


class Body(NamedTuple):
    """The bytes of a version about to be inserted: inline, or in extents already counted.

    inline  as it is stored: of a sealed version, its sealed form
    key     of a blob that is new, and sealed
    """

    size_bytes: int
    inline: bytes | None = None
    extents: Sequence[Extent] = ()
    parts: Sequence[PartFacts] = ()
    key: WrappedKey | None = None


class Row(NamedTuple):
    """What it takes to remove a version."""

    version: int
    is_delete_marker: bool
    size_bytes: int
    manifest: bytes | None
    lock: Lock

    @property
    def is_inline(self) -> bool:
        """Whether it has bytes, and they lie in the index."""
        return self.manifest is None and self.size_bytes > 0


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
    """Return what lies in the index of a version's bytes, sealed or not; None if nothing does."""
    row = reader.execute(_INLINE, (version,)).fetchone()
    return None if row is None else _verified(version, *row)


def is_unchanged(reader: Reader, record: VersionRecord) -> bool:
    """Whether this version is still there, and its bytes lie where they did, sealed as they were.

    Numbers are never used again, and bytes that were sealed anew lie in no blob that they
    lay in before.
    """
    found = reader.execute(_SEALED, (record.version,)).fetchone()
    if found is None or decode_encryption(found[0]) != record.encryption:
        return False
    return manifest.first(found[1]) == (record.extents[0] if record.extents else None)


def named_row(reader: Reader, bucket_id: int, key: str, version_id: str) -> Row | None:
    """Return a version by its id."""
    found = reader.execute(_ROW, (bucket_id, key, version_id)).fetchone()
    return None if found is None else row(*found)


def row(  # noqa: PLR0917 - columns as ROW_COLUMNS names them
    version: int,
    is_delete_marker: int,
    size_bytes: int,
    packed: bytes | None,
    mode: str | None,
    retain_until_ms: int | None,
    legal_hold: int,
) -> Row:
    """Return the row of a version from its columns."""
    lock = _lock(mode, retain_until_ms, legal_hold)
    return Row(version, is_delete_marker == 1, size_bytes, packed, lock)


def insert(
    tx: Tx,
    bucket_id: int,
    draft: VersionDraft,
    version_id: str,
    body: Body,
    *,
    now_ms: int,
    replaced: Row | None = None,
) -> VersionRecord:
    """Add the newest version of a key.

    replaced  the version whose place it takes; to change a row costs half of removing it and adding
              another one
    raises    AccessDenied when that is locked
    """
    version = tx.next_version()
    record = _made(version, bucket_id, draft, version_id, body, now_ms)
    always = (*record[:4], 0, *record[5:10], encode_facts(draft))
    seldom = (
        encode_json(draft.tags) if draft.tags else None,
        encode_json(body.parts) if body.parts else None,
        manifest.pack(body.extents),
        encode_encryption(draft.encryption),
        *_lock_columns(draft.lock),
    )
    if replaced is not None:
        if replaced.lock is not UNLOCKED:
            locks.require_unlocked(replaced.lock, now_ms, bypass=False)
        tx.execute(_REPLACE, (*always, *seldom, replaced.version))
    elif any(seldom):
        tx.execute(_INSERT, (*always, *seldom))
    else:
        tx.execute(_INSERT_PLAIN, always)
    _put_inline(tx, version, body.inline, draft.encryption, replaced)
    if replaced is not None and replaced.manifest:
        references.drop(tx, manifest.unpack(replaced.manifest), now_ms)
    if draft.acl is not None:
        tx.execute(SET_ACL, (encode_json(draft.acl), version))
    return record


def _made(  # noqa: PLR0917 - one record out of its parts
    version: int, bucket_id: int, draft: VersionDraft, version_id: str, body: Body, now_ms: int
) -> VersionRecord:
    """The record of a version; its first ten fields are the first ten of _WRITTEN."""
    return VersionRecord(
        version,
        bucket_id,
        draft.key,
        version_id,
        False,
        body.size_bytes,
        draft.modified_ms or now_ms,
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
        encryption=draft.encryption,
    )


def _put_inline(
    tx: Tx,
    version: int,
    data: bytes | None,
    encryption: Encryption | None,
    replaced: Row | None,
) -> None:
    place = replaced.version if replaced is not None and replaced.is_inline else None
    if data:
        kek_id = None if encryption is None else sealing.parse_inline(data).key.kek_id
        columns = (version, crc32c(data), data)
        if place is not None:
            tx.execute(_REPLACE_INLINE, (*columns, kek_id, place))
        elif kek_id is not None:
            tx.execute(_INSERT_SEALED, (*columns, kek_id))
        else:
            tx.execute(_INSERT_INLINE, columns)
    elif place is not None:
        tx.execute(_REMOVE_INLINE, (place,))


def insert_delete_marker(tx: Tx, bucket_id: int, key: str, version_id: str, now_ms: int) -> None:
    """Add a newest version that hides the key."""
    nothing = (0, now_ms, "", "", "", None, None, None, None, None, None, None, 0)
    tx.execute(_INSERT, (tx.next_version(), bucket_id, key, version_id, 1, *nothing))


def amend(tx: Tx, amended: VersionRecord) -> None:
    """Store the tags and the lock of a version anew."""
    tags = encode_json(amended.tags) if amended.tags else None
    tx.execute(_AMEND, (tags, *_lock_columns(amended.lock), amended.version))


def reseal(
    tx: Tx, record: VersionRecord, body: Body, encryption: Encryption | None, now_ms: int
) -> None:
    """Give a version the same bytes, sealed otherwise; whatever else is said of it stays.

    raises  SourceChanged when it is gone, or not what it was
    """
    if not is_unchanged(tx, record):
        raise SourceChanged(f"version {record.version} is gone, or was sealed anew")
    references.introduce(tx, body.extents, body.key)
    former = Row(record.version, False, record.size_bytes, manifest.pack(record.extents), UNLOCKED)
    columns = (encode_encryption(encryption), manifest.pack(body.extents))
    tx.execute(_RESEAL, (*columns, record.version))
    _put_inline(tx, record.version, body.inline, encryption, former)
    references.drop(tx, record.extents, now_ms)


def remove(tx: Tx, row: Row, now_ms: int, *, bypass: bool = False) -> None:
    """Take a version away, and its bytes, unless something else needs them.

    bypass  the caller may bypass GOVERNANCE, and says so
    raises  AccessDenied when the version is locked, whoever asks, and for whatever reason
    """
    locks.require_unlocked(row.lock, now_ms, bypass=bypass)
    tx.execute("DELETE FROM versions WHERE version = ?", (row.version,))
    if row.manifest:
        references.drop(tx, manifest.unpack(row.manifest), now_ms)
    elif row.is_inline:
        tx.execute(_REMOVE_INLINE, (row.version,))


def encode_facts(draft: VersionDraft) -> str | None:
    """Return headers, user metadata and checksum as JSON; None when there are none of them."""
    facts = []
    if draft.headers:
        facts.append(f'"headers":{encode_json(draft.headers)}')
    if draft.user_metadata:
        facts.append(f'"user_metadata":{encode_json(draft.user_metadata)}')
    if draft.checksum is not None:  # base64 between plain words: nothing to escape
        algorithm, value, kind = draft.checksum
        facts.append(f'"checksum":["{algorithm}","{value}","{kind}"]')
    return f"{{{','.join(facts)}}}" if facts else None


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
        encryption,
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
        decode_encryption(encryption),
    )


def encode_encryption(encryption: Encryption | None) -> str | None:
    """Return how something is sealed as JSON."""
    return None if encryption is None else encode_json(encryption)


def decode_encryption(stored: str | None) -> Encryption | None:
    """Return how something is sealed from its stored form."""
    return None if stored is None else Encryption(*decode_json(stored))


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
