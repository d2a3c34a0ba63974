"""What a fuzz target is, and what most of them need: cuts, texts, refusals.

A target checks one input. It raises nothing when the program deals with the input as it says it
does; what the program's module documents (S3Error, most of all) is dealing with it. Anything else
that comes out, an AssertionError of the target's own among it, is a finding.
"""

import random
import zlib
from collections.abc import Callable
from contextlib import ExitStack
from typing import NamedTuple
from xml.parsers import expat

from ferrox import errors
from ferrox.errors import S3Error
from ferrox.protocol import encode

KEPT = ExitStack()
"""What targets keep from one input to the next, to be closed after the last."""


class Target(NamedTuple):
    """One row of the table.

    check      deals with one input
    seeds      inputs to begin with
    words      what inputs are made of, for the fuzzer's dictionary
    max_bytes  of one input
    """

    check: Callable[[bytes], None]
    seeds: tuple[bytes, ...]
    words: tuple[bytes, ...] = ()
    max_bytes: int = 4096


def cut(data: bytes) -> list[bytes]:
    """Pieces of any size, but always the same ones of the same input."""
    random_cuts = random.Random(zlib.crc32(data))
    count = min(random_cuts.choice((1, 2, 3, len(data))), 200)
    at = sorted(random_cuts.randrange(len(data) + 1) for _ in range(count))
    return [data[begin:end] for begin, end in zip([0, *at], [*at, len(data)], strict=True)]


def pieces_of(data: bytes, count: int) -> list[bytes]:
    """An input in so many pieces, with zero bytes between them; missing ones are empty."""
    pieces = data.split(b"\0", count - 1)
    return pieces + [b""] * (count - len(pieces))


def wire_text(data: bytes) -> str:
    """Bytes as the text that the gateway makes of headers and queries: any bytes can be one."""
    return data.decode("utf-8", "surrogateescape")


def clean_text(data: bytes) -> str:
    """Bytes as a text that can be encoded again, as those of documents are."""
    return data.decode("utf-8", "replace")


def check_refusal(error: S3Error) -> None:
    """Hold a refusal to what it has to be: about the client, and a document that can be read."""
    assert 300 <= error.status < 500 or isinstance(error, errors.NotImplemented), error.code
    response = encode.error(error, "1", "2", "/", is_head=False)
    assert isinstance(response.body, bytes)
    # What XML 1.0 cannot say AWS writes as a reference, and so does ferrox: no parser takes those.
    document = response.body.replace(b"&#x", b"x")
    if document:
        expat.ParserCreate().Parse(document, True)
