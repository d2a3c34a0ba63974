"""Restoring: what a bucket showed at an instant is shown again, by new versions only.

    then the key showed   now it shows     what is done
    an object             something else   that version is published once more
    nothing               an object        a delete marker is added

What a key showed is its newest version of those that were made by then. Versions that somebody
removed for good since, and null versions that were replaced, are not there to be restored. Nothing
is removed: whatever the bucket's versioning, what is added here gets an id of its own.

A key is restored by looking at it inside the transaction that writes, so it does no harm if others
write meanwhile; versions that were made after the restoring began are left alone. A key that shows
what it showed is not touched, so a restoring that was cut short is simply begun again.
"""

from typing import NamedTuple

from ferrox.records import BucketRecord, Restoration, VersionRecord
from ferrox.storage.metadata import objects, outbox, versions
from ferrox.storage.metadata.database import Reader, Tx

_KEYS = "SELECT key FROM versions WHERE bucket_id = ? AND key > ? GROUP BY key ORDER BY key LIMIT ?"
_VERSION_THEN = (
    "SELECT version_id FROM versions WHERE bucket_id = ? AND key = ? AND modified_ms <= ?"
    " ORDER BY version DESC LIMIT 1"
)
_NEWEST_OF_ALL = "SELECT max(version) FROM versions"


class Instant(NamedTuple):
    """What is restored, and what was already there when restoring began."""

    at_ms: int
    last_version: int


def instant(reader: Reader, at_ms: int) -> Instant:
    """Begin to restore."""
    return Instant(at_ms, reader.execute(_NEWEST_OF_ALL).fetchone()[0] or 0)


def keys(reader: Reader, bucket: BucketRecord, after: str, limit: int) -> list[str]:
    """Return keys that have versions, in order, greater than `after`."""
    rows = reader.execute(_KEYS, (bucket.bucket_id, after, limit))
    return [key for (key,) in rows]


def plan(
    reader: Reader, bucket: BucketRecord, key: str, when: Instant
) -> tuple[Restoration, VersionRecord | None] | None:
    """Return what is to be done about a key, and the version it shall show; None if nothing."""
    newest = versions.find(reader, bucket.bucket_id, key, None)
    if newest is None or newest.modified_ms <= when.at_ms or newest.version > when.last_version:
        return None
    row = reader.execute(_VERSION_THEN, (bucket.bucket_id, key, when.at_ms)).fetchone()
    then = None if row is None else versions.find(reader, bucket.bucket_id, key, row[0])
    if then is None or then.is_delete_marker:
        return None if newest.is_delete_marker else (Restoration(key, None, 0), None)
    if not newest.is_delete_marker and _is_alike(reader, then, newest):
        return None
    return Restoration(key, then.version_id, then.size_bytes), then


def restore(  # noqa: PLR0917 - what, to which instant, and who is told
    tx: Tx,
    bucket: BucketRecord,
    key: str,
    when: Instant,
    now_ms: int,
    announcement: outbox.Announcement | None = None,
) -> Restoration | None:
    """Do what is to be done about a key; return it."""
    planned = plan(tx, bucket, key, when)
    if planned is None:
        return None
    done, then = planned
    if then is None:
        hidden = objects.hide(tx, bucket, key, now_ms=now_ms)
        removal = announcement and announcement.on("ObjectRemoved:Delete")
        outbox.record_deletion(tx, removal, key, None, hidden, now_ms)
    else:
        # A quota must not keep an operator from getting back what there was.
        place = objects.look(tx, bucket, key).keeping_versions().without_quota()
        shown = objects.repeat_version(tx, place, bucket, then, key, now_ms=now_ms)
        outbox.record_version(tx, announcement, shown, now_ms)
    return done


def _is_alike(reader: Reader, then: VersionRecord, newest: VersionRecord) -> bool:
    """Whether two versions of a key are the same, bytes included, which no ETag proves."""
    if newest.as_draft("") != then.as_draft("") or list(newest.extents) != list(then.extents):
        return False
    return bool(then.extents) or versions.inline_data(
        reader, newest.version
    ) == versions.inline_data(reader, then.version)
