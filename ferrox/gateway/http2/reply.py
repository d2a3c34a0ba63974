"""ferrox's Response → one stream, with backpressure.

As with HTTP/1.1 the first block of a long body is fetched before the head is sent, so that a
failure up to there is still an error document. The end of a long body is said only when the body
has come to its end well: whatever fails earlier resets the stream, and no client takes a part for
the whole.
"""

import time
from collections.abc import AsyncIterator

from ferrox.gateway.http2.heads import response_fields
from ferrox.gateway.http2.stream import Stream
from ferrox.gateway.reply import (
    BODY_HEADERS,
    SERVER,
    WITHOUT_BODY,
    BrokenBodyError,
    Dating,
    closing,
    discard,
)
from ferrox.protocol.message import Response


class Reply:
    """The sending of one response."""

    def __init__(self, stream: Stream, dating: Dating) -> None:
        self._stream = stream
        self._dating = dating
        self.sent_bytes = 0
        self.begun_s = 0.0

    @property
    def has_begun(self) -> bool:
        """Whether anything of it has left."""
        return self.begun_s > 0

    async def send(self, response: Response) -> None:
        """Send the response."""
        status, headers, body = response.status, response.headers, response.body
        if status in WITHOUT_BODY:
            headers = {name: headers[name] for name in headers if name not in BODY_HEADERS}
            body = await discard(body)
        elif self._stream.head.method == "HEAD":
            body = await discard(body)
        elif isinstance(body, bytes):
            headers["content-length"] = str(len(body))
        else:
            async with closing(body):
                await self._send_blocks(status, headers, body)
            return
        await self._begin(status, headers, is_last=not body)
        if body:
            await self._stream.send(body, is_last=True)
            self.sent_bytes = len(body)

    async def _send_blocks(
        self, status: int, headers: dict[str, str], body: AsyncIterator[bytes]
    ) -> None:
        block: bytes | None = await anext(body, b"")
        announced = headers.get("content-length")
        most_bytes = int(announced) if announced is not None else None
        await self._begin(status, headers, is_last=False)
        while block is not None:
            self.sent_bytes += len(block)
            if most_bytes is not None and self.sent_bytes > most_bytes:
                raise BrokenBodyError
            await self._stream.send(block, is_last=False)
            block = await anext(body, None)
        if most_bytes is not None and self.sent_bytes != most_bytes:
            raise BrokenBodyError
        await self._stream.send(b"", is_last=True)

    async def _begin(self, status: int, headers: dict[str, str], *, is_last: bool) -> None:
        fixed = [(b"server", SERVER.encode()), (b"date", self._dating.date().encode())]
        fields = response_fields(status, headers, fixed)
        self.begun_s = time.perf_counter()
        await self._stream.send_head(fields, is_last=is_last)
