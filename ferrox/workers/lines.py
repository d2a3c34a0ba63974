"""Whole lines from several processes into one log.

The kernel keeps a write to a pipe together only up to 4 KiB, and Python splits long ones by
itself. So a process that writes holds a lock which the other processes respect. It is a record
lock: processes that were forked from each other exclude each other with one open file, and a
process that dies lets go.
"""

import contextlib
import fcntl
import os
import threading
from collections.abc import Iterator
from typing import IO, TextIO


def new_lock() -> IO[bytes]:
    """A file that is only there to be locked, by this process and by those forked from it."""
    with contextlib.suppress(AttributeError, OSError):  # Linux has files that lie nowhere
        return open(os.memfd_create("ferroxd lock"), "w+b")
    import tempfile

    return tempfile.TemporaryFile()


class WholeLines:
    """A stream for log lines that does not let go until everything it was given is written."""

    def __init__(self, stream: TextIO, lock: IO[bytes]) -> None:
        self._stream = stream
        self._lock = lock
        self._threads = threading.Lock()  # a record lock does not know threads

    def write(self, text: str) -> int:
        """Write all of the text in one piece."""
        data = memoryview(text.encode(self._stream.encoding or "utf-8", "backslashreplace"))
        with self._alone():
            while data:
                data = data[os.write(self._stream.fileno(), data) :]
            self._stream.flush()  # nothing is left to be written, but a log may have grown too long
        return len(text)

    def flush(self) -> None:
        """Nothing is held back."""

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        with self._threads:
            fcntl.lockf(self._lock, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.lockf(self._lock, fcntl.LOCK_UN)
