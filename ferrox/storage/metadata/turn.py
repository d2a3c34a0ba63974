"""Turn: the right to write, which one process has at a time.

SQLite lets one process write and has the others try again after a while: who comes next is chance,
and the while is long. Here they wait in the kernel, and while they wait their batches grow.

A process that gives its turn back and wants it again at once would have it again before those who
were woken can take it. So there are two locks: whoever waits for `turn` holds `next`, and who wants
to wait must get that first.

The kernel takes locks away from a process that ends. Each process opens the files itself: an open
file that is inherited by fork shares its lock.
"""

import contextlib
import fcntl
import os
from pathlib import Path
from types import TracebackType


class Turn:
    """Waits, for one thread of this process."""

    def __init__(self, path: Path) -> None:
        self._fds = [open_lock(path.with_suffix(suffix)) for suffix in (".turn", ".next")]

    def __enter__(self) -> None:
        turn, following = self._fds
        fcntl.flock(following, fcntl.LOCK_EX)
        try:
            fcntl.flock(turn, fcntl.LOCK_EX)
        finally:
            fcntl.flock(following, fcntl.LOCK_UN)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        fcntl.flock(self._fds[0], fcntl.LOCK_UN)

    def close(self) -> None:
        """Let go of the files."""
        while self._fds:
            os.close(self._fds.pop())


def open_lock(path: Path) -> int:
    """A file to be locked, made if need be.

    If root makes it, it is given to whom the directory belongs to, or a server of that user could
    not open it any more.
    """
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    if os.geteuid() == 0:
        with contextlib.suppress(OSError):  # root without that right, or a file system without it
            owner = os.stat(path.parent)
            os.fchown(fd, owner.st_uid, owner.st_gid)
    return fd
