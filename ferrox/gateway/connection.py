"""One connection: aiohttp's request handler with S3's manners.

aiohttp parses, queues pipelined requests and watches the idle time. What is added here:

- A client may close its sending side after its last request and still gets every answer.
- A body that ends early, or whose chunk framing is broken, wakes its reader with an S3 error.
- What cannot be parsed is answered as an S3 error document, never with aiohttp's own text.
- `linger` discards what a client still sends, so that it can read why it was refused.

The attributes of aiohttp that begin with an underscore are used here and nowhere else; the version
is pinned, and tests over real sockets notice when their meaning changes.
"""

import asyncio
import logging
import socket
import struct
from collections.abc import Awaitable, Callable

from ferrox.errors import BadRequest, IncompleteBody, RequestHeaderSectionTooLarge, S3Error
from ferrox.gateway.aiohttp_parts import (
    BaseRequest,
    LineTooLong,
    RawRequestMessage,
    RequestHandler,
    Server,
    StreamResponse,
)
from ferrox.gateway.limits import LINGER_S, MAX_HEADER_FIELDS, Admission, Limits

RESET_ON_CLOSE = struct.pack("ii", 1, 0)

Handler = Callable[[BaseRequest], Awaitable[StreamResponse]]
RefusalHandler = Callable[[BaseRequest, S3Error], Awaitable[StreamResponse]]


class Sent(StreamResponse):
    """What a handler hands back to aiohttp: the response is on the wire already."""

    def __init__(self, *, keep_alive: bool) -> None:
        super().__init__()
        self._keep_alive = keep_alive

    async def prepare(self, request: BaseRequest) -> None:
        """There is nothing left to prepare."""

    async def write_eof(self, data: bytes = b"") -> None:
        """There is nothing left to write."""


KEEP = Sent(keep_alive=True)
CLOSE = Sent(keep_alive=False)


class Listener(Server):
    """Makes connections and knows the open ones."""

    def __init__(
        self,
        handler: Handler,
        refuse: RefusalHandler,
        limits: Limits,
        log: logging.Logger,
    ) -> None:
        super().__init__(handler)
        self.refuse = refuse
        self.limits = limits
        self.log = log
        self.admission = Admission(limits.connections)

    def __call__(self) -> "Connection":
        """A protocol object for a connection that has just been accepted."""
        return Connection(self, asyncio.get_running_loop())

    def close_idle(self) -> None:
        """Close every connection that waits for a request."""
        for connection in self.connections:
            if isinstance(connection, Connection) and connection.is_idle:
                connection.force_close()


class Connection(RequestHandler):
    """The protocol object of one connection."""

    __slots__ = (
        "_discarding",
        "_listener",
        "body_error",
        "is_half_closed",
        "is_secure",
        "may_continue",
        "peer",
    )

    def __init__(self, listener: Listener, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(
            listener,
            loop=loop,
            keepalive_timeout=listener.limits.idle_timeout_s,
            logger=listener.log,
            access_log=None,  # type: ignore[arg-type] # documented as optional, typed as required
            auto_decompress=False,
            lingering_time=0,
            max_line_size=listener.limits.header_bytes,
            max_field_size=listener.limits.header_bytes,
            max_headers=MAX_HEADER_FIELDS,
        )
        self._listener = listener
        self._discarding: asyncio.Future[None] | None = None
        self.body_error: S3Error | None = None
        self.may_continue = True
        self.is_half_closed = False
        self.is_secure = False
        self.peer = ""

    @property
    def is_idle(self) -> bool:
        """Whether no request is being served or waits to be."""
        if self._waiter is not None:
            return not self._waiter.done()
        return self._request_count == 0

    @property
    def is_last_request(self) -> bool:
        """Whether nothing can follow the request that is being served."""
        return self.is_half_closed and not self._messages

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note who is calling."""
        peer = transport.get_extra_info("peername")
        self.peer = str(peer[0]) if isinstance(peer, tuple) else ""
        self.is_secure = transport.get_extra_info("sslcontext") is not None
        self.may_continue = self._listener.admission.enter()
        super().connection_made(transport)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Let go of everything; whoever reads a body learns that it ended early."""
        self._listener.admission.leave()
        self._end_bodies(IncompleteBody())
        self._stop_discarding()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse what arrived, unless the connection is only waiting for its end."""
        if self._discarding is not None:
            return
        super().data_received(data)
        if self._messages and type(self._messages[-1][0]) is not RawRequestMessage:
            self._end_bodies(BadRequest("The framing of the request body is not valid."))

    def eof_received(self) -> bool:  # type: ignore[override] # asyncio's contract has the bool
        """Note that the client sends no more; True keeps the other direction open for answers."""
        self.is_half_closed = True
        self._end_bodies(IncompleteBody())
        self._stop_discarding()
        return not self.is_idle and not self.is_secure

    def _end_bodies(self, error: S3Error) -> None:
        """No body gets more bytes: wake who waits for some, and leave word for who is about to."""
        self.body_error = error
        current = self._current_request
        bodies = [payload for _, payload in self._messages]
        if current is not None:
            bodies.append(current.content)
        for body in bodies:
            if not body.is_eof() and body.exception() is None:
                body.set_exception(error)

    def _make_error_handler(self, err_info: object) -> Handler:
        """What answers a request that could not be parsed."""
        cause = getattr(err_info, "exc", None)

        async def refuse(request: BaseRequest) -> StreamResponse:
            return await self._listener.refuse(request, _parse_error(cause))

        return refuse

    async def linger(self) -> None:
        """Close the sending side, then discard what still arrives until the client closes, too."""
        transport = self.transport
        if transport is None or transport.is_closing() or self.is_half_closed:
            return
        self._discarding = self._loop.create_future()
        if transport.can_write_eof():
            transport.write_eof()
        transport.resume_reading()
        await asyncio.wait({self._discarding}, timeout=LINGER_S)

    def _stop_discarding(self) -> None:
        if self._discarding is not None and not self._discarding.done():
            self._discarding.set_result(None)

    def cut(self) -> None:
        """End the connection in a way that no client takes for the regular end of a response."""
        transport = self.transport
        if transport is None:
            return
        raw = transport.get_extra_info("socket")
        if raw is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        transport.abort()


def _parse_error(cause: BaseException | None) -> S3Error:
    if isinstance(cause, LineTooLong) or "Too many headers" in str(cause):
        return RequestHeaderSectionTooLarge()
    return BadRequest("The request is not valid HTTP.")
