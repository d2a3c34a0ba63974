"""Restoring: a snapshot becomes a data directory, verified on the way.

`restore.json` is there from the first step to the last and says which snapshot it is; no server
takes a directory that has it. The marker of a data directory is written when everything else is
durable, and then `restore.json` goes. So a restore that was cut off is either completed by the same
command, which copies only what is not there yet, or refused by everybody.
"""

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ferrox.errors import DataCorrupted, StartError
from ferrox.quantities import counted
from ferrox.storage.backup import databases
from ferrox.storage.backup.blob_copies import Copied, copy_missing
from ferrox.storage.backup.databases import DATABASES, INDEX, KEY_FILE
from ferrox.storage.backup.making import Stages
from ferrox.storage.backup.place import BackupPlace, FileProof, SnapshotRecord, sync, unwritable
from ferrox.storage.backup.proofs import require_sound_files
from ferrox.storage.backup.verifying import list_named
from ferrox.storage.blobs.files import FileBlobStore
from ferrox.storage.blobs.whole import UNFINISHED
from ferrox.storage.data_dir import (
    BLOBS,
    MARKER,
    NOT_CONTENT,
    RESTORING,
    take_lock,
    write_durably,
)
from ferrox.storage.metadata.schema import MIGRATIONS

_FILES = frozenset({*DATABASES, KEY_FILE, MARKER})
"""What a snapshot may bring along. A record is no proof of who wrote it: nothing else is made."""

_BLOCK_BYTES = 1024 * 1024


class Restored(NamedTuple):
    """What was done; `lost` names blobs that are missing in the new data directory."""

    record: SnapshotRecord
    copied_count: int
    copied_bytes: int
    lost: dict[str, str]


def restore(
    place: BackupPlace,
    record: SnapshotRecord,
    data_dir: Path,
    stages: Stages,
    *,
    accept_losses: bool = False,
) -> Restored:
    """Make a data directory of a snapshot.

    accept_losses  go on without blobs that are damaged, here or when the snapshot was made
    raises         StartError when that cannot be done here; DataCorrupted when something is damaged
    """
    if record.index_format > len(MIGRATIONS):
        raise StartError(f"snapshot {record.name} was made by a newer ferroxd ({record.version})")
    if strangers := record.files.keys() - _FILES:
        raise DataCorrupted(
            f"snapshot {record.name} has {min(strangers)!r}, which no data directory has"
        )
    lost = {one.name: one.reason for one in record.lost}
    if lost and not accept_losses:
        raise DataCorrupted(
            f"snapshot {record.name} lacks {counted(len(lost), 'blob')}, damaged when it was made;"
            " an older one may have what is missing, --accept-losses goes on without"
        )
    with place.locked(alone=False):
        require_sound_files(place, record)
        try:
            with _claimed(data_dir, place, record) as is_resumed:
                copied = _copy_blobs(place, record, data_dir, stages, after_cut=is_resumed)
                lost |= {name.hex(): reason for name, reason in copied.damaged.items()}
                if copied.damaged and not accept_losses:
                    reason = next(iter(copied.damaged.values()))
                    raise DataCorrupted(
                        f"damaged in the backup: {counted(len(copied.damaged), 'blob')}, the first:"
                        f" {reason}; --accept-losses goes on without"
                    )
                _copy_files(place, record, data_dir)
        except OSError as error:
            raise unwritable(data_dir, error) from error
    return Restored(record, copied.new_count, copied.new_bytes, lost)


@contextlib.contextmanager
def _claimed(data_dir: Path, place: BackupPlace, record: SnapshotRecord) -> Iterator[bool]:
    """Have a directory for the length of a block; whether this was begun before.

    It is a data directory if the block ends well, and cannot be used as one otherwise.
    """
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    order = {"source": place.source, "snapshot": record.name}
    _require_free(data_dir, order)  # or something of somebody else may be called like the lock
    lock_fd = take_lock(data_dir)
    try:
        is_resumed = _require_free(data_dir, order)
        if not is_resumed:
            write_durably(data_dir / RESTORING, json.dumps(order).encode() + b"\n")
            with contextlib.suppress(PermissionError):  # a mount point under a closed directory
                sync(data_dir.parent)
        yield is_resumed
        sync(data_dir)
        (data_dir / RESTORING).unlink()
        sync(data_dir)
    finally:
        os.close(lock_fd)


def _require_free(data_dir: Path, order: dict[str, str]) -> bool:
    """Whether the same was begun here before; StartError if something else is here."""
    try:
        begun = (data_dir / RESTORING).read_bytes()
    except FileNotFoundError:
        strangers = set(os.listdir(data_dir)) - NOT_CONTENT - {RESTORING + ".new"}
        if strangers:
            raise StartError(f"{data_dir} is not empty (it holds {min(strangers)!r})") from None
        return False
    try:
        is_same = json.loads(begun) == order
    except ValueError:
        is_same = False
    if not is_same:
        raise StartError(
            f"another snapshot was being restored into {data_dir}: remove it, or restore that one"
        )
    return True


def _copy_blobs(
    place: BackupPlace, record: SnapshotRecord, data_dir: Path, stages: Stages, *, after_cut: bool
) -> Copied:
    blobs_path = data_dir / BLOBS
    blobs_path.mkdir(mode=0o700, exist_ok=True)
    with databases.opened(place.snapshot_path(record.name) / INDEX) as index:
        return copy_missing(
            list_named(index, record, []),
            place.blobs,
            FileBlobStore(blobs_path),
            stages("blobs"),
            record.blob_bytes,
            after_cut=after_cut,
        )


def _copy_files(place: BackupPlace, record: SnapshotRecord, data_dir: Path) -> None:
    """Copy all but the blobs, the marker last."""
    for name in sorted(record.files, key=lambda name: name == MARKER):
        source = place.snapshot_path(record.name) / name
        _copy_file(source, data_dir / name, record.files[name])


def _copy_file(source: Path, target: Path, proof: FileProof) -> None:
    """Copy a file, which must be what it was; it is durable on return, and mode 0600."""
    unfinished = target.with_name(target.name + UNFINISHED)
    unfinished.unlink(missing_ok=True)
    fd = os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    digest = hashlib.sha256()
    with source.open("rb") as reader, open(fd, "wb", buffering=0) as writer:
        while block := reader.read(_BLOCK_BYTES):
            digest.update(block)
            view = memoryview(block)
            while view:
                view = view[writer.write(view) or 0 :]
        os.fsync(fd)
        found = FileProof(writer.tell(), digest.hexdigest())
    if found != proof:
        unfinished.unlink()
        raise DataCorrupted(f"{source} changed while it was copied")
    unfinished.rename(target)
    sync(target.parent)
