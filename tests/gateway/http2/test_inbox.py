"""A body that arrives in frames."""

import asyncio

import pytest

from ferrox.errors import IncompleteBody
from ferrox.gateway.http2.inbox import READ_BYTES, Inbox


async def test_what_has_come_is_read_at_once_and_makes_room() -> None:
    given: list[int] = []
    inbox = Inbox(given.append)
    inbox.feed(b"one", 5)
    inbox.feed(b"two", 3)

    assert (b"onetwo", b"") == (inbox.read_nowait(), inbox.read_nowait())
    assert ([8], 6) == (given, inbox.total_bytes)


async def test_no_more_is_read_at_once_than_is_good() -> None:
    inbox = Inbox(lambda _: None)
    for _ in range(20):
        inbox.feed(bytes(READ_BYTES // 4), 1)

    assert READ_BYTES == len(inbox.read_nowait())


async def test_who_reads_waits_for_the_next_bytes_or_the_end() -> None:
    inbox = Inbox(lambda _: None)
    first = asyncio.ensure_future(inbox.readany())
    await asyncio.sleep(0)
    inbox.feed(b"data", 4)
    second_is = (await first, asyncio.ensure_future(inbox.readany()))
    await asyncio.sleep(0)
    inbox.feed_eof()

    assert (b"data", b"") == (second_is[0], await second_is[1])
    assert inbox.is_eof()


async def test_a_body_that_breaks_off_wakes_who_reads() -> None:
    inbox = Inbox(lambda _: None)
    reading = asyncio.ensure_future(inbox.readany())
    await asyncio.sleep(0)
    inbox.set_exception(IncompleteBody())

    with pytest.raises(IncompleteBody):
        await reading


async def test_a_whole_body_cannot_break_off() -> None:
    inbox = Inbox(lambda _: None)
    inbox.feed(b"all", 3)
    inbox.feed_eof()
    inbox.set_exception(IncompleteBody())

    assert b"all" == await inbox.readany()


async def test_padding_makes_room_without_being_read() -> None:
    given: list[int] = []
    Inbox(given.append).feed(b"", 256)

    assert [256] == given


async def test_what_nobody_reads_makes_room() -> None:
    given: list[int] = []
    inbox = Inbox(given.append)
    inbox.feed(b"data", 4)
    inbox.feed(b"more", 5)
    inbox.discard()

    assert ([9], b"") == (given, inbox.read_nowait())
