"""What may be seen after a crash, given what was asked for and what was acknowledged before it."""

import itertools
import threading
from collections import defaultdict
from dataclasses import dataclass

ABSENT = ""
"""The value of a name that shows nothing."""

LONG_AGO = -1


@dataclass
class Write:
    """One attempt to give a name a value. An attempt without an acknowledgement may still count."""

    value: str
    started: int
    acknowledged: int | None = None


class Oracle:
    """The history of every name, kept by all writers together."""

    def __init__(self) -> None:
        self.acknowledged_count = 0
        self._instants = itertools.count()
        self._histories: dict[str, list[Write]] = defaultdict(
            lambda: [Write(ABSENT, LONG_AGO, LONG_AGO)]
        )
        self._lock = threading.Lock()

    def begin(self, name: str, value: str) -> Write:
        """Note that a write is about to be sent."""
        with self._lock:
            write = Write(value, next(self._instants))
            self._histories[name].append(write)
            return write

    def acknowledge(self, write: Write) -> None:
        """Note that the server said that it is done."""
        with self._lock:
            write.acknowledged = next(self._instants)
            self.acknowledged_count += 1

    @property
    def names(self) -> list[str]:
        """Every name that was ever written."""
        return sorted(self._histories)

    def may_be(self, name: str) -> set[str]:
        """The values of which one must be seen.

        A value is out of the question once another was acknowledged whose write began after the
        first was acknowledged. A write without an acknowledgement may have happened or not.
        """
        history = self._histories[name]
        newest_start = max(write.started for write in history if write.acknowledged is not None)
        return {
            write.value
            for write in history
            if write.acknowledged is None or write.acknowledged >= newest_start
        }

    def settle(self, name: str, value: str) -> None:
        """Note what was seen while nobody wrote: nothing else can appear any more."""
        self._histories[name] = [Write(value, LONG_AGO, LONG_AGO)]

    def settled(self, name: str) -> str:
        """What a name shows, as long as it has one writer that waits for its acknowledgements."""
        history = self._histories[name]
        return history[-1].value
