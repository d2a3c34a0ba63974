import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferrox.workers.frames import MAX_FRAME_BYTES, Decoder, FrameError, Kind, Message, encode

MESSAGES = [
    Message(Kind.READY),
    Message(Kind.ASK, "blobs.held", b"\0" * 300, number=7),
    Message(Kind.ANSWER, "", b"reply", peer=2, number=2**64 - 1),
    Message(Kind.TELL, "t" * 255, b""),
    Message(Kind.FAILED, payload="kein Platz für den Index".encode()),
]
STREAM = b"".join(map(encode, MESSAGES))


def fed(pieces: list[bytes]) -> list[Message]:
    decoder = Decoder()
    return [message for piece in pieces for message in decoder.feed(piece)]


def test_messages_that_arrive_whole_are_read() -> None:
    assert MESSAGES == fed([STREAM])


def test_messages_that_arrive_byte_by_byte_are_read() -> None:
    assert MESSAGES == fed([STREAM[n : n + 1] for n in range(len(STREAM))])


@given(st.lists(st.integers(0, len(STREAM))))
def test_messages_that_arrive_in_pieces_are_read(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(STREAM)]

    assert MESSAGES == fed([STREAM[a:b] for a, b in itertools.pairwise(edges)])


def test_what_is_not_whole_yet_is_no_message() -> None:
    decoder = Decoder()

    assert [] == decoder.feed(encode(MESSAGES[1])[:-1])
    assert [MESSAGES[1]] == decoder.feed(encode(MESSAGES[1])[-1:])


def test_a_message_that_is_too_long_is_not_sent() -> None:
    with pytest.raises(ValueError, match="too long"):
        encode(Message(Kind.TELL, payload=bytes(MAX_FRAME_BYTES)))


@pytest.mark.parametrize(
    "data",
    [
        b"\0\0\0\0",
        b"\0\0\0\1x",
        b"\xff\xff\xff\xff",
        b"\0\0\0\x0c" + b"\x63" + bytes(11),
        b"\0\0\0\x0c" + b"\x01" + bytes(10) + b"\x05",
        b"\0\0\0\x0d" + b"\x01" + bytes(10) + b"\x01\xff",
    ],
    ids=["no head", "short head", "far too long", "unknown kind", "topic cut off", "not a topic"],
)
def test_what_is_no_frame_is_noticed(data: bytes) -> None:
    with pytest.raises(FrameError):
        Decoder().feed(data)


def test_noise_is_an_error_or_nothing_but_never_a_crash() -> None:
    rng = random.Random(4)
    outcomes = set()
    for _ in range(2000):
        try:
            outcomes.add(len(fed([rng.randbytes(rng.randrange(64))])))
        except FrameError:
            outcomes.add(-1)

    assert {-1, 0} == outcomes
