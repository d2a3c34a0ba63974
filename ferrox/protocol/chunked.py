"""The aws-chunked framing of a body: chunks, their signatures and the trailers, incrementally.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html

    <hex size>[;chunk-signature=<signature>] CRLF <size bytes> CRLF      for every chunk
    0[;chunk-signature=<signature>] CRLF                                 the last one
    <name>:<value> CRLF                                                  for every trailer

In the state DATA bytes are passed on; in the others a whole line is waited for, and the state says
what it means. After the chunk of size 0 every line is a trailer. The end is the end of the HTTP
body, not a line: clients differ in where they put blank lines after the last chunk (before the
trailers, between them and their signature, at the end, or nowhere), so blank lines mean nothing
there, and whatever else follows is a malformed trailer.

Data is passed on before its signature can be checked, as the signature covers the whole chunk. A
consumer must not name what it received until finish() has returned.
"""

import re
from enum import Enum, auto
from typing import Protocol

from ferrox.errors import IncompleteBody, MalformedTrailerError

TRAILER_SIGNATURE = "x-amz-trailer-signature"

_chunk_header = re.compile(
    rb"([0-9A-Fa-f]{1,13})(?:;chunk-signature=([0-9a-zA-Z*]+))?\r\n"
).fullmatch
_MAX_CHUNK_HEADER_BYTES = 512  # 13 digits and a signature need 95, an ECDSA one 175
_MAX_TRAILER_BYTES = 8 * 1024


class ChunkSeal(Protocol):
    """Verifies the signatures of the chunks, each of which covers the one before."""

    def begin(self, signature: str) -> None:
        """A chunk starts that claims this signature ("" when it claims none)."""
        ...

    def update(self, data: bytes) -> None:
        """More bytes of the chunk."""
        ...

    def end(self) -> None:
        """The chunk is whole; raises SignatureDoesNotMatch."""
        ...

    def close(self, trailers: bytes, signature: str) -> None:
        """The trailers, each as `name:value LF`, claim this signature; raises as `end` does."""
        ...


class _State(Enum):
    CHUNK_HEADER = auto()
    DATA = auto()
    DATA_END = auto()
    TRAILERS = auto()


class Decoder:
    """Takes an aws-chunked body in pieces of any size and hands out the bytes of the object.

    decoded_length   number of bytes the object must have
    seal             verifies chunk signatures; None when the chunks are not signed
    trailer_names    lower-case names announced by x-amz-trailer; each must come exactly once
    """

    def __init__(
        self, decoded_length: int, *, seal: ChunkSeal | None, trailer_names: frozenset[str]
    ) -> None:
        self.trailers: dict[str, str] = {}
        self._seal = seal
        self._trailer_names = trailer_names
        self._missing_bytes = decoded_length
        self._chunk_missing_bytes = 0
        self._state = _State.CHUNK_HEADER
        self._line = b""  # a line whose end has not come yet
        self._trailer_bytes = 0
        self._trailer_signature = ""

    def feed(self, data: bytes) -> list[bytes]:
        """The bytes of the object that `data` holds, in pieces that are slices of it."""
        pieces: list[bytes] = []
        start = 0
        while start < len(data):
            if self._state is _State.DATA:
                piece = data[start : start + self._chunk_missing_bytes]
                start += len(piece)
                self._take(piece)
                pieces.append(piece)
            else:
                start = self._read_line(data, start)
        return pieces

    def finish(self) -> None:
        """The body has ended: raises unless it was whole, with every trailer it promised."""
        if self._state is not _State.TRAILERS or self._line:
            raise _incomplete()
        if self.trailers.keys() != self._trailer_names:
            raise MalformedTrailerError
        if self._seal and self._trailer_names:
            if not self._trailer_signature:
                raise MalformedTrailerError
            signed = "".join(f"{name}:{value}\n" for name, value in self.trailers.items())
            self._seal.close(signed.encode(), self._trailer_signature)

    def _take(self, piece: bytes) -> None:
        """Account for a piece of chunk data."""
        if self._seal:
            self._seal.update(piece)
        self._missing_bytes -= len(piece)
        self._chunk_missing_bytes -= len(piece)
        if not self._chunk_missing_bytes:
            if self._seal:
                self._seal.end()
            self._state = _State.DATA_END

    def _read_line(self, data: bytes, start: int) -> int:
        """Act on the line that ends in `data`, or remember its beginning; says where to go on."""
        end = data.find(b"\n", start) + 1
        if not end:
            self._line += data[start : start + _MAX_TRAILER_BYTES + 1]
            self._refuse_long_line(self._line)
            return len(data)
        line = self._line + data[start:end]
        self._line = b""
        self._refuse_long_line(line)
        if self._state is _State.CHUNK_HEADER:
            self._begin_chunk(line)
        elif self._state is _State.DATA_END:
            if line != b"\r\n":
                raise _incomplete()
            self._state = _State.CHUNK_HEADER
        else:
            self._read_trailer(line)
        return end

    def _refuse_long_line(self, line: bytes) -> None:
        if self._state is _State.TRAILERS:
            if self._trailer_bytes + len(line) > _MAX_TRAILER_BYTES:
                raise MalformedTrailerError
        elif len(line) > (2 if self._state is _State.DATA_END else _MAX_CHUNK_HEADER_BYTES):
            raise _incomplete()

    def _begin_chunk(self, line: bytes) -> None:
        match = _chunk_header(line)
        if match is None:
            raise _incomplete()
        size_bytes = int(match[1], 16)
        if size_bytes > self._missing_bytes or (not size_bytes and self._missing_bytes):
            raise _incomplete()
        if self._seal:
            self._seal.begin((match[2] or b"").decode())
        if size_bytes:
            self._chunk_missing_bytes = size_bytes
            self._state = _State.DATA
        else:
            if self._seal:
                self._seal.end()
            self._state = _State.TRAILERS

    def _read_trailer(self, line: bytes) -> None:
        self._trailer_bytes += len(line)
        if line in {b"\r\n", b"\n"}:
            return
        try:
            raw_name, separator, raw_value = line.decode().partition(":")
        except UnicodeDecodeError:
            raise MalformedTrailerError from None
        name, value = raw_name.strip().lower(), raw_value.strip()
        if not separator or self._trailer_signature or name in self.trailers:
            raise MalformedTrailerError
        if name == TRAILER_SIGNATURE and self._seal and self._trailer_names:
            self._trailer_signature = value
        elif name in self._trailer_names:
            self.trailers[name] = value
        else:
            raise MalformedTrailerError


def _incomplete() -> IncompleteBody:
    return IncompleteBody("The request body terminated unexpectedly")
