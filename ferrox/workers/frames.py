"""Frames: messages between worker processes and their supervisor, as bytes of a stream.

A frame is its length and then kind, peer, number, topic and payload. The length counts what follows
it. `peer` is the worker at the other end: to whom an answer goes, and, once the supervisor has
passed a message on, from whom it comes. `number` ties an answer to its question.
"""

import struct
from enum import IntEnum
from typing import NamedTuple

MAX_FRAME_BYTES = 1 << 20
"""Far above the longest question, which names 1,000 blobs in 16 KB."""

_LENGTH = struct.Struct("!I")
_HEAD = struct.Struct("!BHQB")


class Kind(IntEnum):
    """What a message is."""

    READY = 1
    """to the supervisor: this worker serves"""
    FAILED = 2
    """to the supervisor: this worker cannot start; the payload says why"""
    TELL = 3
    """to all others"""
    ASK = 4
    """to all others, each of whom answers"""
    ASKED = 5
    """from the supervisor: who was asked"""
    ANSWER = 6
    """to the one who asked"""
    REFUSAL = 7
    """to the one who asked: there will be no answer"""
    GONE = 8
    """from the supervisor: this worker has ended"""


class Message(NamedTuple):
    """One message."""

    kind: Kind
    topic: str = ""
    payload: bytes = b""
    peer: int = 0
    number: int = 0


class FrameError(Exception):
    """The bytes are no frames: whoever sent them is out of order."""


def encode(message: Message) -> bytes:
    """The frame of a message; ValueError when it is longer than a frame may be."""
    kind, topic, payload, peer, number = message
    name = topic.encode("ascii")
    length = _HEAD.size + len(name) + len(payload)
    if length > MAX_FRAME_BYTES:
        raise ValueError(f"a message of {length} bytes is too long")
    return b"".join(
        (_LENGTH.pack(length), _HEAD.pack(kind, peer, number, len(name)), name, payload)
    )


class Decoder:
    """Takes the stream in pieces of any size."""

    def __init__(self) -> None:
        self._received = bytearray()

    def feed(self, data: bytes) -> list[Message]:
        """The messages that these bytes complete; FrameError when they cannot be any."""
        self._received += data
        messages = []
        while len(self._received) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._received)
            if not _HEAD.size <= length <= MAX_FRAME_BYTES:
                raise FrameError(f"a frame of {length} bytes")
            end = _LENGTH.size + length
            if len(self._received) < end:
                break
            messages.append(_message(bytes(self._received[_LENGTH.size : end])))
            del self._received[:end]
        return messages


def _message(frame: bytes) -> Message:
    kind, peer, number, topic_bytes = _HEAD.unpack_from(frame)
    payload_start = _HEAD.size + topic_bytes
    try:
        topic = frame[_HEAD.size : payload_start].decode("ascii")
        message = Message(Kind(kind), topic, frame[payload_start:], peer, number)
    except ValueError as error:
        raise FrameError(str(error)) from None
    if payload_start > len(frame):
        raise FrameError("a topic that is longer than its frame")
    return message
