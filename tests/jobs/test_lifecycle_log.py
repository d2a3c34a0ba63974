"""jobs/lifecycle_log.py: what rules take away leaves lines in the spool of a logged bucket."""

from pathlib import Path

import pytest

from ferrox.clock import SettableClock
from ferrox.jobs.lifecycle import DOCUMENT, LifecycleJob
from ferrox.jobs.lifecycle_log import LifecycleLog
from ferrox.protocol.plain import as_plain
from ferrox.protocol.shapes.logging import BucketLoggingStatus, LoggingEnabled
from ferrox.records import BucketRecord, VersionDraft, Versioning
from ferrox.storage.spool import Batch, Spool
from ferrox.storage.store import Store
from tests.storage.verbs import put

DAY_S = 86_400.0
RULES = {
    "Rule": [
        {"ID": "old", "Status": "Enabled", "Filter": {}, "Expiration": {"Days": 1}},
        {
            "ID": "older",
            "Status": "Enabled",
            "Filter": {},
            "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
        },
    ]
}


@pytest.fixture
def spool(tmp_path: Path, clock: SettableClock) -> Spool:
    return Spool(tmp_path / "spool", clock, max_age_s=0, max_bytes=1 << 20)


async def make_bucket(
    store: Store, versioning: Versioning = Versioning.UNVERSIONED, *, is_logged: bool = True
) -> BucketRecord:
    bucket, _ = await store.create_bucket("bucket", "owner", "eu-1")
    if versioning is not Versioning.UNVERSIONED:
        await store.set_versioning(bucket, versioning)
    await store.put_bucket_document(bucket, DOCUMENT, RULES)
    if is_logged:
        enabled = LoggingEnabled(target_bucket="logs", target_prefix="")
        document = as_plain(BucketLoggingStatus(logging_enabled=enabled))
        await store.put_bucket_document(bucket, BucketLoggingStatus.stored_as, document)
    return found(store)


def found(store: Store) -> BucketRecord:
    bucket = store.bucket("bucket")
    assert bucket is not None
    return bucket


async def run(store: Store, spool: Spool, clock: SettableClock) -> list[list[str]]:
    """Obey the rules two days later; the operation and what follows it of each line."""
    clock.advance(2 * DAY_S)
    noted = LifecycleLog(store, spool, clock).note
    await LifecycleJob(store, clock, interval_s=DAY_S, day_s=DAY_S, noted=noted).run_bucket(
        found(store)
    )
    batches: list[Batch] = []

    async def take(batch: Batch) -> bool:
        batches.append(batch)
        return True

    await spool.close()
    await spool.deliver(take)
    lines = [line for batch in batches for line in batch.data.decode().splitlines()]
    assert all(line.startswith("owner bucket [") for line in lines)
    return [line.split(" ")[5:] for line in lines]


async def test_an_object_that_is_removed_has_a_line(
    store: Store, spool: Spool, clock: SettableClock
) -> None:
    await put(store, await make_bucket(store), "a b", b"12345")

    (line,) = await run(store, spool, clock)

    assert ["AmazonS3", "S3.EXPIRE.OBJECT", "a%20b", '"-"', "-", "-", "-", "5"] == [
        line[0],
        *line[2:9],
    ]
    assert "eu-1" == line[-1]


async def test_versions_are_hidden_and_then_removed_by_their_ids(
    store: Store, spool: Spool, clock: SettableClock
) -> None:
    version = await put(store, await make_bucket(store, Versioning.ENABLED), "k", b"12345")

    (hidden,) = await run(store, spool, clock)
    (removed,) = await run(store, spool, clock)

    assert ["S3.CREATE.DELETEMARKER", "k", "-"] == [*hidden[2:4], hidden[8]]
    assert ["S3.EXPIRE.OBJECT", "k", "5"] == [*removed[2:4], removed[8]]
    assert [version.version_id] * 2 == [hidden[13], removed[13]]


async def test_an_upload_that_is_aborted_has_a_line(
    store: Store, spool: Spool, clock: SettableClock
) -> None:
    bucket = await make_bucket(store)
    await store.create_upload(bucket, VersionDraft("k", "", "owner"), None, None)

    (line,) = await run(store, spool, clock)

    assert ["S3.DELETE.UPLOAD", "k"] == line[2:4]


async def test_a_bucket_without_a_log_has_no_lines(
    store: Store, spool: Spool, clock: SettableClock
) -> None:
    await put(store, await make_bucket(store, is_logged=False), "k", b"12345")

    assert [] == await run(store, spool, clock)
