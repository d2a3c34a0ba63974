"""Channels of several workers on one event loop, around a hub that runs on a thread."""

import asyncio
import logging
import os
import selectors
import socket
import threading
from collections.abc import AsyncIterator

import pytest

from ferrox.workers.channel import Answers, Channel
from ferrox.workers.frames import Decoder, Kind, Message, encode
from ferrox.workers.hub import Hub


class Crew:
    """A hub at work, and its workers' channels."""

    def __init__(self, count: int) -> None:
        self.lost: list[int] = []
        self.heard: list[tuple[int, Kind]] = []
        self._selector = selectors.DefaultSelector()
        self._hub = Hub(self._selector, self._hear, lambda worker, reason: None)
        self.ends = [self._hub.connect(number) for number in range(count)]
        self.channels = [
            Channel(end, lambda number=number: self.lost.append(number))  # type: ignore[misc] # a default is no argument
            for number, end in enumerate(self.ends)
        ]
        self._orders, self._ordered = os.pipe()
        self._selector.register(self._orders, selectors.EVENT_READ, self._obey)
        self._is_done = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def bury(self, worker: int) -> None:
        """As the supervisor does when a process has ended."""
        os.write(self._ordered, bytes([worker]))

    async def close(self) -> None:
        for channel in self.channels:
            channel.close()
        os.write(self._ordered, b"\xff")
        await asyncio.to_thread(self._thread.join)
        self._hub.close()
        self._selector.close()
        os.close(self._orders)
        os.close(self._ordered)
        await asyncio.sleep(0)

    def _hear(self, worker: int, message: Message) -> None:
        self.heard.append((worker, message.kind))

    def _obey(self, _: int) -> None:
        order = os.read(self._orders, 1)[0]
        if order == 0xFF:
            self._is_done.set()
        else:
            self._hub.disconnect(order)

    def _run(self) -> None:
        while not self._is_done.is_set():
            for key, events in self._selector.select():
                key.data(events)


@pytest.fixture
async def crew() -> AsyncIterator[Crew]:
    made = Crew(3)
    yield made
    await made.close()


async def test_everybody_else_is_asked_and_answers(crew: Crew) -> None:
    for number, channel in enumerate(crew.channels):
        channel.on_ask("double", lambda data, number=number: data * 2 + b"%d" % number)  # type: ignore[misc] # a default is no argument
        await channel.open()

    answers = await crew.channels[0].ask("double", b"ab")

    assert Answers({1: b"abab1", 2: b"abab2"}, frozenset()) == answers


async def test_many_questions_at_once_get_their_own_answers(crew: Crew) -> None:
    for channel in crew.channels:
        channel.on_ask("echo", bytes)
        await channel.open()

    payloads = [b"%d" % number * 1000 for number in range(100)]
    answers = await asyncio.gather(
        *(crew.channels[n % 3].ask("echo", payload) for n, payload in enumerate(payloads))
    )

    assert [{payload} for payload in payloads] == [set(a.replies.values()) for a in answers]


async def test_who_does_not_answer_in_time_is_named(crew: Crew) -> None:
    for channel in crew.channels:
        channel.on_ask("echo", bytes)
    await crew.channels[0].open()
    await crew.channels[1].open()

    answers = await crew.channels[0].ask("echo", b"x", limit_s=0.2)

    assert Answers({1: b"x"}, frozenset({2})) == answers


async def test_what_was_asked_before_a_channel_was_open_is_answered_then(crew: Crew) -> None:
    crew.channels[1].on_ask("echo", bytes)
    await crew.channels[0].open()
    await crew.channels[1].open()
    asking = asyncio.ensure_future(crew.channels[0].ask("echo", b"x"))
    await crew.channels[0].ask("nothing", limit_s=0.1)

    crew.channels[2].on_ask("echo", bytes)
    await crew.channels[2].open()

    assert Answers({1: b"x", 2: b"x"}, frozenset()) == await asking


async def test_who_cannot_answer_says_so_at_once(
    crew: Crew, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: bytes) -> bytes:
        raise ValueError("of no use")

    crew.channels[1].on_ask("echo", fail)
    for channel in crew.channels:
        await channel.open()

    with caplog.at_level(logging.ERROR):
        answers = await crew.channels[0].ask("echo", b"x", limit_s=60)

    assert Answers({}, frozenset({1, 2})) == answers
    assert "of no use" in caplog.text


