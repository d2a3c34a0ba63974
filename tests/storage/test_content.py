"""Receiving: small bodies in memory, large ones in a file; nothing is left of a failed one."""

import asyncio
import errno
import gc
import hashlib
import os
import threading
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ferrox.clock import SettableClock
from ferrox.errors import (
    EntityTooLarge,
    IncompleteBody,
    PreconditionFailed,
    StorageFull,
    StoreReadOnly,
)
from ferrox.storage import content as content_module
from ferrox.storage.blobs.blob_store import BlobExamination, BlobReader, BlobStat
from ferrox.storage.blobs.files import FileBlobStore
from ferrox.storage.blobs.format import BlobRecord
from ferrox.storage.content import (
    BLOCK_BYTES,
    BLOCKS_PER_BODY,
    FEWER_BLOCKS_PER_BODY,
    MANY_BODIES,
    Arrivals,
    BlobLabel,
    Content,
    Digest,
    Receiving,
    receive,
)
from ferrox.storage.lanes import Block, BlockPool

LABEL = BlobLabel("photos", "a.jpg", "null", facts={"etag": "e"})
INLINE_LIMIT_BYTES = 65536
CLOCK = SettableClock(1_753_000_000_000)
LARGE = os.urandom(3 * BLOCK_BYTES + 12_345)


class Crc32:
    def __init__(self) -> None:
        self.value = 0

    def update(self, data: bytes) -> None:
        self.value = zlib.crc32(data, self.value)

    def digest(self) -> bytes:
        return self.value.to_bytes(4, "big")


class Gate:
    """A digest that holds its thread until it is opened."""

    def __init__(self) -> None:
        self.is_reached = threading.Event()
        self.is_open = threading.Event()

    def update(self, _data: bytes) -> None:
        self.is_reached.set()
        self.is_open.wait()

    def digest(self) -> bytes:
        return b""

    async def wait_reached(self) -> None:
        await asyncio.to_thread(self.is_reached.wait)


class Rig:
    def __init__(self, root: Path) -> None:
        self.blob_store = FileBlobStore(root)
        self.arrivals = Arrivals()

    def receive(
        self,
        body: AsyncIterator[bytes],
        digests: Sequence[Digest] = (),
        *,
        size_hint: int | None = None,
        max_bytes: int = 1 << 40,
        may_inline: bool = True,
    ) -> Receiving:
        return receive(
            self.blob_store,
            self.arrivals,
            body,
            digests,
            LABEL,
            clock=CLOCK,
            size_hint=size_hint,
            max_bytes=max_bytes,
            inline_limit_bytes=INLINE_LIMIT_BYTES,
            may_inline=may_inline,
        )

    async def left_waiting(self, refusal: Exception | None = None) -> asyncio.Event:
        """Have whoever waits for the transaction of a body leave; return what lets it go on.

        refusal  what it raises then
        """
        is_queued, may_go_on = asyncio.Event(), asyncio.Event()

        async def write() -> None:
            is_queued.set()
            await may_go_on.wait()
            if refusal is not None:
                raise refusal

        async def store() -> None:
            async with self.receive(body(LARGE)) as content:
                await content.publish(write)

        task = asyncio.ensure_future(store())
        await is_queued.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return may_go_on

    @property
    def names(self) -> list[bytes]:
        return list(self.blob_store.scan())

    def stored(self, content: Content) -> bytes:
        (extent,) = content.extents
        reader = self.blob_store.open(extent.blob_name)
        try:
            return reader.read(extent.offset_bytes, extent.size_bytes)
        finally:
            reader.close()

    def record(self, content: Content) -> BlobRecord:
        reader = self.blob_store.open(content.extents[0].blob_name)
        try:
            return reader.record()
        finally:
            reader.close()


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    rig = Rig(tmp_path / "blobs")
    yield rig
    await rig.arrivals.close()


