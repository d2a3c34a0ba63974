"""Objects: what a key shows after versions were added or removed. All versioning rules are here.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/versioning-workflows.html

    bucket is     a put                          a delete that names no version
    Unversioned   replaces the null version      removes the null version
    Enabled       adds a version with a new id   adds a delete marker with a new id
    Suspended     replaces the null version      replaces the null version by a null delete marker

A delete that names a version removes that one, marker or not. What the key shows then is its newest
version, unless that is a delete marker. Deleting what does not exist succeeds.

Rules
- The current version of a key is the one with the greatest number. A replaced null version may have
  been an old one; what replaces it is new, so it gets a new number.
- `objects` has a row exactly for those keys whose newest version is not a delete marker.
- The bucket is looked up again inside the transaction: it may be gone, or its versioning changed,
  since the caller saw it.
- New bytes are counted before old ones are dropped, so that a copy of a version onto itself works.
- A locked version is not removed, whatever asks for it: `versions.remove` refuses.
- What was made elsewhere and is brought here with its time keeps its id, too, the null version
  among others included, and goes below what is newer: see `brought`. It has the lock that it came
  with, and no other.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from ferrox.errors import (
    DataCorrupted,
    InvalidBucketState,
    NoSuchBucket,
    PreconditionFailed,
    SourceChanged,
)
from ferrox.ids import version_id as new_version_id
from ferrox.records import (
    NULL_VERSION,
    BucketRecord,
    Deletion,
    Quota,
    VersionDraft,
    Versioning,
    VersionRecord,
)
from ferrox.storage.metadata import acls, brought, buckets, locks, references, usage, versions
from ferrox.storage.metadata.database import Reader, Tx
from ferrox.storage.metadata.versions import Body, Row
from ferrox.storage.sealing import plain_bytes

Check = Callable[[VersionRecord | None], None] | None
"""Given what a key shows (None: nothing); raises to refuse the write."""

Change = Callable[[VersionRecord | None], VersionRecord]
"""Given a version (None: there is none); returns what shall become of it, or raises to refuse."""

_SHOW = (
    "INSERT OR REPLACE INTO objects (bucket_id, key, version, size_bytes, modified_ms, etag,"
    " storage_class, owner_id, checksum_algorithm, checksum_type)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


_LOOK = (
    "SELECT buckets.versioning, buckets.is_object_lock_enabled, max_bytes, max_objects,"
    f" objects.version, {', '.join(f'null_version.{column}' for column in versions.ROW_COLUMNS)}"
    " FROM buckets"
    " LEFT JOIN objects ON objects.bucket_id = buckets.bucket_id AND objects.key = ?2"
    " LEFT JOIN versions AS null_version"
    # Where versions are kept there may be very many, and the null version stays whatever comes.
    "  ON null_version.bucket_id = iif(versioning = 'Enabled', NULL, buckets.bucket_id)"
    "  AND null_version.key = ?2 AND null_version.version_id = 'null'"
    " WHERE buckets.bucket_id = ?1"
)
_VERSIONING = {status.value: status for status in Versioning}
_UNLIMITED = Quota()


class Place(NamedTuple):
    """Where a write goes: the rules of its bucket and what is at its key, in this transaction."""

    versioning: Versioning
    is_object_lock_enabled: bool
    quota: Quota
    is_shown: bool
    """whether the key shows an object"""
    null_version: Row | None
    """what a put or a delete replaces, where versions are not kept"""

    def without_quota(self) -> "Place":
        """The same place for what must not fail because the bucket is full."""
        return self._replace(quota=_UNLIMITED)

    def keeping_versions(self) -> "Place":
        """The same place for what replaces nothing, whatever the bucket's versioning."""
        return self._replace(versioning=Versioning.ENABLED, null_version=None)


