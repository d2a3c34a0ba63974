"""Blob hold: whoever copies blob files keeps the reaper from removing them meanwhile.

A backup copies the blobs that one state of the index names. Blobs that lose their last name while
it copies must stay until it is done, although it runs in a process of its own, of which the server
knows nothing. So both lock one file in the data directory: copiers share it for as long as they
copy, and the reaper takes it alone for each batch that it removes. The reaper never waits: what it
cannot remove now stays on the garbage list. The kernel takes the lock from a process that ends,
so a copier that was killed holds nothing.

Each block opens the file itself: an open file that is inherited by fork shares its lock.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from ferrox.storage.metadata.turn import open_lock


class BlobHold:
    """The lock of one data directory."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextlib.contextmanager
    def keeping(self) -> Iterator[None]:
        """A block in which no blob is removed. Waits while a batch is being removed."""
        with self._open() as fd:
            fcntl.flock(fd, fcntl.LOCK_SH)
            yield

    @contextlib.contextmanager
    def removing(self) -> Iterator[bool]:
        """A block that may remove blobs if it is given True: nobody copies any. Never waits."""
        with self._open() as fd:
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True

    @contextlib.contextmanager
    def _open(self) -> Iterator[int]:
        fd = open_lock(self._path)
        try:
            yield fd
        finally:
            os.close(fd)
