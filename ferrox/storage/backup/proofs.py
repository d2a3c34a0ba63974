"""Proofs: whether the files of a snapshot, beside its blobs, are what its record says of them."""

import os
from collections.abc import Iterator
from typing import NamedTuple

from ferrox.errors import DataCorrupted
from ferrox.storage.backup import databases
from ferrox.storage.backup.place import BackupPlace, SnapshotRecord


class Damage(NamedTuple):
    """Something that is not as it was written.

    what     a file below the place
    holders  objects that need it, where it is a blob
    """

    what: str
    reason: str
    holders: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        """What the file is called."""
        return os.path.basename(self.what)


def damaged_files(place: BackupPlace, record: SnapshotRecord) -> Iterator[Damage]:
    """Compare the files of a snapshot beside its blobs with its record."""
    for name, proof in record.files.items():
        path = place.snapshot_path(record.name) / name
        what = f"snapshots/{record.name}/{name}"
        try:
            if databases.prove(path) != proof:
                yield Damage(what, "is not what was written")
        except OSError as error:
            yield Damage(what, f"cannot be read: {error.strerror}")


def require_sound_files(place: BackupPlace, record: SnapshotRecord) -> None:
    """DataCorrupted if one of the files of a snapshot is not what was written."""
    for damage in damaged_files(place, record):
        raise DataCorrupted(f"{place.path / damage.what} {damage.reason}")
