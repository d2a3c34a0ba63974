"""storage/uploads.py: parts become objects, by reference."""

import pytest

from ferrox.clock import SettableClock
from ferrox.errors import SourceChanged
from ferrox.records import BucketRecord, VersionDraft
from ferrox.storage.content import BlobLabel
from ferrox.storage.store import Store
from tests.storage.verbs import BIG, add_part, assemble, blob_files, pattern, put, read, stream


async def test_parts_become_an_object(store: Store, bucket: BucketRecord) -> None:
    upload = await store.create_upload(bucket, VersionDraft("a", "", "owner"), "CRC32", "COMPOSITE")
    parts = [await add_part(store, upload, n, pattern(100_000 * n, n)) for n in (1, 2, 3)]
    await add_part(store, upload, 2, b"replaced")

    assert upload == store.upload(bucket, "a", upload.upload_id)
    assert (parts[:1], True) == await store.list_parts(upload, 0, 1)
    assert (parts[2:], False) == await store.list_parts(upload, 2, 1)
    assert ([], False) == await store.list_parts(upload, 0, 0)
    version = await store.complete_upload(upload, [1, 2], assemble(upload))

    assert pattern(100_000, 1) + b"replaced" == await read(store, version)
    assert version.version == (await store.complete_upload(upload, [], assemble(upload))).version
    assert store.upload(bucket, "a", upload.upload_id) is None
    completed = store.completed_upload(bucket, "a", upload.upload_id)
    assert completed is not None
    assert ("whole", version.version) == (completed.etag, completed.version)
    assert 2 == await store.reap()
    assert 2 == len(blob_files(store))


async def test_inline_bytes_are_no_part(store: Store, bucket: BucketRecord) -> None:
    upload = await store.create_upload(bucket, VersionDraft("a", "", "owner"), None, None)
    label = BlobLabel("bucket", "a")
    async with store.receive(
        stream(b"x"), [], label, size_hint=None, max_bytes=10, may_inline=True
    ) as content:
        with pytest.raises(ValueError, match="may_inline"):
            await store.add_part(upload, 1, "etag", None, content)


@pytest.mark.parametrize("size_bytes", [1_000, BIG])
async def test_a_range_of_an_object_becomes_a_part(
    store: Store, bucket: BucketRecord, size_bytes: int
) -> None:
    data = pattern(size_bytes)
    source = await put(store, bucket, "a", data)
    upload = await store.create_upload(bucket, VersionDraft("b", "", "owner"), None, None)

    part = await store.copy_part(upload, 1, "etag", None, source, 10, size_bytes - 20)
    await store.copy_part(upload, 2, "etag", None, source, 0, 0)
    await store.delete_object(bucket, "a", None)
    version = await store.complete_upload(upload, [1, 2], assemble(upload))
    await store.reap()

    assert size_bytes - 20 == part.size_bytes
    assert data[10:-10] == await read(store, version)
    other = await store.create_upload(bucket, VersionDraft("b", "", "owner"), None, None)
    with pytest.raises(SourceChanged):
        await store.copy_part(other, 1, "etag", None, source, 0, 10)


async def test_uploads_are_listed_and_aborted_by_age(
    store: Store, bucket: BucketRecord, clock: SettableClock
) -> None:
    old = await store.create_upload(bucket, VersionDraft("a", "", "owner"), None, None)
    await add_part(store, old, 1, b"part")
    clock.advance(10)
    young = await store.create_upload(bucket, VersionDraft("b", "", "owner"), None, None)

    assert 1 == await store.abort_uploads_older_than(clock.now_ms())

    page = await store.list_uploads(
        bucket, prefix="", delimiter="", key_marker="", upload_id_marker="", limit=10
    )
    assert [young] == page.entries
    assert 1 == await store.reap()
