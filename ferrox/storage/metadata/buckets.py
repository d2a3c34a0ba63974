"""Rows of buckets, and their documents.

A document is what somebody configured for a bucket: CORS rules, a lifecycle, tags. It lies in the
index, so that it changes in one transaction with the bucket; every change raises the revision of
the bucket.
"""

import json
import sqlite3
from collections.abc import Callable
from typing import Any

from ferrox.errors import BucketNotEmpty, InvalidBucketState, NoSuchBucket
from ferrox.records import BucketRecord, Versioning
from ferrox.storage.metadata.database import Reader, Tx
from ferrox.storage.metadata.keys import successor, upper_bound

Document = dict[str, Any]
"""What JSON can say; never changed once it is stored or read."""

BucketCheck = Callable[[Tx, BucketRecord], None] | None
"""Raises unless the bucket, as it is in the transaction, may be changed so."""

_COLUMNS = (
    "bucket_id, name, owner_id, region, created_ms, versioning, is_object_lock_enabled, revision"
)
_BY_NAME = f"SELECT {_COLUMNS} FROM buckets WHERE name = ?"
_BY_ID = f"SELECT {_COLUMNS} FROM buckets WHERE bucket_id = ?"
_PAGE = (
    f"SELECT {_COLUMNS} FROM buckets"
    " WHERE owner_id = ? AND name >= ? AND name < ? ORDER BY name LIMIT ?"
)
_PAGE_OF_ALL = f"SELECT {_COLUMNS} FROM buckets WHERE name > ? ORDER BY name LIMIT ?"
_WITH_DOCUMENT = (
    f"SELECT {_COLUMNS} FROM buckets"
    " WHERE bucket_id IN (SELECT bucket_id FROM bucket_documents WHERE name = ?) ORDER BY name"
)
_INSERT = (
    "INSERT INTO buckets"
    " (name, owner_id, region, created_ms, versioning, is_object_lock_enabled)"
    " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO NOTHING"
)
_REVISE = "UPDATE buckets SET revision = revision + 1 WHERE bucket_id = ?"
_PUT_DOCUMENT = (
    "INSERT INTO bucket_documents (bucket_id, name, document) VALUES (?, ?, ?)"
    " ON CONFLICT (bucket_id, name) DO UPDATE SET document = excluded.document"
)
_DOCUMENT = (
    "SELECT revision, document FROM buckets"
    " LEFT JOIN bucket_documents ON bucket_documents.bucket_id = buckets.bucket_id"
    " AND bucket_documents.name = ? WHERE buckets.bucket_id = ?"
)
_DOCUMENTS = (
    "SELECT name, document FROM bucket_documents"
    " WHERE bucket_id = ? AND name >= ? AND name < ? ORDER BY name LIMIT ?"
)
_DOCUMENTS_OF_ALL = (
    "SELECT bucket_id, document FROM bucket_documents"
    " WHERE name >= ? AND name < ? ORDER BY bucket_id, name"
)


def find(reader: Reader, name: str) -> BucketRecord | None:
    """Return the bucket of this name."""
    row = reader.execute(_BY_NAME, (name,)).fetchone()
    return None if row is None else _record(row)


def find_by_id(reader: Reader, bucket_id: int) -> BucketRecord | None:
    """Return the bucket of this number."""
    row = reader.execute(_BY_ID, (bucket_id,)).fetchone()
    return None if row is None else _record(row)


def page(reader: Reader, owner_id: str, prefix: str, after: str, limit: int) -> list[BucketRecord]:
    """Return an owner's buckets, by name, whose names begin with `prefix` and exceed `after`."""
    start = max(prefix, successor(after)) if after else prefix
    rows = reader.execute(_PAGE, (owner_id, start, upper_bound(prefix), limit))
    return [_record(row) for row in rows]


def page_of_all(reader: Reader, after: str, limit: int) -> list[BucketRecord]:
    """Return buckets of all owners, by name, whose names exceed `after`."""
    return [_record(row) for row in reader.execute(_PAGE_OF_ALL, (after, limit))]


def with_document(reader: Reader, name: str) -> list[BucketRecord]:
    """Return the buckets that have a document of this name."""
    return [_record(row) for row in reader.execute(_WITH_DOCUMENT, (name,))]


def create(
    tx: Tx, name: str, owner_id: str, region: str, now_ms: int, *, is_object_lock_enabled: bool
) -> tuple[BucketRecord, bool]:
    """Make a bucket unless there is one; return it, and whether it is new.

    Object lock needs versions, so a bucket made with it keeps them from the beginning.
    """
    versioning = Versioning.ENABLED if is_object_lock_enabled else Versioning.UNVERSIONED
    values = (name, owner_id, region, now_ms, versioning.value, int(is_object_lock_enabled))
    is_new = tx.execute(_INSERT, values).rowcount == 1
    bucket = find(tx, name)
    if bucket is None:
        raise sqlite3.InternalError("a bucket that was just inserted is not there")
    if is_new:
        tx.execute("INSERT INTO bucket_usage (bucket_id) VALUES (?)", (bucket.bucket_id,))
    return bucket, is_new


def current(tx: Tx, bucket: BucketRecord) -> BucketRecord:
    """Return the bucket as of this transaction; raise if it is gone."""
    found = find_by_id(tx, bucket.bucket_id)
    if found is None:
        raise NoSuchBucket(BucketName=bucket.name)
    return found


