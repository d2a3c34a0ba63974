"""Posting: one HTTP/1.1 request with a body, of whose answer only the status is looked at.

It is not more than events need, and so no HTTP client has to be loaded: a connection for each
message, no redirects, no proxies. Everything that goes wrong is an OSError.

https://www.rfc-editor.org/rfc/rfc9112
"""

import asyncio
import contextlib
import functools
import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

MOST_HEAD_BYTES = 16_384
MOST_ANSWER_BYTES = 65_536
END_S = 1.0
"""How long the other side may take to end a connection after it has answered."""


async def post(
    url: str, headers: Mapping[str, str], body: bytes, *, timeout_s: float, ca_file: str = ""
) -> int:
    """Post a body; return the status of the answer. OSError, of which TimeoutError is one."""
    parts = urlsplit(url)
    context = _context(ca_file) if parts.scheme == "https" else None
    port = parts.port or (443 if context else 80)
    async with asyncio.timeout(timeout_s):
        reader, writer = await asyncio.open_connection(
            parts.hostname, port, ssl=context, limit=MOST_HEAD_BYTES
        )
        try:
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            writer.write(_head(parts.netloc, target, headers, len(body)) + body)
            await writer.drain()
            status = await _status(reader)
            await _end(reader)
        finally:
            writer.close()
    return status


@functools.cache
def _context(ca_file: str) -> ssl.SSLContext:
    """How to know the other side; to load the authorities takes tens of milliseconds."""
    return ssl.create_default_context(cafile=ca_file or None)


def _head(host: str, target: str, headers: Mapping[str, str], length_bytes: int) -> bytes:
    lines = [f"POST {target} HTTP/1.1", f"Host: {host}", "User-Agent: ferrox"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += [f"Content-Length: {length_bytes}", "Connection: close", "", ""]
    return "\r\n".join(lines).encode("ascii")


async def _status(reader: asyncio.StreamReader) -> int:
    """The status of the answer; those that only announce one are passed over."""
    while True:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            raise ConnectionError("the connection ended before an answer") from None
        except asyncio.LimitOverrunError:
            raise ConnectionError("the head of the answer is too long") from None
        version, _, rest = head.partition(b" ")
        if not version.startswith(b"HTTP/1.") or not rest[:3].isdigit():
            raise ConnectionError("the answer is not HTTP/1.1")
        status = int(rest[:3])
        if status >= 200 or status == 101:
            return status


async def _end(reader: asyncio.StreamReader) -> None:
    """Let the other side finish, so that it need not see its answer thrown away."""
    with contextlib.suppress(OSError):
        async with asyncio.timeout(END_S):
            read_bytes = 0
            while read_bytes < MOST_ANSWER_BYTES and (block := await reader.read(8192)):
                read_bytes += len(block)
