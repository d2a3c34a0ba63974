"""ferrox's Response → bytes on the connection, with backpressure.

A body of bytes leaves together with the head in one write. A long body is streamed: its first block
is fetched before the head is sent, so that a failure up to there is still an error document. From
then on an error can only cut the connection.
"""

import contextlib
import re
import time
from collections.abc import AsyncIterator
from email.utils import formatdate
from http import HTTPStatus
from typing import Protocol

from ferrox.clock import Clock
from ferrox.protocol.message import Response

STATUS_LINES = {
    status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n" for status in HTTPStatus
}
SERVER = "ferrox"
WITHOUT_BODY = frozenset({204, 304})
BODY_HEADERS = frozenset({"content-length", "content-type", "transfer-encoding"})
SPELLING = {
    name.lower(): name
    for name in (
        "Accept-Ranges",
        "Cache-Control",
        "Connection",
        "Content-Disposition",
        "Content-Encoding",
        "Content-Language",
        "Content-Length",
        "Content-Range",
        "Content-Type",
        "ETag",
        "Expires",
        "Last-Modified",
        "Location",
        "Retry-After",
        "Transfer-Encoding",
    )
}
"""Header names as people are used to see them."""

CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


class Sink(Protocol):
    """What a response is written to."""

    @property
    def is_writing_paused(self) -> bool:
        """Whether the client takes less than is sent."""
        ...

    def write(self, data: bytes) -> None:
        """Send bytes; ConnectionError when nobody is there to take them."""
        ...

    async def drain(self) -> None:
        """Wait until the client has taken most of what was written."""
        ...


class BrokenBodyError(Exception):
    """The body did not have the length that its head announced."""


class Dating:
    """The headers that every response has, made once a second."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._second = -1
        self._lines = self._date = ""

    def lines(self) -> str:
        """Server and Date."""
        second = self._clock.now_ms() // 1000
        if second != self._second:
            self._second = second
            self._date = formatdate(second, usegmt=True)
            self._lines = f"Server: {SERVER}\r\nDate: {self._date}\r\n"
        return self._lines

    def date(self) -> str:
        """What Date says, for versions of HTTP that have no lines."""
        self.lines()
        return self._date


def head(status: int, headers: dict[str, str], fixed_lines: str) -> bytes:
    """Status line and headers, up to and with the empty line."""
    parts = [STATUS_LINES.get(status) or f"HTTP/1.1 {status} \r\n", fixed_lines]
    spelling = SPELLING
    for name, value in headers.items():
        parts.append(f"{spelling.get(name, name)}: {value}\r\n")
    parts.append("\r\n")
    text = "".join(parts)
    line_ends = len(headers) + 2 + fixed_lines.count("\n")
    if text.count("\n") != line_ends or text.count("\r") != line_ends or "\0" in text:
        # A value that came out of a query may hold anything; as a header it may not end its line.
        clean = {name: CONTROL_CHARACTERS.sub(" ", value) for name, value in headers.items()}
        return head(status, clean, fixed_lines)
    return text.encode("utf-8", "surrogateescape")


class Reply:
    """The sending of one response."""

    def __init__(self, sink: Sink, fixed_lines: str, *, is_http_1_1: bool, is_head: bool) -> None:
        self._sink = sink
        self._fixed_lines = fixed_lines
        self._is_http_1_1 = is_http_1_1
        self._is_head = is_head
        self.sent_bytes = 0
        self.begun_s = 0.0
        self.keeps_connection = False

    @property
    def has_begun(self) -> bool:
        """Whether anything of it has left."""
        return self.begun_s > 0

    async def send(self, response: Response, *, keep_alive: bool) -> None:
        """Send the response; `keeps_connection` then says what the client was told."""
        headers, body = response.headers, response.body
        if response.status in WITHOUT_BODY:
            headers = {name: headers[name] for name in headers if name not in BODY_HEADERS}
            body = await discard(body)
        elif self._is_head:
            body = await discard(body)
        elif isinstance(body, bytes):
            headers["content-length"] = str(len(body))
        else:
            await self._stream(response.status, headers, body, keep_alive=keep_alive)
            return
        self._mark(headers, keep_alive=keep_alive)
        self._write(head(response.status, headers, self._fixed_lines) + body)
        self.sent_bytes = len(body)
        if self._sink.is_writing_paused:
            await self._sink.drain()

    async def _stream(
        self, status: int, headers: dict[str, str], body: AsyncIterator[bytes], *, keep_alive: bool
    ) -> None:
        async with closing(body):
            # In a list, from which it is taken: a name would hold it until the last block is sent.
            first = [await anext(body, b"")]
            left = int(headers["content-length"]) if "content-length" in headers else None
            is_chunked = left is None and self._is_http_1_1
            if is_chunked:
                headers["transfer-encoding"] = "chunked"
            has_end = is_chunked or left is not None
            self._mark(headers, keep_alive=keep_alive and has_end)
            opening = head(status, headers, self._fixed_lines)
            if left is None:
                await self._send_unmeasured(opening, first, body, is_chunked=is_chunked)
            else:
                await self._send_measured(opening, first, body, left)

    async def _send_measured(
        self, opening: bytes, first: list[bytes], body: AsyncIterator[bytes], length_bytes: int
    ) -> None:
        """A body whose length stands in the head."""
        self._write(opening)
        block: bytes | None = first.pop()
        while block is not None:
            if self.sent_bytes + len(block) > length_bytes:
                raise BrokenBodyError
            await self._write_block(block)
            block = await anext(body, None)
        if self.sent_bytes != length_bytes:
            raise BrokenBodyError

    async def _send_unmeasured(
        self, opening: bytes, first: list[bytes], body: AsyncIterator[bytes], *, is_chunked: bool
    ) -> None:
        """A body whose length nobody knows yet: in chunks, or until the connection closes."""
        self._write(opening)
        block: bytes | None = first.pop()
        while block is not None:
            if block and is_chunked:
                self._write(b"%x\r\n" % len(block))
            await self._write_block(block)
            if block and is_chunked:
                self._write(b"\r\n")
            block = await anext(body, None)
        if is_chunked:
            self._write(b"0\r\n\r\n")

    def _mark(self, headers: dict[str, str], *, keep_alive: bool) -> None:
        """Say what becomes of the connection where the version of HTTP does not say so."""
        self.keeps_connection = keep_alive
        if not keep_alive:
            headers["connection"] = "close"
        elif not self._is_http_1_1:
            headers["connection"] = "keep-alive"

    async def _write_block(self, block: bytes) -> None:
        if block:
            self._write(block)
            self.sent_bytes += len(block)
            if self._sink.is_writing_paused:
                await self._sink.drain()

    def _write(self, data: bytes) -> None:
        self._sink.write(data)
        if not self.begun_s:
            self.begun_s = time.perf_counter()


@contextlib.asynccontextmanager
async def closing(body: AsyncIterator[bytes]) -> AsyncIterator[None]:
    """Release what a generator holds as soon as nobody reads it any more."""
    try:
        yield
    finally:
        close = getattr(body, "aclose", None)
        if close is not None:
            await close()


async def discard(body: bytes | AsyncIterator[bytes]) -> bytes:
    """Release a body that is not to be sent; what is sent instead."""
    if not isinstance(body, bytes):
        async with closing(body):
            pass
    return b""
