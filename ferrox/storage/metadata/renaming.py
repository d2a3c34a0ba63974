"""Renaming: one key becomes another in one transaction; no bytes move, whatever their number.

    bucket is     the new key                     the old key
    Unversioned   shows the object, of old date   is gone
    Enabled       has one more version            has one more version: a delete marker
    Suspended     has another null version        has another null version: a delete marker

So what renames in a bucket that keeps versions destroys nothing, and both keys can be brought back
to what they were. The new version is dated now there: it was not under this key before.

A request may carry a token of the client's own. The same request under the same token is not done
again within USED_FOR_MS: a client that never got the answer asks again, and is told the same.
"""

from collections.abc import Callable
from typing import NamedTuple

from ferrox.errors import IdempotencyParameterMismatch
from ferrox.records import BucketRecord, Deletion, Versioning, VersionRecord
from ferrox.storage.metadata import objects
from ferrox.storage.metadata.database import Tx

RenameCheck = Callable[[VersionRecord | None, VersionRecord | None], VersionRecord]
"""Given what the old and the new key show; returns the former, or raises to refuse."""

USED_FOR_MS = 24 * 60 * 60 * 1000

_USED = "SELECT request FROM client_tokens WHERE bucket_id = ? AND token = ? AND used_ms > ?"
_USE = (
    "INSERT OR REPLACE INTO client_tokens (bucket_id, token, request, used_ms) VALUES (?, ?, ?, ?)"
)


class Token(NamedTuple):
    """What makes a request one that is done once.

    request  all that it asks for, in a form that can be compared
    """

    token: str
    request: str


def rename(
    tx: Tx,
    bucket: BucketRecord,
    source_key: str,
    key: str,
    *,
    check: RenameCheck,
    token: Token | None,
    now_ms: int,
) -> tuple[VersionRecord, Deletion] | None:
    """Give the object that a key shows another key.

    Return what the new key shows and what became of the old one; None if it was done before.
    """
    place = objects.look(tx, bucket, key)
    if place.versioning is Versioning.UNVERSIONED:
        place = place.without_quota()  # the bucket will hold no more than it does
    if token is not None and _is_used(tx, bucket, token, now_ms):
        return None
    source = check(objects.current(tx, bucket, source_key), objects.current(tx, bucket, key))
    renamed = objects.repeat_version(tx, place, bucket, source, key, now_ms=now_ms)
    deletion = objects.delete_object(tx, bucket, source_key, None, now_ms=now_ms, check=None)
    if place.versioning is Versioning.UNVERSIONED:
        _date(tx, renamed, source.modified_ms)
    if token is not None:
        tx.execute(_USE, (bucket.bucket_id, *token, now_ms))
    return renamed, deletion


def forget_tokens(tx: Tx, now_ms: int) -> None:
    """Forget tokens that nobody comes back with any more."""
    tx.execute("DELETE FROM client_tokens WHERE used_ms <= ?", (now_ms - USED_FOR_MS,))


def _is_used(tx: Tx, bucket: BucketRecord, token: Token, now_ms: int) -> bool:
    """Whether this very request was done before; raise if another one was."""
    since_ms = now_ms - USED_FOR_MS
    row = tx.execute(_USED, (bucket.bucket_id, token.token, since_ms)).fetchone()
    if row is not None and row[0] != token.request:
        raise IdempotencyParameterMismatch
    return row is not None


def _date(tx: Tx, renamed: VersionRecord, modified_ms: int) -> None:
    for table in ("versions", "objects"):
        tx.execute(
            f"UPDATE {table} SET modified_ms = ? WHERE version = ? AND bucket_id = ? AND key = ?",
            (modified_ms, renamed.version, renamed.bucket_id, renamed.key),
        )
