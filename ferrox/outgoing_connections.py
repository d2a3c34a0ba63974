"""Connections that go out to one server and are used again: requests and answers of any size.

Theory of operation. A request takes an idle connection or opens one. Its body may be an iterator,
which is asked for the next block when the last one has left; while it is sent the answer is waited
for, so that a server which refuses early need not be sent the rest. The body of an answer is handed
on in blocks as they come. When all of it was read the connection is idle again; otherwise, and
whenever anything went wrong, it is closed. A body must have its length in the headers of the
request; an iterator that raises closes the connection, so the other side cannot take what it got
for the whole. No time limit but one: bytes must move, either way, within `stall_s`.

Everything that goes wrong with the other side is an OSError. A connection that was idle may have
been closed by the other side meanwhile; what can be sent again is then sent once more.

https://www.rfc-editor.org/rfc/rfc9112
"""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from ferrox.outgoing import Head, read_head, unverified_context, wider_context

BUFFER_BYTES = 256 * 1024
"""What is read ahead of an answer."""

BLOCK_BYTES = 64 * 1024
MOST_LINE_BYTES = 4096
MOST_IDLE_S = 5.0
"""Servers close idle connections; most do so later."""

CONNECT_S = 10.0
Body = bytes | AsyncIterator[bytes]


class Endpoint(NamedTuple):
    """Where a server is; `authority` is what it is called in the Host header.

    is_own  it is a server of this machine, whose certificate is for the name that others know it by
    """

    is_secure: bool
    host: str
    port: int
    authority: str
    is_own: bool = False


class Answered:
    """An answer whose head has come; names of headers are in lower case."""

    def __init__(self, status: int, headers: dict[str, str], body: AsyncIterator[bytes]) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    async def whole(self, most_bytes: int) -> bytes:
        """All of a body that must not be longer."""
        found = bytearray()
        async for block in self.body:
            found += block
            if len(found) > most_bytes:
                raise ConnectionError("the answer is too long")
        return bytes(found)


class _Connection:
    """One connection.

    is_whole  the answer to its last request was read to its end
    is_spent  the request was not sent to its end
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.idle_since = 0.0
        self.is_whole = False
        self.is_spent = False


def _context(endpoint: Endpoint, ca_file: str) -> ssl.SSLContext:
    return unverified_context() if endpoint.is_own and not ca_file else wider_context(ca_file)


def endpoint_of(url: str) -> Endpoint:
    """Read the address of a server; ValueError unless it is `http(s)://host[:port]`."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("an address like https://s3.example.com:9000 is needed")
    if parts.path not in {"", "/"} or parts.query or parts.fragment or parts.username is not None:
        raise ValueError("an address has neither path nor user")
    is_secure = parts.scheme == "https"
    default = 443 if is_secure else 80
    port = parts.port or default
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    authority = host if port == default else f"{host}:{port}"
    return Endpoint(is_secure, parts.hostname, port, authority)


