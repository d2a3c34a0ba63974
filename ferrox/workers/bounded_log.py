"""A log that does not grow for ever: when it is too long, its older half goes.

It is for a file that was opened to be written at its end, so that others who write to it, too, go
on behind what is left.
"""

import os
import threading
from typing import TextIO

MOST_BYTES = 32 * 1024 * 1024


class BoundedLog:
    """A stream for log lines into a file."""

    def __init__(self, stream: TextIO, most_bytes: int = MOST_BYTES) -> None:
        self._stream = stream
        self._most_bytes = most_bytes
        self._threads = threading.Lock()
        self.encoding = stream.encoding

    def write(self, text: str) -> int:
        """Write all of the text."""
        count = self._stream.write(text)
        self.flush()
        return count

    def flush(self) -> None:
        """Hold nothing back, and nothing that is too old."""
        self._stream.flush()
        with self._threads:
            size_bytes = os.fstat(self.fileno()).st_size
            if size_bytes > self._most_bytes:
                self._shorten(size_bytes)

    def fileno(self) -> int:
        """The file."""
        return self._stream.fileno()

    def isatty(self) -> bool:
        """It is none."""
        return False

    def _shorten(self, size_bytes: int) -> None:
        """Keep the newer half, from the beginning of a line."""
        kept_bytes = self._most_bytes // 2
        kept = os.pread(self.fileno(), kept_bytes, size_bytes - kept_bytes)
        os.ftruncate(self.fileno(), 0)
        os.write(self.fileno(), kept[kept.find(b"\n") + 1 :])
