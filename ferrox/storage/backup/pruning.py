"""Removing old snapshots, and then the blobs that none of the others names.

A snapshot loses its record first, so that one whose blobs are going is none any more. Every blob
that is there is looked up in the indexes of the snapshots that stay, the newest first, which names
most of them; so nothing has to be kept in memory or counted along. If one of the snapshots that
stay is not what its record says of it, nothing is removed at all: what would go may be the last
whole one, and an index that is damaged does not name all that is needed.
"""

import contextlib
import os
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from ferrox.errors import DataCorrupted
from ferrox.storage.backup import databases
from ferrox.storage.backup.databases import INDEX
from ferrox.storage.backup.place import BackupPlace, SnapshotRecord
from ferrox.storage.backup.proofs import damaged_files
from ferrox.storage.blobs.whole import UNFINISHED

_NAMED = "SELECT 1 FROM blobs WHERE name = ?"


class Pruned(NamedTuple):
    """What was removed: snapshots by name, and blobs; or why nothing was that should have been."""

    snapshots: tuple[str, ...] = ()
    blob_count: int = 0
    blob_bytes: int = 0
    kept_because: str = ""


def prune(place: BackupPlace, keep_count: int) -> Pruned:
    """Keep the newest snapshots, as many as said; remove what only the others needed.

    raises  DataCorrupted when one of those that stay is damaged: then nothing is removed
    """
    snapshots = place.snapshots()
    going, staying = snapshots[:-keep_count], snapshots[-keep_count:]
    _require_whole(place, staying)
    with contextlib.ExitStack() as stack:
        indexes = [
            stack.enter_context(databases.opened(place.snapshot_path(record.name) / INDEX))
            for record in reversed(staying)
        ]
        for record in going:
            place.remove(record.name)
        blob_count = blob_bytes = 0
        for name in place.blobs.scan():
            if not any(names(index, name) for index in indexes):
                path = place.blobs.path(name)
                blob_count, blob_bytes = blob_count + 1, blob_bytes + os.stat(path).st_size
                os.unlink(path)
        _remove_unfinished_copies(Path(place.blobs.root))
    return Pruned(tuple(record.name for record in going), blob_count, blob_bytes)


def _require_whole(place: BackupPlace, staying: Iterable[SnapshotRecord]) -> None:
    damage = [one for record in staying for one in damaged_files(place, record)]
    if damage:
        told = "; ".join(f"{one.what} {one.reason}" for one in damage)
        raise DataCorrupted(f"a snapshot that stays is damaged: {told}")


def names(index: sqlite3.Connection, name: bytes) -> bool:
    """Whether the index of a snapshot names a blob."""
    try:
        return index.execute(_NAMED, (name,)).fetchone() is not None
    except sqlite3.Error as error:
        raise DataCorrupted(f"an index of a snapshot cannot be read: {error}") from error


def _remove_unfinished_copies(root: Path) -> None:
    """What copies left that were cut off."""
    for folder, _, names in os.walk(root):
        for name in names:
            if name.endswith(UNFINISHED):
                os.unlink(os.path.join(folder, name))
