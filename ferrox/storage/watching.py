"""Watching: what a store tells of itself to whoever watches the server."""

import os
from pathlib import Path
from typing import NamedTuple

from ferrox.storage.bodies import Bodies
from ferrox.storage.data_dir import DataDir
from ferrox.storage.metadata import figures
from ferrox.storage.metadata.figures import Figures


class Drive(NamedTuple):
    """What the drive says: sizes of files, and what is free.

    index_log_bytes  of the file that commits go to first
    free_bytes       what programs without privileges may still use
    """

    index_bytes: int
    index_log_bytes: int
    size_bytes: int
    free_bytes: int


class Watching(Bodies):
    """The figures of a store."""

    data_dir: DataDir

    async def figures(self, most_buckets: int) -> Figures:
        """Return what the index says; of so many buckets by name, those that hold most."""
        return await self._database.read_long(lambda reader: figures.read(reader, most_buckets))

    def drive(self) -> Drive:
        """Return what the drive says. It costs some microseconds."""
        path = self.data_dir.index_path
        found = os.statvfs(self.data_dir.blobs_path)
        return Drive(
            _size(path),
            _size(path.with_name(f"{path.name}-wal")),
            found.f_blocks * found.f_frsize,
            found.f_bavail * found.f_frsize,
        )

    def is_full(self) -> bool:
        """Whether only what makes room is written."""
        return self._room.is_short()


def _size(path: Path) -> int:
    """The size of a file that may not be there."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
