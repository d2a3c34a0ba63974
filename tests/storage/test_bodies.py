"""Bytes come out as they went in, of what the reader looked up and of nothing else."""

import asyncio
import hashlib
import threading
from collections.abc import Iterable
from typing import Any

import pytest

from ferrox import metrics
from ferrox.errors import (
    DataCorrupted,
    EntityTooLarge,
    PreconditionFailed,
    SourceChanged,
)
from ferrox.records import (
    BucketRecord,
    VersionDraft,
    VersionRecord,
)
from ferrox.storage.content import BlobLabel
from ferrox.storage.store import Store
from tests.counted import counting
from tests.storage.verbs import (
    BIG,
    blob_files,
    pattern,
    put,
    read,
    shown,
    stream,
)


@pytest.mark.parametrize("size_bytes", [0, 1, 65_536, 65_537, 300_000, BIG])
async def test_bytes_come_back_as_they_went_in(
    store: Store, bucket: BucketRecord, size_bytes: int
) -> None:
    data = pattern(size_bytes)

    written = await put(store, bucket, "a", data)

    version = store.version(bucket, "a")
    assert written == version
    assert data == await read(store, written)
    assert data[1:-1] == await read(store, written, 1, max(size_bytes - 2, 0))
    assert (size_bytes <= 65_536) == (blob_files(store) == [])


async def test_inline_bytes_can_come_along_with_the_look_up(
    store: Store, bucket: BucketRecord
) -> None:
    await put(store, bucket, "a", b"abc")
    version = store.version(bucket, "a", with_inline=True)
    await put(store, bucket, "a", b"replaced")

    assert version is not None
    assert b"b" == await read(store, version, 1, 1), "though the version is gone"


async def test_small_bytes_that_are_there_need_not_be_received(
    store: Store, bucket: BucketRecord
) -> None:
    data = bytes(store.inline_limit_bytes)

    await store.add_version(bucket, VersionDraft("a", "etag", "owner"), store.hold(data))

    version = store.version(bucket, "a")
    assert version is not None
    assert data == await store.read(version, 0, len(data))
    with pytest.raises(ValueError, match="into a blob"):
        store.hold(data + b"!")


async def test_a_version_that_was_replaced_is_not_read(store: Store, bucket: BucketRecord) -> None:
    small = await put(store, bucket, "small", b"abc")
    big = await put(store, bucket, "big", pattern(BIG))
    await put(store, bucket, "small", b"new")
    await put(store, bucket, "big", b"new")

    with pytest.raises(SourceChanged):
        await store.read(small, 0, 3)
    with pytest.raises(SourceChanged):
        await store.read(big, 0, BIG)
    await store.reap()
    with pytest.raises(SourceChanged):
        await store.read(big, 0, BIG)
    with pytest.raises(SourceChanged):
        await store.read(big, 0, 10)


@pytest.mark.parametrize("size_bytes", [100_000, BIG])
async def test_a_blob_that_is_missing_is_damage(
    store: Store, bucket: BucketRecord, size_bytes: int, caplog: pytest.LogCaptureFixture
) -> None:
    version = await put(store, bucket, "a", pattern(size_bytes))
    store._blobs.delete(version.extents[0].blob_name)

    with counting() as counts, pytest.raises(DataCorrupted, match="missing"):
        await store.read(version, 0, size_bytes)

    assert "is missing" in caplog.text
    assert {(): [1]} == counts[metrics.CORRUPT_READS]


@pytest.mark.parametrize("size_bytes", [100_000, BIG])
async def test_a_blob_that_was_reaped_meanwhile_is_no_damage(
    store: Store, bucket: BucketRecord, size_bytes: int, caplog: pytest.LogCaptureFixture
) -> None:
    version = await put(store, bucket, "a", pattern(size_bytes))
    await store.delete_object(bucket, "a", None)
    await store.reap()

    with counting() as counts, pytest.raises(SourceChanged):
        await store.read(version, 0, size_bytes)

    assert ("", {}) == (caplog.text, counts[metrics.CORRUPT_READS])


