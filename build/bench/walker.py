"""An HTTP client of its own, for what wrk cannot do: HEAD, and each request exactly once."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import cast

import uvloop

from build.bench.figures import MeasurementFailed

HEAD_END = b"\r\n\r\n"
GRACE_S = 30.0  # for answers that are still awaited when the time is up


@dataclass
class Tally:
    """What came of a walk."""

    count: int = 0
    refused: int = 0
    first_refusal: str = ""
    duration_s: float = 0.0


def walk(
    port: int, requests: Iterator[bytes], connections: int, *, limit_s: float, is_head: bool = False
) -> Tally:
    """Send all requests, each on the first connection that is free, until time is up."""
    return uvloop.run(_walk(port, requests, connections, limit_s, is_head))


async def _walk(
    port: int, requests: Iterator[bytes], connections: int, limit_s: float, is_head: bool
) -> Tally:
    loop = asyncio.get_running_loop()
    tally = Tally()
    began = loop.time()
    walkers = [_Walker(requests, tally, began + limit_s, is_head) for _ in range(connections)]
    for walker in walkers:
        await loop.create_connection(partial(_as_it_is, walker), "127.0.0.1", port)
    async with asyncio.timeout(limit_s + GRACE_S):
        await asyncio.gather(*(walker.done for walker in walkers))
    tally.duration_s = loop.time() - began
    return tally


class _Walker(asyncio.Protocol):
    """One connection: sends, waits for the whole answer, sends the next."""

    def __init__(
        self, requests: Iterator[bytes], tally: Tally, deadline: float, is_head: bool
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._requests = requests
        self._tally = tally
        self._deadline = deadline
        self._is_head = is_head
        self._buffer = b""
        self.done: asyncio.Future[None] = self._loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.WriteTransport, transport)  # uvloop's say they are none
        self._next()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(HEAD_END)
        if end < 0:
            return
        length = 0 if self._is_head else _body_length(self._buffer[:end])
        if len(self._buffer) < end + len(HEAD_END) + length:
            return
        self._tally.count += 1
        if self._buffer[9:10] != b"2":
            self._tally.refused += 1
            self._tally.first_refusal = self._tally.first_refusal or self._buffer[:600].decode()
        self._buffer = b""
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(MeasurementFailed(f"the connection was closed: {exc}"))

    def _next(self) -> None:
        request = next(self._requests, None) if self._loop.time() < self._deadline else None
        if request is not None:
            self._transport.write(request)
        elif not self.done.done():
            self.done.set_result(None)
            self._transport.close()


def _as_it_is(walker: _Walker) -> _Walker:
    return walker


def _body_length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name == b"content-length":
            return int(value)
        if name == b"transfer-encoding":
            raise MeasurementFailed("an answer in chunks, where one with a length was expected")
    return 0
