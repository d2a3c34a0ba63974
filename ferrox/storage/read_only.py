"""Why a data directory takes no more writes: one mark for all processes that have it open.

After a failed fsync nobody knows what is on the drive, whichever process met it. The mark lies in
memory that processes share which were forked after it was made, so that a writer that looks while
it holds the write lock sees what its predecessor met, and a process that is started later does,
too. It goes away with the last of them: the store is writable when it is opened anew.
"""

import logging
import mmap

logger = logging.getLogger(__name__)

_TEXT_START = 1
"""The first byte says whether there is a reason; it is written last."""


class ReadOnlyMark:
    """Set once, never taken back. Looking at it costs a tenth of a microsecond."""

    def __init__(self) -> None:
        self._shared = mmap.mmap(-1, mmap.PAGESIZE)

    @property
    def reason(self) -> str | None:
        """Why nothing can be written; None as long as all is well."""
        if not self._shared[0]:
            return None
        return self._shared[_TEXT_START:].rstrip(b"\0").decode("utf-8", "replace")

    def set(self, reason: str) -> bool:
        """Refuse writes from now on; whether this was the first reason, which is kept."""
        if self._shared[0]:
            return False
        text = reason.encode()[: mmap.PAGESIZE - _TEXT_START]
        self._shared[_TEXT_START : _TEXT_START + len(text)] = text
        self._shared[0] = 1
        return True

    def refuse(self, reason: str) -> None:
        """Refuse writes from now on, and tell the operator."""
        if self.set(reason):
            logger.error("the store turns read-only: %s", reason)
