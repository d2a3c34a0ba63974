"""Rules that act: on a store whose clock stands still until it is told to move."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ferrox.clock import SettableClock
from ferrox.errors import Fault
from ferrox.jobs import lifecycle
from ferrox.jobs.lifecycle import DOCUMENT, LifecycleJob, plan, rules_of
from ferrox.lifecycle_records import LifecycleReport
from ferrox.records import (
    COMPLIANCE,
    UNLOCKED,
    BucketRecord,
    Lock,
    VersionDraft,
    Versioning,
    VersionRecord,
    VersionSummary,
)
from ferrox.storage import expiring
from ferrox.storage.metadata.expiring import Candidate, Decide
from ferrox.storage.store import Store
from tests.storage.verbs import add_part, put

DAY_S = 86_400.0
MIDNIGHT_MS = 1_789_948_800_000
"""The beginning of 21 September 2026."""


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(MIDNIGHT_MS + 3_600_000)


def rule(rule_id: str = "rule", **members: Any) -> dict[str, Any]:
    return {"ID": rule_id, "Status": "Enabled", "Filter": {}, **members}


async def bucket_with(
    store: Store,
    *rules: dict[str, Any],
    versioning: Versioning = Versioning.UNVERSIONED,
    name: str = "bucket",
) -> BucketRecord:
    bucket, _ = await store.create_bucket(name, "owner", "r")
    if versioning is not Versioning.UNVERSIONED:
        await store.set_versioning(bucket, versioning)
    await store.put_bucket_document(bucket, DOCUMENT, {"Rule": list(rules)})
    return current(store, name)


def current(store: Store, name: str = "bucket") -> BucketRecord:
    found = store.bucket(name)
    assert found is not None
    return found


def job(store: Store, clock: SettableClock, day_s: float = DAY_S) -> LifecycleJob:
    return LifecycleJob(store, clock, interval_s=DAY_S, day_s=day_s)


async def run(store: Store, clock: SettableClock, name: str = "bucket") -> LifecycleReport:
    return await job(store, clock).run_bucket(current(store, name))


async def planned(store: Store, clock: SettableClock) -> LifecycleReport:
    bucket = current(store)
    document = store.bucket_document(bucket, DOCUMENT)
    assert document is not None
    return await plan(store, bucket, rules_of(document, DAY_S), clock.now_ms())


async def versions(store: Store) -> list[VersionSummary]:
    found = await store.list_versions(
        current(store),
        prefix="",
        delimiter="",
        key_marker="",
        version_id_marker="",
        limit=10_000,
    )
    return [entry for entry in found.entries if isinstance(entry, VersionSummary)]


async def keys(store: Store) -> list[str]:
    """What is there, the newest first: a delete marker in brackets."""
    return [f"({one.key})" if one.is_delete_marker else one.key for one in await versions(store)]


def amended(**changes: Any) -> Callable[[VersionRecord | None], VersionRecord]:
    """A change of a version."""

    def change(found: VersionRecord | None) -> VersionRecord:
        assert found is not None
        return found._replace(**changes)

    return change


# Buckets without versions


async def test_objects_go_at_the_midnight_after_their_days(
    store: Store, clock: SettableClock
) -> None:
    bucket = await bucket_with(store, rule(Filter={"Prefix": "logs/"}, Expiration={"Days": 3650}))
    await put(store, bucket, "logs/1", b"12345")
    await put(store, bucket, "k", b"kept")
    clock.advance(3651 * DAY_S - 3601)
    early = await run(store, clock)
    clock.advance(1)

    report = await run(store, clock)

    assert ({}, {"expire": 1}, {"rule": 1}, 5) == (
        early.counts, report.counts, report.rule_counts, report.size_bytes,
    )  # fmt: skip
    assert ["k"] == await keys(store)
    assert 1 == store.usage(bucket).object_count


async def test_tags_and_sizes_are_those_of_the_object(store: Store, clock: SettableClock) -> None:
    both = {"And": {"Tag": [{"Key": "a", "Value": "1"}], "ObjectSizeGreaterThan": 2}}
    bucket = await bucket_with(store, rule(Filter=both, Expiration={"Days": 1}))
    for key, body, tags in (("a", b"123", {"a": "1"}), ("b", b"12", {"a": "1"}), ("c", b"123", {})):
        await put(store, bucket, key, body)
        await store.amend_version(bucket, key, None, amended(tags=tags))
    clock.advance(2 * DAY_S)

    await run(store, clock)

    assert ["b", "c"] == await keys(store)


# Buckets with versions


async def test_a_version_is_hidden_then_removed_then_its_marker(
    store: Store, clock: SettableClock
) -> None:
    bucket = await bucket_with(
        store,
        rule("hide", Expiration={"Days": 1}),
        rule("remove", NoncurrentVersionExpiration={"NoncurrentDays": 1}),
        versioning=Versioning.ENABLED,
    )
    await put(store, bucket, "k", b"12345")
    found = []
    for _ in range(4):
        clock.advance(2 * DAY_S)
        report = await run(store, clock)
        found.append((report.rule_counts, report.size_bytes, await keys(store)))

    assert [
        ({"hide": 1}, 0, ["(k)", "k"]),
        ({"remove": 1}, 5, ["(k)"]),
        ({"hide": 1}, 0, []),
        ({}, 0, []),
    ] == found


async def test_in_a_suspended_bucket_the_null_version_gives_way_to_a_null_marker(
    store: Store, clock: SettableClock
) -> None:
    bucket = await bucket_with(store, rule(Expiration={"Days": 1}), versioning=Versioning.SUSPENDED)
    await put(store, bucket, "k", b"12345")
    clock.advance(2 * DAY_S)

    report = await run(store, clock)

    assert (["(k)"], 5) == (await keys(store), report.size_bytes)


async def test_the_newest_noncurrent_versions_are_kept(
    store: Store, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expiring, "LOOKED_AT_ONCE", 3)  # less than a key has versions
    bucket = await bucket_with(
        store,
        rule(
            NoncurrentVersionExpiration={"NoncurrentDays": 1, "NewerNoncurrentVersions": 2},
        ),
        versioning=Versioning.ENABLED,
    )
    for key in ("a", "b"):
        for size in range(1, 8):
            await put(store, bucket, key, b"1" * size)
    clock.advance(3 * DAY_S)

    report = await run(store, clock)

    assert [7, 6, 5, 7, 6, 5] == [one.size_bytes for one in await versions(store)]
    assert ({"remove-noncurrent": 8}, 2 * (1 + 2 + 3 + 4)) == (report.counts, report.size_bytes)


@pytest.mark.parametrize("page_size", [1, 1000])
async def test_a_marker_stays_that_is_alone_only_since_this_run(
    store: Store, clock: SettableClock, monkeypatch: pytest.MonkeyPatch, page_size: int
) -> None:
    monkeypatch.setattr(expiring, "LOOKED_AT_ONCE", page_size)
    bucket = await bucket_with(
        store,
        rule("remove", NoncurrentVersionExpiration={"NoncurrentDays": 1}),
        rule("marker", Expiration={"ExpiredObjectDeleteMarker": True}),
        versioning=Versioning.ENABLED,
    )
    await put(store, bucket, "k", b"data")
    await store.delete_object(bucket, "k", None)
    clock.advance(3 * DAY_S)

    told = await planned(store, clock)
    reports = [await run(store, clock) for _ in range(2)]

    assert [{"remove": 1}, {"marker": 1}] == [report.rule_counts for report in reports]
    assert told == reports[0]


# Locks


@pytest.mark.parametrize("lock", [Lock(COMPLIANCE, 2**50), Lock(legal_hold=True)])
async def test_a_locked_version_stays(store: Store, clock: SettableClock, lock: Lock) -> None:
    bucket, _ = await store.create_bucket("bucket", "owner", "r", is_object_lock_enabled=True)
    rules = [rule(Expiration={"Days": 1}, NoncurrentVersionExpiration={"NoncurrentDays": 1})]
    await store.put_bucket_document(bucket, DOCUMENT, {"Rule": rules})
    await put(store, bucket, "k", b"locked", lock=lock)
    await put(store, bucket, "k", b"free")
    clock.advance(2 * DAY_S)
    first = await planned(store, clock), await run(store, clock)
    clock.advance(2 * DAY_S)

    second = await planned(store, clock), await run(store, clock)

    assert [{"expire": 1}, {"expire": 1}] == [report.counts for report in first]
    assert [{"remove-noncurrent": 1}] * 2 == [report.counts for report in second]
    assert [1] * 4 == [report.locked_count for report in first + second]
    assert [0, 6] == [one.size_bytes for one in await versions(store)]


async def test_a_lock_that_comes_between_look_and_removal_counts(
    store: Store, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket, _ = await store.create_bucket("bucket", "owner", "r", is_object_lock_enabled=True)
    rules = [rule(NoncurrentVersionExpiration={"NoncurrentDays": 1})]
    await store.put_bucket_document(bucket, DOCUMENT, {"Rule": rules})
    made = await put(store, bucket, "k", b"old")
    await put(store, bucket, "k", b"new")
    clock.advance(3 * DAY_S)
    take_away = store.take_away

    async def late(*arguments: Any) -> Any:
        await store.amend_version(bucket, "k", made.version_id, amended(lock=Lock(legal_hold=True)))
        return await take_away(*arguments)

    monkeypatch.setattr(store, "take_away", late)
    report = await run(store, clock)

    assert ({}, 1, 2) == (report.counts, report.locked_count, len(await versions(store)))


# Others write at the same time


async def test_what_was_written_between_look_and_removal_stays(
    store: Store, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = await bucket_with(store, rule(Expiration={"Days": 1}))
    await put(store, bucket, "k", b"old")
    clock.advance(2 * DAY_S)
    take_away = store.take_away

    async def late(*arguments: Any) -> Any:
        await put(store, bucket, "k", b"new")
        return await take_away(*arguments)

    monkeypatch.setattr(store, "take_away", late)
    report = await run(store, clock)

    assert ({}, ["k"]) == (report.counts, await keys(store))


async def test_rules_that_change_in_the_middle_of_a_run_have_their_way(
    store: Store, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = await bucket_with(store, rule("before", Expiration={"Days": 1}))
    for key in ("a/1", "b/1"):
        await put(store, bucket, key, b"data")
    clock.advance(2 * DAY_S)
    take_away = store.take_away

    async def late(*arguments: Any) -> Any:
        monkeypatch.setattr(store, "take_away", take_away)
        after = rule("after", Filter={"Prefix": "b/"}, Expiration={"Days": 1})
        await store.put_bucket_document(bucket, DOCUMENT, {"Rule": [after]})
        return await take_away(*arguments)

    monkeypatch.setattr(store, "take_away", late)
    report = await run(store, clock)

    assert ({"after": 1}, ["a/1"]) == (report.rule_counts, await keys(store))


async def test_a_bucket_that_is_deleted_in_the_middle_of_a_run_leaves_nothing(
    store: Store, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = await bucket_with(store, rule(Expiration={"Days": 1}))
    await put(store, bucket, "k", b"old")
    clock.advance(2 * DAY_S)
    take_away = store.take_away

    async def late(*arguments: Any) -> Any:
        await store.delete_object(bucket, "k", None)
        await store.delete_bucket(bucket)
        return await take_away(*arguments)

    monkeypatch.setattr(store, "take_away", late)
    report = await run(store, clock)

    assert ({}, []) == (report.counts, report.errors)
    assert [] == await store.lifecycle_reports(bucket)


# Uploads


async def test_uploads_are_aborted_by_rule(store: Store, clock: SettableClock) -> None:
    bucket = await bucket_with(
        store,
        rule(
            Filter={"Prefix": "a/"},
            AbortIncompleteMultipartUpload={"DaysAfterInitiation": 2},
        ),
    )
    for key in ("a/1", "b/1"):
        upload = await store.create_upload(bucket, VersionDraft(key, "", "owner"), None, None)
        await add_part(store, upload, 1, b"12345")
    clock.advance(2 * DAY_S)
    early = await run(store, clock)
    clock.advance(DAY_S)
    told = await planned(store, clock)

    report = await run(store, clock)

    assert ({}, {"abort-upload": 1}, 5) == (early.counts, report.counts, report.size_bytes)
    assert told.first == report.first
    assert 5 == store.usage(bucket).part_bytes


# Reports, and when it is time


async def test_reports_are_kept_and_tell_what_was_done(store: Store, clock: SettableClock) -> None:
    bucket = await bucket_with(store, rule(Expiration={"Days": 1}))
    for number in range(lifecycle.FIRST_COUNT + 5):
        await put(store, bucket, f"k{number:02}", b"data")
    await run(store, clock)
    clock.advance(2 * DAY_S)

    report = await run(store, clock)

    kept = await store.lifecycle_reports(bucket)
    assert [report.started_ms, report.started_ms - round(2 * DAY_S * 1000)] == [
        one.started_ms for one in kept
    ]
    assert kept[0] == report
    expected = [f"k{number:02}" for number in range(lifecycle.FIRST_COUNT)]
    assert expected == [step.key for step in report.first]


async def test_each_bucket_has_its_turn_once_in_each_interval(
    store: Store, clock: SettableClock
) -> None:
    bucket = await bucket_with(store, rule(Expiration={"Days": 1}))
    await store.create_bucket("other", "owner", "r")
    work = job(store, clock)
    counts = []

    for hours in (0, 1, 22.9, 0.2, -2, 24):
        clock.advance(hours * 3600)
        await work.work_once()
        counts.append(len(await store.lifecycle_reports(bucket)))

    assert [1, 1, 1, 2, 2, 3] == counts  # a clock that was set back takes a report with it
    assert [] == await store.lifecycle_reports(current(store, "other"))


async def test_who_asks_for_everything_waits_for_no_turn(
    store: Store, clock: SettableClock
) -> None:
    bucket = await bucket_with(store, rule(Expiration={"Days": 1}))
    work = job(store, clock)
    await work.work_once()

    clock.advance(1)
    await work.work_once(everything=True)

    assert 2 == len(await store.lifecycle_reports(bucket))


async def test_a_run_tells_how_many_buckets_are_done(
    store: Store, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "two"):
        await bucket_with(store, rule(Expiration={"Days": 1}), name=name)
    work = job(store, clock)
    told: list[tuple[int, int | None, str]] = []
    monkeypatch.setattr(work.rounds, "advance", lambda *progress: told.append(progress))

    await work.work_once()

    assert [(0, 2, "buckets"), (1, 2, "buckets")] == told


async def test_with_a_short_day_every_day_is_one_of_work(
    store: Store, clock: SettableClock
) -> None:
    bucket = await bucket_with(store, rule(Expiration={"Days": 1}))
    await put(store, bucket, "k", b"data")
    work = job(store, clock, day_s=10)
    found = []

    for _ in range(3):
        await work.work_once()
        found.append(await keys(store))
        clock.advance(10)

    assert [["k"], ["k"], []] == found


async def test_a_failure_is_reported_and_stops_no_other_bucket(
    store: Store,
    clock: SettableClock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for name in ("bucket", "second"):
        bucket = await bucket_with(store, rule(Expiration={"Days": 1}), name=name)
        await put(store, bucket, "k", b"data")
    clock.advance(2 * DAY_S)
    take_away = store.take_away

    async def fail(bucket: BucketRecord, *arguments: Any) -> Any:
        if bucket.name == "bucket":
            raise Fault("the disk is asleep")
        return await take_away(bucket, *arguments)

    monkeypatch.setattr(store, "take_away", fail)
    with caplog.at_level(logging.WARNING):
        await job(store, clock).work_once()

    (first,) = await store.lifecycle_reports(current(store))
    (second,) = await store.lifecycle_reports(current(store, "second"))
    assert (["the disk is asleep"], {}) == (first.errors, first.counts)
    assert ([], {"expire": 1}) == (second.errors, second.counts)
    assert "the disk is asleep" in caplog.text


@pytest.mark.parametrize("verb", ["buckets_with_document", "take_away"])
async def test_a_mistake_is_logged_and_ends_nothing_else(
    store: Store,
    clock: SettableClock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    verb: str,
) -> None:
    bucket = await bucket_with(store, rule(Expiration={"Days": 1}))
    await put(store, bucket, "k", b"data")
    clock.advance(2 * DAY_S)

    async def fail(*_: object) -> None:
        raise ValueError("a mistake")

    with monkeypatch.context() as patch, caplog.at_level(logging.ERROR):
        patch.setattr(store, verb, fail)
        await job(store, clock).work_once()
    clock.advance(DAY_S)
    await job(store, clock).work_once()

    assert "a mistake" in caplog.text
    assert [] == await keys(store)


async def test_large_objects_are_taken_away_few_at_a_time(
    store: Store, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lifecycle, "REMOVED_AT_ONCE", 3)
    monkeypatch.setattr(lifecycle, "REMOVED_BYTES_AT_ONCE", 99)
    bucket = await bucket_with(store, rule(Expiration={"Days": 1}))
    for key in "abcdef":
        await put(store, bucket, key, b"1" * (100 if key == "e" else 1))
    clock.advance(2 * DAY_S)
    take_away = store.take_away
    batches = []

    async def watched(bucket: BucketRecord, candidates: list[Candidate], decide: Decide) -> Any:
        batches.append("".join(candidate.step.key for candidate in candidates))
        return await take_away(bucket, candidates, decide)

    monkeypatch.setattr(store, "take_away", watched)
    await run(store, clock)

    assert ["fe", "dcb", "a"] == batches


async def test_the_job_works_until_it_is_cancelled(
    store: Store, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bucket_with(store, rule(Expiration={"Days": 1}))
    rounds: asyncio.Queue[None] = asyncio.Queue()
    work = LifecycleJob(store, clock, interval_s=0, day_s=DAY_S)

    async def fail(_: str) -> list[BucketRecord]:
        rounds.put_nowait(None)
        raise Fault("no index")

    monkeypatch.setattr(store, "buckets_with_document", fail)
    task = asyncio.get_running_loop().create_task(work.run())
    async with asyncio.timeout(30):
        await rounds.get()
        await rounds.get()
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


# A plan lists exactly what a run removes

KEYS = st.sampled_from(["a/1", "a/2", "b/1"])
ACTS = st.one_of(
    st.tuples(
        st.just("put"),
        KEYS,
        st.integers(0, 3),
        st.dictionaries(st.just("t"), st.sampled_from("12")),
        st.sampled_from([UNLOCKED, Lock(COMPLIANCE, 2**50), Lock(legal_hold=True)]),
    ),
    st.tuples(st.just("delete"), KEYS),
    st.tuples(st.just("upload"), KEYS),
    st.tuples(st.just("wait"), st.integers(1, 100)),
)
SCOPES = st.one_of(
    st.just({}),
    st.builds(lambda prefix: {"Prefix": prefix}, st.sampled_from(["a/", "a/1", "b", ""])),
    st.builds(lambda value: {"Tag": {"Key": "t", "Value": value}}, st.sampled_from("12")),
    st.just({"ObjectSizeLessThan": 2}),
)
NONCURRENT = st.builds(
    lambda days, kept: {
        "NoncurrentVersionExpiration": {
            "NoncurrentDays": days,
            **({"NewerNoncurrentVersions": kept} if kept else {}),
        }
    },
    st.integers(1, 3),
    st.integers(0, 2),
)
ACTIONS = st.one_of(
    st.builds(lambda days: {"Expiration": {"Days": days}}, st.integers(1, 3)),
    st.just({"Expiration": {"ExpiredObjectDeleteMarker": True}}),
    st.just({"Expiration": {"Date": MIDNIGHT_MS}}),
    NONCURRENT,
    st.just({"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}}),
)
RULES = st.lists(
    st.builds(lambda scope, action: {"Filter": scope, **action}, SCOPES, ACTIONS),
    min_size=1,
    max_size=3,
)


@asynccontextmanager
async def opened(clock: SettableClock) -> AsyncIterator[Store]:
    with TemporaryDirectory() as directory:
        store = await Store.open(Path(directory) / "data", clock=clock)
        try:
            yield store
        finally:
            await store.close()


async def act(store: Store, clock: SettableClock, bucket: BucketRecord, what: Any) -> None:
    match what:
        case "put", key, size, tags, lock:
            kept = lock if bucket.is_object_lock_enabled else UNLOCKED
            await put(store, bucket, key, b"1" * size, lock=kept)
            if tags:
                await store.amend_version(bucket, key, None, amended(tags=tags))
        case "delete", key:
            await store.delete_object(bucket, key, None)
        case "upload", key:
            await store.create_upload(bucket, VersionDraft(key, "", "owner"), None, None)
        case "wait", hours:
            clock.advance(hours * 3600)
        case _:
            raise ValueError(what)


@settings(max_examples=40, deadline=None)
@given(
    rules=RULES,
    acts=st.lists(ACTS, min_size=5, max_size=25),
    versioning=st.sampled_from([*Versioning, "locked"]),
    page_size=st.sampled_from([1, 2, 1000]),
)
def test_a_plan_lists_exactly_what_a_run_removes(
    rules: list[dict[str, Any]], acts: list[Any], versioning: Versioning | str, page_size: int
) -> None:
    async def compare() -> None:
        clock = SettableClock(MIDNIGHT_MS)
        async with opened(clock) as store:
            bucket, _ = await store.create_bucket(
                "bucket", "owner", "r", is_object_lock_enabled=versioning == "locked"
            )
            if isinstance(versioning, Versioning):
                bucket = await store.set_versioning(bucket, versioning)
            for what in acts:
                await act(store, clock, bucket, what)
            numbered = [rule(f"rule {number}", **one) for number, one in enumerate(rules)]
            await store.put_bucket_document(bucket, DOCUMENT, {"Rule": numbered})
            clock.advance(2 * DAY_S)
            locked = await locked_versions(store)
            told = await planned(store, clock)

            done = await run(store, clock)

            assert told == done
            assert locked == await locked_versions(store)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(expiring, "LOOKED_AT_ONCE", page_size)
        patch.setattr(lifecycle, "FIRST_COUNT", 1000)
        asyncio.run(compare())


async def locked_versions(store: Store) -> list[str]:
    bucket = current(store)
    found = []
    for one in await versions(store):
        record = store.version(bucket, one.key, one.version_id)
        assert record is not None
        if record.lock != UNLOCKED:
            found.append(one.version_id)
    return found
