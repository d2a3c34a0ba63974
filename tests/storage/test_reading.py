"""Reading: any range of any extents, verified; what is damaged or missing never leaves."""

import asyncio
import os
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferrox import metrics
from ferrox.errors import DataCorrupted
from ferrox.records import Extent
from ferrox.storage.blobs.files import FileBlobReader, FileBlobStore
from ferrox.storage.blobs.format import SEGMENT_BYTES, BlobRecord
from ferrox.storage.reading import (
    BLOCK_BYTES,
    MANY_READERS,
    SHORT_BYTES,
    SMALL_BLOCK_BYTES,
    BlockStream,
    Pins,
    read_extents,
)
from tests.counted import counting

RECORD = BlobRecord("b", "k", "null", None, None, 0, "", 0, {})
BLOBS = {bytes([i]) * 16: os.urandom(size) for i, size in enumerate((5, 300_000, 2_500_000))}
LARGE = bytes([2]) * 16
WHOLE = Extent(LARGE, 0, len(BLOBS[LARGE]))


class Shelf:
    def __init__(self, root: Path) -> None:
        self.blob_store = FileBlobStore(root)
        self.pins = Pins()
        for name, data in BLOBS.items():
            writer = self.blob_store.create(name)
            writer.append(memoryview(data))
            writer.finish(RECORD)

    async def read(
        self, start: int, length: int, extents: tuple[Extent, ...] = (WHOLE,)
    ) -> bytes | BlockStream:
        return await read_extents(self.blob_store, self.pins, extents, start, length)

    def damage(self, index: int) -> None:
        with open(self.blob_store.path(LARGE), "r+b") as file:
            file.seek(index)
            file.write(bytes([BLOBS[LARGE][index] ^ 1]))


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "blobs")


@pytest.fixture(scope="module")
def lasting_shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    return Shelf(tmp_path_factory.mktemp("shelf") / "blobs")


async def blocks_of(found: bytes | AsyncIterator[bytes]) -> list[bytes]:
    return [found] if isinstance(found, bytes) else [block async for block in found]


def open_descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


@st.composite
def extents(draw: st.DrawFn) -> Extent:
    name = draw(st.sampled_from(sorted(BLOBS)))
    offset_bytes = draw(st.integers(0, len(BLOBS[name]) - 1))
    return Extent(name, offset_bytes, draw(st.integers(1, len(BLOBS[name]) - offset_bytes)))


@given(st.lists(extents(), min_size=1, max_size=6).map(tuple), st.data())
async def test_any_range_of_any_extents_is_read(
    lasting_shelf: Shelf, chosen: tuple[Extent, ...], data: st.DataObject
) -> None:
    whole = b"".join(
        BLOBS[name][offset : offset + size_bytes] for name, offset, size_bytes in chosen
    )
    start = data.draw(st.integers(0, len(whole)))
    length = data.draw(st.integers(0, len(whole) - start))

    found = await lasting_shelf.read(start, length, chosen)

    blocks = await blocks_of(found)
    assert isinstance(found, bytes) == (length <= SHORT_BYTES)
    assert whole[start : start + length] == b"".join(blocks)
    assert all(len(block) <= SHORT_BYTES for block in blocks)


async def test_blocks_end_where_segments_end(shelf: Shelf) -> None:
    blocks = await blocks_of(await shelf.read(1000, 2_000_000))

    assert len(blocks[0]) == BLOCK_BYTES - 1000
    assert [len(block) for block in blocks[1:-1]] == [BLOCK_BYTES] * (len(blocks) - 2)


async def test_blocks_are_small_while_there_are_many_readers(shelf: Shelf) -> None:
    for _ in range(MANY_READERS):
        shelf.pins.pin([])

    sizes = {
        len(block) for block in (await blocks_of(await shelf.read(1000, SHORT_BYTES * 2)))[1:-1]
    }

    for _ in range(MANY_READERS):
        shelf.pins.unpin([])
    assert {SMALL_BLOCK_BYTES} == sizes
    assert 0 == shelf.pins.reader_count


async def test_more_than_the_extents_hold_is_corruption(shelf: Shelf) -> None:
    with pytest.raises(DataCorrupted, match="the extents hold"):
        await shelf.read(0, WHOLE.size_bytes + 1)


