"""How far a migration is: a bar on a terminal, a line now and then elsewhere; on standard error."""

import asyncio
import shutil
from collections.abc import Callable
from typing import TextIO

from ferrox.quantities import counted, size

BAR_S = 0.2
LINES_S = 10.0
_WIDTH = 24
_LEAST_SHARE = 0.01
"""Before that, how long it takes is anybody's guess."""


class Progress:
    """Counts, and shows what it has counted."""

    def __init__(self, out: TextIO, *, is_terminal: bool, clock: Callable[[], float]) -> None:
        self._out = out
        self._is_terminal = is_terminal
        self._clock = clock
        self._began_s = clock()
        self._bucket = ""
        self._versions = self._moved = self._passed = 0
        self._all_versions = self._all_bytes = 0
        self._is_counted = False
        self._is_drawn = False

    def begin(self, bucket: str) -> None:
        """A bucket has its turn."""
        self._bucket = bucket

    def pass_by(self, versions: int, size_bytes: int) -> None:
        """So many versions are done; the bytes are those that need not be copied."""
        self._versions += versions
        self._passed += size_bytes

    def move(self, size_bytes: int) -> None:
        """Bytes have come from the source."""
        self._moved += size_bytes

    def count(self, versions: int, size_bytes: int) -> None:
        """There is so much more of it."""
        self._all_versions += versions
        self._all_bytes += size_bytes

    def counted(self) -> None:
        """There is no more."""
        self._is_counted = True

    async def show(self) -> None:
        """Show it again and again, until cancelled."""
        while True:
            await asyncio.sleep(BAR_S if self._is_terminal else LINES_S)
            self.draw()

    def draw(self) -> None:
        """Show it once."""
        if self._is_terminal:
            columns = shutil.get_terminal_size().columns
            self._out.write(f"\r\x1b[K{self._line()[: columns - 1]}")
            self._is_drawn = True
        else:
            self._out.write(f"{self._line()}\n")
        self._out.flush()

    def end(self) -> None:
        """Take the bar away, if there is one."""
        if self._is_drawn:
            self._out.write("\r\x1b[K")
            self._out.flush()

    def _line(self) -> str:
        seconds = max(self._clock() - self._began_s, 0.001)
        speed = f"{size(self._moved / seconds)}/s"
        done = f"{counted(self._versions, 'version')}, {size(self._moved)} copied, {speed}"
        share = self._share()
        if share is None:
            return f"{self._bucket}: {done}"
        bar = "#" * round(share * _WIDTH)
        left = _left(seconds, share)
        return f"[{bar:<{_WIDTH}}] {share:4.0%} {left} {self._bucket}: {done}"

    def _share(self) -> float | None:
        """How much of all is done; None while that is not known."""
        if not self._is_counted:
            return None
        if self._all_bytes:
            return min(1.0, (self._moved + self._passed) / self._all_bytes)
        return min(1.0, self._versions / self._all_versions) if self._all_versions else 1.0


def _left(seconds: float, share: float) -> str:
    """How long it goes on, if it goes on so."""
    if share < _LEAST_SHARE:
        return ""
    minutes, second = divmod(round(seconds * (1 - share) / share), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02} left "
