"""The verbs of an open data directory, bytes and names together."""

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from ferrox.clock import SettableClock
from ferrox.errors import (
    Fault,
    NoSuchBucket,
    NoSuchUpload,
    PreconditionFailed,
    SourceChanged,
    StartError,
    StorageFull,
    StoreReadOnly,
)
from ferrox.records import (
    BucketRecord,
    CommonPrefix,
    VersionDraft,
    Versioning,
    VersionRecord,
)
from ferrox.storage.content import BlobLabel
from ferrox.storage.reading import BlockStream
from ferrox.storage.store import QUICK_FLAT_LIMIT, QUICK_PAGE_LIMIT, Store
from tests.storage.verbs import (
    BIG,
    add_part,
    blob_files,
    pattern,
    put,
    read,
    shown,
    stream,
)

# Opening and closing


async def test_what_was_stored_is_there_after_reopening(
    tmp_path: Path, clock: SettableClock
) -> None:
    store = await Store.open(tmp_path / "data", clock=clock)
    bucket, _ = await store.create_bucket("bucket", "owner", "us-east-1")
    await put(store, bucket, "small", b"abc")
    await put(store, bucket, "big", pattern(BIG))
    await store.close()

    store = await Store.open(tmp_path / "data", clock=clock)
    found = [await read(store, shown(store, bucket, key)) for key in ("small", "big")]
    await store.close()

    assert [b"abc", pattern(BIG)] == found


async def test_a_data_directory_has_one_store_at_a_time(
    store: Store, tmp_path: Path, clock: SettableClock
) -> None:
    with pytest.raises(StartError, match="in use"):
        await Store.open(store.data_dir.path, clock=clock)


async def test_a_start_that_fails_releases_the_lock(tmp_path: Path, clock: SettableClock) -> None:
    first = await Store.open(tmp_path / "data", clock=clock)
    await first.close()
    index = sqlite3.connect(tmp_path / "data" / "index.db")
    index.execute("PRAGMA user_version = 99")
    index.close()

    for _ in range(2):
        with pytest.raises(StartError, match="newer ferroxd"):
            await Store.open(tmp_path / "data", clock=clock)


@pytest.mark.parametrize("is_emptied", [True, False])
async def test_blobs_without_an_index_are_not_taken_for_orphans(
    tmp_path: Path, clock: SettableClock, *, is_emptied: bool
) -> None:
    store = await Store.open(tmp_path / "data", clock=clock)
    bucket, _ = await store.create_bucket("bucket", "owner", "us-east-1")
    await put(store, bucket, "big", pattern(BIG))
    await store.close()
    path = store.data_dir.index_path
    index = path.read_bytes()
    path.unlink()
    if is_emptied:
        path.touch()

    with pytest.raises(StartError, match=r"index\.db is missing"):
        await Store.open(tmp_path / "data", clock=clock)
    path.write_bytes(index)
    store = await Store.open(tmp_path / "data", clock=clock)
    found = await read(store, shown(store, bucket, "big"))
    await store.close()

    assert pattern(BIG) == found


async def test_settings_and_identities_belong_to_the_store(store: Store) -> None:
    store.settings.put("table", "name", {"a": 1})

    assert {"a": 1} == store.settings.get("table", "name")
    assert store.identities.root_account() == store.identities.root_account()


# Buckets


async def test_buckets_are_made_found_listed_and_deleted(store: Store) -> None:
    a, is_new = await store.create_bucket("a", "owner", "us-east-1")
    again, is_new_again = await store.create_bucket("a", "other", "us-east-1")
    b, _ = await store.create_bucket("b", "owner", "us-east-1")

    assert (a, True, False) == (again, is_new, is_new_again)
    assert [a, b] == await store.list_buckets("owner", "", "", 10)
    await store.delete_bucket(a)
    assert store.bucket("a") is None
    assert b == store.bucket("b")
    with pytest.raises(NoSuchBucket):
        await store.delete_bucket(a)


async def test_deleting_a_bucket_aborts_its_uploads(store: Store, bucket: BucketRecord) -> None:
    upload = await store.create_upload(bucket, VersionDraft("a", "", "owner"), None, None)
    await add_part(store, upload, 1, b"part")

    await store.delete_bucket(bucket)

    assert 1 == await store.reap()
    assert [] == blob_files(store)
    with pytest.raises(NoSuchUpload):
        await store.abort_upload(upload)


# Objects


async def test_one_of_a_hundred_racing_writers_wins_whole(
    store: Store, bucket: BucketRecord
) -> None:
    def require_absent(current: VersionRecord | None) -> None:
        if current is not None:
            raise PreconditionFailed

    results = await asyncio.gather(
        *(
            put(store, bucket, "a", pattern(70_000, seed), check=require_absent)
            for seed in range(100)
        ),
        return_exceptions=True,
    )

    (winner,) = [n for n, result in enumerate(results) if isinstance(result, VersionRecord)]
    assert 99 == sum(isinstance(result, PreconditionFailed) for result in results)
    assert pattern(70_000, winner) == await read(store, shown(store, bucket, "a"))
    assert 1 == len(blob_files(store)), "the bytes of the others are gone"


