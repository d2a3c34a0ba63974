"""Requests that go out: one HTTP/1.1 request on a connection of its own, of what it needs here.

Events are posted, and only the status of the answer is looked at; documents of identity providers
are got. So no HTTP client has to be loaded: no redirects, no proxies, no cookies, and everything
that goes wrong is an OSError. Who asks the same server again and again, and more than fits into
memory, does so by ferrox/outgoing_connections.py.

https://www.rfc-editor.org/rfc/rfc9112
"""

import asyncio
import contextlib
import functools
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

MOST_HEAD_BYTES = 16_384
MOST_ANSWER_BYTES = 65_536
END_S = 1.0
"""How long the other side may take to end a connection after it has answered."""

_CONTENT_LENGTH, _TRANSFER_ENCODING = b"content-length", b"transfer-encoding"


class Answer(NamedTuple):
    """What came back."""

    status: int
    body: bytes


class Head(NamedTuple):
    """Status and header fields of an answer, their names in lower case."""

    status: int
    fields: Mapping[bytes, bytes]


async def post(
    url: str, headers: Mapping[str, str], body: bytes, *, timeout_s: float, ca_file: str = ""
) -> int:
    """Post a body; return the status of the answer. OSError, of which TimeoutError is one.

    ca_file  the authorities that the other side is known by, instead of those of the system
    """
    context = functools.partial(_context, ca_file)
    more = {**headers, "Content-Length": str(len(body))}
    async with asyncio.timeout(timeout_s), _sent("POST", url, more, body, context) as reader:
        status = (await read_head(reader)).status
        await _end(reader)
    return status


async def get(url: str, *, timeout_s: float, most_bytes: int, extra_ca_file: str = "") -> Answer:
    """Get a document of a limited size. OSError, of which TimeoutError is one.

    extra_ca_file  authorities that the other side may be known by, beside those of the system
    """
    context = functools.partial(wider_context, extra_ca_file)
    headers = {"Accept": "application/json"}
    async with asyncio.timeout(timeout_s), _sent("GET", url, headers, b"", context) as reader:
        status, fields = await read_head(reader)
        try:
            body = await _body(reader, fields, most_bytes)
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            raise ConnectionError("the body of the answer is damaged") from None
    return Answer(status, body)


@contextlib.asynccontextmanager
async def _sent(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    context: Callable[[], ssl.SSLContext],
) -> AsyncIterator[asyncio.StreamReader]:
    """What comes back of a request, for as long as it is looked at."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        head = _request(method, parts, headers)
    except ValueError:
        raise ConnectionError("not an address that can be asked") from None
    reader, writer = await asyncio.open_connection(
        parts.hostname,
        port,
        ssl=context() if parts.scheme == "https" else None,
        limit=MOST_HEAD_BYTES,
    )
    try:
        writer.write(head + body)
        await writer.drain()
        yield reader
    finally:
        writer.close()


@functools.cache
def _context(ca_file: str) -> ssl.SSLContext:
    """How to know the other side; to load the authorities takes tens of milliseconds."""
    return ssl.create_default_context(cafile=ca_file or None)


@functools.cache
def wider_context(extra_ca_file: str) -> ssl.SSLContext:
    """How to know the other side by the authorities of the system, and by these."""
    context = ssl.create_default_context()
    if extra_ca_file:
        context.load_verify_locations(extra_ca_file)
    return context


@functools.cache
def unverified_context() -> ssl.SSLContext:
    """TLS with a server of this very machine, whose certificate is for other names."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _request(method: str, parts: SplitResult, headers: Mapping[str, str]) -> bytes:
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not parts.hostname or not target.isprintable() or " " in target:
        raise ValueError("not an address")
    lines = [f"{method} {target} HTTP/1.1", f"Host: {parts.netloc}", "User-Agent: ferrox"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += ["Connection: close", "", ""]
    return "\r\n".join(lines).encode("ascii")


async def read_head(reader: asyncio.StreamReader) -> Head:
    """The head of the answer; those that only announce one are passed over."""
    while True:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            raise ConnectionError("the connection ended before an answer") from None
        except asyncio.LimitOverrunError:
            raise ConnectionError("the head of the answer is too long") from None
        line, *lines = head.split(b"\r\n")
        version, _, rest = line.partition(b" ")
        if not version.startswith(b"HTTP/1.") or not rest[:3].isdigit():
            raise ConnectionError("the answer is not HTTP/1.1")
        status = int(rest[:3])
        if status >= 200 or status == 101:
            fields = (one.partition(b":") for one in lines if one)
            return Head(status, {name.lower(): value.strip() for name, _, value in fields})


async def _body(
    reader: asyncio.StreamReader, fields: Mapping[bytes, bytes], most_bytes: int
) -> bytes:
    """All of the body, by its length, in chunks, or to the end of the connection."""
    encoding = fields.get(_TRANSFER_ENCODING, b"").lower()
    if encoding == b"chunked":
        return await _chunks(reader, most_bytes)
    if encoding:
        raise ValueError("an encoding that was not asked for")
    length = fields.get(_CONTENT_LENGTH)
    if length is not None:
        return await reader.readexactly(_sized(int(length), most_bytes))
    body = bytearray()
    while block := await reader.read(8192):
        body += block
        _sized(len(body), most_bytes)
    return bytes(body)


async def _chunks(reader: asyncio.StreamReader, most_bytes: int) -> bytes:
    """A chunked body; what may follow it is not read."""
    body = bytearray()
    while True:
        line = await reader.readuntil(b"\r\n")
        size_bytes = int(line.partition(b";")[0], 16)
        if size_bytes == 0:
            return bytes(body)
        _sized(len(body) + size_bytes, most_bytes)
        body += await reader.readexactly(size_bytes)
        if await reader.readexactly(2) != b"\r\n":
            raise ValueError("a chunk does not end where it should")


def _sized(size_bytes: int, most_bytes: int) -> int:
    if not 0 <= size_bytes <= most_bytes:
        raise ConnectionError("the answer is too long")
    return size_bytes


async def _end(reader: asyncio.StreamReader) -> None:
    """Let the other side finish, so that it need not see its answer thrown away."""
    with contextlib.suppress(OSError):
        async with asyncio.timeout(END_S):
            read_bytes = 0
            while read_bytes < MOST_ANSWER_BYTES and (block := await reader.read(8192)):
                read_bytes += len(block)
