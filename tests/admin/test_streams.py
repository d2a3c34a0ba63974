"""admin/streams.py: events as they happen, from a number on, until somebody stops."""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import cast

import pytest

from ferrox.admin import streams
from ferrox.admin.errors import TooMany
from ferrox.admin.streams import Streams
from tests.in_process import InProcess


@pytest.fixture
async def s3(s3: InProcess, monkeypatch: pytest.MonkeyPatch) -> InProcess:
    """A server whose operator wants to know everything."""
    monkeypatch.setattr(streams, "LOOK_INTERVAL_S", 0.001)
    s3.store.keeps_all_events = True
    await s3.make_bucket()
    return s3


def following(
    opened: Streams, after: int | None = None, bucket: str | None = None
) -> AsyncGenerator[bytes, None]:
    return cast("AsyncGenerator[bytes, None]", opened.follow(after, bucket))


async def read_until(stream: AsyncGenerator[bytes, None], word: bytes) -> bytes:
    text = b""
    while word not in text:
        text += await anext(stream)
    return text


async def test_a_stream_shows_what_happens_from_now_on(s3: InProcess) -> None:
    await s3.put("before")
    async with aclosing(following(Streams(s3.store))) as stream:
        assert b"retry: 1000\n\n" == await anext(stream)
        await s3.put("after")
        text = (await read_until(stream, b"data")).decode()

    number, name, data, *ends = text.split("\n")
    assert ("id: 2", "event: ObjectCreated:Put", ["", ""]) == (number, name, ends)
    record = json.loads(data.removeprefix("data: "))
    assert "after" == record["s3"]["object"]["key"]


async def test_a_stream_goes_on_where_it_ended(s3: InProcess) -> None:
    for key in "abc":
        await s3.put(key)

    async with aclosing(following(Streams(s3.store), 1)) as stream:
        text = await read_until(stream, b"data")

    assert [b"id: 2", b"id: 3"] == [line for line in text.split(b"\n") if line[:2] == b"id"]


async def test_more_than_one_page_comes_page_by_page(
    s3: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "MOST_EVENTS", 2)
    for key in "abc":
        await s3.put(key)

    async with aclosing(following(Streams(s3.store), 0)) as stream:
        text = await read_until(stream, b"id: 3")

    assert 3 == text.count(b"data: ")


async def test_a_stream_of_one_bucket_passes_over_others(s3: InProcess) -> None:
    await s3.make_bucket("other")
    async with aclosing(following(Streams(s3.store), None, "bucket")) as stream:
        await anext(stream)
        await s3.put("b", bucket="other")
        await s3.put("a")
        text = await read_until(stream, b"data")

    assert b"id: 2\n" in text
    assert b"id: 1\n" not in text


async def test_a_silent_stream_shows_that_it_is_there(
    s3: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "SILENCE_S", 0.0)
    async with aclosing(following(Streams(s3.store))) as stream:
        await anext(stream)

        assert b":\n\n" == await anext(stream)


async def test_a_stream_ends_when_the_server_stops(s3: InProcess) -> None:
    opened = Streams(s3.store)
    stream = following(opened)
    await anext(stream)

    opened.end()

    assert [] == [block async for block in stream]


async def test_streams_are_limited(s3: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "MOST_STREAMS", 1)
    opened = Streams(s3.store)
    async with aclosing(following(opened)) as stream:
        await anext(stream)
        with pytest.raises(TooMany):
            following(opened)
    async with aclosing(following(opened)) as stream:
        assert b"retry: 1000\n\n" == await anext(stream)
