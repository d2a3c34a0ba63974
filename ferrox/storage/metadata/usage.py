"""Usage and quota of buckets: what they hold, kept exactly, and how much they may hold.

Whoever changes what is counted says so with `tx.count` in the same function; the transaction writes
the sum. So usage is as durable and as exact as the objects themselves, and nothing is ever scanned.

A quota is decided inside the writing transaction, so no number of concurrent writers exceeds it.

- `max_bytes` is held against all versions, current or not, and the parts of open uploads: what the
  bucket costs. Completing an upload moves bytes from parts to a version, so it fits if they did.
- `max_objects` is held against the keys that show an object. An overwrite adds none.
- What does not add is never refused: deletes, smaller overwrites, not even above the quota.
- What a write replaces is given back first: an object of half the quota can be overwritten.
"""

from ferrox.errors import NoSuchBucket, QuotaExceeded
from ferrox.records import BucketRecord, Quota, Usage
from ferrox.storage.metadata.database import Reader, Tx

_FIND = (
    "SELECT object_count, version_count, size_bytes, part_bytes FROM bucket_usage"
    " WHERE bucket_id = ?"
)
_QUOTA = "SELECT max_bytes, max_objects FROM buckets WHERE bucket_id = ?"
_SET_QUOTA = "UPDATE buckets SET max_bytes = ?, max_objects = ? WHERE bucket_id = ?"


def find(reader: Reader, bucket: BucketRecord) -> Usage:
    """Return what a bucket holds, as of the last commit."""
    row = reader.execute(_FIND, (bucket.bucket_id,)).fetchone()
    if row is None:
        raise NoSuchBucket(BucketName=bucket.name)
    return Usage._make(row)


def quota(reader: Reader, bucket: BucketRecord) -> Quota:
    """Return how much a bucket may hold."""
    row = reader.execute(_QUOTA, (bucket.bucket_id,)).fetchone()
    if row is None:
        raise NoSuchBucket(BucketName=bucket.name)
    return Quota._make(row)


def set_quota(tx: Tx, bucket: BucketRecord, allowed: Quota) -> None:
    """Say how much a bucket may hold; what it holds already stays."""
    if not tx.execute(_SET_QUOTA, (*allowed, bucket.bucket_id)).rowcount:
        raise NoSuchBucket(BucketName=bucket.name)


def require(
    tx: Tx, bucket: BucketRecord, allowed: Quota, *, objects: int = 0, more_bytes: int
) -> None:
    """QuotaExceeded if so many objects and bytes more are more than the bucket may hold."""
    if allowed.max_bytes is None and allowed.max_objects is None:
        return
    settled, change = find(tx, bucket), tx.change_of(bucket.bucket_id)
    bytes_before = sum(settled[2:]) + sum(change[2:])
    if allowed.max_bytes is not None and 0 < more_bytes > allowed.max_bytes - bytes_before:
        raise QuotaExceeded(
            f"The bucket may hold {allowed.max_bytes} bytes.", BucketName=bucket.name
        )
    count_before = settled.object_count + change.object_count
    if allowed.max_objects is not None and 0 < objects > allowed.max_objects - count_before:
        raise QuotaExceeded(
            f"The bucket may hold {allowed.max_objects} objects.", BucketName=bucket.name
        )
