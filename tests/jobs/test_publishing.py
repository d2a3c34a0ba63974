"""jobs/publishing.py: what a job writes is an object like others."""

import hashlib

import pytest

from ferrox.clock import SettableClock
from ferrox.crypto.sealing import Seal
from ferrox.errors import KeyTooLongError
from ferrox.jobs.publishing import Published, publish
from ferrox.jobs.sealing import Sealing
from ferrox.protocol.encryption import KMS, Asked
from ferrox.records import BucketRecord, Encryption, Versioning
from ferrox.storage.bodies import once
from ferrox.storage.keys.kms_keys import KmsKeys
from ferrox.storage.keys.ring import Ring
from ferrox.storage.keys.server_keys import ServerKeys
from ferrox.storage.store import Store
from tests.sealing import unsealing


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

    published = await publish(store, unsealing(store), target, "k", once(data), "text/plain")

    version = store.version(target, "k")
    assert version is not None
    assert Published(size_bytes, md5) == published
    assert (md5, "owner", "null") == (version.etag, version.owner_id, version.version_id)
    assert {"content-type": "text/plain"} == version.headers


async def test_where_versions_are_kept_it_is_one(store: Store, target: BucketRecord) -> None:
    versioned = await store.set_versioning(target, Versioning.ENABLED)

    await publish(store, unsealing(store), versioned, "k", once(b"1"), "text/plain")
    await publish(store, unsealing(store), versioned, "k", once(b"2"), "text/plain")

    page = await store.list_versions(
        versioned, prefix="", delimiter="", key_marker="", version_id_marker="", limit=10
    )
    assert 2 == len(page.entries)


async def test_what_a_job_writes_is_an_event(store: Store, target: BucketRecord) -> None:
    store.keeps_all_events = True

    await publish(store, unsealing(store), target, "k", once(b"1"), "text/plain")

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
        await publish(store, unsealing(store), target, 1025 * "k", once(b"1"), "text/plain")


@pytest.mark.parametrize("size_bytes", [5, 100_000])
async def test_where_a_bucket_or_the_server_wants_it_it_is_encrypted(
    store: Store, target: BucketRecord, clock: SettableClock, size_bytes: int
) -> None:
    data = bytes(size_bytes)
    store.key_ring = ring = Ring(ServerKeys(store.identities, Seal(bytes(32)), 1))
    sealing = Sealing(store, ring, clock, lambda _: None, encrypts_unasked=True)

    published = await publish(store, sealing, target, "k", once(data), "text/plain")

    version = store.version(target, "k")
    assert version is not None
    assert Encryption("AES256") == version.encryption
    assert published.md5 == version.etag
    assert {"s3/1": 1} == await store.data_key_counts()
    assert data == await store.read(version, 0, size_bytes)


async def test_it_can_be_encrypted_otherwise_than_the_bucket_wants(
    store: Store, target: BucketRecord, clock: SettableClock
) -> None:
    root = Seal(bytes(32))
    keys = Ring(ServerKeys(store.identities, root, 1), KmsKeys(store.identities, root, "here"))
    sealing = Sealing(store, keys, clock, lambda _: None, encrypts_unasked=True)
    wanted = sealing.asked(target, Asked(KMS))

    published = await publish(store, sealing, target, "k", once(b"1"), "t", sealed=wanted)

    version = store.version(target, "k")
    assert version is not None
    assert wanted == version.encryption
    assert published.md5 != version.etag, "it would tell what is sealed"
