"""Making a snapshot beside a running server.

    1  take the hold of the blobs, so that none is removed (see `storage.blob_hold`)
    2  copy the databases as of one instant (see `databases`); let go of them
    3  copy the blobs that the copied index names and the place does not have; let go of the hold
    4  write the record, and only then remove old snapshots

Each step is durable before the next one begins. What was cut off has no record, and the blobs it
left are taken over by the next backup.

Blobs and small objects are verified on the way. What is damaged is noted in the record, and all
the rest is copied: one rotten object must not keep the others from being saved. But a run that
found damage removes nothing old, as the last good copy may be there.
"""

import contextlib
import os
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from ferrox import __version__
from ferrox.clock import Clock
from ferrox.errors import DataCorrupted, StartError
from ferrox.storage.backup import databases
from ferrox.storage.backup.blob_copies import Copied, copy_missing
from ferrox.storage.backup.databases import (
    DATABASES,
    INDEX,
    KEY_FILE,
    SETTINGS,
    Pinned,
    Progress,
    no_progress,
)
from ferrox.storage.backup.place import (
    BackupPlace,
    FileProof,
    LostBlob,
    SnapshotRecord,
    snapshot_name,
    sync,
    unwritable,
)
from ferrox.storage.backup.pruning import Pruned, prune
from ferrox.storage.blob_hold import BlobHold
from ferrox.storage.blobs.files import FileBlobStore
from ferrox.storage.data_dir import BLOBS, BLOBS_HOLD, MARKER, write_durably
from ferrox.storage.metadata.holders import holders, inline_holder

MOST_HOLDERS = 100
"""Objects that the record names for each damaged blob."""

INLINE = "index"
"""What stands for the blob of damaged bytes that lie in the index."""

Stages = Callable[[str], Progress]
"""Told the name of what begins now; returns whom to tell how far it is."""


class Backup(NamedTuple):
    """What was done."""

    record: SnapshotRecord
    copied: Copied
    pruned: Pruned


class _Totals(NamedTuple):
    """What a snapshot holds."""

    blob_count: int
    blob_bytes: int
    object_count: int
    version_count: int


def make(
    data_dir: Path,
    destination: Path,
    clock: Clock,
    *,
    keep_count: int | None = None,
    stages: Stages = lambda _name: no_progress,
) -> Backup:
    """Make a snapshot of a data directory, whether a server uses it or not.

    keep_count  how many snapshots stay; None: all
    raises      StartError when there is nothing to back up, or it cannot be written;
                DataCorrupted when the databases are damaged
    """
    if not (data_dir / INDEX).exists():
        raise StartError(f"there is no data directory at {data_dir.absolute()}")
    _require_apart(data_dir, destination)
    try:
        return _made(data_dir, destination, clock, keep_count, stages)
    except OSError as error:
        raise unwritable(destination, error) from error


def _made(
    data_dir: Path, destination: Path, clock: Clock, keep_count: int | None, stages: Stages
) -> Backup:
    """The same, where nothing speaks against it; OSError."""
    with contextlib.ExitStack() as stack:
        with BlobHold(data_dir / BLOBS_HOLD).keeping():
            with databases.pinned(data_dir, clock) as pinned:
                place = BackupPlace.open_or_make(destination, pinned.source)
                stack.enter_context(place.locked(alone=True))
                left = place.unfinished()
                name = _begin(place, pinned.created_ms)
                folder = place.snapshot_path(name)
                names = _copy_files(pinned, data_dir, folder, stages)
            files = _proofs(folder, names)
            source = FileBlobStore(data_dir / BLOBS)
            copied, totals = _copy_blobs(place, name, source, bool(left), stages)
        with databases.opened(folder / INDEX) as index:
            lost = _lost(index, copied.damaged, databases.damaged_inline(index))
        record = _record(name, pinned, totals, files, lost)
        place.finish(record)
        for one in left:
            place.remove(one)
        return Backup(record, copied, _prune(place, record, keep_count))


