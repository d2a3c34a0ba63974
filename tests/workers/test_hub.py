"""The hub over real socket pairs, with the test as every worker and as the selector's owner."""

import selectors
import socket
import struct
from collections.abc import Iterator

import pytest

from ferrox.workers import hub as hub_module
from ferrox.workers.frames import Decoder, Kind, Message, encode
from ferrox.workers.hub import Hub


class Star:
    """A hub and the workers around it."""

    def __init__(self, count: int) -> None:
        self.heard: list[tuple[int, Message]] = []
        self.disorder: list[tuple[int, str]] = []
        self._selector = selectors.DefaultSelector()
        self.hub = Hub(
            self._selector,
            lambda worker, message: self.heard.append((worker, message)),
            lambda worker, reason: self.disorder.append((worker, reason)),
        )
        self.ends = {number: self.hub.connect(number) for number in range(count)}
        self.decoders = {number: Decoder() for number in range(count)}

    def pump(self) -> None:
        """Let the hub work until there is nothing to do."""
        while events := self._selector.select(0):
            for key, mask in events:
                key.data(mask)

    def say(self, worker: int, message: Message) -> None:
        self.ends[worker].sendall(encode(message))
        self.pump()

    def read(self, worker: int) -> list[Message]:
        """Everything that waits for a worker."""
        self.ends[worker].setblocking(False)
        messages: list[Message] = []
        try:
            while data := self.ends[worker].recv(65_536):
                messages += self.decoders[worker].feed(data)
                self.pump()
        except BlockingIOError:
            pass
        return messages

    def close(self) -> None:
        self.hub.close()
        self._selector.close()
        for end in self.ends.values():
            end.close()


@pytest.fixture
def star() -> Iterator[Star]:
    made = Star(3)
    yield made
    made.close()


def asked(number: int, *workers: int) -> Message:
    return Message(Kind.ASKED, payload=struct.pack(f"!{len(workers)}H", *workers), number=number)


def test_a_question_reaches_all_others_and_its_answers_the_one_who_asked(star: Star) -> None:
    question = Message(Kind.ASK, "topic", b"question", number=5)

    star.say(1, question)
    star.say(0, Message(Kind.ANSWER, "", b"zero", peer=1, number=5))
    star.say(2, Message(Kind.REFUSAL, "", b"", peer=1, number=5))

    assert [question._replace(peer=1)] == star.read(0) == star.read(2)
    assert [
        asked(5, 0, 2),
        Message(Kind.ANSWER, "", b"zero", peer=0, number=5),
        Message(Kind.REFUSAL, "", b"", peer=2, number=5),
    ] == star.read(1)


def test_what_is_told_reaches_all_others(star: Star) -> None:
    star.say(2, Message(Kind.TELL, "settings", b"x"))

    told = [Message(Kind.TELL, "settings", b"x", peer=2)]
    assert [told, told, []] == [star.read(number) for number in range(3)]


def test_what_is_for_the_supervisor_goes_no_further(star: Star) -> None:
    star.say(0, Message(Kind.READY))

    assert [(0, Message(Kind.READY))] == star.heard
    assert [] == star.read(1)


def test_a_worker_that_is_gone_is_known_to_all_others_and_asked_no_more(star: Star) -> None:
    star.hub.disconnect(1)
    star.say(0, Message(Kind.ASK, "topic", number=1))
    star.say(0, Message(Kind.ANSWER, peer=1, number=9))

    gone = Message(Kind.GONE, peer=1)
    assert [gone, asked(1, 2)] == star.read(0)
    assert [gone, Message(Kind.ASK, "topic", peer=0, number=1)] == star.read(2)


def test_the_last_words_of_a_worker_are_heard(star: Star) -> None:
    star.ends[1].sendall(encode(Message(Kind.FAILED, payload=b"no index")))
    star.ends[1].close()

    star.hub.disconnect(1)

    assert [(1, Message(Kind.FAILED, payload=b"no index"))] == star.heard


def test_who_takes_a_place_starts_with_a_clean_channel(star: Star) -> None:
    star.ends[1].sendall(encode(Message(Kind.TELL, "half"))[:-2])
    star.pump()
    star.ends[1].close()
    star.pump()
    star.hub.disconnect(1)
    star.ends[1] = star.hub.connect(1)

    star.say(1, Message(Kind.TELL, "whole"))

    assert [Message(Kind.GONE, peer=1), Message(Kind.TELL, "whole", peer=1)] == star.read(0)
    assert [] == star.disorder


def test_who_sends_no_frames_is_reported_once_and_heard_no_more(star: Star) -> None:
    star.ends[1].sendall(b"\xff" * 100)
    star.pump()
    star.say(0, Message(Kind.TELL, "hello"))

    assert [1] == [worker for worker, _ in star.disorder]
    assert [] == star.read(1)
    assert [Message(Kind.TELL, "hello", peer=0)] == star.read(2)


def test_who_does_not_read_loses_whole_messages_and_holds_up_nobody(
    star: Star, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "MOST_UNSENT_BYTES", 300_000)
    payload = bytes(100_000)
    for number in range(20):
        star.say(0, Message(Kind.TELL, f"{number}", payload))
        assert [f"{number}"] == [message.topic for message in star.read(2)]

    late = [message.topic for message in star.read(1)]
    star.say(0, Message(Kind.TELL, "after", b""))

    assert 3 <= len(late) < 20
    assert [f"{number}" for number in range(len(late))] == late
    assert ["after"] == [message.topic for message in star.read(1)]


def test_the_ends_of_a_forked_process_can_be_closed(star: Star) -> None:
    copies = [socket.socket(fileno=end.detach()) for end in star.ends.values()]

    star.hub.close()

    assert [b"", b"", b""] == [copy.recv(1) for copy in copies]
    for copy in copies:
        copy.close()
    star.ends.clear()