async def body(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def broken_body(data: bytes, error: BaseException) -> AsyncIterator[bytes]:
    yield data
    raise error


async def endless_body(data: bytes) -> AsyncIterator[bytes]:
    yield data
    await asyncio.get_running_loop().create_future()


async def commit() -> str:
    return "committed"


def refuse_with(error: Exception) -> Callable[[], "asyncio.Future[str]"]:
    def write() -> "asyncio.Future[str]":
        future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        future.set_exception(error)
        return future

    return write


@pytest.mark.parametrize("size", [0, 1, 4096, INLINE_LIMIT_BYTES])
async def test_a_small_body_stays_in_memory(rig: Rig, size: int) -> None:
    md5 = hashlib.md5()
    data = os.urandom(size)

    async with rig.receive(body(data[:100], data[100:]), [md5]) as content:
        assert (size, data, ()) == (content.size_bytes, content.inline, content.extents)
        assert await content.publish(commit) == "committed"

    assert hashlib.md5(data).digest() == md5.digest()
    assert rig.names == []


async def test_an_empty_body_is_inline_even_where_nothing_else_may_be(rig: Rig) -> None:
    async with rig.receive(body(), may_inline=False) as content:
        assert (content.size_bytes, content.inline, content.extents) == (0, b"", ())


@pytest.mark.parametrize("size", [1, 65536, BLOCK_BYTES, BLOCK_BYTES + 1, len(LARGE)])
async def test_a_body_that_may_not_be_inline_becomes_a_file(rig: Rig, size: int) -> None:
    data = LARGE[:size]

    async with rig.receive(body(data), may_inline=False) as content:
        await content.publish(commit)

    assert (size, None) == (content.size_bytes, content.inline)
    assert data == rig.stored(content)


async def test_a_large_body_is_durable_with_its_digests_and_record(rig: Rig) -> None:
    md5, sha256, crc32 = hashlib.md5(), hashlib.sha256(), Crc32()

    async with rig.receive(body(LARGE), [md5, sha256, crc32], size_hint=len(LARGE)) as content:
        await content.publish(commit)

    assert hashlib.md5(LARGE).digest() == md5.digest()
    assert hashlib.sha256(LARGE).digest() == sha256.digest()
    assert zlib.crc32(LARGE) == crc32.value
    assert rig.stored(content) == LARGE
    assert rig.record(content) == BlobRecord(
        bucket="photos",
        key="a.jpg",
        version_id="null",
        upload_id=None,
        part_number=None,
        size_bytes=len(LARGE),
        sha256=sha256.hexdigest(),
        created_ms=CLOCK.now_ms(),
        facts={"etag": "e"},
        md5=md5.hexdigest(),
    )


async def test_the_record_has_a_sha256_if_nothing_else_proves_the_whole(rig: Rig) -> None:
    async with rig.receive(body(LARGE), [Crc32()]) as content:
        await content.publish(commit)

    record = rig.record(content)
    assert (hashlib.sha256(LARGE).hexdigest(), None) == (record.sha256, record.md5)


async def test_what_proves_the_etag_proves_the_blob(rig: Rig) -> None:
    async with rig.receive(body(LARGE), [hashlib.md5()]) as content:
        await content.publish(commit)

    record = rig.record(content)
    assert (None, hashlib.md5(LARGE).hexdigest()) == (record.sha256, record.md5)


@settings(deadline=None)  # each of them waits for the drive
@given(st.lists(st.integers(1, BLOCK_BYTES + 7), max_size=8))
async def test_the_cuts_of_the_body_do_not_matter(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[int]
) -> None:
    rig = Rig(tmp_path_factory.mktemp("blobs"))
    pieces, rest = [], LARGE
    for cut in cuts:
        pieces.append(rest[:cut])
        rest = rest[cut:]
    md5 = hashlib.md5()

    async with rig.receive(body(*pieces, rest), [md5]) as content:
        await content.publish(commit)

    assert rig.stored(content) == LARGE
    assert hashlib.md5(LARGE).digest() == md5.digest()
    rig.blob_store.delete(rig.names[0])
    await rig.arrivals.close()


async def test_two_bodies_at_once_do_not_mix(rig: Rig) -> None:
    async def store(data: bytes) -> tuple[bytes, bytes]:
        md5 = hashlib.md5()
        pieces = [data[start : start + 70_000] for start in range(0, len(data), 70_000)]
        async with rig.receive(body(*pieces), [md5]) as content:
            await content.publish(commit)
        return rig.stored(content), md5.digest()

    bodies = [LARGE, LARGE[::-1]]

    stored = await asyncio.gather(*map(store, bodies))

    assert [(data, hashlib.md5(data).digest()) for data in bodies] == stored


async def test_leaving_without_publishing_removes_the_file(rig: Rig) -> None:
    async with rig.receive(body(LARGE)) as content:
        assert [content.extents[0].blob_name] == rig.names

    assert rig.names == []
    assert rig.arrivals.names == set()


async def test_a_handler_that_refuses_after_the_body_leaves_no_file(rig: Rig) -> None:
    with pytest.raises(PreconditionFailed):
        async with rig.receive(body(LARGE)):
            raise PreconditionFailed

    assert rig.names == []


@pytest.mark.parametrize("size", [100, len(LARGE)])
async def test_a_body_that_breaks_off_leaves_no_file(rig: Rig, size: int) -> None:
    with pytest.raises(IncompleteBody):
        async with rig.receive(broken_body(LARGE[:size], IncompleteBody())):
            pass

    assert rig.names == []
    assert rig.arrivals.names == set()


async def test_a_client_that_vanishes_leaves_no_file(rig: Rig) -> None:
    gate = Gate()
    gate.is_open.set()

    async def store() -> None:
        async with rig.receive(endless_body(LARGE), [gate]):
            raise AssertionError("the body has no end")

    task = asyncio.ensure_future(store())
    await gate.wait_reached()
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert rig.names == []
    assert rig.arrivals.names == set()


async def test_a_cancelled_receiver_waits_for_the_threads_on_its_file(rig: Rig) -> None:
    gate = Gate()

    async def store() -> None:
        async with rig.receive(endless_body(LARGE), [gate]):
            raise AssertionError("the body has no end")

    task = asyncio.ensure_future(store())
    await gate.wait_reached()
    task.cancel()
    for _ in range(10):
        await asyncio.sleep(0)

    assert not task.done()
    assert len(rig.arrivals.names) == 1
    gate.is_open.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert rig.names == []


async def test_a_receiver_cancelled_twice_still_leaves_no_file(rig: Rig) -> None:
    gate = Gate()

    async def store() -> None:
        async with rig.receive(endless_body(LARGE), [gate]):
            raise AssertionError("the body has no end")

    task = asyncio.ensure_future(store())
    await gate.wait_reached()
    task.cancel()
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    gate.is_open.set()
    await rig.arrivals.close()

    assert rig.names == []


async def test_a_cancelled_waiter_does_not_take_the_file_from_its_transaction(rig: Rig) -> None:
    may_commit = await rig.left_waiting()

    (name,) = rig.names
    assert name in rig.arrivals
    may_commit.set()
    await rig.arrivals.close()
    assert [name] == rig.names
    assert name not in rig.arrivals


async def test_a_transaction_that_refuses_after_the_waiter_left_removes_the_file(rig: Rig) -> None:
    may_go_on = await rig.left_waiting(PreconditionFailed())
    may_go_on.set()
    await rig.arrivals.close()

    assert rig.names == []
    assert rig.arrivals.names == set()


async def test_what_nobody_waits_for_any_more_is_not_complained_about(rig: Rig) -> None:
    complaints: list[dict[str, object]] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: complaints.append(context))
    may_go_on = await rig.left_waiting(PreconditionFailed())
    may_go_on.set()
    await rig.arrivals.close()
    gc.collect()

    assert [] == complaints


