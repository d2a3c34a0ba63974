"""Expiring: which versions and uploads the rules of a bucket are over for, and taking them away.

What the rules say is decided elsewhere, by a function that is given what is known of a version. It
is asked twice: when a page of the index is looked through, and again inside the transaction that
acts, because anybody may have written meanwhile.

Versions are looked through from the last key to the first, and within a key from the oldest to the
newest. What the rules say of a version depends on the newer ones of its key only (when the next one
was made, how many there are), and these are still there when its turn comes. So a run does exactly
what a look beforehand shows, whatever it has removed already. Only a delete marker, which goes
when nothing older is left, may have to wait for the next run.

A locked version is not removed, whatever the rules say.
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from ferrox.errors import AccessDenied, NoSuchUpload
from ferrox.lifecycle_records import LifecycleAction, LifecycleStep, LifecycleVerdict, VersionState
from ferrox.records import NULL_VERSION, BucketRecord, Deletion, Versioning
from ferrox.storage.metadata import locks, objects, uploads, versions
from ferrox.storage.metadata.database import Reader, Tx
from ferrox.storage.metadata.keys import upper_bound

Decide = Callable[[VersionState], LifecycleVerdict | None]
DecideUpload = Callable[[str, int], LifecycleVerdict | None]
"""Given the key of an upload and when it was begun."""

MOST_COUNTED = 100
"""No rule keeps more newer noncurrent versions than this."""

_STATE = (
    "SELECT version, key, version_id, is_delete_marker, size_bytes, modified_ms, tags,"
    " (SELECT newer.modified_ms FROM versions AS newer WHERE newer.bucket_id = looked.bucket_id"
    "  AND newer.key = looked.key AND newer.version > looked.version"
    "  ORDER BY newer.version LIMIT 1),"
    " EXISTS (SELECT 1 FROM versions AS older WHERE older.bucket_id = looked.bucket_id"
    "  AND older.key = looked.key AND older.version < looked.version)"
    " FROM versions AS looked"
)
_ONE = f"{_STATE} WHERE bucket_id = ? AND version = ?"
_NEWER_OF_KEY = f"{_STATE} WHERE bucket_id = ? AND key = ? AND version > ? ORDER BY version LIMIT ?"
_EARLIER_KEYS = (
    f"{_STATE} WHERE bucket_id = ? AND key >= ? AND key < ? ORDER BY key DESC, version LIMIT ?"
)
_COUNT_NEWER = (
    "SELECT count(*) FROM"
    " (SELECT 1 FROM versions WHERE bucket_id = ? AND key = ? AND version > ? LIMIT ?)"
)
_UPLOADS = (
    "SELECT key, upload_id, initiated_ms FROM uploads"
    " WHERE bucket_id = ? AND (key, upload_id) > (?, ?) AND key < ?"
    " ORDER BY key, upload_id LIMIT ?"
)
_PART_BYTES = "SELECT coalesce(sum(size_bytes), 0) FROM parts WHERE upload_id = ?"


class Candidate(NamedTuple):
    """A version or an upload that a rule is over for.

    version    the number of the version; 0: an upload
    is_locked  it would go if a lock did not keep it
    """

    step: LifecycleStep
    version: int
    is_locked: bool


class Page(NamedTuple):
    """What a stretch of the index holds; `position` is where to go on, None at the end."""

    candidates: list[Candidate]
    position: tuple[str, Any] | None


class Done(NamedTuple):
    """What became of a candidate; `deletion` is None where nothing was done for a lock."""

    candidate: Candidate
    deletion: Deletion | None


def page(
    reader: Reader,
    bucket: BucketRecord,
    prefix: str,
    position: tuple[str, int] | None,
    decide: Decide,
    *,
    now_ms: int,
    limit: int,
) -> Page:
    """Look through some versions of keys that begin with `prefix`."""
    bucket_id = bucket.bucket_id
    if position is None:
        rows = reader.execute(_EARLIER_KEYS, (bucket_id, prefix, upper_bound(prefix), limit))
        found = rows.fetchall()
    else:
        key, version = position
        found = reader.execute(_NEWER_OF_KEY, (bucket_id, key, version, limit)).fetchall()
        found += reader.execute(
            _EARLIER_KEYS, (bucket_id, prefix, key, limit - len(found))
        ).fetchall()
    candidates = []
    seen_key = None if position is None else position[0]
    for row in found:
        candidate = _candidate(reader, bucket, row, decide, now_ms, has_older=row[1] == seen_key)
        seen_key = row[1]
        if candidate is not None:
            candidates.append(candidate)
    return Page(candidates, None if len(found) < limit else (found[-1][1], found[-1][0]))


def take_away(
    tx: Tx, bucket: BucketRecord, version: int, decide: Decide, *, now_ms: int
) -> Done | None:
    """Do what is to be done about a version now; None if that is nothing any more.

    bucket  as it is in this transaction
    """
    row = tx.execute(_ONE, (bucket.bucket_id, version)).fetchone()
    candidate = None if row is None else _candidate(tx, bucket, row, decide, now_ms)
    if candidate is None or candidate.is_locked:
        return None if candidate is None else Done(candidate, None)
    step = candidate.step
    version_id = None if step.action is LifecycleAction.EXPIRE else step.name
    try:
        deletion = objects.delete_object(
            tx, bucket, step.key, version_id, now_ms=now_ms, check=None
        )
    except AccessDenied:  # raised before anything was changed
        return Done(candidate._replace(is_locked=True), None)
    return Done(candidate, deletion)


def upload_page(
    reader: Reader,
    bucket: BucketRecord,
    prefix: str,
    position: tuple[str, str] | None,
    decide: DecideUpload,
    *,
    limit: int,
) -> Page:
    """Look through some open uploads of keys that begin with `prefix`."""
    start = position or (prefix, "")
    found = reader.execute(
        _UPLOADS, (bucket.bucket_id, *start, upper_bound(prefix), limit)
    ).fetchall()
    candidates = []
    for key, upload_id, initiated_ms in found:
        verdict = decide(key, initiated_ms)
        if verdict is not None:
            (size_bytes,) = reader.execute(_PART_BYTES, (upload_id,)).fetchone()
            step = LifecycleStep(*verdict, key, upload_id, size_bytes)
            candidates.append(Candidate(step, 0, is_locked=False))
    return Page(candidates, None if len(found) < limit else found[-1][:2])


def abort(tx: Tx, candidate: Candidate, *, now_ms: int) -> Candidate | None:
    """Abort an upload; return what was done, None if it was completed or aborted meanwhile."""
    upload_id = candidate.step.name
    (size_bytes,) = tx.execute(_PART_BYTES, (upload_id,)).fetchone()
    try:
        uploads.abort(tx, upload_id, now_ms)
    except NoSuchUpload:
        return None
    return candidate._replace(step=candidate.step._replace(size_bytes=size_bytes))


def _candidate(
    reader: Reader,
    bucket: BucketRecord,
    row: Iterable[Any],
    decide: Decide,
    now_ms: int,
    *,
    has_older: bool = False,
) -> Candidate | None:
    """What a row is found to be; `has_older` where older ones may have gone in this very run."""
    version, key, version_id, is_delete_marker, size_bytes, modified_ms, tags, *others = row
    noncurrent_ms, exists_older = others
    state = VersionState(
        key,
        size_bytes,
        versions.decode_tags(tags),
        modified_ms,
        is_delete_marker == 1,
        noncurrent_ms,
        noncurrent_ms is None and not exists_older and not has_older,
        lambda: _count_newer(reader, bucket.bucket_id, key, version),
    )
    verdict = decide(state)
    if verdict is None:
        return None
    is_hidden_only = verdict.action is LifecycleAction.EXPIRE and (
        bucket.versioning is Versioning.ENABLED
        or (bucket.versioning is Versioning.SUSPENDED and version_id != NULL_VERSION)
    )
    step = LifecycleStep(*verdict, key, version_id, 0 if is_hidden_only else size_bytes)
    return Candidate(
        step,
        version,
        not is_hidden_only and _is_locked(reader, bucket.bucket_id, key, version_id, now_ms),
    )


def _is_locked(reader: Reader, bucket_id: int, key: str, version_id: str, now_ms: int) -> bool:
    row = versions.named_row(reader, bucket_id, key, version_id)
    return row is not None and locks.is_locked(row.lock, now_ms, bypass=False)


def _count_newer(reader: Reader, bucket_id: int, key: str, version: int) -> int:
    """How many noncurrent versions are newer than a noncurrent one; the current one is not."""
    select = bucket_id, key, version, MOST_COUNTED + 1
    return int(reader.execute(_COUNT_NEWER, select).fetchone()[0]) - 1