async def test_objects_are_deleted_by_the_rules_of_the_bucket(
    store: Store, bucket: BucketRecord
) -> None:
    bucket = await store.set_versioning(bucket, Versioning.ENABLED)
    await put(store, bucket, "a", b"1")

    deletion = await store.delete_object(bucket, "a", None)

    assert deletion.is_delete_marker
    assert shown(store, bucket, "a").is_delete_marker
    page = await store.list_objects(bucket, prefix="", delimiter="", after="", limit=10)
    assert ([], False, "") == page


async def test_listings_roll_up(store: Store, bucket: BucketRecord) -> None:
    for key in ("a/1", "a/2", "b"):
        await put(store, bucket, key, b"x")

    page = await store.list_objects(bucket, prefix="", delimiter="/", after="", limit=1)

    assert ([CommonPrefix("a/")], True, "a/") == page


@pytest.mark.parametrize(("delimiter", "limit"), [("/", QUICK_PAGE_LIMIT), ("", QUICK_FLAT_LIMIT)])
async def test_a_short_page_takes_no_thread_and_shows_what_a_long_one_does(
    store: Store, bucket: BucketRecord, delimiter: str, limit: int
) -> None:
    for key in ("a", "b", "c/1"):
        await put(store, bucket, key, b"x")

    pages = [
        store.list_objects(bucket, prefix="", delimiter=delimiter, after="", limit=most)
        for most in (limit, limit + 1)
    ]

    with pytest.raises(StopIteration) as short:
        pages[0].send(None)  # finished at its first step: nothing was waited for
    assert await pages[1] == short.value.value


@pytest.mark.parametrize("size_bytes", [10, BIG])
async def test_a_copy_outlives_its_source(
    store: Store, bucket: BucketRecord, size_bytes: int
) -> None:
    source = await put(store, bucket, "a", pattern(size_bytes))

    copy = await store.copy_version(bucket, VersionDraft("b", "etag", "owner"), source)
    await store.delete_object(bucket, "a", None)
    await store.reap()

    assert pattern(size_bytes) == await read(store, copy)
    with pytest.raises(SourceChanged):
        await store.copy_version(bucket, VersionDraft("c", "etag", "owner"), source)


# Health


async def test_a_store_that_works_passes_its_probe(store: Store) -> None:
    await asyncio.gather(store.probe(), store.probe())

    assert store.read_only_reason is None


async def test_a_disk_that_cannot_be_written_fails_the_probe(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("ferrox.storage.store.write_durably", fail)

    with pytest.raises(Fault, match="Input/output error"):
        await store.probe()


async def test_a_store_that_turned_read_only_says_so_and_reads_on(
    store: Store, bucket: BucketRecord
) -> None:
    version = await put(store, bucket, "a", pattern(BIG))
    store._blobs._on_sync_failure("the drive lost a write")

    assert "the drive lost a write" == store.read_only_reason
    with pytest.raises(StoreReadOnly, match="lost a write"):
        await put(store, bucket, "b", b"x")
    with pytest.raises(StoreReadOnly):
        await store.delete_object(bucket, "a", None)
    with pytest.raises(StoreReadOnly):
        await store.probe()
    assert pattern(BIG) == await read(store, version)
    assert 1 == len(blob_files(store))


# Garbage, end to end; its order is tested beside it


async def test_what_is_being_read_is_reaped_later(store: Store, bucket: BucketRecord) -> None:
    data = pattern(BIG)
    version = await put(store, bucket, "a", data)
    reading = await store.read(version, 0, BIG)
    assert isinstance(reading, BlockStream)
    await store.delete_object(bucket, "a", None)

    assert 0 == await store.reap()

    assert data == b"".join([block async for block in reading])
    assert 1 == await store.reap()
    assert [] == blob_files(store)


async def test_files_are_reaped_though_the_index_has_no_room(
    store: Store, bucket: BucketRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(store, bucket, "a", pattern(BIG))
    await store.delete_object(bucket, "a", None)

    async def refuse(*_: Any, **__: Any) -> None:
        raise StorageFull

    with monkeypatch.context() as patch:
        patch.setattr(store._database, "write", refuse)
        with pytest.raises(StorageFull):
            await store.reap()

    assert [] == blob_files(store)
    assert 1 == await store.reap()


async def test_orphans_are_removed_and_nothing_else(store: Store, bucket: BucketRecord) -> None:
    version = await put(store, bucket, "kept", pattern(BIG))
    await put(store, bucket, "deleted", pattern(100_000))
    await store.delete_object(bucket, "deleted", None)
    store._blobs.create(bytes(16))
    label = BlobLabel("bucket", "arriving")

    async with store.receive(
        stream(pattern(100_000)), [], label, size_hint=None, max_bytes=BIG, may_inline=False
    ) as content:
        removed_count = await store.remove_orphans()
        arrived = await store.add_version(
            bucket, VersionDraft("arriving", "etag", "owner"), content
        )

    assert 1 == removed_count
    assert pattern(BIG) == await read(store, version)
    assert pattern(100_000) == await read(store, arrived)
    assert 1 == await store.reap()
    assert 2 == len(blob_files(store))
