"""aiohttp's request → ferrox's Request, with path and query exactly as they were sent.

Signatures cover the bytes of the request target; aiohttp's decoded path is never looked at.
"""

import asyncio
from collections.abc import AsyncIterator

from ferrox import ids
from ferrox.errors import (
    BadRequest,
    IncompleteBody,
    InvalidURI,
    RequestHeaderSectionTooLarge,
    RequestTimeout,
    S3Error,
    SlowDown,
)
from ferrox.gateway.aiohttp_parts import BaseRequest, StreamReader
from ferrox.gateway.connection import Connection
from ferrox.gateway.limits import DRAIN_BYTES, Limits
from ferrox.protocol.message import Request

HTTP_1_0 = (1, 0)
HTTP_1_1 = (1, 1)
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class IncomingBody(AsyncIterator[bytes]):
    """The body of one request, read from the connection when it is asked for and not before.

    A client that sent `Expect: 100-continue` is told to go on at the first read: a request that is
    refused earlier costs it no byte of its body.
    """

    __slots__ = ("_connection", "_content", "_timeout_s", "has_failed", "is_continue_pending")

    def __init__(
        self, content: StreamReader, connection: Connection, timeout_s: float, *, expects: bool
    ) -> None:
        self._content = content
        self._connection = connection
        self._timeout_s = timeout_s
        self.has_failed = False
        self.is_continue_pending = expects

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
        if self.is_continue_pending:
            self._send_continue()
        try:
            data = await self._read()
        except S3Error:
            self.has_failed = True
            raise
        if not data:
            raise StopAsyncIteration
        return data

    async def _read(self) -> bytes:
        """What has arrived, waiting for some; b"" at the end."""
        content = self._content
        try:
            data = content.read_nowait()
            if data or content.is_eof():
                return data
            if self._connection.body_error is not None:
                raise self._connection.body_error
            async with asyncio.timeout(self._timeout_s):
                return await content.readany()
        except S3Error:
            raise
        except TimeoutError:
            raise RequestTimeout from None
        except Exception as error:  # whatever aiohttp raises, the body will not come any more
            raise IncompleteBody from error

    def _send_continue(self) -> None:
        self.is_continue_pending = False
        transport = self._connection.transport
        if transport is not None and not transport.is_closing():
            transport.write(CONTINUE)

    def is_worth_draining(self, content_length: str | None) -> bool:
        """Whether reading the rest of an unread body is cheaper than a new connection."""
        if self.has_failed or self.is_continue_pending or content_length is None:
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


def request(wire: BaseRequest, connection: Connection, limits: Limits) -> Request:
    """The request as plain data. `check` says whether it may go on."""
    headers: dict[str, str] = {}
    for mixed_case, value in wire.headers.items():
        name = mixed_case.lower()
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    target = wire.raw_path
    if not target.startswith("/"):
        target = _origin_form(target, headers)
    path, _, query = target.partition("?")
    expects = (
        "expect" in headers
        and headers["expect"].lower() == "100-continue"
        and wire.version >= HTTP_1_1
    )
    return Request(
        wire.method,
        path,
        query,
        headers,
        IncomingBody(wire.content, connection, limits.body_timeout_s, expects=expects),
        connection.peer,
        connection.is_secure,
        ids.request_id(),
    )


def unreadable(wire: BaseRequest, connection: Connection) -> Request:
    """What stands in the log for a request that could not be parsed."""
    body = IncomingBody(wire.content, connection, 0, expects=False)
    return Request("-", "-", "", {}, body, connection.peer, connection.is_secure, ids.request_id())


def body_of(request: Request) -> IncomingBody:
    """The body as the gateway knows it."""
    assert isinstance(request.body, IncomingBody)  # noqa: S101 - this module makes no other
    return request.body


def _origin_form(target: str, headers: dict[str, str]) -> str:
    """Path and query of an absolute target; its authority replaces Host (RFC 9112, 3.2.2)."""
    scheme, separator, rest = target.partition("://")
    if not separator or scheme.lower() not in ("http", "https"):
        return target
    end = min((at for at in (rest.find("/"), rest.find("?")) if at >= 0), default=len(rest))
    headers["host"] = rest[:end]
    return rest[end:] if rest[end:].startswith("/") else "/" + rest[end:]


def check(request: Request, wire: BaseRequest, connection: Connection, limits: Limits) -> None:
    """Refuse what no operation should have to deal with."""
    if not connection.may_continue:
        raise SlowDown
    if sum(map(len, request.headers)) + sum(map(len, request.headers.values())) > (
        limits.header_bytes
    ):
        raise RequestHeaderSectionTooLarge(MaxSizeAllowed=limits.header_bytes)
    if wire.version not in (HTTP_1_0, HTTP_1_1):
        raise BadRequest("The version of HTTP is not supported.")
    if not request.path.startswith("/"):
        raise InvalidURI(URI=request.path)
    if "host" not in request.headers and wire.version >= HTTP_1_1:
        raise BadRequest("The Host header is missing.")