async def test_what_a_cancelled_reader_still_reads_is_not_reaped(
    store: Store, bucket: BucketRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = await put(store, bucket, "a", pattern(100_000))
    is_reading, may_read = threading.Event(), threading.Event()
    is_let_go = asyncio.Event()
    open_blob, unpin = store._blobs.open, store._pins.unpin

    def open_slowly(name: bytes, data_key: bytes | None) -> Any:
        is_reading.set()
        may_read.wait(30)
        return open_blob(name, data_key)

    def let_go(names: Iterable[bytes]) -> None:
        unpin(names)
        is_let_go.set()

    monkeypatch.setattr(store._blobs, "open", open_slowly)
    monkeypatch.setattr(store._pins, "unpin", let_go)
    reading = asyncio.ensure_future(store.read(version, 0, 100_000))
    await asyncio.to_thread(is_reading.wait, 30)
    reading.cancel()
    await asyncio.wait([reading])
    await store.delete_object(bucket, "a", None)

    reaped_count = await store.reap()
    may_read.set()
    await is_let_go.wait()

    assert [0, 1] == [reaped_count, await store.reap()]


async def test_inline_bytes_that_are_missing_are_damage(store: Store, bucket: BucketRecord) -> None:
    version = await put(store, bucket, "a", b"abc")
    await store._database.write(lambda tx: tx.execute("DELETE FROM inline_data"))

    with counting() as counts, pytest.raises(DataCorrupted):
        await store.read(version, 0, 3)

    assert {(): [1]} == counts[metrics.CORRUPT_READS]


async def test_a_digest_sees_the_range(store: Store, bucket: BucketRecord) -> None:
    data = pattern(BIG)
    version = await put(store, bucket, "a", data)
    digests = [hashlib.md5(), hashlib.sha1()]

    await store.digest(version, 5, BIG - 10, digests)

    assert [hashlib.md5(data[5:-5]).digest(), hashlib.sha1(data[5:-5]).digest()] == [
        digest.digest() for digest in digests
    ]


async def test_a_digest_that_is_cut_short_lets_go_of_the_blob(
    store: Store, bucket: BucketRecord
) -> None:
    version = await put(store, bucket, "a", pattern(BIG))
    has_begun = asyncio.Event()
    loop = asyncio.get_running_loop()

    class Endless:
        def update(self, _: Any) -> None:
            loop.call_soon_threadsafe(has_begun.set)

        def digest(self) -> bytes:
            return b""

    digesting = asyncio.ensure_future(store.digest(version, 0, BIG, [Endless()]))
    await has_begun.wait()
    digesting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await digesting
    await store.delete_object(bucket, "a", None)

    assert 1 == await store.reap()


@pytest.mark.parametrize("size_bytes", [10, 100_000])
async def test_bytes_that_are_not_published_leave_nothing(
    store: Store, bucket: BucketRecord, size_bytes: int
) -> None:
    label = BlobLabel("bucket", "a")
    async with store.receive(
        stream(bytes(size_bytes)), [], label, size_hint=None, max_bytes=BIG, may_inline=True
    ):
        pass

    assert [] == blob_files(store)
    assert store.version(bucket, "a") is None


async def test_a_refused_write_leaves_nothing(store: Store, bucket: BucketRecord) -> None:
    def refuse(_: VersionRecord | None) -> None:
        raise PreconditionFailed

    with pytest.raises(PreconditionFailed):
        await put(store, bucket, "a", pattern(BIG), check=refuse)

    assert [] == blob_files(store)
    assert 0 == await store.reap()


async def test_too_many_bytes_are_refused(store: Store, bucket: BucketRecord) -> None:
    label = BlobLabel("bucket", "a")
    with pytest.raises(EntityTooLarge):
        async with store.receive(
            stream(bytes(11)), [], label, size_hint=None, max_bytes=10, may_inline=True
        ):
            pass


async def test_a_client_that_vanishes_during_the_commit_takes_nothing_away(
    store: Store, bucket: BucketRecord
) -> None:
    data = pattern(BIG)
    may_go_on = asyncio.Event()
    has_checked = asyncio.Event()
    loop = asyncio.get_running_loop()

    def wait(_: VersionRecord | None) -> None:
        loop.call_soon_threadsafe(has_checked.set)
        asyncio.run_coroutine_threadsafe(may_go_on.wait(), loop).result(30)

    putting = asyncio.ensure_future(put(store, bucket, "a", data, check=wait))
    await has_checked.wait()
    putting.cancel()
    await asyncio.wait([putting])
    may_go_on.set()
    await store.delete_object(bucket, "other", None)

    assert putting.cancelled()
    assert data == await read(store, shown(store, bucket, "a"))
    assert 0 == await store.remove_orphans()
