"""Bytes become requests in the same way however they are cut; what is not clear is refused."""

import asyncio
import random
from collections.abc import Iterator

import pytest

from ferrox.errors import BadRequest, RequestHeaderSectionTooLarge, S3Error
from ferrox.gateway.limits import BODY_BUFFER_BYTES
from ferrox.gateway.parsing import Parsed, RequestParser
from tests.gateway.wire import get, put

MAX_HEAD_BYTES = 16_384


class Flow:
    """A connection whose buffers are never full."""

    _reading_paused = False
    connected = True

    def pause_reading(self) -> None:
        self._reading_paused = True

    def resume_reading(self, resume_parser: bool = True) -> None:
        self._reading_paused = False


@pytest.fixture
def parser() -> Iterator[RequestParser]:
    loop = asyncio.new_event_loop()
    yield RequestParser(Flow(), loop, MAX_HEAD_BYTES)
    loop.close()


def chunked(*pieces: bytes, trailer: bytes = b"", path: str = "/b/k") -> bytes:
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    return (
        get(path, "Transfer-Encoding: chunked", method="PUT")
        + chunks
        + b"0\r\n"
        + trailer
        + b"\r\n"
    )


REQUESTS = [
    get("/b/one"),
    put(b"GET /b/hidden HTTP/1.1\r\nHost: x\r\n\r\n", path="/b/two"),
    b"\r\n\r\n" + get("/b/three", "Connection: upgrade", "Upgrade: websocket"),
    chunked(b"hello", b"\r\n\r\n", b"\r\n", b"\r\n\r\n\r\n", path="/b/four"),
    put(b"", path="/b/five"),
    chunked(b"0\r\n\r\nGET /b/hidden HTTP/1.1\r\n\r\n", trailer=b"x-a: b\r\n", path="/b/six"),
    chunked(path="/b/seven"),
    put(b"!", "Connection: upgrade", "Upgrade: websocket", path="/b/eight"),
    get("/b/nine"),
]
SEEN = [
    ("/b/one", b""),
    ("/b/two", b"GET /b/hidden HTTP/1.1\r\nHost: x\r\n\r\n"),
    ("/b/three", b""),
    ("/b/four", b"hello\r\n\r\n\r\n\r\n\r\n\r\n"),
    ("/b/five", b""),
    ("/b/six", b"0\r\n\r\nGET /b/hidden HTTP/1.1\r\n\r\n"),
    ("/b/seven", b""),
    ("/b/eight", b"!"),
    ("/b/nine", b""),
]


def parse(parser: RequestParser, pieces: Iterator[bytes]) -> list[Parsed]:
    found = []
    for piece in pieces:
        rest = piece
        while rest:
            parsed, rest = parser.feed(rest)
            if parsed is not None:
                found.append(parsed)
    return found


def seen(found: list[Parsed]) -> list[tuple[str, bytes]]:
    assert all(parsed.content.is_eof() for parsed in found)
    return [(parsed.message.path, parsed.content.read_nowait()) for parsed in found]


def cuts(data: bytes, seed: int) -> Iterator[bytes]:
    """The data in pieces: whole, byte by byte, or at random."""
    if seed == 0:
        yield data
        return
    rng = random.Random(seed)
    position = 0
    while position < len(data):
        size = 1 if seed == 1 else rng.choice((1, 2, 3, 4, 5, 20, 200))
        yield data[position : position + size]
        position += size


@pytest.mark.parametrize("seed", range(40))
def test_requests_are_the_same_however_their_bytes_are_cut(
    parser: RequestParser, seed: int
) -> None:
    found = parse(parser, cuts(b"".join(REQUESTS), seed))

    assert SEEN == seen(found)


@pytest.mark.parametrize("seed", range(6))
def test_a_long_body_goes_past_the_parser_and_the_next_request_is_parsed(
    parser: RequestParser, seed: int
) -> None:
    body = (get("/b/hidden") * 4000)[: BODY_BUFFER_BYTES + 1]
    requests = [
        get("/b/one"),
        put(body, path="/b/two"),
        put(body[::-1], path="/b/three"),
        chunked(b"four", path="/b/four"),
    ]

    found = parse(parser, cuts(b"".join(requests), seed))

    expected = [("/b/one", b""), ("/b/two", body), ("/b/three", body[::-1]), ("/b/four", b"four")]
    assert expected == seen(found)


