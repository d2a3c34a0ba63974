"""Answers of others, whom events are told or documents asked for: what was said, or an OSError."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import closing
from typing import Any, TypeVar
from unittest.mock import patch

from ferrox import outgoing
from tests.fuzz.target import KEPT, Target, cut

T = TypeVar("T")

_MOST_BYTES = 100
_LOOP = KEPT.enter_context(closing(asyncio.new_event_loop()))


class _Writer:
    """What is sent to the other side does not matter here."""

    def write(self, data: bytes) -> None:
        """Take it."""

    async def drain(self) -> None:
        """Have it taken."""

    def close(self) -> None:
        """Let go."""


def check(data: bytes) -> None:
    """Hand an answer, whole and in pieces, to who got a document and to who posted an event."""
    got = _asked([data], _get)
    assert got == _asked(cut(data), _get)
    if got is not None:
        assert 100 <= got.status <= 999
        assert len(got.body) <= _MOST_BYTES
    status = _asked([data], _post)
    assert status is None or 100 <= status <= 999


async def _get() -> outgoing.Answer:
    return await outgoing.get("http://h/d", timeout_s=5, most_bytes=_MOST_BYTES)


async def _post() -> int:
    return await outgoing.post("http://h/d", {}, b"event", timeout_s=5)


def _asked(pieces: list[bytes], ask: Callable[[], Coroutine[Any, Any, T]]) -> T | None:
    """What comes of an answer; None if that cannot be understood."""

    async def connect(*_: object, **more: Any) -> tuple[asyncio.StreamReader, _Writer]:
        reader = asyncio.StreamReader(limit=more["limit"])
        for piece in pieces:
            reader.feed_data(piece)
        reader.feed_eof()
        return reader, _Writer()

    with patch("asyncio.open_connection", connect):
        try:
            return _LOOP.run_until_complete(ask())
        except TimeoutError:
            raise AssertionError("it waits for what will not come") from None
        except OSError:
            return None


_OK = b"HTTP/1.1 200 OK\r\n"
TARGET = Target(
    check,
    seeds=(
        _OK + b"Content-Length: 2\r\n\r\n{}",
        _OK + b"Transfer-Encoding: chunked\r\n\r\n2;a=b\r\n{}\r\n0\r\nT: v\r\n\r\n",
        _OK + b"\r\nto the end of the connection",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n",
    ),
    words=(
        *(b"Content-Length: ", b"Transfer-Encoding: chunked", b"gzip", b"\r\n\r\n", b"\n", b"-1"),
        *(b"HTTP/1.1 ", b"HTTP/1.1 102 \r\n\r\n", b"ffffffff\r\n", b"0\r\n", b"+5", b"99", b"0x1"),
    ),
)
