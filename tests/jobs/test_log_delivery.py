"""jobs/log_delivery.py: spooled lines become objects, once, where the bucket wants them now."""

from pathlib import Path
from typing import Any

import pytest

from ferrox.clock import SettableClock
from ferrox.crypto.sealing import Seal
from ferrox.jobs.log_delivery import LogDelivery
from ferrox.jobs.sealing import Sealing
from ferrox.protocol.plain import as_plain
from ferrox.protocol.shapes.logging import (
    BucketLoggingStatus,
    Grantee,
    LoggingEnabled,
    PartitionedPrefix,
    TargetGrant,
    TargetObjectKeyFormat,
)
from ferrox.records import BucketRecord, Grant, Quota, Versioning
from ferrox.storage.keys.ring import Ring
from ferrox.storage.keys.server_keys import ServerKeys
from ferrox.storage.spool import Spool
from ferrox.storage.store import Store
from tests.sealing import unsealing

DAY = "20260920"
BY_EVENT = TargetObjectKeyFormat(partitioned_prefix=PartitionedPrefix())


@pytest.fixture
def spool(tmp_path: Path, clock: SettableClock) -> Spool:
    return Spool(tmp_path / "spool", clock, max_age_s=60, max_bytes=1 << 20)


@pytest.fixture
async def source(store: Store) -> BucketRecord:
    made, _ = await store.create_bucket("source", "owner", "eu-1")
    return made


@pytest.fixture
async def target(store: Store) -> BucketRecord:
    made, _ = await store.create_bucket("target", "owner", "eu-1")
    return made


async def configure(store: Store, source: BucketRecord, **more: Any) -> None:
    enabled = LoggingEnabled(target_bucket="target", target_prefix="logs/", **more)
    document = as_plain(BucketLoggingStatus(logging_enabled=enabled))
    await store.put_bucket_document(source, BucketLoggingStatus.stored_as, document)


async def deliver(store: Store, spool: Spool, clock: SettableClock) -> int:
    await spool.close()
    delivery = LogDelivery(
        store, unsealing(store), spool, clock, lambda _: "123456789012", interval_s=60
    )
    return await delivery.work_once()


async def delivered(store: Store, target: BucketRecord) -> dict[str, bytes]:
    """Key → what it holds."""
    page = await store.list_objects(target, prefix="", delimiter="", after="", limit=100)
    found = {}
    for entry in page.entries:
        version = store.version(target, getattr(entry, "key"))  # noqa: B009 - no prefixes here
        assert version is not None
        body = await store.read(version, 0, version.size_bytes)
        assert isinstance(body, bytes)
        found[version.key] = body
    return found


async def test_lines_become_an_object(
    store: Store, spool: Spool, clock: SettableClock, source: BucketRecord, target: BucketRecord
) -> None:
    await configure(store, source)
    spool.add(source.bucket_id, DAY, "one")
    spool.add(source.bucket_id, DAY, "two")

    assert 1 == await deliver(store, spool, clock)
    assert 0 == await deliver(store, spool, clock)

    ((key, body),) = (await delivered(store, target)).items()
    assert b"one\ntwo\n" == body
    prefix, _, unique = key.rpartition("-")
    assert ("logs/2026-09-21-14-13-20", 16) == (prefix, len(unique))
    version = store.version(target, key)
    assert version is not None
    assert ({"content-type": "text/plain"}, "owner") == (version.headers, version.owner_id)


async def test_partitioned_keys_carry_account_region_bucket_and_day(
    store: Store, spool: Spool, clock: SettableClock, source: BucketRecord, target: BucketRecord
) -> None:
    await configure(store, source, target_object_key_format=BY_EVENT)
    spool.add(source.bucket_id, DAY, "one")
    await deliver(store, spool, clock)

    (key,) = await delivered(store, target)
    assert key.startswith("logs/123456789012/eu-1/source/2026/09/20/2026-09-20-00-00-00-")


async def test_many_lines_become_a_blob(
    store: Store, spool: Spool, clock: SettableClock, source: BucketRecord, target: BucketRecord
) -> None:
    await configure(store, source)
    for _ in range(100):
        spool.add(source.bucket_id, DAY, 1000 * "x")
    await deliver(store, spool, clock)

    page = await store.list_objects(target, prefix="", delimiter="", after="", limit=2)
    assert [100_100] == [getattr(entry, "size_bytes", 0) for entry in page.entries]


