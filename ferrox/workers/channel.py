"""A worker's side of the control channel: ask all other workers, answer them, tell them.

    channel.on_ask("blobs.held", which_are_held)        bytes in, bytes out, on the event loop
    answers = await channel.ask("blobs.held", names)    what each of the others says
    channel.on_tell("settings", read_them_again)
    channel.tell("settings")

Whoever asks must be content with fewer answers than there are workers: one may be busy, or stopped.
`Answers.silent` says whose is missing. Those who ended in the meantime do not count among them:
nothing they held is held any more. A process that takes the place of one that ended was not asked.

Until `open` nothing is read: questions wait in the socket until everybody who answers some has
said so.
"""

import asyncio
import itertools
import logging
import os
import socket
import struct
from collections.abc import Callable
from typing import NamedTuple, cast

from ferrox.workers.frames import Decoder, Kind, Message, encode

ANSWER_LIMIT_S = 5.0
"""How long the others may take to answer, unless the question says otherwise."""

log = logging.getLogger("ferrox.workers")


class Answers(NamedTuple):
    """What the others said: worker → reply, and those who did not reply in time."""

    replies: dict[int, bytes]
    silent: frozenset[int]


class Channel(asyncio.Protocol):
    """One worker's connection to all others."""

    def __init__(self, end: socket.socket, on_lost: Callable[[], None]) -> None:
        self._socket = end
        self._on_lost = on_lost
        self._transport: asyncio.Transport | None = None
        self._ask_handlers: dict[str, Callable[[bytes], bytes]] = {}
        self._tell_handlers: dict[str, Callable[[bytes], None]] = {}
        self._gone_handlers: list[Callable[[int], None]] = []
        self._questions: dict[int, _Question] = {}
        self._decoder = Decoder()
        # Not from 0: an answer to the process that had this place before must fit no question.
        self._numbers = itertools.count(int.from_bytes(os.urandom(6), "big"))

    def on_ask(self, topic: str, handler: Callable[[bytes], bytes]) -> None:
        """Have questions of a topic answered by `handler`."""
        self._ask_handlers[topic] = handler

    def on_tell(self, topic: str, handler: Callable[[bytes], None]) -> None:
        """Have what is told about a topic handed to `handler`."""
        self._tell_handlers[topic] = handler

    def on_gone(self, handler: Callable[[int], None]) -> None:
        """Have `handler` called with the number of a worker that ended."""
        self._gone_handlers.append(handler)

    async def open(self) -> None:
        """Begin to read."""
        loop = asyncio.get_running_loop()
        await loop.create_unix_connection(lambda: self, sock=self._socket)

    def say_ready(self) -> None:
        """Tell the supervisor that this worker serves."""
        self._send(Message(Kind.READY))

    def fail(self, reason: str) -> None:
        """Tell the supervisor that this worker cannot start, before anything was opened."""
        self._socket.sendall(encode(Message(Kind.FAILED, payload=reason.encode())))

    def tell(self, topic: str, payload: bytes = b"") -> None:
        """Tell all others."""
        self._send(Message(Kind.TELL, topic, payload))

    async def ask(
        self, topic: str, payload: bytes = b"", *, limit_s: float = ANSWER_LIMIT_S
    ) -> Answers:
        """Ask all others and wait until each has answered or ended, or the time is over."""
        number = next(self._numbers)
        question = self._questions[number] = _Question()
        try:
            self._send(Message(Kind.ASK, topic, payload, number=number))
            async with asyncio.timeout(limit_s):
                await question.settled.wait()
        except TimeoutError:
            pass
        finally:
            del self._questions[number]
        return question.answers()

    def close(self) -> None:
        """Say nothing more and hear nothing more."""
        self._on_lost = _do_nothing
        if self._transport is not None:
            self._transport.close()
        else:
            self._socket.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport; called by the event loop."""
        self._transport = cast("asyncio.Transport", transport)  # a stream socket has no other

    def data_received(self, data: bytes) -> None:
        """Take what the supervisor passed on; called by the event loop."""
        for message in self._decoder.feed(data):
            self._take(message)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Notice that the supervisor has ended; called by the event loop."""
        self._on_lost()

    def _send(self, message: Message) -> None:
        if self._transport is None:
            raise RuntimeError("the channel is not open")
        self._transport.write(encode(message))

    def _take(self, message: Message) -> None:
        match message.kind:
            case Kind.ASK:
                self._answer(message)
            case Kind.TELL:
                self._hear(message)
            case Kind.GONE:
                for question in self._questions.values():
                    question.forget(message.peer)
                for handler in self._gone_handlers:
                    handler(message.peer)
            case _:
                question_or_none = self._questions.get(message.number)
                if question_or_none is not None:
                    question_or_none.take(message)

    def _answer(self, message: Message) -> None:
        reply = message._replace(kind=Kind.REFUSAL, topic="", payload=b"")
        handler = self._ask_handlers.get(message.topic)
        if handler is not None:
            try:
                payload = handler(message.payload)
                reply = reply._replace(kind=Kind.ANSWER, payload=payload)
            except Exception:
                log.exception("a question about %s could not be answered", message.topic)
        self._send(reply)

    def _hear(self, message: Message) -> None:
        handler = self._tell_handlers.get(message.topic)
        if handler is not None:
            try:
                handler(message.payload)
            except Exception:
                log.exception("what was told about %s was of no use", message.topic)


class _Question:
    """The answers to one question as they come in."""

    def __init__(self) -> None:
        self.settled = asyncio.Event()
        self._asked: set[int] | None = None
        self._replies: dict[int, bytes] = {}
        self._refused: set[int] = set()

    def take(self, message: Message) -> None:
        match message.kind:
            case Kind.ASKED:
                count = len(message.payload) // 2
                self._asked = set(struct.unpack(f"!{count}H", message.payload))
            case Kind.ANSWER:
                self._replies[message.peer] = message.payload
            case _:
                self._refused.add(message.peer)
        self._settle()

    def forget(self, worker: int) -> None:
        """That one will not answer any more, and need not."""
        if self._asked is not None:
            self._asked.discard(worker)
            self._settle()

    def answers(self) -> Answers:
        # Who was not even told whom it asked, did not reach the supervisor: all of them are silent.
        asked = frozenset({-1}) if self._asked is None else frozenset(self._asked)
        return Answers(self._replies, asked - self._replies.keys())

    def _settle(self) -> None:
        if self._asked is not None and self._asked <= self._replies.keys() | self._refused:
            self.settled.set()


def _do_nothing() -> None:
    """The loss was wanted."""
