"""The aws-chunked framing without signatures: whole, byte by byte and at random cuts."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferrox.errors import IncompleteBody, MalformedTrailerError, S3Error
from ferrox.protocol.chunked import Decoder

CRC32 = "x-amz-checksum-crc32"
SIZES = st.lists(st.integers(1, 40), max_size=6)


def _decoder(length: int, *trailers: str) -> Decoder:
    return Decoder(length, seal=None, trailer_names=frozenset(trailers))


def _decode(body: bytes, length: int, *trailers: str) -> tuple[bytes, dict[str, str]]:
    """Decode at once and byte by byte; both must say the same."""
    whole, bytewise = _decoder(length, *trailers), _decoder(length, *trailers)
    data = b"".join(whole.feed(body))
    whole.finish()
    slow = b"".join(piece for at in range(len(body)) for piece in bytewise.feed(body[at : at + 1]))
    bytewise.finish()

    assert (data, whole.trailers) == (slow, bytewise.trailers)
    return data, whole.trailers


def _refusals(body: bytes, length: int, *trailers: str) -> list[type[S3Error] | None]:
    """What a body is refused with at once, and byte by byte."""
    return [_refusal(_decoder(length, *trailers), body, step) for step in (len(body) or 1, 1)]


def _refusal(decoder: Decoder, body: bytes, step: int) -> type[S3Error] | None:
    try:
        for start in range(0, len(body), step):
            decoder.feed(body[start : start + step])
        decoder.finish()
    except S3Error as refused:
        return type(refused)
    return None


@given(sizes=SIZES, cuts=st.lists(st.integers(0, 400), max_size=8), has_trailer=st.booleans())
def test_any_cut_of_the_body_gives_the_same_object(
    sizes: list[int], cuts: list[int], has_trailer: bool
) -> None:
    chunks = [bytes([65 + number]) * size for number, size in enumerate(sizes)]
    body = b"".join(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n" for chunk in chunks)
    body += b"0\r\n" + (f"{CRC32}:abc=\r\n".encode() if has_trailer else b"") + b"\r\n"
    decoder = _decoder(sum(sizes), *([CRC32] if has_trailer else []))
    edges = sorted({0, len(body), *(cut for cut in cuts if cut < len(body))})
    received = b""

    for start, end in pairwise(edges):
        pieces = decoder.feed(body[start:end])
        assert sum(map(len, pieces)) <= end - start
        received += b"".join(pieces)
    decoder.finish()

    assert b"".join(chunks) == received
    assert decoder.trailers == ({CRC32: "abc="} if has_trailer else {})


def test_a_large_feed_yields_one_piece_for_each_chunk() -> None:
    data = bytes(65536)
    decoder = _decoder(len(data) * 2)

    assert decoder.feed(b"10000\r\n") == []
    (piece,) = decoder.feed(data)

    assert piece is data
    assert len(decoder.feed(b"\r\n10000\r\n" + data + b"\r\n")) == 1


@pytest.mark.parametrize(
    "end", [b"", b"\r\n", b"\n", b"\r\n\r\n"], ids=["none", "crlf", "lf", "two"]
)
def test_blank_lines_after_the_last_chunk_mean_nothing(end: bytes) -> None:
    assert _decode(b"1\r\na\r\n0\r\n" + end, 1) == (b"a", {})


@pytest.mark.parametrize(
    "trailer",
    [
        b"x-amz-checksum-crc32:abc=\r\n\r\n",
        b"x-amz-checksum-crc32:abc=\r\n",
        b"x-amz-checksum-crc32:abc=\n",
        b"\r\nx-amz-checksum-crc32:abc=\r\n\r\n",
        b"X-Amz-Checksum-CRC32 :\t abc= \r\n\r\n",
    ],
)
def test_a_trailer_never_ends_up_inside_the_object(trailer: bytes) -> None:
    assert _decode(b"2\r\nab\r\n0\r\n" + trailer, 2, CRC32) == (b"ab", {CRC32: "abc="})


def test_an_empty_object_is_one_empty_chunk() -> None:
    assert _decode(b"0\r\n\r\n", 0) == (b"", {})


def test_a_signature_is_tolerated_where_none_is_verified() -> None:
    assert _decode(b"1;chunk-signature=ab12\r\na\r\n0;chunk-signature=0\r\n\r\n", 1) == (b"a", {})


def test_sizes_may_have_leading_zeros_and_either_case() -> None:
    assert (
        _decode(b"00A\r\n0123456789\r\n0a\r\n0123456789\r\n0\r\n\r\n", 20)[0] == b"0123456789" * 2
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"1",
        b"1\r\n",
        b"1\r\na",
        b"1\r\na\r\n",
        b"1\r\na\r\n0",
        b"1\r\na\r\n0\r",
    ],
)
def test_a_body_that_stops_early_is_incomplete(body: bytes) -> None:
    assert [IncompleteBody] * 2 == _refusals(body, 1)


@pytest.mark.parametrize(
    "header",
    [
        b"g",
        b"",
        b"-1",
        b"+1",
        b"0x1",
        b"1_0",
        b" 1",
        b"1 ",
        b"1;a=b",
        b"1;chunk-signature=",
        b"\xff",
    ],
)
def test_a_chunk_header_that_is_none_is_refused(header: bytes) -> None:
    assert [IncompleteBody] * 2 == _refusals(header + b"\r\na\r\n0\r\n\r\n", 1)


def test_a_chunk_header_ends_in_crlf() -> None:
    assert [IncompleteBody] * 2 == _refusals(b"1\na\r\n0\r\n\r\n", 1)


def test_an_endless_chunk_header_is_not_collected() -> None:
    decoder = _decoder(1)

    with pytest.raises(IncompleteBody):
        decoder.feed(b"0" * 513)


@pytest.mark.parametrize("end", [b"xx", b"\n", b"\rx", b"b\r\n", b"x"])
def test_a_chunk_ends_in_crlf(end: bytes) -> None:
    assert [IncompleteBody] * 2 == _refusals(b"1\r\na" + end + b"0\r\n\r\n", 1)


def test_more_data_than_announced_is_refused_before_it_is_passed_on() -> None:
    decoder = _decoder(1)

    with pytest.raises(IncompleteBody):
        decoder.feed(b"2\r\nab")


def test_less_data_than_announced_is_refused() -> None:
    assert [IncompleteBody] * 2 == _refusals(b"1\r\na\r\n0\r\n\r\n", 2)


@pytest.mark.parametrize(
    "trailer",
    [
        b"",
        b"x-amz-checksum-crc32c:abc=\r\n",
        b"x-amz-checksum-crc32:abc=\r\nx-amz-checksum-crc32:abc=\r\n",
        b"x-amz-checksum-crc32:abc=\r\nx-amz-meta-a:b\r\n",
        b"x-amz-checksum-crc32:abc=\r\nx-amz-trailer-signature:00\r\n",
        b"x-amz-checksum-crc32\r\n",
        b"x-amz-checksum-crc32:\xff\r\n",
        b"garbage\r\n",
        b"x-amz-checksum-crc32:" + b"a" * 8192 + b"\r\n",
        b"\r\n" * 5000,
    ],
)
def test_a_trailer_that_was_not_announced_so_is_refused(trailer: bytes) -> None:
    assert [MalformedTrailerError] * 2 == _refusals(b"1\r\na\r\n0\r\n" + trailer, 1, CRC32)


def test_data_after_the_end_is_refused() -> None:
    assert [MalformedTrailerError] * 2 == _refusals(b"1\r\na\r\n0\r\n\r\n1\r\nb\r\n", 1)


def test_a_trailer_that_stops_early_is_incomplete() -> None:
    assert [IncompleteBody] * 2 == _refusals(b"0\r\nx-amz-checksum-crc32:ab", 0, CRC32)


def test_an_endless_trailer_is_not_collected() -> None:
    decoder = _decoder(0, CRC32)
    decoder.feed(b"0\r\n")

    with pytest.raises(MalformedTrailerError):
        decoder.feed(b"x" * 100_000)
