"""One HTTP/1.1 connection: what arrives is answered, one request after the other and in order.

Theory of operation. The bytes go to `RequestParser` until it has a whole request or these bytes are
used up; what belongs to later requests stays in `_ahead`, unparsed, until this one is answered.
Too much ahead, or too much of a body that nobody reads yet, pauses reading: the client feels it.
A task runs while there is something to answer and no longer. Where Python can, it begins inside
`data_received`, and a request that waits for nothing is answered there.

- A client may close its sending side after its last request and still gets every answer.
- A body that ends early, or whose chunk framing is broken, wakes its reader with an S3 error.
- `linger` discards what a client still sends, so that it can read why it was refused.
- One timer per connection looks whether it is idle. It is not set anew by requests: it looks again
  when it could be time.
"""

import asyncio
import logging
import socket
import struct
import sys
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, NamedTuple, Protocol, cast

from ferrox.errors import BadRequest, IncompleteBody, S3Error
from ferrox.gateway import tls
from ferrox.gateway.aiohttp_parts import EMPTY_PAYLOAD, RawRequestMessage, StreamReader
from ferrox.gateway.limits import AHEAD_BYTES, LINGER_S, Admission, Limits
from ferrox.gateway.parsing import RequestParser
from ferrox.protocol.message import Tls

RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Arrived(NamedTuple):
    """A request that wants an answer: its head, or why there is none; and its body."""

    message: RawRequestMessage | None
    content: StreamReader
    error: S3Error | None = None


Exchange = Callable[["Connection", Arrived], Awaitable[bool]]
"""Answers one request; returns whether the connection may be used again."""


class StalledError(Exception):
    """The client stopped reading."""


class Speaker(Protocol):
    """The protocol object of a connection, whichever version of HTTP it speaks."""

    peer: str

    def connection_made(self, transport: asyncio.BaseTransport) -> None: ...  # noqa: D102 - asyncio's
    def connection_lost(self, exc: Exception | None) -> None: ...  # noqa: D102 - asyncio's
    def data_received(self, data: bytes) -> None: ...  # noqa: D102 - asyncio's
    def eof_received(self) -> bool: ...  # noqa: D102 - asyncio's
    def pause_writing(self) -> None: ...  # noqa: D102 - asyncio's
    def resume_writing(self) -> None: ...  # noqa: D102 - asyncio's

    def retire(self) -> None:
        """Take no further request; close when there is nothing to answer."""
        ...

    def cancel(self) -> list[asyncio.Task[None]]:
        """Stop answering; return what is still at it."""
        ...

    def close(self) -> None:
        """Close when everything written has left."""
        ...


class Listener:
    """Makes connections and knows the open ones.

    http2       makes what speaks HTTP/2, where that is spoken
    is_counted  whether metrics tell of the connections
    """

    def __init__(
        self,
        exchange: Exchange,
        limits: Limits,
        log: logging.Logger,
        http2: Callable[["Listener"], Speaker] | None = None,
        *,
        is_counted: bool = True,
    ) -> None:
        self.exchange = exchange
        self.limits = limits
        self.log = log
        self.admission = Admission(limits.connections, is_counted=is_counted)
        self.connections: set[Speaker] = set()
        self.handshakes: set[asyncio.Transport] = set()
        self._http2 = http2

    def __call__(self) -> "Connection":
        """A protocol object for a connection that has just been accepted."""
        return Connection(self, asyncio.get_running_loop())

    def speaker(self, agreed: str | None) -> Speaker:
        """A protocol object for a connection whose ends have agreed on what they speak (ALPN)."""
        if agreed == tls.HTTP_2 and self._http2 is not None:
            return self._http2(self)
        return self()

    def close_idle(self) -> None:
        """Close every connection that waits for a request, or to become secure."""
        for handshake in list(self.handshakes):
            handshake.abort()
        for connection in list(self.connections):
            connection.retire()

    async def shutdown(self, timeout_s: float) -> None:
        """Cancel what is being answered, let refused clients read why, close every connection."""
        tasks = [task for connection in list(self.connections) for task in connection.cancel()]
        if tasks:
            await asyncio.wait(tasks, timeout=timeout_s)
        for connection in list(self.connections):
            connection.close()


