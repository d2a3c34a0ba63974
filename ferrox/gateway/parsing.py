"""Bytes → the heads and bodies of HTTP/1.1 requests, one request at a time.

Theory of operation. aiohttp's parser (llhttp, in C) is handed the bytes up to where a request may
end, and then asked what it made of them. A head and a chunked body end at an empty line, a body of
announced length where the length says. So the parser never sees a byte of the next request along
with this one: whatever is wrong with the next cannot take this one away, requests are counted
before they are read, and each head is there once as it was sent, for what the parser is too lenient
about. Pieces go to the parser as they come, so garbage is refused at once and not at the next empty
line. A long body of announced length needs no parsing: it goes past the parser, which would copy
it, and another parser takes the next request.

https://www.rfc-editor.org/rfc/rfc9112
"""

import asyncio
from typing import NamedTuple, Protocol

from ferrox.errors import BadRequest, RequestHeaderSectionTooLarge, S3Error
from ferrox.gateway.aiohttp_parts import (
    HttpRequestParser,
    LineTooLong,
    RawRequestMessage,
    StreamReader,
)
from ferrox.gateway.limits import BODY_BUFFER_BYTES, MAX_HEADER_FIELDS

EMPTY_LINE = b"\r\n\r\n"
_SEAM_BYTES = len(EMPTY_LINE) - 1
_VERSION_BYTES = len(b" HTTP/1.1")


class Flow(Protocol):
    """What a buffered body asks of its connection; the names are aiohttp's."""

    _reading_paused: bool

    @property
    def connected(self) -> bool:
        """Whether bytes can still come."""
        ...

    def pause_reading(self) -> None:
        """The buffer is full."""
        ...

    def resume_reading(self, resume_parser: bool = True) -> None:
        """There is room again."""
        ...


class Parsed(NamedTuple):
    """The head of a request, and where its body arrives."""

    message: RawRequestMessage
    content: StreamReader


class RequestParser:
    """Cuts one connection's bytes into requests.

    raises  S3Error from `feed` when they are no clear HTTP; it must not be fed again then
    """

    __slots__ = (
        "_content", "_fed", "_flow", "_goes_past", "_head", "_left_bytes", "_loop",
        "_max_head_bytes", "_parser",
    )  # fmt: skip

    def __init__(self, flow: Flow, loop: asyncio.AbstractEventLoop, max_head_bytes: int) -> None:
        self._flow = flow
        self._loop = loop
        self._max_head_bytes = max_head_bytes
        self._head = b""  # what has come of a head that is not complete
        self._content: StreamReader | None = None  # the body that is arriving
        self._left_bytes: int | None = None  # of it, None when it is chunked
        self._goes_past = False  # whether it goes past the parser
        self._fed = b""  # the last bytes fed of a chunked body
        self._parser = self._new_parser()

    @property
    def is_between(self) -> bool:
        """Whether the next byte is the first of another request, or belongs to its head."""
        return self._content is None

    def feed(self, data: bytes) -> tuple[Parsed | None, bytes]:
        """Take some of `data`; return the request whose head it completed, and what is left."""
        if self._content is not None:
            return None, self._feed_body(self._content, data)
        return self._feed_head(data)

    def _feed_head(self, data: bytes) -> tuple[Parsed | None, bytes]:
        before = self._head
        head = before + data if before else data
        empty_line = head.find(EMPTY_LINE, max(len(before) - _SEAM_BYTES, 0))
        if empty_line >= 0:
            head = head[: empty_line + len(EMPTY_LINE)]
        if len(head) > self._max_head_bytes:
            raise RequestHeaderSectionTooLarge(MaxSizeAllowed=self._max_head_bytes)
        taken = len(head) - len(before)
        messages = self._parse(data[:taken])
        if empty_line < 0:
            if messages:
                raise _not_http()
            self._head = head
            return None, b""
        self._head = b""
        if not messages:
            if head.strip(b"\r\n"):
                raise _not_http()
            return None, data[taken:]  # RFC 9112, 2.2: empty lines before a request are ignored
        (message, content), *more = messages
        if more or not _has_plain_request_line(head):
            raise _not_http()
        if not content.is_eof():
            self._expect_body(message, content)
        return Parsed(message, content), data[taken:]

    def _expect_body(self, message: RawRequestMessage, content: StreamReader) -> None:
        self._content = content
        length = message.headers.get("Content-Length")
        self._left_bytes = None if length is None or message.chunked else int(length)
        self._goes_past = (self._left_bytes or 0) > BODY_BUFFER_BYTES
        self._fed = b""

    def _feed_body(self, content: StreamReader, data: bytes) -> bytes:
        if self._left_bytes is None:
            end = self._chunked_end(data)
        else:
            end = min(len(data), self._left_bytes)
            self._left_bytes -= end
        if self._goes_past:
            content.feed_data(data[:end])
            if not self._left_bytes:
                content.feed_eof()
                self._parser = self._new_parser()
        elif self._parse(data[:end]):
            raise _not_http()
        if content.is_eof():
            self._content = None
        return data[end:]

    def _chunked_end(self, data: bytes) -> int:
        """Where a chunked body may end: after the next empty line, else not in these bytes."""
        fed = self._fed
        at = (fed + data[:_SEAM_BYTES]).find(EMPTY_LINE) - len(fed)
        if at < -len(fed):
            at = data.find(EMPTY_LINE)
            at = len(data) - len(EMPTY_LINE) if at < 0 else at
        end = at + len(EMPTY_LINE)
        self._fed = (fed + data[max(end - _SEAM_BYTES, 0) : end])[-_SEAM_BYTES:]
        return end

    def _new_parser(self) -> HttpRequestParser:
        return HttpRequestParser(
            self._flow,  # type: ignore[arg-type] # typed as aiohttp's own base class
            self._loop,
            BODY_BUFFER_BYTES,
            max_line_size=self._max_head_bytes,
            max_field_size=self._max_head_bytes,
            max_headers=MAX_HEADER_FIELDS,
            auto_decompress=False,
        )

    def _parse(self, piece: bytes) -> list[tuple[RawRequestMessage, StreamReader]]:
        try:
            messages, is_upgraded, _ = self._parser.feed_data(piece)
        except LineTooLong as error:
            raise RequestHeaderSectionTooLarge(MaxSizeAllowed=self._max_head_bytes) from error
        except Exception as error:  # whatever the parser raises, nothing that follows can be read
            if "Too many headers" in str(error):
                raise RequestHeaderSectionTooLarge from error
            raise _not_http() from error
        if is_upgraded:  # an upgrade is an offer, and it is not taken up (RFC 9110, 7.8)
            self._parser.set_upgraded(False)
        return messages


def _has_plain_request_line(head: bytes) -> bool:
    """Whether single spaces separate method, target and version: llhttp takes more of them, and
    without a version, as HTTP/0.9 has none, a lone LF for the end of the line."""
    line = head.lstrip(b"\r\n")
    end = line.find(b"\r\n")
    return line.count(b" ", 0, end) == 2 and line.startswith(b" HTTP/", end - _VERSION_BYTES)


def _not_http() -> S3Error:
    return BadRequest("The request is not valid HTTP.")