def _record(
    name: str,
    pinned: Pinned,
    totals: _Totals,
    files: dict[str, FileProof],
    lost: tuple[LostBlob, ...],
) -> SnapshotRecord:
    return SnapshotRecord(
        name,
        pinned.created_ms,
        __version__,
        pinned.index_format,
        totals.blob_count,
        totals.blob_bytes,
        totals.object_count,
        pinned.secrets,
        files,
        lost,
        totals.version_count,
    )


def _require_apart(data_dir: Path, destination: Path) -> None:
    inner, outer = destination.resolve(), data_dir.resolve()
    if inner == outer or outer in inner.parents or inner in outer.parents:
        raise StartError("a backup and its data directory cannot lie within one another")


def _prune(place: BackupPlace, record: SnapshotRecord, keep_count: int | None) -> Pruned:
    """Remove what is old, if that was asked for and nothing speaks against it."""
    if keep_count is None:
        return Pruned()
    if record.lost:
        return Pruned(kept_because="something is damaged in the data directory")
    try:
        return prune(place, keep_count)
    except DataCorrupted as damage:
        return Pruned(kept_because=str(damage))


def _begin(place: BackupPlace, created_ms: int) -> str:
    """Make the directory of a snapshot; return its name."""
    while True:
        name = snapshot_name(created_ms)
        with contextlib.suppress(FileExistsError):
            place.snapshot_path(name).mkdir(mode=0o700)
            return name
        created_ms += 1


def _copy_files(pinned: Pinned, data_dir: Path, folder: Path, stages: Stages) -> list[str]:
    """Copy everything but the blobs; durable on return. The names of the files."""
    databases.copy(pinned.index_reader, folder / INDEX, stages("index"))
    if pinned.settings_reader is not None:
        databases.copy(pinned.settings_reader, folder / SETTINGS)
    write_durably(folder / MARKER, (data_dir / MARKER).read_bytes(), sync)
    if pinned.key_file is not None:
        write_durably(folder / KEY_FILE, pinned.key_file, sync)
    return sorted(os.listdir(folder))


def _proofs(folder: Path, names: list[str]) -> dict[str, FileProof]:
    """What proves the copies, which must be sound."""
    for name in names:
        if name in DATABASES:
            databases.require_sound(folder / name)
    return {name: databases.prove(folder / name) for name in names}


def _copy_blobs(
    place: BackupPlace, name: str, source: FileBlobStore, after_cut: bool, stages: Stages
) -> tuple[Copied, _Totals]:
    with databases.opened(place.snapshot_path(name) / INDEX) as index:
        totals = _Totals(
            *index.execute("SELECT count(*), coalesce(sum(size_bytes), 0) FROM blobs").fetchone(),
            *index.execute("SELECT count(*) FROM objects").fetchone(),
            *index.execute("SELECT count(*) FROM versions").fetchone(),
        )
        copied = copy_missing(
            index.execute("SELECT name, size_bytes FROM blobs"),
            source,
            place.blobs,
            stages("blobs"),
            totals.blob_bytes,
            after_cut=after_cut,
        )
    return copied, totals


def _lost(
    index: sqlite3.Connection, damaged: dict[bytes, str], inline: Iterable[int]
) -> tuple[LostBlob, ...]:
    """What could not be copied whole, and who needs it."""
    needed: defaultdict[bytes, list[str]] = defaultdict(list)
    if damaged:
        for name, holder in holders(index, damaged):
            if len(needed[name]) < MOST_HOLDERS:
                needed[name].append(holder)
    lost = [LostBlob(name.hex(), reason, tuple(needed[name])) for name, reason in damaged.items()]
    lost += [
        LostBlob(INLINE, "bytes in the index fail their CRC-32C", (inline_holder(index, version),))
        for version in inline
    ]
    return tuple(lost)
