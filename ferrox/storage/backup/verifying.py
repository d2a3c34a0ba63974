"""Verifying backups: every byte of every snapshot, against the checksums it was written with.

Each blob is read once, however many snapshots name it.
"""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from typing import NamedTuple

from ferrox.storage.backup import databases
from ferrox.storage.backup.blob_copies import Named, verify_all
from ferrox.storage.backup.databases import INDEX
from ferrox.storage.backup.making import Stages
from ferrox.storage.backup.place import BackupPlace, SnapshotRecord
from ferrox.storage.backup.proofs import Damage, damaged_files
from ferrox.storage.backup.pruning import names
from ferrox.storage.metadata.holders import holders


class Verification(NamedTuple):
    """What was found; `removed_count` says how many damaged blobs were removed on request."""

    snapshots: tuple[SnapshotRecord, ...]
    blob_count: int
    damage: tuple[Damage, ...]
    removed_count: int = 0


def verify(place: BackupPlace, stages: Stages, *, drop_damaged: bool = False) -> Verification:
    """Read everything, but for blobs that are only in snapshots whose index is damaged.

    drop_damaged  remove blobs that are damaged, so that the next backup copies them anew
    """
    with place.locked(alone=drop_damaged):
        snapshots, unreadable = place.look()
        damage = [
            Damage(f"snapshots/{name}/snapshot.json", "is not what was written")
            for name in unreadable
        ]
        broken = {record.name: list(damaged_files(place, record)) for record in snapshots}
        damage += [one for some in broken.values() for one in some]
        damaged: dict[bytes, str] = {}
        blob_count = 0
        with contextlib.ExitStack() as stack:
            newer: list[sqlite3.Connection] = []
            for record in reversed(snapshots):
                if any(one.file == INDEX for one in broken[record.name]):
                    continue  # which blobs are its own nobody knows
                path = place.snapshot_path(record.name) / INDEX
                index = stack.enter_context(databases.opened(path))
                named = list_named(index, record, newer)
                progress = stages(f"blobs of {record.name}")
                found = verify_all(named, place.blobs, progress, record.blob_bytes)
                damage += _told(place, index, found)
                damaged |= found
                newer.append(index)
                blob_count += record.blob_count
        removed_count = _drop(place, damaged) if drop_damaged else 0
        return Verification(tuple(snapshots), blob_count, tuple(damage), removed_count)


def list_named(
    index: sqlite3.Connection, record: SnapshotRecord, newer: list[sqlite3.Connection]
) -> Iterator[Named]:
    """The blobs of a snapshot that no newer one names, but for those that it never had.

    newer  the newest first; the neighbour, which names most, is asked first
    """
    lost = {one.name for one in record.lost}
    for name, size_bytes in index.execute("SELECT name, size_bytes FROM blobs"):
        if name.hex() in lost:
            continue
        if any(names(one, name) for one in reversed(newer)):
            continue
        yield name, size_bytes


def _told(
    place: BackupPlace, index: sqlite3.Connection, found: dict[bytes, str]
) -> Iterator[Damage]:
    needed: dict[bytes, list[str]] = {name: [] for name in found}
    if found:
        for name, holder in holders(index, found):
            needed[name].append(holder)
    for name, reason in found.items():
        what = os.path.relpath(place.blobs.path(name), place.path)
        yield Damage(what, reason, tuple(needed[name]))


def _drop(place: BackupPlace, damaged: dict[bytes, str]) -> int:
    removed_count = 0
    for name in damaged:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(place.blobs.path(name))
            removed_count += 1
    return removed_count
