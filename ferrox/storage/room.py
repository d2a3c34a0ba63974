"""Room: what must stay free on the drive, so that a full one can still be deleted from.

A delete needs room before it gives any back: for its record in the log of the index, and for the
pages by which the index grows when the log is copied back. Bytes are therefore refused while less
than a reserve is free, and only what makes room may use it. Somebody else may fill the drive all
the same; then deletes are refused, too, until the log has been copied back or somebody else makes
room.
"""

import os
from pathlib import Path

from ferrox.errors import StorageFull

RESERVE_BYTES = 64 * 1024 * 1024
"""On all but small drives."""

SMALLEST_SHARE = 16
"""Of a small drive, the reserve is this fraction."""


class Room:
    """The free space of the drive that a directory lies on. Asking costs 2 µs."""

    def __init__(self, path: Path) -> None:
        self._path = path
        found = os.statvfs(path)
        # Some file systems do not know how large they are: then there is no reserve.
        self.reserve_bytes = min(RESERVE_BYTES, found.f_blocks * found.f_frsize // SMALLEST_SHARE)
        self.owed_bytes = 0
        """by which the index will grow when its log is copied back"""

    def is_short(self, more_bytes: int = 0) -> bool:
        """Whether so many bytes more would touch the reserve."""
        if not self.reserve_bytes:
            return False
        found = os.statvfs(self._path)
        free_bytes = found.f_bavail * found.f_frsize
        return free_bytes < self.reserve_bytes + self.owed_bytes + more_bytes

    def require(self, more_bytes: int = 0) -> None:
        """StorageFull if so many bytes more would touch the reserve."""
        if self.is_short(more_bytes):
            raise StorageFull(f"what is free is kept for deleting ({self.reserve_bytes} bytes)")
