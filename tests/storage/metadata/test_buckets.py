"""Rows of buckets."""

from typing import Any

import pytest

from ferrox.errors import BucketNotEmpty, NoSuchBucket
from ferrox.records import BucketRecord, Versioning
from ferrox.storage.metadata import buckets
from ferrox.storage.metadata.database import Database
from tests.storage.metadata.index import Index


async def create(
    database: Database, name: str, owner_id: str = "owner", **flags: Any
) -> tuple[BucketRecord, bool]:
    flags = {"is_object_lock_enabled": False, **flags}
    return await database.write(
        lambda tx: buckets.create(tx, name, owner_id, "eu-west-1", 5, **flags)
    )


def page(database: Database, *arguments: Any) -> list[str]:
    return [bucket.name for bucket in database.read(lambda r: buckets.page(r, *arguments))]


async def test_a_new_bucket_is_found_by_name_and_number(database: Database) -> None:
    bucket, is_new = await create(database, "photos")

    assert is_new
    assert BucketRecord(bucket.bucket_id, "photos", "owner", "eu-west-1", 5) == bucket
    assert bucket == database.read(lambda reader: buckets.find(reader, "photos"))
    assert bucket == database.read(lambda reader: buckets.find_by_id(reader, bucket.bucket_id))
    assert database.read(lambda reader: buckets.find(reader, "Photos")) is None


async def test_a_bucket_that_exists_comes_back_whoever_owns_it(database: Database) -> None:
    bucket, _ = await create(database, "photos")

    assert (bucket, False) == await create(database, "photos", "other")


async def test_a_bucket_with_object_lock_keeps_versions(database: Database) -> None:
    bucket, _ = await create(database, "ledger", is_object_lock_enabled=True)

    assert bucket.is_object_lock_enabled
    assert Versioning.ENABLED is bucket.versioning


async def test_buckets_are_listed_by_name_for_their_owner(database: Database) -> None:
    for name in ("b-2", "a", "b-1", "b", "c"):
        await create(database, name)
    await create(database, "b-3", "other")

    assert ["a", "b", "b-1", "b-2", "c"] == page(database, "owner", "", "", 10)
    assert ["b-1", "b-2"] == page(database, "owner", "b-", "", 10)
    assert ["b-2"] == page(database, "owner", "b-", "b-1", 10)
    assert ["b", "b-1"] == page(database, "owner", "", "a", 2)
    assert [] == page(database, "owner", "b-", "c", 10)
    assert ["b-3"] == page(database, "other", "", "", 10)


async def test_versioning_can_be_changed(index: Index) -> None:
    await index.set_versioning(Versioning.SUSPENDED)

    found = index.database.read(lambda reader: buckets.find(reader, "bucket"))

    assert found is not None
    assert Versioning.SUSPENDED is found.versioning
    assert index.bucket == found


async def test_an_empty_bucket_is_removed_for_good(index: Index) -> None:
    old = index.bucket
    await index.write(lambda tx: buckets.remove(tx, old))

    assert index.database.read(lambda reader: buckets.find(reader, "bucket")) is None
    with pytest.raises(NoSuchBucket):
        await index.write(lambda tx: buckets.remove(tx, old))
    new, _ = await create(index.database, "bucket")
    assert new.bucket_id != old.bucket_id, "the number of a bucket is never used again"


async def test_a_bucket_with_an_object_is_kept(index: Index) -> None:
    await index.put("a")

    with pytest.raises(BucketNotEmpty):
        await index.write(lambda tx: buckets.remove(tx, index.bucket))


async def test_a_bucket_with_a_delete_marker_only_is_kept(index: Index) -> None:
    await index.set_versioning(Versioning.ENABLED)
    await index.delete("a")

    with pytest.raises(BucketNotEmpty):
        await index.write(lambda tx: buckets.remove(tx, index.bucket))
