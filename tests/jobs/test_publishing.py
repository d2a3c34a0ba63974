"""jobs/publishing.py: what a job writes is an object like others."""

import hashlib

import pytest

from ferrox.errors import KeyTooLongError
from ferrox.jobs.publishing import Published, publish
from ferrox.records import BucketRecord, Versioning
from ferrox.storage.bodies import once
from ferrox.storage.store import Store


@pytest.fixture
async def target(store: Store) -> BucketRecord:
    made, _ = await store.create_bucket("target", "owner", "us-east-1")
    return made


@pytest.mark.parametrize("size_bytes", [5, 100_000])
async def test_a_body_becomes_an_object(
    store: Store, target: BucketRecord, size_bytes: int
) -> None:
    data = bytes(size_bytes)
    md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()

    published = await publish(store, target, "k", once(data), "text/plain")

    version = store.version(target, "k")
    assert version is not None
    assert Published(size_bytes, md5) == published
    assert (md5, "owner", "null") == (version.etag, version.owner_id, version.version_id)
    assert {"content-type": "text/plain"} == version.headers


async def test_where_versions_are_kept_it_is_one(store: Store, target: BucketRecord) -> None:
    versioned = await store.set_versioning(target, Versioning.ENABLED)

    await publish(store, versioned, "k", once(b"1"), "text/plain")
    await publish(store, versioned, "k", once(b"2"), "text/plain")

    page = await store.list_versions(
        versioned, prefix="", delimiter="", key_marker="", version_id_marker="", limit=10
    )
    assert 2 == len(page.entries)


async def test_what_a_job_writes_is_an_event(store: Store, target: BucketRecord) -> None:
    store.keeps_all_events = True

    await publish(store, target, "k", once(b"1"), "text/plain")

    (event,) = await store.events(0, 10)
    assert ("ObjectCreated:Put", "k", "s3.amazonaws.com") == (
        event.name,
        event.key,
        event.principal_id,
    )


async def test_a_key_that_no_client_could_put_is_refused(
    store: Store, target: BucketRecord
) -> None:
    with pytest.raises(KeyTooLongError):
        await publish(store, target, 1025 * "k", once(b"1"), "text/plain")
