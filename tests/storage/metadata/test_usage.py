"""What a bucket holds is counted exactly, and it may not hold more than its quota."""

import asyncio
import sqlite3

import pytest

from ferrox.errors import NoSuchBucket, QuotaExceeded
from ferrox.records import (
    Extent,
    PartRecord,
    Quota,
    UploadRecord,
    Usage,
    VersionDraft,
    Versioning,
)
from ferrox.storage.metadata import buckets, uploads, usage
from ferrox.storage.metadata.schema import MIGRATIONS, migrate
from tests.storage.metadata.index import Index, blob


def held(index: Index) -> Usage:
    return index.database.read(lambda reader: usage.find(reader, index.bucket))


async def allow(index: Index, max_bytes: int | None = None, max_objects: int | None = None) -> None:
    await index.write(lambda tx: usage.set_quota(tx, index.bucket, Quota(max_bytes, max_objects)))


async def add(index: Index, upload: UploadRecord, number: int, extent: Extent) -> None:
    part = PartRecord(number, extent.size_bytes, 9, "etag", None, (extent,))
    await index.write(lambda tx: uploads.add_part(tx, upload, part))


async def complete(index: Index, upload: UploadRecord) -> None:
    def assemble(_: list[PartRecord]) -> VersionDraft:
        return upload.draft

    await index.write(lambda tx: uploads.complete(tx, upload, [1], assemble, now_ms=9, check=None))


async def test_overwrites_count_once_where_versions_are_not_kept(index: Index) -> None:
    await index.put("a", b"12345")
    await index.put("a", b"123")
    await index.put("b", extents=(blob(1, 100), blob(2, 50)))

    assert Usage(2, 2, 153) == held(index)


async def test_former_versions_and_delete_markers_count(index: Index) -> None:
    await index.set_versioning(Versioning.ENABLED)
    await index.put("a", b"12345")
    second = await index.put("a", b"123")
    deletion = await index.delete("a")

    assert Usage(0, 3, 8) == held(index)
    await index.delete("a", deletion.version_id)
    assert Usage(1, 2, 8) == held(index)
    await index.delete("a", second.version_id)
    assert Usage(1, 1, 5) == held(index)


async def test_a_null_marker_takes_the_place_of_the_null_version(index: Index) -> None:
    await index.put("a", b"12345")
    await index.set_versioning(Versioning.SUSPENDED)
    await index.delete("a")
    await index.delete("a")

    assert Usage(0, 1, 0) == held(index)


async def test_copies_count_in_full(index: Index) -> None:
    source = await index.put("a", extents=(blob(1, 100),))
    await index.copy(source, "b")
    await index.copy(source, "a")

    assert Usage(2, 2, 200) == held(index)


async def test_parts_count_apart_until_they_are_completed(index: Index) -> None:
    upload = await index.open_upload("a")
    await add(index, upload, 1, blob(1, 70))
    await add(index, upload, 1, blob(2, 100))
    await add(index, upload, 2, blob(3, 10))

    assert Usage(0, 0, 0, 110) == held(index)
    await complete(index, upload)
    assert Usage(1, 1, 100, 0) == held(index)


async def test_parts_of_an_aborted_upload_are_forgotten(index: Index) -> None:
    upload = await index.open_upload("a")
    await add(index, upload, 1, blob(1, 70))
    await index.write(lambda tx: uploads.abort(tx, upload.upload_id, 9))

    assert Usage() == held(index)


async def test_bytes_beyond_the_quota_are_refused(index: Index) -> None:
    await allow(index, max_bytes=10)
    await index.put("a", b"1234567890")

    with pytest.raises(QuotaExceeded, match="10 bytes") as raised:
        await index.put("b", b"1")

    assert (403, "QuotaExceeded") == (raised.value.status, raised.value.code)
    assert {"BucketName": "bucket"} == raised.value.details
    assert Usage(1, 1, 10) == held(index)
    await index.put("b", b"")
    await index.put("a", b"0987654321")


async def test_objects_beyond_the_quota_are_refused(index: Index) -> None:
    await allow(index, max_objects=2)
    await index.put("a")
    await index.put("b")

    with pytest.raises(QuotaExceeded, match="2 objects"):
        await index.put("c")
    await index.put("a", b"overwritten")
    await index.delete("a")
    await index.put("c")

    assert 2 == held(index).object_count