async def test_who_ends_in_the_meantime_is_not_waited_for(crew: Crew) -> None:
    gone: list[int] = []
    crew.channels[0].on_gone(gone.append)
    crew.channels[1].on_ask("echo", bytes)
    await crew.channels[0].open()
    await crew.channels[1].open()
    asking = asyncio.ensure_future(crew.channels[0].ask("echo", b"x", limit_s=60))
    await asyncio.sleep(0)

    crew.bury(2)

    assert Answers({1: b"x"}, frozenset()) == await asking
    assert [2] == gone


async def test_everybody_else_is_told(crew: Crew, caplog: pytest.LogCaptureFixture) -> None:
    heard: list[tuple[int, bytes]] = []
    both = asyncio.Event()

    def fail(_: bytes) -> None:
        raise ValueError("of no use")

    def note(number: int, payload: bytes) -> None:
        heard.append((number, payload))
        if len(heard) == 2:
            both.set()

    for number, channel in enumerate(crew.channels):
        channel.on_tell("first", fail)
        channel.on_tell("then", lambda payload, number=number: note(number, payload))  # type: ignore[misc] # a default is no argument
        await channel.open()

    crew.channels[1].tell("nobody listens")
    crew.channels[1].tell("first")
    crew.channels[1].tell("then", b"news")
    await both.wait()

    assert [(0, b"news"), (2, b"news")] == sorted(heard)
    assert "of no use" in caplog.text


async def test_an_answer_to_the_process_that_had_the_place_before_fits_no_question() -> None:
    ours, theirs = socket.socketpair()
    with ours:
        channel = Channel(theirs, lambda: None)
        await channel.open()
        asking = asyncio.ensure_future(channel.ask("held", limit_s=0.3))
        for number in range(100):
            ours.sendall(encode(Message(Kind.ASKED, payload=b"\0\1", number=number)))
            ours.sendall(encode(Message(Kind.ANSWER, payload=b"stale", peer=1, number=number)))

        answers = await asking
        channel.close()

    assert ({}, 1) == (answers.replies, len(answers.silent))


async def test_a_supervisor_that_ends_is_noticed_and_an_own_end_is_not() -> None:
    noticed: asyncio.Queue[str] = asyncio.Queue()
    ours, theirs = socket.socketpair()
    own = Channel(theirs, lambda: noticed.put_nowait("own"))
    await own.open()
    own.close()
    ours.close()

    ours, theirs = socket.socketpair()
    other = Channel(theirs, lambda: noticed.put_nowait("the supervisor's"))
    await other.open()
    ours.close()

    assert "the supervisor's" == await noticed.get()
    other.close()


async def test_messages_may_arrive_byte_by_byte() -> None:
    ours, theirs = socket.socketpair()
    with ours:
        channel = Channel(theirs, lambda: None)
        channel.on_ask("echo", bytes)
        await channel.open()
        loop = asyncio.get_running_loop()
        ours.setblocking(False)
        for byte in encode(Message(Kind.ASK, "echo", b"payload", peer=3, number=9)):
            await loop.sock_sendall(ours, bytes([byte]))
            await asyncio.sleep(0)
        decoder = Decoder()
        while not (messages := decoder.feed(await loop.sock_recv(ours, 65_536))):
            pass
        channel.close()

    assert [Message(Kind.ANSWER, "", b"payload", peer=3, number=9)] == messages


def test_a_failure_reaches_the_supervisor_before_anything_is_open() -> None:
    ours, theirs = socket.socketpair()
    with ours:
        channel = Channel(theirs, lambda: None)
        channel.fail("kein Index")
        channel.close()

        assert [Message(Kind.FAILED, payload=b"kein Index")] == Decoder().feed(ours.recv(65_536))


async def test_ready_is_said_to_the_supervisor(crew: Crew) -> None:
    for channel in crew.channels:
        await channel.open()
    crew.channels[2].say_ready()
    await crew.channels[2].ask("anything", limit_s=0.1)

    assert [(2, Kind.READY)] == crew.heard