async def test_the_grants_of_the_configuration_are_on_the_object(
    store: Store, spool: Spool, clock: SettableClock, source: BucketRecord, target: BucketRecord
) -> None:
    everybody = "http://acs.amazonaws.com/groups/global/AllUsers"
    grants = [
        TargetGrant(grantee=Grantee(type="Group", uri=everybody), permission="READ"),
        TargetGrant(grantee=Grantee(type="CanonicalUser", id="other"), permission="FULL_CONTROL"),
    ]
    await configure(store, source, target_grants=grants)
    spool.add(source.bucket_id, DAY, "one")
    await deliver(store, spool, clock)

    (key,) = await delivered(store, target)
    acl = store.version_acl(target, key, None)
    assert acl is not None
    assert [
        Grant("CanonicalUser", "owner", "FULL_CONTROL"),
        Grant("Group", everybody, "READ"),
        Grant("CanonicalUser", "other", "FULL_CONTROL"),
    ] == acl.grants


async def test_a_target_may_keep_versions(
    store: Store, spool: Spool, clock: SettableClock, source: BucketRecord, target: BucketRecord
) -> None:
    await store.set_versioning(target, Versioning.ENABLED)
    await configure(store, source)
    spool.add(source.bucket_id, DAY, "one")

    assert 1 == await deliver(store, spool, clock)
    assert 1 == len(await delivered(store, target))


async def test_lines_that_nobody_wants_any_more_are_dropped(
    store: Store, spool: Spool, clock: SettableClock, source: BucketRecord, target: BucketRecord
) -> None:
    spool.add(source.bucket_id, DAY, "logging is off")
    spool.add(source.bucket_id + 99, DAY, "the bucket is gone")

    assert 2 == await deliver(store, spool, clock)
    assert {} == await delivered(store, target)


async def test_lines_without_a_target_are_dropped(
    store: Store,
    spool: Spool,
    clock: SettableClock,
    source: BucketRecord,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await configure(store, source)
    spool.add(source.bucket_id, DAY, "one")

    assert 1 == await deliver(store, spool, clock)
    assert "bucket source has no target" in caplog.text


async def test_another_owner_of_the_target_gets_nothing(
    store: Store, spool: Spool, clock: SettableClock, source: BucketRecord
) -> None:
    stranger, _ = await store.create_bucket("target", "stranger", "eu-1")
    await configure(store, source)
    spool.add(source.bucket_id, DAY, "one")
    await deliver(store, spool, clock)

    assert {} == await delivered(store, stranger)


async def test_lines_wait_for_a_target_that_is_full(
    store: Store, spool: Spool, clock: SettableClock, source: BucketRecord, target: BucketRecord
) -> None:
    await configure(store, source)
    await store.set_quota(target, Quota(max_bytes=1))
    spool.add(source.bucket_id, DAY, "one")
    assert 0 == await deliver(store, spool, clock)

    await store.set_quota(target, Quota())

    assert 1 == await deliver(store, spool, clock)
    assert [b"one\n"] == list((await delivered(store, target)).values())


async def test_a_log_is_encrypted_where_the_server_encrypts_all(
    store: Store, spool: Spool, clock: SettableClock, source: BucketRecord, target: BucketRecord
) -> None:
    await configure(store, source)
    store.key_ring = ring = Ring(ServerKeys(store.identities, Seal(bytes(32)), 1))
    sealing = Sealing(store, ring, clock, lambda _: None, encrypts_unasked=True)
    spool.add(source.bucket_id, DAY, "one")
    await spool.close()

    await LogDelivery(store, sealing, spool, clock, lambda _: "1", interval_s=60).work_once()

    assert [b"one\n"] == list((await delivered(store, target)).values())
    assert {"s3/1": 1} == await store.data_key_counts()


async def test_a_log_that_cannot_be_encrypted_as_asked_waits(
    store: Store, spool: Spool, clock: SettableClock, source: BucketRecord, target: BucketRecord
) -> None:
    await configure(store, source)
    spool.add(source.bucket_id, DAY, "one")
    await spool.close()
    without_keys = Sealing(store, Ring(), clock, lambda _: None, encrypts_unasked=True)

    await LogDelivery(store, without_keys, spool, clock, lambda _: "1", interval_s=60).work_once()

    assert {} == await delivered(store, target)
    assert 1 == await deliver(store, spool, clock)
