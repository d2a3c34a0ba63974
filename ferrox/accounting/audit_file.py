"""The file of the audit log: whole lines of several processes, rotated by size.

Every process has the file open for appending. To write, it locks the file that the name leads to
now: one that was renamed meanwhile, by another process of this server or by somebody's logrotate,
is let go of and the new one is opened. So nothing needs to be told when the file is moved away. A
lock on the file itself is held by no dead process, and works between servers, too.

What cannot be written whole is taken back, so that a full disk leaves no part of a line. Rotation
renames: FILE becomes FILE.1, that FILE.2, and so on; the oldest is replaced.
"""

import errno
import fcntl
import os
import stat
from pathlib import Path

_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
_MODE = 0o600


class AuditFile:
    """One process's way to the file.

    max_bytes  at which the file is rotated; 0: never
    keep       how many older files there are at most
    """

    def __init__(self, path: Path, *, max_bytes: int = 0, keep: int = 1) -> None:
        self.name = str(path)
        self._path = path
        self._max_bytes = max_bytes
        self._keep = keep
        self._fd = -1

    def append(self, data: bytes) -> None:
        """Write whole lines, or nothing: OSError."""
        found = self._lock()
        is_file = stat.S_ISREG(found.st_mode)
        if is_file and self._max_bytes and 0 < found.st_size > self._max_bytes - len(data):
            self._rotate()
            found = self._lock()
        try:
            self._write(data, found.st_size if is_file else None)
        finally:
            fcntl.flock(self._fd, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let go of the file."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _lock(self) -> os.stat_result:
        """Lock the file that the name leads to; return what is known of it."""
        while True:
            if self._fd < 0:
                self._fd = os.open(self._path, _FLAGS, _MODE)
            try:
                fcntl.flock(self._fd, fcntl.LOCK_EX)
                found = os.fstat(self._fd)
                named = os.stat(self._path)
            except FileNotFoundError:
                self.close()
                continue
            if (found.st_dev, found.st_ino) == (named.st_dev, named.st_ino):
                return found
            self.close()

    def _rotate(self) -> None:
        """Rename the locked file and older ones; nobody else does so before it is let go of."""
        try:
            for number in range(self._keep - 1, 0, -1):
                if self._aged(number).exists():
                    self._aged(number).replace(self._aged(number + 1))
            self._path.replace(self._aged(1))
        finally:
            self.close()

    def _aged(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}")

    def _write(self, data: bytes, former_bytes: int | None) -> None:
        written = os.write(self._fd, data)
        if written == len(data):
            return
        if former_bytes is None:  # a pipe or a terminal takes what it can
            self._write(data[written:], None)
            return
        os.ftruncate(self._fd, former_bytes)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), self.name)