@pytest.mark.parametrize("error", [PreconditionFailed(), StorageFull()])
async def test_a_transaction_rolled_back_removes_the_file(rig: Rig, error: Exception) -> None:
    with pytest.raises(type(error)):
        async with rig.receive(body(LARGE)) as content:
            await content.publish(refuse_with(error))

    assert rig.names == []


async def test_a_transaction_of_unknown_outcome_keeps_the_file(rig: Rig) -> None:
    with pytest.raises(StoreReadOnly):
        async with rig.receive(body(LARGE)) as content:
            await content.publish(refuse_with(StoreReadOnly("fsync failed")))

    assert rig.names == [content.extents[0].blob_name]
    assert content.extents[0].blob_name in rig.arrivals


async def test_content_is_published_once(rig: Rig) -> None:
    async with rig.receive(body(b"hello")) as content:
        await content.publish(commit)
        with pytest.raises(RuntimeError):
            await content.publish(commit)


@pytest.mark.parametrize("size", [2000, INLINE_LIMIT_BYTES + 1, len(LARGE)])
async def test_more_than_allowed_is_refused(rig: Rig, size: int) -> None:
    with pytest.raises(EntityTooLarge):
        async with rig.receive(body(LARGE[: size - 1], b"x"), max_bytes=size - 1):
            pass

    assert rig.names == []


def test_too_much_announced_is_refused_before_reading(tmp_path: Path) -> None:
    with pytest.raises(EntityTooLarge) as refusal:
        Rig(tmp_path).receive(body(), size_hint=11, max_bytes=10)

    assert refusal.value.details == {"ProposedSize": 11, "MaxSizeAllowed": 10}


