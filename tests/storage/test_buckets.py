"""The verbs on buckets and their documents."""

import pytest

from ferrox.errors import AccessDenied, NoSuchBucket
from ferrox.records import BucketRecord, Versioning
from ferrox.storage.metadata import buckets
from ferrox.storage.metadata.buckets import Document
from ferrox.storage.metadata.database import Reader
from ferrox.storage.store import Store


def again(store: Store, bucket: BucketRecord) -> BucketRecord:
    found = store.bucket(bucket.name)
    assert found is not None
    return found


async def test_a_document_is_stored_replaced_and_removed(
    store: Store, bucket: BucketRecord
) -> None:
    assert store.bucket_document(bucket, "cors") is None

    put = await store.put_bucket_document(bucket, "cors", {"a": "ä"})
    first = store.bucket_document(put, "cors")
    replaced = await store.put_bucket_document(bucket, "cors", {"b": [1, None, True]})
    second = store.bucket_document(replaced, "cors")
    removed = await store.delete_bucket_document(bucket, "cors")

    assert ({"a": "ä"}, {"b": [1, None, True]}) == (first, second)
    assert store.bucket_document(removed, "cors") is None
    assert [1, 2, 3] == [put.revision, replaced.revision, removed.revision]
    assert removed == again(store, bucket)


async def test_changing_the_versioning_is_a_revision_too(
    store: Store, bucket: BucketRecord
) -> None:
    changed = await store.set_versioning(bucket, Versioning.ENABLED)

    assert (1, Versioning.ENABLED) == (changed.revision, changed.versioning)
    assert changed == again(store, bucket)


async def test_documents_are_listed_by_name(store: Store, bucket: BucketRecord) -> None:
    for name in ("inventory/b", "inventory/a", "cors", "inventory/c", "inventorz"):
        bucket = await store.put_bucket_document(bucket, name, {"name": name})

    found = await store.bucket_documents(bucket, "inventory/", "", 10)
    after = await store.bucket_documents(bucket, "inventory/", "inventory/a", 1)

    assert [(f"inventory/{n}", {"name": f"inventory/{n}"}) for n in "abc"] == found
    assert ["inventory/b"] == [name for name, _ in after]


async def test_a_check_sees_the_bucket_and_its_documents_as_they_are_now(
    store: Store, bucket: BucketRecord
) -> None:
    await store.put_bucket_document(bucket, "acl", {"grants": 1})
    seen: list[object] = []

    def check(reader: Reader, now: BucketRecord) -> None:
        seen.append((now.revision, buckets.document(reader, now.bucket_id, "acl")))

    await store.put_bucket_document(bucket, "cors", {}, check=check)
    await store.delete_bucket_document(bucket, "cors", check=check)
    await store.set_versioning(bucket, Versioning.ENABLED, check=check)

    assert [(revision, {"grants": 1}) for revision in (1, 2, 3)] == seen


async def test_a_check_that_refuses_leaves_everything_as_it_was(
    store: Store, bucket: BucketRecord
) -> None:
    kept = await store.put_bucket_document(bucket, "cors", {"a": 1})

    def refuse(_reader: Reader, _bucket: BucketRecord) -> None:
        raise AccessDenied

    with pytest.raises(AccessDenied):
        await store.put_bucket_document(bucket, "cors", {"a": 2}, check=refuse)
    with pytest.raises(AccessDenied):
        await store.delete_bucket_document(bucket, "cors", check=refuse)
    with pytest.raises(AccessDenied):
        await store.set_versioning(bucket, Versioning.ENABLED, check=refuse)

    assert kept == again(store, bucket)
    assert {"a": 1} == store.bucket_document(kept, "cors")


async def test_the_documents_of_a_bucket_go_with_it(store: Store, bucket: BucketRecord) -> None:
    configured = await store.put_bucket_document(bucket, "cors", {"a": 1})

    await store.delete_bucket(configured)

    assert [] == await store.bucket_documents(configured, "", "", 10)
    assert store.bucket_document(configured, "cors") is None
    with pytest.raises(NoSuchBucket):
        await store.put_bucket_document(configured, "cors", {"a": 2})
    with pytest.raises(NoSuchBucket):
        await store.delete_bucket_document(configured, "cors")
    new, _ = await store.create_bucket("bucket", "owner", "us-east-1")
    assert store.bucket_document(new, "cors") is None


async def test_a_new_bucket_has_the_documents_it_is_made_with(store: Store) -> None:
    documents: dict[str, Document] = {"ownershipControls": {"Rule": []}, "tagging": {}}

    made, _ = await store.create_bucket("new", "owner", "r", documents=documents)
    found, is_new = await store.create_bucket("new", "owner", "r", documents={"cors": {}})

    assert not is_new
    assert made == found
    assert documents == {name: store.bucket_document(made, name) for name in documents}
    assert store.bucket_document(found, "cors") is None


async def test_buckets_of_all_owners_are_paged_by_name(store: Store) -> None:
    for name, owner in (("c", "one"), ("a", "two"), ("b", "one")):
        await store.create_bucket(name * 3, owner, "r")

    first = await store.all_buckets("", 2)
    rest = await store.all_buckets(first[-1].name, 2)

    assert ["aaa", "bbb", "ccc"] == [found.name for found in (*first, *rest)]