def test_no_byte_of_the_next_request_is_looked_at_before_it_is_asked_for(
    parser: RequestParser,
) -> None:
    parsed, rest = parser.feed(get("/b/good") + b"\x00garbage")

    assert parsed is not None
    assert ("/b/good", b"\x00garbage", True) == (parsed.message.path, rest, parser.is_between)
    with pytest.raises(BadRequest):
        parser.feed(rest)


def test_a_body_that_is_not_complete_keeps_its_place(parser: RequestParser) -> None:
    parsed, rest = parser.feed(put(b"four")[:-4])

    assert parsed is not None
    assert (b"", False) == (rest, parser.is_between)
    assert (None, b"GET") == parser.feed(b"fourGET")
    assert (b"four", True) == (parsed.content.read_nowait(), parser.is_between)


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize(
    "line",
    [
        b"GET  /b/k HTTP/1.1",
        b"GET /b/k  HTTP/1.1",
        b" GET /b/k HTTP/1.1",
        b"GET /b/k HTTP/1.1 ",
        b"GET\t/b/k HTTP/1.1",
        b"GET /b/k",
        b"GET /b/k HTTP/1.1\r",
        b"GET /b/k HTTP/1.1\n",
    ],
)
def test_a_request_line_has_three_words_and_a_space_between_them(
    parser: RequestParser, line: bytes, seed: int
) -> None:
    with pytest.raises(BadRequest):
        parse(parser, cuts(line + b"\r\nHost: x\r\n\r\n", seed))


def test_a_request_line_without_a_version_is_refused_whole_as_in_pieces(
    parser: RequestParser,
) -> None:
    """It was taken for one of HTTP/0.9 when all of it came at once (found by fuzzing)."""
    with pytest.raises(BadRequest):
        parser.feed(b"PUT  /b/k\n\r\n\r\n")


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize(
    "body", [b"zz\r\n", b"5\r\nhello!!\r\n", b"-1\r\n", b"\r\n\r\n", b"1\nx\r\n0\r\n\r\n"]
)
def test_broken_chunks_are_refused(parser: RequestParser, body: bytes, seed: int) -> None:
    data = get("/b/k", "Transfer-Encoding: chunked", method="PUT") + body

    with pytest.raises(BadRequest):
        parse(parser, cuts(data, seed))


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize(
    "head",
    [
        get("/" + "k" * MAX_HEAD_BYTES),
        get("/", "X: " + "v" * MAX_HEAD_BYTES),
        get("/", *(f"X-{n}: v" for n in range(300))),
        get("/", *(f"X-{n}: {'v' * 900}" for n in range(20))),
    ],
)
def test_a_head_has_a_largest_size(parser: RequestParser, head: bytes, seed: int) -> None:
    with pytest.raises(RequestHeaderSectionTooLarge):
        parse(parser, cuts(head.removesuffix(b"\r\n") + b"x", seed))


def test_a_head_of_the_largest_size_is_read(parser: RequestParser) -> None:
    head = get("/", "X: ")
    head = get("/", "X: " + "v" * (MAX_HEAD_BYTES - len(head)))

    (parsed,) = parse(parser, cuts(head, 0))

    assert MAX_HEAD_BYTES == len(head)
    assert "/" == parsed.message.path


def test_empty_lines_are_not_heads(parser: RequestParser) -> None:
    assert (None, b"") == parser.feed(b"\r\n\r\n")


@pytest.mark.parametrize("data", [b"\x16\x03\x01\x02", b"GET /b/k HTTP/1.1\r\nHost x\r\n", b"{}"])
def test_garbage_is_refused_before_it_ends(parser: RequestParser, data: bytes) -> None:
    with pytest.raises(S3Error):
        parser.feed(data)
