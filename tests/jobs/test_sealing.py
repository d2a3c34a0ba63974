"""jobs/sealing.py: what jobs write is encrypted as the bucket wants it, or else the server."""

from typing import Any

import pytest

from ferrox.clock import SettableClock
from ferrox.crypto.sealing import Seal
from ferrox.errors import InvalidRequest
from ferrox.identity import Account
from ferrox.jobs.sealing import Sealing
from ferrox.protocol import encryption
from ferrox.protocol.plain import as_plain
from ferrox.protocol.shapes.encryption import (
    ServerSideEncryptionByDefault,
    ServerSideEncryptionConfiguration,
    ServerSideEncryptionRule,
)
from ferrox.records import BucketRecord, Encryption
from ferrox.storage.keys.kms_keys import KmsKeys
from ferrox.storage.keys.ring import Ring
from ferrox.storage.keys.server_keys import ServerKeys
from ferrox.storage.store import Store
from tests.sealing import unsealing

ACCOUNT = Account("123456789012", "owner", "somebody")


@pytest.fixture
async def bucket(store: Store) -> BucketRecord:
    made, _ = await store.create_bucket("bucket", "owner", "us-east-1")
    return made


@pytest.fixture
def ring(store: Store, clock: SettableClock) -> Ring:
    root = Seal(bytes(32))
    server_keys = ServerKeys(store.identities, root, clock.now_ms())
    return Ring(server_keys, KmsKeys(store.identities, root, "us-east-1"))


def sealing(store: Store, ring: Ring, clock: SettableClock, *, unasked: bool = False) -> Sealing:
    return Sealing(store, ring, clock, {"owner": ACCOUNT}.get, encrypts_unasked=unasked)


async def configure(store: Store, bucket: BucketRecord, algorithm: str, **more: Any) -> None:
    default = ServerSideEncryptionByDefault(sse_algorithm=algorithm)
    rule = ServerSideEncryptionRule(apply_server_side_encryption_by_default=default, **more)
    document = as_plain(ServerSideEncryptionConfiguration(rules=[rule]))
    await store.put_bucket_document(bucket, ServerSideEncryptionConfiguration.stored_as, document)


async def test_a_bucket_that_asks_for_nothing_gets_what_the_server_does_unasked(
    store: Store, ring: Ring, clock: SettableClock, bucket: BucketRecord
) -> None:
    optional, always = (sealing(store, ring, clock, unasked=one) for one in (False, True))

    assert optional.of_bucket(bucket) is None
    assert optional.kek(None) is None
    assert Encryption("AES256") == always.of_bucket(bucket)
    kek = always.kek(Encryption("AES256"))
    assert kek is not None
    assert "s3/1" == kek.kek_id


async def test_a_bucket_gets_what_it_asks_for(
    store: Store, ring: Ring, clock: SettableClock, bucket: BucketRecord
) -> None:
    await configure(store, bucket, encryption.AES256)

    assert Encryption("AES256") == sealing(store, ring, clock).of_bucket(fresh(store))


async def test_keys_of_kms_are_those_of_the_owner_of_the_bucket(
    store: Store, ring: Ring, clock: SettableClock, bucket: BucketRecord
) -> None:
    await configure(store, bucket, encryption.KMS, bucket_key_enabled=True)
    jobs = sealing(store, ring, clock)

    wanted = jobs.of_bucket(fresh(store))

    assert wanted is not None
    assert ("aws:kms", "", True) == (wanted.sse, wanted.context, wanted.bucket_key)
    assert ":123456789012:key/" in wanted.key_id
    kek = jobs.kek(wanted)
    assert kek is not None
    assert kek.kek_id.startswith("kms/")


async def test_without_keys_what_a_bucket_asks_for_is_refused(
    store: Store, bucket: BucketRecord
) -> None:
    await configure(store, bucket, encryption.AES256)

    with pytest.raises(InvalidRequest):
        unsealing(store).of_bucket(fresh(store))


def fresh(store: Store) -> BucketRecord:
    """The bucket as it is now."""
    bucket = store.bucket("bucket")
    assert bucket is not None
    return bucket
