"""storage/metadata/resealing.py: every version with bytes comes once, and how it is sealed."""

import pytest

from ferrox.crypto.envelope import KeyEncryptionKey
from ferrox.records import BucketRecord, Encryption, Versioning
from ferrox.storage.metadata.resealing import Position
from ferrox.storage.store import Store
from tests.storage.verbs import put

KEK = KeyEncryptionKey("s3/1", bytes(32))


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
async def test_pages_are_the_versions_in_the_order_of_listings(store: Store, limit: int) -> None:
    made, _ = await store.create_bucket("bucket", "owner", "us-east-1")
    other, _ = await store.create_bucket("other", "owner", "us-east-1")
    bucket = await store.set_versioning(made, Versioning.ENABLED)
    await put(store, other, "a", b"elsewhere")
    wanted = []
    for key, kek in (("a", None), ("b", KEK), ("b", None), ("b", KEK), ("c", None)):
        version = await put(store, bucket, key, b"data", kek=kek)
        wanted.append((key, -version.version, version.version_id, version.encryption))
    await store.delete_object(bucket, "b", None)

    found = await everything(store, bucket, limit)

    assert sorted(wanted) == found
    assert [None, Encryption("AES256"), None] == [one[-1] for one in found[:3]]


async def everything(store: Store, bucket: BucketRecord, limit: int) -> list[tuple[object, ...]]:
    """All pages, one after the other."""
    found: list[tuple[object, ...]] = []
    after: Position | None = None
    while page := await store.sealed_versions(bucket, after, limit):
        assert len(page) <= limit
        found += [(one.key, -one.version, one.version_id, one.encryption) for one in page]
        after = page[-1].position
    return found


async def test_an_empty_bucket_has_no_page(store: Store) -> None:
    bucket, _ = await store.create_bucket("bucket", "owner", "us-east-1")

    assert [] == await store.sealed_versions(bucket, None, 10)
