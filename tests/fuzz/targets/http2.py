"""HTTP/2: what the guard lets pass is the same at any cuts, and a connection outlives any of it."""

import asyncio
import logging

from h2.errors import ErrorCodes
from hpack import Encoder
from hyperframe import frame as frames

from ferrox.gateway.http2.guard import PREFACE, Guard, OverrunError, Patience
from tests.fuzz.target import Target, cut
from tests.gateway.http2_talk import Talk, fields, patient_echo

_BEGIN = PREFACE + frames.SettingsFrame(0).serialize()


def check(data: bytes) -> None:
    """Feed frames to a guard at any cuts, and to a connection that answers what it is asked."""
    data = _BEGIN + data
    whole = _passed([data])
    assert whole == _passed([data[at : at + 1] for at in range(len(data))])
    assert whole == _passed(cut(data))
    assert len(whole[0]) <= len(data)
    with asyncio.Runner() as runner:
        runner.run(_answer(cut(data)))


def _passed(pieces: list[bytes]) -> tuple[bytes, ErrorCodes | None, bool]:
    """What h2 may see, and how it ended. What passes before the end may come earlier in pieces."""
    guard, seen = Guard(Patience(0.0), 32_768, 10_000), b""
    for piece in pieces:
        try:
            seen += guard.feed(piece, 0.0)
        except OverrunError as error:
            return b"", error.code, guard.is_leaving
    return seen, None, guard.is_leaving


async def _answer(pieces: list[bytes]) -> None:
    failures: list[logging.LogRecord] = []
    talk = Talk(patient_echo, has_begun=False)
    handler = logging.Handler(logging.ERROR)
    handler.emit = failures.append  # type: ignore[assignment] # of this one handler
    talk.front.log.addHandler(handler)
    try:
        for piece in pieces:
            talk.connection.data_received(piece)
            await asyncio.sleep(0)
        for _ in range(5):
            await asyncio.sleep(0)
        talk.connection.connection_lost(None)
        await talk.over()
    finally:
        talk.front.log.removeHandler(handler)
    assert not failures, failures[0].getMessage()
    assert not talk.connection._streams
    for task in talk.connection.cancel():
        await asyncio.wait({task})


def _headers(stream_id: int, *more: tuple[str, str], method: str = "GET", flags: str = "") -> bytes:
    frame = frames.HeadersFrame(stream_id, Encoder().encode(fields(*more, method=method)))
    frame.flags.add("END_HEADERS")
    if not flags:
        frame.flags.add("END_STREAM")
    return frame.serialize()


def _data(stream_id: int, data: bytes, *flags: str) -> bytes:
    frame = frames.DataFrame(stream_id, data)
    for flag in flags:
        frame.flags.add(flag)
    return frame.serialize()


TARGET = Target(
    check,
    seeds=(
        _headers(1),
        _headers(1, ("content-length", "5"), method="PUT", flags="open")
        + _data(1, b"hello", "END_STREAM"),
        _headers(1, method="PUT", flags="open")
        + _data(1, b"x")
        + frames.RstStreamFrame(1, 8).serialize(),
        _headers(1)
        + _headers(3, ("te", "gzip"))
        + frames.GoAwayFrame(0, 3).serialize()
        + _headers(5),
        frames.PingFrame(0, bytes(8)).serialize() + frames.WindowUpdateFrame(0, 100).serialize(),
        frames.SettingsFrame(0, {4: 100, 1: 0, 5: 16384}).serialize() + _headers(1),
        frames.PriorityFrame(1, 3, 200, True).serialize()
        + frames.SettingsFrame(0, flags=["ACK"]).serialize(),
        _headers(1, ("expect", "100-continue"), method="PUT", flags="open"),
    ),
    words=(
        _headers(1),
        _headers(3),
        _data(1, b"", "END_STREAM"),
        _data(1, b"abc"),
        frames.RstStreamFrame(1, 8).serialize(),
        frames.WindowUpdateFrame(1, 1).serialize(),
        frames.GoAwayFrame(0, 0).serialize(),
        frames.PingFrame(0, bytes(8)).serialize(),
        b"\x00\x00\x00\x09\x04\x00\x00\x00\x01",
        b"\x00\x00\x00\x01\x05\x00\x00\x00\x01",
    ),
    max_bytes=1024,
)
