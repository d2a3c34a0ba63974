"""What a store tells of itself."""

from ferrox.records import BucketRecord
from ferrox.storage.store import Store
from tests.storage.verbs import put


async def test_the_drive_is_told_of(store: Store, bucket: BucketRecord) -> None:
    before = store.drive()
    await put(store, bucket, "a", b"x" * 50_000)

    drive = store.drive()

    assert 0 < drive.free_bytes <= drive.size_bytes
    assert drive.index_bytes > 0
    assert drive.index_log_bytes >= before.index_log_bytes + 50_000


async def test_a_log_that_is_not_there_has_no_size(store: Store) -> None:
    await store.close()

    assert 0 == store.drive().index_log_bytes


async def test_as_many_buckets_are_named_as_are_asked_for(
    store: Store, bucket: BucketRecord
) -> None:
    assert ({}, {bucket.name}) == (
        (await store.figures(0)).largest,
        set((await store.figures(5)).largest),
    )


async def test_a_drive_that_is_gone_keeps_nobody_from_asking(store: Store) -> None:
    """Status and metrics failed altogether just when they were needed."""
    blobs = store.data_dir.blobs_path
    blobs.rename(blobs.with_name("gone"))

    drive = store.drive()

    assert (0, f"{blobs}: No such file or directory") == (drive.size_bytes, drive.problem)
    assert not store.is_full()
