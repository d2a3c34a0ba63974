"""bodies.py: bytes that break off, are too many, or not those that they should be."""

import hashlib
from collections.abc import AsyncIterator

import pytest

from ferrox.auth import payload
from ferrox.migration.bodies import Bandwidth, Expected, Framed, Reader, Wanted
from ferrox.migration.faults import Broken, Changed, Refused, WrongBytes
from ferrox.protocol import checksums
from ferrox.protocol.chunked import Decoder
from ferrox.records import Checksum
from tests.migration.s3_stage import Answers, Asked, answer, asking, error

DATA = bytes(range(256)) * 1000
MD5 = hashlib.md5(DATA, usedforsecurity=False).hexdigest()
WANTED = Wanted("b", "k", None, "etag", 0, len(DATA))


def _ranged(asked: Asked) -> bytes:
    """What a server answers to a range."""
    first, last = map(int, asked.headers["range"].removeprefix("bytes=").split("-"))
    content_range = f"bytes {first}-{last}/{len(DATA)}"
    return answer(DATA[first : last + 1], "206 Partial Content", Content_Range=content_range)


async def _read(answers: Answers, wanted: Wanted = WANTED) -> tuple[bytes, list[Asked]]:
    async with asking(answers) as (s3, stage):
        reader = Reader(s3, Bandwidth(None))
        data = b"".join([block async for block in reader.blocks(wanted)])
    return data, stage.asked


async def test_a_range_is_read() -> None:
    data, (asked,) = await _read(_ranged, WANTED._replace(start=10, size_bytes=20))

    assert DATA[10:30] == data
    assert ("bytes=10-29", '"etag"') == (asked.headers["range"], asked.headers["if-match"])


async def test_it_goes_on_where_it_broke_off() -> None:
    def breaking(asked: Asked) -> bytes:
        whole = _ranged(asked)
        return (
            whole
            if asked.headers["range"] != f"bytes=0-{len(DATA) - 1}"
            else (b"CUT" + whole[: len(whole) // 2])
        )

    data, asked = await _read(breaking)

    assert DATA == data
    assert 2 == len(asked)
    assert int(asked[1].headers["range"].partition("=")[2].partition("-")[0]) > 100_000


async def test_it_goes_on_from_bytes_that_came_with_an_earlier_answer() -> None:
    async def begun() -> AsyncIterator[bytes]:
        yield DATA[:1000]
        raise ConnectionResetError

    async with asking(_ranged) as (s3, stage):
        blocks = Reader(s3, Bandwidth(None)).blocks(WANTED, begun())
        data = b"".join([block async for block in blocks])

    assert DATA == data
    assert ["bytes=1000-255999"] == [one.headers["range"] for one in stage.asked]


async def test_what_breaks_off_again_and_again_is_given_up() -> None:
    with pytest.raises(Broken, match="does not send it to the end"):
        await _read(lambda _: b"CUT")


async def test_what_moves_on_a_little_each_time_is_not_given_up() -> None:
    def creeping(asked: Asked) -> bytes:
        whole = _ranged(asked)
        head = whole.index(b"\r\n\r\n") + 4
        return b"CUT" + whole[: head + 50_000] if len(whole) - head > 50_000 else whole

    data, asked = await _read(creeping)

    assert DATA == data
    assert len(asked) > 3


async def test_another_object_is_not_taken_for_its_rest() -> None:
    with pytest.raises(Changed):
        await _read(lambda _: error("412 Precondition Failed", "PreconditionFailed"))


async def test_a_server_without_ranges_is_not_believed() -> None:
    with pytest.raises(Broken, match="does not answer with ranges"):
        await _read(lambda _: answer(DATA))


async def test_a_refusal_is_told() -> None:
    with pytest.raises(Refused, match="InvalidObjectState!"):
        await _read(lambda _: error("403 Forbidden", "InvalidObjectState"))


async def test_more_bytes_than_there_are_is_wrong() -> None:
    async def too_many() -> AsyncIterator[bytes]:
        yield DATA + b"x"

    async with asking(_ranged) as (s3, _):
        with pytest.raises(WrongBytes):
            async for _block in Reader(s3, Bandwidth(None)).blocks(WANTED, too_many()):
                pass


async def test_bandwidth_is_shared() -> None:
    bandwidth = Bandwidth(1e9)

    for _ in range(3):
        await bandwidth.take(1000)

    assert bandwidth._free_at > 0
    await Bandwidth(None).take(10**12)


async def _blocks(data: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(data), 70_000):
        yield data[start : start + 70_000]


async def _sent(framed: Framed, size_bytes: int) -> tuple[bytes, dict[str, str]]:
    """What a server makes of a body."""
    streamed = framed.streamed()
    sent = b"".join([block async for block in streamed.blocks])
    assert (len(sent), size_bytes) == (streamed.framed_bytes, streamed.size_bytes)
    framing = payload.FRAMINGS["STREAMING-UNSIGNED-PAYLOAD-TRAILER"]
    assert framing.has_trailer
    decoder = Decoder(size_bytes, seal=None, trailer_names=frozenset({streamed.trailer}))
    data = b"".join(decoder.feed(sent))
    decoder.finish()
    return data, decoder.trailers


@pytest.mark.parametrize("data", [b"", b"x", DATA])
@pytest.mark.parametrize("algorithm", [None, *checksums.ALGORITHMS])
async def test_a_server_reads_what_is_framed(data: bytes, algorithm: str | None) -> None:
    framed = Framed(_blocks(data), Expected(len(data)), algorithm)

    read, trailers = await _sent(framed, len(data))

    assert data == read
    value = checksums.encode(checksums.digest(framed.algorithm, data))
    assert {checksums.ALGORITHMS[framed.algorithm].header: value} == trailers
    assert value == framed.checksum


async def test_pieces_have_digests_of_their_own() -> None:
    framed = Framed(_blocks(DATA), Expected(len(DATA), (100, len(DATA) - 100)))

    await _sent(framed, len(DATA))

    assert [
        hashlib.md5(piece, usedforsecurity=False).hexdigest() for piece in (DATA[:100], DATA[100:])
    ] == framed.digests


async def test_bytes_are_held_to_what_the_source_says() -> None:
    right = Checksum("CRC32", checksums.encode(checksums.digest("CRC32", DATA)))
    expected = Expected(len(DATA), checksum=right, md5=MD5)

    data, trailers = await _sent(Framed(_blocks(DATA), expected), len(DATA))

    assert (DATA, {"x-amz-checksum-crc32": right.value}) == (data, trailers)


@pytest.mark.parametrize(
    "expected",
    [
        Expected(len(DATA), md5="0" * 32),
        Expected(len(DATA), checksum=Checksum("CRC32", "AAAAAA==")),
    ],
)
async def test_wrong_bytes_have_no_end(expected: Expected) -> None:
    sent: list[bytes] = []

    async def send() -> None:
        async for block in Framed(_blocks(DATA), expected).streamed().blocks:
            sent.append(block)  # noqa: PERF401 - what was sent before the error counts

    with pytest.raises(WrongBytes):
        await send()
    assert DATA[-1:] == sent[-1][-1:]
