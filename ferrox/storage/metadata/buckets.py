"""Rows of buckets."""

import sqlite3

from ferrox.errors import BucketNotEmpty, NoSuchBucket
from ferrox.records import BucketRecord, Versioning
from ferrox.storage.metadata.database import Reader, Tx
from ferrox.storage.metadata.keys import successor, upper_bound

_COLUMNS = "bucket_id, name, owner_id, region, created_ms, versioning, is_object_lock_enabled"
_BY_NAME = f"SELECT {_COLUMNS} FROM buckets WHERE name = ?"
_BY_ID = f"SELECT {_COLUMNS} FROM buckets WHERE bucket_id = ?"
_PAGE = (
    f"SELECT {_COLUMNS} FROM buckets"
    " WHERE owner_id = ? AND name >= ? AND name < ? ORDER BY name LIMIT ?"
)
_INSERT = (
    "INSERT INTO buckets"
    " (name, owner_id, region, created_ms, versioning, is_object_lock_enabled)"
    " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO NOTHING"
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
    return bucket, is_new


def versioning_of(tx: Tx, bucket: BucketRecord) -> Versioning:
    """Return the bucket's versioning status as of this transaction; raise if it is gone."""
    row = tx.execute(
        "SELECT versioning FROM buckets WHERE bucket_id = ?", (bucket.bucket_id,)
    ).fetchone()
    if row is None:
        raise NoSuchBucket(BucketName=bucket.name)
    return _VERSIONING[row[0]]


def set_versioning(tx: Tx, bucket: BucketRecord, versioning: Versioning) -> BucketRecord:
    """Change whether the bucket keeps former versions."""
    versioning_of(tx, bucket)
    tx.execute(
        "UPDATE buckets SET versioning = ? WHERE bucket_id = ?",
        (versioning.value, bucket.bucket_id),
    )
    return bucket._replace(versioning=versioning)


def remove(tx: Tx, bucket: BucketRecord) -> None:
    """Remove a bucket that has no versions; its uploads were aborted before."""
    versioning = versioning_of(tx, bucket)
    if tx.execute(
        "SELECT 1 FROM versions WHERE bucket_id = ? LIMIT 1", (bucket.bucket_id,)
    ).fetchone():
        message = None if versioning is Versioning.UNVERSIONED else _NOT_EMPTY_OF_VERSIONS
        raise BucketNotEmpty(message, BucketName=bucket.name)
    tx.execute("DELETE FROM buckets WHERE bucket_id = ?", (bucket.bucket_id,))


_NOT_EMPTY_OF_VERSIONS = (
    "The bucket you tried to delete is not empty. You must delete all versions in the bucket."
)
_VERSIONING = {status.value: status for status in Versioning}


def _record(row: tuple[int, str, str, str, int, str, int]) -> BucketRecord:
    bucket_id, name, owner_id, region, created_ms, versioning, is_object_lock_enabled = row
    return BucketRecord(
        bucket_id,
        name,
        owner_id,
        region,
        created_ms,
        _VERSIONING[versioning],
        bool(is_object_lock_enabled),
    )