async def test_above_a_quota_that_was_lowered_only_growth_is_refused(index: Index) -> None:
    await index.put("a", b"12345")
    await index.put("b", b"12345")
    await allow(index, max_bytes=1, max_objects=1)

    await index.put("a", b"1234")
    await index.delete("b")

    with pytest.raises(QuotaExceeded):
        await index.put("a", b"123456")
    assert Usage(1, 1, 4) == held(index)


async def test_former_versions_count_against_the_quota(index: Index) -> None:
    await index.set_versioning(Versioning.ENABLED)
    await allow(index, max_bytes=9)
    first = await index.put("a", b"12345")

    with pytest.raises(QuotaExceeded):
        await index.put("a", b"67890")
    await index.delete("a", first.version_id)

    await index.put("a", b"67890")


async def test_parts_count_against_the_quota_and_may_then_be_completed(index: Index) -> None:
    await allow(index, max_bytes=100)
    upload = await index.open_upload("a")
    await add(index, upload, 1, blob(1, 100))

    with pytest.raises(QuotaExceeded):
        await add(index, upload, 2, blob(2, 1))
    with pytest.raises(QuotaExceeded):
        await index.put("b", b"1")
    await complete(index, upload)

    assert Usage(1, 1, 100) == held(index)


async def test_what_completes_to_one_object_too_many_is_refused_and_kept(index: Index) -> None:
    await allow(index, max_objects=1)
    upload = await index.open_upload("a")
    await add(index, upload, 1, blob(1, 100))
    await index.put("b")

    with pytest.raises(QuotaExceeded):
        await complete(index, upload)
    await index.delete("b")

    await complete(index, upload)
    assert Usage(1, 1, 100) == held(index)


async def test_a_copy_beyond_the_quota_is_refused(index: Index) -> None:
    source = await index.put("a", extents=(blob(1, 100),))
    await allow(index, max_bytes=199)

    with pytest.raises(QuotaExceeded):
        await index.copy(source, "b")

    assert [(1,)] == await index.rows("SELECT reference_count FROM blobs")


async def test_writers_at_the_same_time_do_not_exceed_the_quota(index: Index) -> None:
    await allow(index, max_bytes=50)

    outcomes = await asyncio.gather(
        *(index.put(str(n), b"12345") for n in range(30)), return_exceptions=True
    )

    refused = [outcome for outcome in outcomes if isinstance(outcome, QuotaExceeded)]
    assert 20 == len(refused)
    assert Usage(10, 10, 50) == held(index)


async def test_the_quota_can_be_read_and_taken_away(index: Index) -> None:
    await allow(index, 7, 8)
    before = index.database.read(lambda reader: usage.quota(reader, index.bucket))
    await allow(index)
    after = index.database.read(lambda reader: usage.quota(reader, index.bucket))

    assert (Quota(7, 8), Quota()) == (before, after)


async def test_a_bucket_that_is_gone_has_neither(index: Index) -> None:
    await index.write(lambda tx: buckets.remove(tx, index.bucket))

    with pytest.raises(NoSuchBucket):
        held(index)
    with pytest.raises(NoSuchBucket):
        index.database.read(lambda reader: usage.quota(reader, index.bucket))
    with pytest.raises(NoSuchBucket):
        await allow(index, 1)
    assert [] == await index.rows("SELECT * FROM bucket_usage")


def test_what_was_stored_before_is_counted() -> None:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection, MIGRATIONS[:1])
    for number in (1, 2):
        values = (number, f"bucket{number}")
        connection.execute("INSERT INTO buckets VALUES (?, ?, '', '', 0, '', 0, NULL)", values)
    for key, version_id, is_shown in (("a", "1", False), ("a", "2", True), ("b", "3", True)):
        version = connection.execute(
            "INSERT INTO versions (bucket_id, key, version_id, is_delete_marker, size_bytes,"
            " modified_ms, etag, storage_class, owner_id) VALUES (1, ?, ?, 0, 10, 0, '', '', '')",
            (key, version_id),
        ).lastrowid
        if is_shown:
            connection.execute(
                "INSERT INTO objects VALUES (1, ?, ?, 10, 0, '', '', '', NULL, NULL)",
                (key, version),
            )
    connection.execute("INSERT INTO uploads VALUES ('u', 1, 'c', 0, '', NULL, NULL, NULL)")
    connection.execute("INSERT INTO parts VALUES ('u', 1, 7, 0, '', NULL, NULL, NULL, NULL)")

    migrate(connection)
    rows = connection.execute("SELECT * FROM bucket_usage ORDER BY bucket_id").fetchall()
    connection.close()

    assert [(1, 2, 3, 30, 7), (2, 0, 0, 0, 0)] == rows
