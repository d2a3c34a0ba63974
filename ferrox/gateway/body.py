"""The body of one request, read from the connection when it is asked for and not before.

A client that sent `Expect: 100-continue` is told to go on at the first read: a request that is
refused earlier costs it no byte of its body.

The client has `body_timeout` seconds of being waited for to send some bytes more, `min_body_rate`
times as many; then the next such window begins. So a body may pause, and its reader may take its
time, but nobody holds a connection by sending a byte now and then.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Protocol

from ferrox.errors import IncompleteBody, RequestTimeout, S3Error
from ferrox.gateway.limits import DRAIN_BYTES, Limits

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Arriving(Protocol):
    """Where a body arrives; the names are aiohttp's.

    raises  S3Error from both ways of reading when the body breaks off
    """

    total_bytes: int

    def is_eof(self) -> bool:
        """Whether the whole body has arrived."""
        ...

    def read_nowait(self) -> bytes:
        """What there is."""
        ...

    async def readany(self) -> bytes:
        """What there is, as soon as there is something."""
        ...

    def set_exception(self, exc: BaseException) -> None:
        """No more comes, and it is not all: tell whoever reads."""
        ...


class IncomingBody(AsyncIterator[bytes]):
    """Yields what arrives. `expects` sends the interim response, until it has been called."""

    __slots__ = (
        "_content",
        "_expects",
        "_limits",
        "_waited_s",
        "_window_from_bytes",
        "ended_s",
        "has_failed",
    )

    def __init__(
        self, content: Arriving, limits: Limits, expects: Callable[[bytes], None] | None = None
    ) -> None:
        self._content = content
        self._limits = limits
        self._expects = expects
        self._waited_s = 0.0
        self._window_from_bytes = 0
        self.has_failed = False
        self.ended_s = 0.0
        """When its end was read, by the clock that measures requests; 0 until then."""

    @property
    def received_bytes(self) -> int:
        """How much of the body has arrived, read or not."""
        return self._content.total_bytes

    @property
    def is_complete(self) -> bool:
        """Whether the whole body has arrived."""
        return self._content.is_eof()

    async def __anext__(self) -> bytes:
        """The next bytes; S3 errors when the client stalls, vanishes or breaks the framing."""
        if self._expects is not None:
            send, self._expects = self._expects, None
            send(CONTINUE)
        try:
            data = self._content.read_nowait()
            if not data and not self._content.is_eof():
                data = await self._wait()
        except S3Error:
            self.has_failed = True
            raise
        except Exception as error:  # whatever aiohttp raises, the body will not come any more
            self.has_failed = True
            raise IncompleteBody from error
        if not data:
            self.ended_s = time.perf_counter()
            raise StopAsyncIteration
        return data

    async def _wait(self) -> bytes:
        """Wait for bytes, for as long as this window allows."""
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        # A timer that fails the body: asyncio.timeout would cost as much as all the rest of this.
        timer = loop.call_later(self._limits.body_timeout_s - self._waited_s, self._give_up)
        try:
            data = await self._content.readany()
        finally:
            timer.cancel()
        self._waited_s += loop.time() - began_s
        window_bytes = self._content.total_bytes - self._window_from_bytes
        if window_bytes >= self._limits.body_window_bytes:
            self._waited_s = 0.0
            self._window_from_bytes = self._content.total_bytes
        return data

    def _give_up(self) -> None:
        self._content.set_exception(RequestTimeout())

    def is_worth_draining(self, content_length: str | None) -> bool:
        """Whether reading the rest of an unread body is cheaper than a new connection."""
        if self.has_failed or self._expects is not None or content_length is None:
            return False
        return int(content_length) - self.received_bytes <= DRAIN_BYTES

    async def drain(self) -> bool:
        """Read and forget the rest; whether it came to its end."""
        try:
            async for _ in self:
                pass
        except S3Error:
            return False
        return True
