"""Watching: what a store tells of itself to whoever watches the server."""

import contextlib
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
    problem          why it says nothing, if it does not
    """

    index_bytes: int = 0
    index_log_bytes: int = 0
    size_bytes: int = 0
    free_bytes: int = 0
    problem: str = ""


class Watching(Bodies):
    """The figures of a store."""

    data_dir: DataDir

    async def figures(self, most_buckets: int) -> Figures:
        """Return what the index says; of so many buckets by name, those that hold most."""
        return await self._database.read_long(lambda reader: figures.read(reader, most_buckets))

    def drive(self) -> Drive:
        """Return what the drive says. It costs some microseconds."""
        path = self.data_dir.index_path
        try:
            found = os.statvfs(self.data_dir.blobs_path)
            return Drive(
                _size(path),
                _size(path.with_name(f"{path.name}-wal")),
                found.f_blocks * found.f_frsize,
                found.f_bavail * found.f_frsize,
            )
        except OSError as error:  # all the more everything else is wanted
            return Drive(problem=f"{error.filename or path}: {error.strerror}")

    def is_full(self) -> bool:
        """Whether only what makes room is written."""
        with contextlib.suppress(OSError):
            return self._room.is_short()
        return False


def _size(path: Path) -> int:
    """The size of a file that may not be there."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