async def test_extents_longer_than_the_blob_are_corruption(shelf: Shelf) -> None:
    with pytest.raises(DataCorrupted, match="does not reach"):
        await shelf.read(0, 10, (Extent(bytes(16), 0, 10),))


@pytest.mark.parametrize("length", [100, WHOLE.size_bytes])
async def test_a_missing_blob_is_refused_before_anything_is_sent(shelf: Shelf, length: int) -> None:
    shelf.blob_store.delete(LARGE)

    with pytest.raises(DataCorrupted, match=f"blob {LARGE.hex()} is missing"):
        await shelf.read(0, length)

    assert not shelf.pins.is_pinned(LARGE)


@pytest.mark.parametrize("length", [100, WHOLE.size_bytes])
async def test_damage_in_the_first_segment_is_refused_before_anything_is_sent(
    shelf: Shelf, length: int
) -> None:
    shelf.damage(200)
    descriptors = open_descriptors()

    with pytest.raises(DataCorrupted, match=f"segment 0 of blob {LARGE.hex()}"):
        await shelf.read(0, length)

    assert not shelf.pins.is_pinned(LARGE)
    assert descriptors == open_descriptors()


async def test_damage_further_on_ends_the_stream_before_it(shelf: Shelf) -> None:
    shelf.damage(2_000_000)
    stream = await shelf.read(0, WHOLE.size_bytes)
    assert isinstance(stream, BlockStream)
    sent = bytearray()

    async def send() -> None:
        async for block in stream:
            sent.extend(block)

    with (
        counting() as counts,
        pytest.raises(DataCorrupted, match=f"segment {2_000_000 // SEGMENT_BYTES}"),
    ):
        await send()

    assert {(): [1]} == counts[metrics.CORRUPT_READS]
    assert BLOBS[LARGE][: len(sent)] == sent
    assert BLOCK_BYTES <= len(sent) <= 2_000_000
    assert not shelf.pins.is_pinned(LARGE)


async def test_a_stream_pins_its_blobs_until_its_end(shelf: Shelf) -> None:
    descriptors = open_descriptors()

    stream = await shelf.read(0, WHOLE.size_bytes)

    assert shelf.pins.is_pinned(LARGE)
    await blocks_of(stream)
    assert not shelf.pins.is_pinned(LARGE)
    assert descriptors == open_descriptors()


@pytest.mark.parametrize("taken", [0, 1, 2])
async def test_closing_a_stream_early_lets_go_of_everything(shelf: Shelf, taken: int) -> None:
    descriptors = open_descriptors()
    stream = await shelf.read(0, WHOLE.size_bytes)
    assert isinstance(stream, BlockStream)
    for _ in range(taken):
        await anext(stream)

    await stream.aclose()
    await stream.aclose()

    assert not shelf.pins.is_pinned(LARGE)
    assert descriptors == open_descriptors()
    assert [] == await blocks_of(stream)


async def test_a_cancelled_reader_keeps_the_file_open_for_its_thread(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_reading, may_read = threading.Event(), threading.Event()
    read = FileBlobReader.read

    def slow_read(reader: FileBlobReader, start: int, length: int) -> bytes:
        is_reading.set()
        may_read.wait()
        return read(reader, start, length)

    monkeypatch.setattr(FileBlobReader, "read", slow_read)
    task = asyncio.ensure_future(shelf.read(0, WHOLE.size_bytes))
    await asyncio.to_thread(is_reading.wait)
    task.cancel()
    for _ in range(10):
        await asyncio.sleep(0)

    assert shelf.pins.is_pinned(LARGE)
    may_read.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not shelf.pins.is_pinned(LARGE)


async def test_a_pinned_blob_may_be_unlinked_under_its_reader(shelf: Shelf) -> None:
    stream = await shelf.read(0, WHOLE.size_bytes)
    shelf.blob_store.delete(LARGE)

    assert BLOBS[LARGE] == b"".join(await blocks_of(stream))


def test_pins_count_readers() -> None:
    pins = Pins()
    pins.pin([b"a", b"b"])
    pins.pin([b"a"])

    pins.unpin([b"a", b"b"])

    assert pins.is_pinned(b"a")
    assert not pins.is_pinned(b"b")
    pins.unpin([b"a"])
    assert not pins.is_pinned(b"a")
