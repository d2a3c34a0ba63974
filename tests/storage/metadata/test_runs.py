"""Reports of runs: which are kept."""

from ferrox.lifecycle_records import LifecycleAction, LifecycleReport, LifecycleStep
from ferrox.records import BucketRecord
from ferrox.storage.metadata import runs
from ferrox.storage.store import Store


def report(started_ms: int) -> LifecycleReport:
    step = LifecycleStep(LifecycleAction.EXPIRE, "rule é", "key\n", "null", 5)
    return LifecycleReport(
        started_ms, started_ms + 1, {"expire": 1}, {"rule é": 1}, 5, 2, ["an error"], [step]
    )


async def bucket_of(store: Store, name: str = "bucket") -> BucketRecord:
    bucket, _ = await store.create_bucket(name, "owner", "r")
    return bucket


async def started(store: Store, bucket: BucketRecord) -> list[int]:
    return [one.started_ms for one in await store.lifecycle_reports(bucket)]


async def test_a_report_comes_back_as_it_was(store: Store) -> None:
    bucket = await bucket_of(store)

    await store.keep_lifecycle_report(bucket, report(1000))

    assert [report(1000)] == await store.lifecycle_reports(bucket)
    assert 1000 == store.latest_lifecycle_run_ms(bucket)


async def test_the_last_ones_are_kept_of_each_bucket(store: Store) -> None:
    bucket, other = await bucket_of(store), await bucket_of(store, "other")
    await store.keep_lifecycle_report(other, report(1))

    for started_ms in range(runs.KEPT_COUNT + 3):
        await store.keep_lifecycle_report(bucket, report(started_ms))

    assert list(range(runs.KEPT_COUNT + 2, 2, -1)) == await started(store, bucket)
    assert [1] == await started(store, other)


async def test_a_clock_that_was_set_back_takes_later_reports_with_it(store: Store) -> None:
    bucket = await bucket_of(store)

    for started_ms in (10, 30, 20):
        await store.keep_lifecycle_report(bucket, report(started_ms))

    assert [20, 10] == await started(store, bucket)


async def test_reports_go_with_their_bucket(store: Store) -> None:
    bucket = await bucket_of(store)
    await store.keep_lifecycle_report(bucket, report(1))

    await store.delete_bucket(bucket)
    await store.keep_lifecycle_report(bucket, report(2))

    assert ([], None) == (await started(store, bucket), store.latest_lifecycle_run_ms(bucket))
