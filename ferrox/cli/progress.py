"""How far a long command is: a bar that moves on a terminal, some lines elsewhere.

All of it goes to stderr, so that what a command prints stays as it is when it is piped on.
"""

import sys
import time
from collections.abc import Callable
from typing import TextIO

from ferrox.quantities import size

BAR_WIDTH = 30
_REDRAWN_EVERY_S = 0.1
_LINE_EVERY_S = 10.0

Told = Callable[[int, int], None]


class Progress:
    """Draws one stage after the other; to be closed when all is done."""

    def __init__(
        self, stream: TextIO | None = None, now_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._stream = stream or sys.stderr
        self._now_s = now_s
        self._is_terminal = self._stream.isatty()
        self._every_s = _REDRAWN_EVERY_S if self._is_terminal else _LINE_EVERY_S
        self._drawn_s = float("-inf")
        self._is_line_open = False

    def stage(self, name: str) -> Told:
        """Begin a stage; what it returns is told how many bytes are done, and of how many."""
        self.close()
        began_s = self._now_s()
        if not self._is_terminal:
            self._drawn_s = began_s

        def tell(done_bytes: int, total_bytes: int) -> None:
            now_s = self._now_s()
            is_over = done_bytes >= total_bytes
            if now_s - self._drawn_s < self._every_s and not (is_over and self._is_terminal):
                return
            self._drawn_s = now_s
            self._draw(told(name, done_bytes, total_bytes, now_s - began_s, self._is_terminal))

        return tell

    def close(self) -> None:
        """End the line that is being drawn."""
        if self._is_line_open:
            self._stream.write("\n")
            self._stream.flush()
            self._is_line_open = False

    def _draw(self, text: str) -> None:
        if self._is_terminal:
            self._stream.write(f"\r{text}\x1b[K")
            self._is_line_open = True
        else:
            self._stream.write(text + "\n")
        self._stream.flush()


def told(
    name: str, done_bytes: int, total_bytes: int, elapsed_s: float, with_bar: bool = False
) -> str:
    """One line: how much is done, how quickly, and how long the rest takes at that."""
    share = min(1.0, done_bytes / total_bytes) if total_bytes else 1.0
    filled = int(share * BAR_WIDTH)
    bar = f"[{'#' * filled}{'.' * (BAR_WIDTH - filled)}] " if with_bar else ""
    rate = done_bytes / elapsed_s if elapsed_s > 0 else 0.0
    left = f", {(total_bytes - done_bytes) / rate:.0f} s left" if rate and share < 1 else ""
    return (
        f"{name:<6} {bar}{share:4.0%}  {size(done_bytes)} of {size(total_bytes)},"
        f" {size(int(rate))}/s{left}"
    )