class Connections:
    """The connections to one server; as many are open as there are requests at a time."""

    def __init__(self, endpoint: Endpoint, *, ca_file: str = "", stall_s: float = 60.0) -> None:
        self.endpoint = endpoint
        self._context = _context(endpoint, ca_file) if endpoint.is_secure else None
        self._stall_s = stall_s
        self._idle: list[_Connection] = []

    async def close(self) -> None:
        """Close those that are idle."""
        while self._idle:
            writer = self._idle.pop().writer
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    @contextlib.asynccontextmanager
    async def asked(
        self, method: str, target: str, headers: Mapping[str, str], body: Body = b""
    ) -> AsyncIterator[Answered]:
        """What is answered to a request, for as long as it is looked at. OSError."""
        connection, head = await self._exchanged(method, _head(method, target, headers), body)
        fields = {
            name.decode("ascii", "replace"): value.decode("utf-8", "surrogateescape")
            for name, value in head.fields.items()
        }
        if method == "HEAD" or head.status in {204, 304} or fields.get("content-length") == "0":
            connection.is_whole = True
        try:
            yield Answered(head.status, fields, self._body(connection, head))
        finally:
            keeps = fields.get("connection", "").lower() != "close"
            if connection.is_whole and keeps and not connection.is_spent:
                connection.idle_since = asyncio.get_running_loop().time()
                self._idle.append(connection)
            else:
                connection.writer.close()

    async def _exchanged(self, method: str, head: bytes, body: Body) -> tuple[_Connection, Head]:
        """The connection on which a request was sent, and the head of what came back."""
        idle = self._idle_one()
        if idle is not None:
            try:
                return idle, await self._exchange(idle, head, body)
            except OSError:
                if not isinstance(body, bytes) or method == "POST":  # it may have been carried out
                    raise
        connection = await self._opened()
        return connection, await self._exchange(connection, head, body)

    def _idle_one(self) -> _Connection | None:
        """An idle connection that looks alive, the one that was used last."""
        now = asyncio.get_running_loop().time()
        while self._idle:
            found = self._idle.pop()
            if now - found.idle_since < MOST_IDLE_S and not found.reader.at_eof():
                return found
            found.writer.close()
        return None

    async def _opened(self) -> _Connection:
        where = self.endpoint
        async with asyncio.timeout(CONNECT_S):
            reader, writer = await asyncio.open_connection(
                where.host, where.port, ssl=self._context, limit=BUFFER_BYTES
            )
        return _Connection(reader, writer)

    async def _exchange(self, connection: _Connection, head: bytes, body: Body) -> Head:
        connection.is_whole = connection.is_spent = False
        answer = asyncio.ensure_future(read_head(connection.reader))
        try:
            if isinstance(body, bytes):
                await self._write(connection, head + body)
            else:
                await self._send(connection, head, body, answer)
            async with asyncio.timeout(self._stall_s):
                return await answer
        except BaseException:
            answer.cancel()
            with contextlib.suppress(asyncio.CancelledError, OSError):
                await answer
            connection.writer.close()
            raise

    async def _send(
        self,
        connection: _Connection,
        head: bytes,
        body: AsyncIterator[bytes],
        answer: asyncio.Future[Head],
    ) -> None:
        """Send a body block by block, until the other side answers or hears no more."""
        await self._write(connection, head)
        async for block in body:
            try:
                if not answer.done():
                    await self._write(connection, block)
                    continue
            except ConnectionError:  # it may have said why
                pass
            connection.is_spent = True
            return

    async def _write(self, connection: _Connection, data: bytes) -> None:
        connection.writer.write(data)
        async with asyncio.timeout(self._stall_s):
            await connection.writer.drain()

    async def _body(self, connection: _Connection, head: Head) -> AsyncIterator[bytes]:
        """The body of an answer in blocks: by its length, in chunks, or to the end."""
        reader, fields = connection.reader, head.fields
        if connection.is_whole:
            return
        try:
            if fields.get(b"transfer-encoding", b"").lower() == b"chunked":
                while size_bytes := await self._chunk_size(reader):
                    async for block in self._exactly(reader, size_bytes):
                        yield block
                    await self._line(reader)
                while await self._line(reader):
                    pass
            elif b"content-length" in fields:
                async for block in self._exactly(reader, int(fields[b"content-length"])):
                    yield block
            else:
                while block := await self._read(reader, BLOCK_BYTES):
                    yield block
                return
        except ValueError:
            raise ConnectionError("the answer is not HTTP/1.1") from None
        connection.is_whole = True

    async def _exactly(self, reader: asyncio.StreamReader, size_bytes: int) -> AsyncIterator[bytes]:
        while size_bytes > 0:
            block = await self._read(reader, min(size_bytes, BLOCK_BYTES))
            if not block:
                raise ConnectionError("the connection ended before the answer did")
            size_bytes -= len(block)
            yield block

    async def _chunk_size(self, reader: asyncio.StreamReader) -> int:
        return int((await self._line(reader)).partition(b";")[0], 16)

    async def _line(self, reader: asyncio.StreamReader) -> bytes:
        try:
            async with asyncio.timeout(self._stall_s):
                line = await reader.readuntil(b"\r\n")
        except asyncio.IncompleteReadError:
            raise ConnectionError("the connection ended before the answer did") from None
        except asyncio.LimitOverrunError:
            raise ConnectionError("a line of the answer is too long") from None
        if len(line) > MOST_LINE_BYTES:
            raise ConnectionError("a line of the answer is too long")
        return line[:-2]

    async def _read(self, reader: asyncio.StreamReader, most_bytes: int) -> bytes:
        async with asyncio.timeout(self._stall_s):
            return await reader.read(most_bytes)


def _head(method: str, target: str, headers: Mapping[str, str]) -> bytes:
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {headers[name]}" for name in headers)]
    for line in lines:
        if "\r" in line or "\n" in line:
            raise ValueError("a line of a request has an end of its own")
    return "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape")