async def test_a_full_disk_refuses_the_body_and_removes_what_was_written(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = iter(range(2))
    os_write = os.write

    def write(fd: int, data: memoryview) -> int:
        if next(written, None) is None:
            raise OSError(errno.ENOSPC, "No space left on device")
        return os_write(fd, data)

    monkeypatch.setattr(os, "write", write)

    with pytest.raises(StorageFull):
        async with rig.receive(body(LARGE, LARGE)):
            pass
    assert rig.names == []
    assert rig.blob_store.read_only_reason is None


@pytest.mark.parametrize("writeback_bytes", [BLOCK_BYTES, 1 << 30])
async def test_a_failing_sync_is_no_success(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, writeback_bytes: int
) -> None:
    def fdatasync(_fd: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fdatasync", fdatasync)
    monkeypatch.setattr(content_module, "WRITEBACK_BYTES", writeback_bytes)

    with pytest.raises(StoreReadOnly):
        async with rig.receive(body(*[LARGE] * 4)):
            pass
    assert rig.names == []
    with pytest.raises(StoreReadOnly):
        async with rig.receive(body(LARGE)):
            pass


async def test_the_drive_is_kept_busy_while_the_body_arrives(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    syncs: list[int] = []
    monkeypatch.setattr(os, "fdatasync", syncs.append)
    monkeypatch.setattr(content_module, "WRITEBACK_BYTES", BLOCK_BYTES)

    async with rig.receive(body(LARGE, LARGE)) as content:
        await content.publish(commit)

    assert len(syncs) > 1
    assert rig.stored(content) == LARGE + LARGE


class NullStore:
    """A BlobStore that keeps nothing but the count."""

    def __init__(self) -> None:
        self.written_bytes = 0

    def create(self, name: bytes, data_key: bytes | None = None) -> "NullStore":
        del name, data_key
        return self

    def append(self, block: memoryview) -> None:
        self.written_bytes += len(block)

    def sync(self) -> None:
        return

    def finish(self, record: BlobRecord) -> None:
        assert self.written_bytes == record.size_bytes

    def discard(self) -> None:
        return

    def open(self, name: bytes, data_key: bytes | None = None) -> BlobReader:
        raise NotImplementedError

    def stat(self, name: bytes) -> BlobStat | None:
        raise NotImplementedError

    def examine(self, name: bytes, size_bytes: int, *, is_sealed: bool) -> BlobExamination:
        raise NotImplementedError

    def delete(self, name: bytes) -> None:
        raise NotImplementedError

    def scan(self) -> Iterator[bytes]:
        raise NotImplementedError


async def test_memory_stays_flat_however_long_the_body_is() -> None:
    size_bytes = 256 * 1024 * 1024
    piece = bytes(65536)

    async def long_body() -> AsyncIterator[bytes]:
        for _ in range(size_bytes // len(piece)):
            yield piece

    arrivals = Arrivals()
    tracemalloc.start()
    try:
        async with receive(
            NullStore(),
            arrivals,
            long_body(),
            [Crc32()],
            LABEL,
            clock=CLOCK,
            size_hint=None,
            max_bytes=size_bytes,
            inline_limit_bytes=INLINE_LIMIT_BYTES,
            may_inline=True,
        ) as content:
            await content.publish(commit)
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        await arrivals.close()

    assert size_bytes == content.size_bytes
    assert peak_bytes < (BLOCKS_PER_BODY + 1) * BLOCK_BYTES


@pytest.mark.parametrize(
    ("other_count", "block_count"),
    [(0, BLOCKS_PER_BODY), (MANY_BODIES, FEWER_BLOCKS_PER_BODY)],
)
async def test_a_body_beside_many_others_gets_fewer_blocks(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, other_count: int, block_count: int
) -> None:
    class CountingPool(BlockPool):
        taken_count = 0

        def take(self) -> Block:
            self.taken_count += 1
            return super().take()

    gate = Gate()
    pool = CountingPool(BLOCK_BYTES, 0)
    monkeypatch.setattr(rig.arrivals, "blocks", pool)
    rig.arrivals.names.update(number.to_bytes(2, "big") for number in range(other_count))

    async def fills_every_block() -> AsyncIterator[bytes]:
        for number in range(BLOCKS_PER_BODY + 1):
            if number == FEWER_BLOCKS_PER_BODY:
                gate.is_open.set()  # before that no block comes back
            yield bytes(BLOCK_BYTES)

    async with rig.receive(fills_every_block(), [gate]):
        taken_count = pool.taken_count

    assert block_count == taken_count


async def test_a_small_body_in_tiny_pieces_takes_no_more_memory_than_it_is_long(rig: Rig) -> None:
    async def dripping_body() -> AsyncIterator[bytes]:
        for number in range(INLINE_LIMIT_BYTES // 2):
            yield number.to_bytes(2, "big")

    tracemalloc.start()
    try:
        async with rig.receive(dripping_body()) as content:
            pass
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert content.size_bytes == INLINE_LIMIT_BYTES
    assert peak_bytes < 4 * INLINE_LIMIT_BYTES