class Connection(asyncio.Protocol):
    """The protocol object of one connection."""

    __slots__ = (
        "_ahead", "_current", "_discarding", "_drained", "_idle_since_s", "_is_answering",
        "_is_deaf", "_is_paused", "_is_writing_paused", "_listener", "_loop", "_parser",
        "_reading_paused", "_task", "_timer", "_transport", "_unsent_bytes", "is_admitted",
        "is_half_closed", "peer", "tls",
    )  # fmt: skip

    def __init__(self, listener: Listener, loop: asyncio.AbstractEventLoop) -> None:
        self._listener = listener
        self._loop = loop
        self._parser = RequestParser(self, loop, listener.limits.header_bytes)
        self._transport: asyncio.Transport | None = None
        self._current: Arrived | None = None  # the request that is being answered, or is next
        self._ahead = b""
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._idle_since_s = 0.0
        self._unsent_bytes = 0
        self._discarding: asyncio.Future[None] | None = None
        self._drained: asyncio.Future[None] | None = None
        self._is_answering = False
        self._is_deaf = False  # what arrives is not looked at any more
        self._is_paused = False
        self._is_writing_paused = False
        self._reading_paused = False
        self.is_admitted = True
        self.is_half_closed = False
        self.peer = ""
        self.tls: Tls | None = None

    @property
    def is_idle(self) -> bool:
        """Whether no request is being served or waits to be."""
        return self._current is None and not self._is_answering

    @property
    def is_last_request(self) -> bool:
        """Whether nothing can follow the request that is being served."""
        return self._is_deaf or (self.is_half_closed and not self._ahead)

    @property
    def is_writing_paused(self) -> bool:
        """Whether the client takes less than is sent."""
        return self._is_writing_paused

    # What the event loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note who is calling."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's are so by behaviour only
        peer = transport.get_extra_info("peername")
        self.peer = str(peer[0]) if isinstance(peer, tuple) else ""
        self.tls = tls.facts(transport)
        self.is_admitted = self._listener.admission.enter()
        self._listener.connections.add(self)
        self._idle_since_s = self._loop.time()
        self._look_after_s(self._listener.limits.idle_timeout_s)

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of everything; whoever reads a body or waits to write learns that it is over."""
        self._transport = None
        self._listener.admission.leave()
        self._listener.connections.discard(self)
        if self._timer is not None:
            self._timer.cancel()
        self._ahead = b""
        self._end_body(IncompleteBody())
        _wake(self._discarding)
        _wake(self._drained)

    def data_received(self, data: bytes) -> None:
        """Take what arrived, and begin to answer when there is something to."""
        if self._is_deaf:
            return
        if self._ahead or (self._current is not None and self._parser.is_between):
            self._ahead += data
            self._regulate()
            return
        self._take(data)
        if self._current is not None and not self._is_answering:
            self._is_answering = True
            self._task = begin(self._loop, self._answer_all())

    def eof_received(self) -> bool:
        """Note that the client sends no more; True keeps the other direction open for answers."""
        self.is_half_closed = True
        self._end_body(IncompleteBody())
        _wake(self._discarding)
        return not self.is_idle

    def pause_writing(self) -> None:
        """The client takes less than is sent."""
        self._is_writing_paused = True

    def resume_writing(self) -> None:
        """It has taken most of it."""
        self._is_writing_paused = False
        _wake(self._drained)

    # What a buffered body calls: see parsing.Flow

    @property
    def connected(self) -> bool:
        """Whether bytes can still come."""
        return self._transport is not None

    def pause_reading(self) -> None:
        """A body has come further than it is read."""
        self._reading_paused = True
        self._regulate()

    def resume_reading(self, resume_parser: bool = True) -> None:
        """A body has been read."""
        self._reading_paused = False
        self._regulate()

    def _regulate(self) -> None:
        """Read from the client or do not, as room demands."""
        is_full = self._reading_paused or len(self._ahead) > AHEAD_BYTES
        if is_full is self._is_paused or self._transport is None or self._transport.is_closing():
            return
        self._is_paused = is_full
        if is_full:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    # Requests

    def _take(self, data: bytes) -> None:
        """Parse up to the end of one request; keep what lies beyond it."""
        answered = self._current
        try:
            while data and (self._current is None or not self._parser.is_between):
                parsed, data = self._parser.feed(data)
                if parsed is not None:
                    self._current = Arrived(*parsed)
            self._ahead = data
        except S3Error as error:
            self._is_deaf = True
            if answered is None:
                self._current = Arrived(None, EMPTY_PAYLOAD, error)
            else:
                self._end_body(BadRequest("The framing of the request body is not valid."))

    async def _answer_all(self) -> None:
        """Answer what has arrived, until there is no more or the connection is to be closed."""
        is_last = False
        try:
            while self._current is not None and not is_last:
                is_last = not await self._listener.exchange(self, self._current)
                self._current = None
                if self._ahead and not is_last:
                    await asyncio.sleep(0)  # other connections have their turn
                    self._take(self._ahead)
                    self._regulate()
            if is_last:
                await self._linger()
        except asyncio.CancelledError:
            is_last = True
            raise
        except Exception:
            self._listener.log.exception("a connection failed")
            self.cut()
        finally:
            self._is_answering = False
            self._idle_since_s = self._loop.time()
            if is_last or self.is_half_closed:
                self.close()

    def _end_body(self, error: S3Error) -> None:
        """No more of the body comes: wake who waits for it, and leave word for who is about to."""
        if self._current is not None:
            content = self._current.content
            if not content.is_eof() and content.exception() is None:
                content.set_exception(error)

    # Responses

    def write(self, data: bytes) -> None:
        """Send bytes; ConnectionResetError when nobody is there to take them."""
        transport = self._transport
        if transport is None or transport.is_closing():
            raise ConnectionResetError("the client closed the connection")
        transport.write(data)

    def write_if_open(self, data: bytes) -> None:
        """Send bytes that are no loss when they are lost."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    async def drain(self) -> None:
        """Wait until the client has taken most of what was written; progress buys it more time.

        raises  StalledError when it takes nothing for `body_timeout_s`, ConnectionResetError
        """
        while self._is_writing_paused and self._transport is not None:
            unsent_bytes = self._transport.get_write_buffer_size()
            self._drained = self._loop.create_future()
            await asyncio.wait({self._drained}, timeout=self._listener.limits.body_timeout_s)
            if self._drained.done() or self._transport is None:
                continue
            if self._transport.get_write_buffer_size() >= unsent_bytes:
                raise StalledError
        if self._transport is None:
            raise ConnectionResetError("the client closed the connection")

    # The end

    async def _linger(self) -> None:
        """Close the sending side, then discard what still arrives until the client closes, too."""
        transport = self._transport
        if transport is None or transport.is_closing() or self.is_half_closed:
            return
        self._is_deaf = True
        self._ahead = b""
        self._discarding = self._loop.create_future()
        if transport.can_write_eof():
            transport.write_eof()
        self._reading_paused = False
        self._regulate()
        await asyncio.wait({self._discarding}, timeout=LINGER_S)

    def retire(self) -> None:
        """Close if idle; if not, the answer that is under way will say that it is the last."""
        if self.is_idle:
            self.close()

    def cancel(self) -> list[asyncio.Task[None]]:
        """Stop answering; return what is still at it. Who lingers has been answered already."""
        if self._task is None or self._task.done():
            return []
        if self._discarding is None:
            self._task.cancel()
        return [self._task]

    def close(self) -> None:
        """Close when everything written has left."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.close()

    def cut(self) -> None:
        """End the connection in a way that no client takes for the regular end of a response."""
        transport = self._transport
        if transport is None:
            return
        raw = transport.get_extra_info("socket")
        if raw is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        transport.abort()

    def _look_after_s(self, delay_s: float) -> None:
        self._timer = self._loop.call_later(delay_s, self._look)

    def _look(self) -> None:
        """Close the connection if it is idle for too long; give it up if it does not close."""
        transport = self._transport
        if transport is None:
            return
        timeout_s = self._listener.limits.idle_timeout_s
        left_s = timeout_s
        if transport.is_closing():
            unsent_bytes, self._unsent_bytes = self._unsent_bytes, transport.get_write_buffer_size()
            if 0 < unsent_bytes <= self._unsent_bytes:
                transport.abort()
        elif self.is_idle:
            left_s = self._idle_since_s + timeout_s - self._loop.time()
            if left_s <= 0:
                transport.close()
                left_s = timeout_s
        self._look_after_s(left_s)


def _wake(future: asyncio.Future[None] | None) -> None:
    if future is not None and not future.done():
        future.set_result(None)


if sys.version_info >= (3, 12):

    def begin(
        loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, None]
    ) -> asyncio.Task[None]:
        """Run until it has to wait for the first time, then go on as a task."""
        return asyncio.Task(work, loop=loop, eager_start=True)
else:

    def begin(
        loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, None]
    ) -> asyncio.Task[None]:
        """Run it as a task, soon."""
        return loop.create_task(work)
