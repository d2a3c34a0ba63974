"""What is to be done about one key, given what both sides have of it. Pure: entries in, plan out.

Both sides are compared, nothing is remembered: whatever ended the last run, the next one goes on
from what is there. In a bucket that keeps versions each version of the source is found again by its
id. What is new at the target becomes the newest version of its key, so versions are copied oldest
first, and one that is missing below others which are there cannot be put in its place any more.

What only the target has was removed at the source, or written at the target; the second is never
buried under something older.
"""

from collections.abc import Sequence
from typing import NamedTuple

from ferrox.migration.entries import Entry
from ferrox.protocol.provenance import keeps_id
from ferrox.records import NULL_VERSION

NEWER_AT_TARGET = "NewerAtTarget"
OUT_OF_ORDER = "OutOfOrder"


class KeyPlan(NamedTuple):
    """What is to be done about a key.

    copy      what the target lacks, or has otherwise, oldest first
    present   what it has already
    extra     what only the target has
    conflict  why nothing is copied that should be; or ""
    newer     what the target has of its own, and stays newer than all that is copied; or None
    replaced  ETag of what the target shows and the copy replaces, "" if it shows nothing: should it
              be another by then, it stays; None: the copy is added to what there is
    """

    copy: tuple[Entry, ...] = ()
    present: tuple[Entry, ...] = ()
    extra: tuple[Entry, ...] = ()
    conflict: str = ""
    replaced: str | None = None
    newer: Entry | None = None

    @property
    def copied_bytes(self) -> int:
        """How much that is."""
        return sum(entry.size_bytes for entry in self.copy)


def is_same(source: Entry, target: Entry) -> bool:
    """Whether the target has just this version.

    A version with an id of its own never changes, so its ETag need not be looked at: there are
    servers (MinIO, of what it encrypts) whose listings say another one than the object does.
    """
    if source.is_marker != target.is_marker or source.modified_s != target.modified_s:
        return False
    if source.size_bytes != target.size_bytes:
        return False
    if source.version_id not in {"", NULL_VERSION} and keeps_id(source.version_id):
        return source.version_id == target.version_id
    is_id_same = source.version_id in {"", target.version_id} or not keeps_id(source.version_id)
    return is_id_same and source.etag == target.etag


def plan_versions(source: Sequence[Entry], target: Sequence[Entry]) -> KeyPlan:
    """Plan a key of a bucket that keeps versions; both sides oldest first.

    The target puts what is copied where its time says, so it is out of order only if it belongs
    below what is there already without being older.
    """
    left = _Unmatched(target)
    copy: list[Entry] = []
    present: list[Entry] = []
    is_out_of_order = False
    before: Entry | None = None
    for entry in source:
        if (there := left.take(entry)) is not None:
            present.append(entry)
            is_out_of_order |= any(missing.modified_ms >= there.modified_ms for missing in copy)
        else:
            copy.append(_following(entry, before))
        before = entry
    replaced = {entry.version_id for entry in copy if entry.version_id == NULL_VERSION}
    extra = tuple(entry for entry in left.entries if entry.version_id not in replaced)
    plan = KeyPlan(tuple(copy), tuple(present), extra)
    if is_out_of_order:
        return plan._replace(conflict=OUT_OF_ORDER)
    if copy and extra and extra[-1].modified_ms > source[-1].modified_ms:
        return plan._replace(newer=extra[-1])
    return plan


def _following(entry: Entry, before: Entry | None) -> Entry:
    """The entry, which knows what it follows where its time does not say so."""
    if before is None or before.modified_ms <= entry.modified_ms or not keeps_id(before.version_id):
        return entry
    return entry._replace(follows=before.version_id)


class _Unmatched:
    """What the target has of a key, less what was found to be the source's."""

    def __init__(self, target: Sequence[Entry]) -> None:
        self._by_id = {entry.version_id: entry for entry in target}

    @property
    def entries(self) -> list[Entry]:
        """What is left, oldest first."""
        return list(self._by_id.values())

    def take(self, source: Entry) -> Entry | None:
        """Take what is the same as a version of the source, if there is any."""
        if source.version_id and keeps_id(source.version_id):
            there = self._by_id.get(source.version_id)
            found = there if there is not None and is_same(source, there) else None
        else:
            found = next((other for other in self._by_id.values() if is_same(source, other)), None)
        return None if found is None else self._by_id.pop(found.version_id)


def plan_current(source: Sequence[Entry], target: Sequence[Entry]) -> KeyPlan:
    """Plan a key of which only the current state counts; at most one entry of the source."""
    there = next((entry for entry in target if entry.is_latest), None)
    is_shown = there is not None and not there.is_marker
    if not source:
        return KeyPlan(extra=(there._replace(version_id=""),) if there and is_shown else ())
    (entry,) = source
    if there is None:
        return KeyPlan(copy=(entry,), replaced="")
    if is_shown and is_same(entry._replace(version_id=""), there):
        return KeyPlan(present=(entry,))
    if there.modified_ms > entry.modified_ms:
        return KeyPlan(copy=(entry,), conflict=NEWER_AT_TARGET)
    return KeyPlan(copy=(entry,), replaced=there.etag if is_shown else "")