def look(tx: Tx, bucket: BucketRecord, key: str) -> Place:
    """Return what a write to a key has to know; raise if the bucket is gone."""
    found = tx.execute(_LOOK, (bucket.bucket_id, key)).fetchone()
    if found is None:
        raise NoSuchBucket(BucketName=bucket.name)
    versioning, is_object_lock_enabled, max_bytes, max_objects, shown, *columns = found
    return Place(
        _VERSIONING[versioning],
        is_object_lock_enabled == 1,
        _UNLIMITED if max_bytes is max_objects is None else Quota(max_bytes, max_objects),
        shown is not None,
        None if columns[0] is None else versions.row(*columns),
    )


def current(reader: Reader, bucket: BucketRecord, key: str) -> VersionRecord | None:
    """Return what a key shows: its newest version, unless that is a delete marker."""
    newest = versions.find(reader, bucket.bucket_id, key, None)
    return None if newest is None or newest.is_delete_marker else newest


def add_version(
    tx: Tx, bucket: BucketRecord, draft: VersionDraft, body: Body, *, now_ms: int, check: Check
) -> VersionRecord:
    """Publish new bytes as the current version of a key."""
    place = look(tx, bucket, draft.key)
    if check is not None:
        check(current(tx, bucket, draft.key))
    if body.extents:
        references.introduce(tx, body.extents, body.key)
    return put(tx, place, bucket, draft, body, now_ms=now_ms, must_show=check is not None)


def copy_version(
    tx: Tx,
    bucket: BucketRecord,
    draft: VersionDraft,
    source: VersionRecord,
    *,
    now_ms: int,
    check: Check,
) -> VersionRecord:
    """Publish the bytes of another version, wherever it is, as the current version of a key."""
    place = look(tx, bucket, draft.key)
    if check is not None:
        check(current(tx, bucket, draft.key))
    return _copy(tx, place, bucket, draft, source, now_ms)


def repeat_version(
    tx: Tx, place: Place, bucket: BucketRecord, source: VersionRecord, key: str, *, now_ms: int
) -> VersionRecord:
    """Publish a version of the bucket once more, under some key, with all that is said of it."""
    listed = acls.find(tx, bucket.bucket_id, source.key, source.version_id)
    draft = source.as_draft(key)._replace(acl=None if listed is None else listed.grants)
    return _copy(tx, place, bucket, draft, source, now_ms)


def _copy(  # noqa: PLR0917 - where to, what, where from
    tx: Tx,
    place: Place,
    bucket: BucketRecord,
    draft: VersionDraft,
    source: VersionRecord,
    now_ms: int,
) -> VersionRecord:
    if not versions.is_unchanged(tx, source):
        raise SourceChanged(f"version {source.version} is gone, or was sealed anew")
    inline = None if source.extents else versions.inline_data(tx, source.version)
    if draft.encryption != source.encryption:
        raise ValueError("bytes that are shared are sealed as they are")
    if not source.extents and plain_bytes(inline, source.encryption) != source.size_bytes:
        raise DataCorrupted(f"version {source.version} has not the bytes it should have")
    references.share(tx, source.extents)
    body = Body(source.size_bytes, inline, source.extents, source.parts)
    return put(tx, place, bucket, draft, body, now_ms=now_ms)


