"""The body of one request as it arrives in frames, until it is read.

It is what `IncomingBody` reads from, as it reads from aiohttp's buffer with HTTP/1.1. The client
may send more when what it sent was read, and not before: that is what bounds the memory.
"""

import asyncio
from collections import deque
from collections.abc import Callable

READ_BYTES = 256 * 1024
"""How much is handed over at a time, if there is as much: small frames become large blocks."""


class Inbox:
    """One body. `give_back` is told what was read, in bytes as flow control counts them."""

    def __init__(self, give_back: Callable[[int], None]) -> None:
        self._give_back = give_back
        self._pieces: deque[tuple[bytes, int]] = deque()
        self._arrival: asyncio.Future[None] | None = None
        self._is_whole = False
        self._error: BaseException | None = None
        self.total_bytes = 0

    def feed(self, data: bytes, window_bytes: int) -> None:
        """Take what came in one frame."""
        self.total_bytes += len(data)
        if data:
            self._pieces.append((data, window_bytes))
            self._wake()
        else:
            self._give_back(window_bytes)

    def feed_eof(self) -> None:
        """That was all of it."""
        self._is_whole = True
        self._wake()

    def set_exception(self, exc: BaseException) -> None:
        """No more comes, and it is not all: tell whoever reads."""
        if not self._is_whole and self._error is None:
            self._error = exc
            self._wake()

    def discard(self) -> None:
        """Nobody will read what there is."""
        self._give_back(sum(window_bytes for _, window_bytes in self._pieces))
        self._pieces.clear()

    def is_eof(self) -> bool:
        """Whether the whole body has arrived."""
        return self._is_whole

    def read_nowait(self) -> bytes:
        """What there is, or b""; what was set when the body broke off is raised."""
        if self._error is not None:
            raise self._error
        if not self._pieces:
            return b""
        data, window_bytes = self._pieces.popleft()
        if self._pieces:
            blocks = [data]
            size_bytes = len(data)
            while self._pieces and size_bytes < READ_BYTES:
                data, more_bytes = self._pieces.popleft()
                blocks.append(data)
                size_bytes += len(data)
                window_bytes += more_bytes
            data = b"".join(blocks)
        self._give_back(window_bytes)
        return data

    async def readany(self) -> bytes:
        """What there is, as soon as there is something; b"" at the end."""
        while not self._pieces and not self._is_whole and self._error is None:
            self._arrival = asyncio.get_running_loop().create_future()
            await self._arrival
        return self.read_nowait()

    def _wake(self) -> None:
        if self._arrival is not None and not self._arrival.done():
            self._arrival.set_result(None)
