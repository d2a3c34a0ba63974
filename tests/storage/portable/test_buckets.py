"""Buckets: their configuration comes and goes, their objects and their state stay."""

from pathlib import Path

from ferrox.clock import SettableClock
from ferrox.errors import InvalidBucketName, MalformedXML
from ferrox.records import Quota, Versioning
from ferrox.storage.store import Store
from tests.storage.portable.filling import Lenient, exported, imported, outcomes
from tests.storage.verbs import put, read, shown


async def test_a_bucket_that_is_replaced_keeps_its_objects_and_its_state(full: Path) -> None:
    store = await Store.open(full, clock=SettableClock(1))
    bucket = store.bucket("photos")
    assert bucket is not None
    await put(store, bucket, "k", b"data")
    document = exported(full).document
    document["buckets"][1] = {
        "name": "photos", "owner": "c" * 64, "region": "us-east-1", "created_ms": 5,
        "versioning": "Enabled", "max_objects": 3, "documents": {"tagging": {"TagSet": []}},
    }  # fmt: skip

    imported(full, document, may_replace=True)

    bucket = store.bucket("photos")
    assert bucket is not None
    assert ("us-east-1", 5, Versioning.ENABLED) == bucket[3:6]
    assert Quota(None, 3) == store.quota(bucket)
    assert store.bucket_document(bucket, "cors") is None
    assert {"TagSet": []} == store.bucket_document(bucket, "tagging")
    assert {"began_ms": 1} == store.bucket_document(bucket, "state")
    assert b"data" == await read(store, shown(store, bucket, "k"))
    await store.close()


async def test_a_bucket_gets_its_object_lock(full: Path) -> None:
    document = exported(full).document
    document["buckets"][1] |= {"versioning": "Enabled", "object_lock": True}

    found = imported(full, document, may_replace=True)

    assert "replaced" == outcomes(found)["bucket photos"]
    assert document["buckets"] == exported(full).document["buckets"]


async def test_a_new_bucket_is_counted_from_the_beginning(full: Path, empty: Path) -> None:
    imported(empty, exported(full).document)

    store = await Store.open(empty, clock=SettableClock(1))
    bucket = store.bucket("photos")
    assert bucket is not None
    await put(store, bucket, "k", b"data")
    assert (1, 4) == store.usage(bucket)[0:3:2]
    await store.close()


async def test_names_and_documents_are_checked(full: Path, empty: Path) -> None:
    class Strict(Lenient):
        def bucket_name(self, name: str) -> None:
            if name == "locked":
                raise InvalidBucketName

        def bucket_document(self, *_: object) -> None:
            raise MalformedXML

    found = outcomes(imported(empty, exported(full).document, Strict()))

    assert {"refused"} == {found["bucket locked"], found["bucket photos"]}