def put(
    tx: Tx,
    place: Place,
    bucket: BucketRecord,
    draft: VersionDraft,
    body: Body,
    *,
    now_ms: int,
    must_show: bool = False,
) -> VersionRecord:
    """Make a version, whose extents are counted, the current one of its key.

    One that was made elsewhere goes below what is newer.

    place      as `look` found it in this transaction
    must_show  it depends on what the key shows, so it is to be shown or not to be made
    raises     PreconditionFailed, when something that is newer does not let it
    """
    above: Sequence[int] = ()
    if draft.modified_ms:
        place = _place_of_brought(
            tx, place, bucket, draft.key, draft.version_id, modified_ms=draft.modified_ms
        )
        above = brought.above(tx, bucket.bucket_id, draft.key, draft.modified_ms, draft.follows)
        if above and must_show:
            raise brought.overtaken()
    replaced = place.null_version
    version_id = NULL_VERSION
    if place.versioning is Versioning.ENABLED:
        version_id = draft.version_id or new_version_id()
    objects = 0 if place.is_shown or above else 1
    more_bytes = body.size_bytes - (0 if replaced is None else replaced.size_bytes)
    if place.quota is not _UNLIMITED:
        usage.require(tx, bucket, place.quota, objects=objects, more_bytes=more_bytes)
    if place.is_object_lock_enabled and not draft.modified_ms:
        document = buckets.document(tx, bucket.bucket_id, locks.DOCUMENT)
        draft = draft._replace(lock=locks.with_default(draft.lock, document, now_ms))
    record = versions.insert(
        tx, bucket.bucket_id, draft, version_id, body, now_ms=now_ms, replaced=replaced
    )
    if above:
        brought.lift(tx, above)
        _show_newest(tx, bucket.bucket_id, draft.key, place)
    else:
        _show(tx, record)
    tx.count(
        bucket.bucket_id,
        objects=objects,
        versions=0 if replaced is not None else 1,
        size_bytes=more_bytes,
    )
    return record


def delete_object(
    tx: Tx,
    bucket: BucketRecord,
    key: str,
    version_id: str | None,
    *,
    now_ms: int,
    check: Check,
    bypass: bool = False,
) -> Deletion:
    """Delete a key, or one version of it.

    bypass  the caller may bypass GOVERNANCE, and says so
    """
    bucket_id = bucket.bucket_id
    place = look(tx, bucket, key)
    if check is not None:
        check(current(tx, bucket, key))
    if version_id is not None:
        return _delete_version(tx, bucket_id, key, version_id, place, now_ms, bypass=bypass)
    if place.versioning is Versioning.ENABLED:
        return _hide(tx, bucket_id, key, new_version_id(), place, now_ms)
    if place.null_version is not None:
        _remove(tx, bucket_id, place.null_version, now_ms, bypass=bypass)
    if place.versioning is Versioning.SUSPENDED:
        return _hide(tx, bucket_id, key, NULL_VERSION, place, now_ms)
    _show_newest(tx, bucket_id, key, place)
    return Deletion(is_delete_marker=False, version_id=None)


def bring_delete_marker(
    tx: Tx,
    bucket: BucketRecord,
    key: str,
    version_id: str,
    *,
    modified_ms: int,
    follows: str,
    now_ms: int,
) -> Deletion:
    """Add a delete marker that was made elsewhere, under the id that it had there.

    raises  PreconditionFailed when there is a version of that id, or a null version that it would
            replace is newer; InvalidBucketState
    """
    place = look(tx, bucket, key)
    if place.versioning is Versioning.UNVERSIONED:
        raise InvalidBucketState("A bucket that keeps no versions has no delete markers.")
    bucket_id = bucket.bucket_id
    place = _place_of_brought(tx, place, bucket, key, version_id, modified_ms=modified_ms)
    above = brought.above(tx, bucket_id, key, modified_ms, follows)
    if place.null_version is not None:
        _remove(tx, bucket_id, place.null_version, now_ms, bypass=False)
    if place.versioning is Versioning.SUSPENDED:
        version_id = NULL_VERSION
    if not above:
        return _hide(tx, bucket_id, key, version_id, place, modified_ms)
    versions.insert_delete_marker(tx, bucket_id, key, version_id, modified_ms)
    tx.count(bucket_id, versions=1)
    brought.lift(tx, above)
    _show_newest(tx, bucket_id, key, place)
    return Deletion(is_delete_marker=True, version_id=version_id)