def versioning_of(tx: Tx, bucket: BucketRecord) -> Versioning:
    """Return the bucket's versioning status as of this transaction; raise if it is gone."""
    row = tx.execute(
        "SELECT versioning FROM buckets WHERE bucket_id = ?", (bucket.bucket_id,)
    ).fetchone()
    if row is None:
        raise NoSuchBucket(BucketName=bucket.name)
    return _VERSIONING[row[0]]


def set_versioning(tx: Tx, bucket: BucketRecord, versioning: Versioning) -> BucketRecord:
    """Change whether the bucket keeps former versions; where objects are locked it must."""
    if current(tx, bucket).is_object_lock_enabled and versioning is not Versioning.ENABLED:
        raise InvalidBucketState(_LOCKS_NEED_VERSIONS)
    tx.execute(
        "UPDATE buckets SET versioning = ? WHERE bucket_id = ?",
        (versioning.value, bucket.bucket_id),
    )
    return _revise(tx, bucket)


def enable_object_lock(tx: Tx, bucket: BucketRecord) -> None:
    """Say that the versions of a bucket can be locked; who calls revises the bucket."""
    tx.execute(
        "UPDATE buckets SET is_object_lock_enabled = 1 WHERE bucket_id = ?", (bucket.bucket_id,)
    )


def remove(tx: Tx, bucket: BucketRecord) -> None:
    """Remove a bucket that has no versions, with its documents; uploads were aborted before."""
    versioning = versioning_of(tx, bucket)
    if tx.execute(
        "SELECT 1 FROM versions WHERE bucket_id = ? LIMIT 1", (bucket.bucket_id,)
    ).fetchone():
        message = None if versioning is Versioning.UNVERSIONED else _NOT_EMPTY_OF_VERSIONS
        raise BucketNotEmpty(message, BucketName=bucket.name)
    for table in ("bucket_documents", "bucket_usage", "lifecycle_runs"):
        tx.execute(f"DELETE FROM {table} WHERE bucket_id = ?", (bucket.bucket_id,))
    tx.execute("DELETE FROM buckets WHERE bucket_id = ?", (bucket.bucket_id,))


def document(reader: Reader, bucket_id: int, name: str) -> Document | None:
    """Return a document of a bucket."""
    _, text = document_text(reader, bucket_id, name)
    return None if text is None else _parse(text)


def document_text(reader: Reader, bucket_id: int, name: str) -> tuple[int, str | None]:
    """Return the bucket's revision, 0 if it is gone, and a document's JSON, both of one moment."""
    revision, text = reader.execute(_DOCUMENT, (name, bucket_id)).fetchone() or (0, None)
    return revision, text


def documents(
    reader: Reader, bucket_id: int, prefix: str, after: str, limit: int
) -> list[tuple[str, Document]]:
    """Return documents by name: those whose names begin with `prefix` and exceed `after`."""
    start = max(prefix, successor(after)) if after else prefix
    rows = reader.execute(_DOCUMENTS, (bucket_id, start, upper_bound(prefix), limit))
    return [(name, _parse(text)) for name, text in rows]


def documents_of_all(reader: Reader, prefix: str) -> list[tuple[int, Document]]:
    """Return documents of every bucket whose names begin with `prefix`, with the bucket's number.

    Looks at all documents there are: for what happens now and then.
    """
    rows = reader.execute(_DOCUMENTS_OF_ALL, (prefix, upper_bound(prefix)))
    return [(bucket_id, _parse(text)) for bucket_id, text in rows]


def put_document(tx: Tx, bucket: BucketRecord, name: str, document: Document) -> BucketRecord:
    """Store a document in place of the one of that name; return the revised bucket."""
    revised = _revise(tx, bucket)
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    tx.execute(_PUT_DOCUMENT, (bucket.bucket_id, name, text))
    return revised


def delete_document(tx: Tx, bucket: BucketRecord, name: str) -> BucketRecord:
    """Remove a document, which may be absent; return the revised bucket."""
    revised = _revise(tx, bucket)
    tx.execute(
        "DELETE FROM bucket_documents WHERE bucket_id = ? AND name = ?", (bucket.bucket_id, name)
    )
    return revised


_NOT_EMPTY_OF_VERSIONS = (
    "The bucket you tried to delete is not empty. You must delete all versions in the bucket."
)
_LOCKS_NEED_VERSIONS = (
    "An Object Lock configuration is present on this bucket, so the versioning state cannot be"
    " changed."
)
_VERSIONING = {status.value: status for status in Versioning}


def _revise(tx: Tx, bucket: BucketRecord) -> BucketRecord:
    """Raise the revision; return the bucket as it is now, or raise if it is gone."""
    tx.execute(_REVISE, (bucket.bucket_id,))
    return current(tx, bucket)


def _parse(text: str) -> Document:
    parsed: Document = json.loads(text)
    return parsed


def _record(row: tuple[int, str, str, str, int, str, int, int]) -> BucketRecord:
    bucket_id, name, owner_id, region, created_ms, versioning, is_object_lock_enabled, revision = (
        row
    )
    return BucketRecord(
        bucket_id,
        name,
        owner_id,
        region,
        created_ms,
        _VERSIONING[versioning],
        bool(is_object_lock_enabled),
        revision,
    )