def hide(tx: Tx, bucket: BucketRecord, key: str, *, now_ms: int) -> Deletion:
    """Add a delete marker with an id of its own, whatever the bucket's versioning."""
    place = look(tx, bucket, key)
    return _hide(tx, bucket.bucket_id, key, new_version_id(), place, now_ms)


def amend(
    tx: Tx,
    bucket: BucketRecord,
    key: str,
    version_id: str | None,
    change: Change,
    *,
    now_ms: int,
    bypass: bool,
) -> VersionRecord:
    """Change the tags or the lock of a version, the newest if none is named."""
    found = versions.find(tx, bucket.bucket_id, key, version_id)
    amended = change(found)
    if found is None or found.is_delete_marker:
        raise ValueError("what is not there, or is a delete marker, has no tags and no lock")
    locks.require_changeable(found.lock, amended.lock, now_ms, bypass=bypass)
    versions.amend(tx, amended)
    return amended


def _place_of_brought(
    tx: Tx, place: Place, bucket: BucketRecord, key: str, version_id: str, *, modified_ms: int
) -> Place:
    """Where a version goes that keeps its id: none of that id is there, but the null version may.

    raises  PreconditionFailed, by which whoever brings it twice learns that it is there, or that
            the null version, which it would replace, is newer
    """
    if place.versioning is Versioning.ENABLED and version_id:
        row = versions.named_row(tx, bucket.bucket_id, key, version_id)
        if row is not None and version_id != NULL_VERSION:
            raise PreconditionFailed(Condition="ferrox-version-id")
        place = place._replace(null_version=row)
    if place.null_version is not None:
        brought.require_no_newer(tx, place.null_version.version, modified_ms)
    return place


def _delete_version(  # noqa: PLR0917 - which version, then what is known of its key
    tx: Tx, bucket_id: int, key: str, version_id: str, place: Place, now_ms: int, *, bypass: bool
) -> Deletion:
    row = versions.named_row(tx, bucket_id, key, version_id)
    if row is None:
        return Deletion(is_delete_marker=False, version_id=version_id)
    _remove(tx, bucket_id, row, now_ms, bypass=bypass)
    _show_newest(tx, bucket_id, key, place)
    return Deletion(row.is_delete_marker, version_id)


def _remove(tx: Tx, bucket_id: int, row: Row, now_ms: int, *, bypass: bool) -> None:
    versions.remove(tx, row, now_ms, bypass=bypass)
    tx.count(bucket_id, versions=-1, size_bytes=-row.size_bytes)


def _hide(  # noqa: PLR0917 - the marker, then what is known of its key
    tx: Tx, bucket_id: int, key: str, version_id: str, place: Place, now_ms: int
) -> Deletion:
    versions.insert_delete_marker(tx, bucket_id, key, version_id, now_ms)
    _show_nothing(tx, bucket_id, key)
    tx.count(bucket_id, objects=-1 if place.is_shown else 0, versions=1)
    return Deletion(is_delete_marker=True, version_id=version_id)


def _show(tx: Tx, record: VersionRecord) -> None:
    checksum = record.checksum
    tx.execute(
        _SHOW,
        (
            record.bucket_id,
            record.key,
            record.version,
            record.size_bytes,
            record.modified_ms,
            record.etag,
            record.storage_class,
            record.owner_id,
            None if checksum is None else checksum.algorithm,
            None if checksum is None else checksum.type,
        ),
    )


def _show_nothing(tx: Tx, bucket_id: int, key: str) -> None:
    tx.execute("DELETE FROM objects WHERE bucket_id = ? AND key = ?", (bucket_id, key))


def _show_newest(tx: Tx, bucket_id: int, key: str, place: Place) -> None:
    newest = versions.find(tx, bucket_id, key, None)
    is_shown = newest is not None and not newest.is_delete_marker
    if newest is None or newest.is_delete_marker:
        _show_nothing(tx, bucket_id, key)
    else:
        _show(tx, newest)
    tx.count(bucket_id, objects=is_shown - place.is_shown)
