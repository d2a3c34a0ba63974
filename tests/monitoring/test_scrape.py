"""Everything that is told, gathered of a real store."""

import asyncio
import re
from collections import Counter

import pytest

from ferrox import __version__, metrics
from ferrox.clock import SettableClock
from ferrox.errors import Fault
from ferrox.instruments import Panel
from ferrox.monitoring import exposition
from ferrox.monitoring.scrape import Scrape
from ferrox.records import BucketRecord
from ferrox.slots import Slots
from ferrox.storage.store import Store
from tests.storage.verbs import pattern, put

SAMPLE = re.compile(r"^(\w+)(?:\{(.*)\})? (\S+)$", re.MULTILINE)


@pytest.fixture
async def bucket(store: Store) -> BucketRecord:
    made, _ = await store.create_bucket("bucket", "owner", "us-east-1")
    return made


async def told(scrape: Scrape, *, names_buckets: bool = True) -> dict[tuple[str, str], float]:
    """Name and labels → value."""
    written = await scrape.write("", names_buckets=names_buckets)
    return {
        (name, labels): float(value)
        for name, labels, value in SAMPLE.findall(written.text.decode())
    }


async def test_every_metric_of_the_table_is_told(store: Store, clock: SettableClock) -> None:
    text = (await Scrape(store, clock, 10).write("", names_buckets=True)).text.decode()

    announced = re.findall(r"^# TYPE (\w+) (\w+)$", text, re.MULTILINE)
    expected = [(one.name, one.kind) for one in metrics.TABLE]
    expected.remove((metrics.SCRUB_LAST_END.name, "gauge"))  # there was none
    assert expected == announced


async def test_what_is_stored_is_told(
    store: Store, bucket: BucketRecord, clock: SettableClock
) -> None:
    await put(store, bucket, "a", pattern(100_000))
    version = await put(store, bucket, "b", pattern(200_000))
    await store.delete_object(bucket, "b", version.version_id)
    clock.advance(7)

    found = await told(Scrape(store, clock, 10))

    assert (1, 1, 1, 100_000, 0) == (
        found["ferrox_buckets", ""], found["ferrox_objects", ""], found["ferrox_versions", ""],
        found["ferrox_version_bytes", ""], found["ferrox_part_bytes", ""],
    )  # fmt: skip
    assert 100_000 == found["ferrox_bucket_version_bytes", 'bucket="bucket"']
    assert (1, 100_000) == (found["ferrox_blobs", ""], found["ferrox_blob_bytes", ""])
    assert (1, 7) == (
        found["ferrox_garbage_blobs", ""], found["ferrox_garbage_oldest_age_seconds", ""],
    )  # fmt: skip
    assert 0 == found["ferrox_read_only", ""]


async def test_whoever_shows_nothing_is_told_no_names_of_buckets(
    store: Store, bucket: BucketRecord, clock: SettableClock
) -> None:
    made, _ = await store.create_bucket("a-secret-of-its-own", "owner", "us-east-1")
    scrape = Scrape(store, clock, 10)

    written = await scrape.write("", names_buckets=False)

    assert made.name.encode() not in written.text
    assert b"ferrox_buckets 2.0" in written.text
    assert ("ferrox_bucket_objects", f'bucket="{made.name}"') in await told(scrape)


async def test_only_so_many_buckets_are_told_of_one_by_one(
    store: Store, bucket: BucketRecord, clock: SettableClock
) -> None:
    await put(store, bucket, "a", b"x")
    await store.create_bucket("another", "owner", "us-east-1")

    found = await told(Scrape(store, clock, 1))

    assert ['bucket="bucket"'] == [
        name for metric, name in found if metric == "ferrox_bucket_objects"
    ]
    assert 2 == found["ferrox_buckets", ""]


async def test_a_store_that_is_read_only_says_so(store: Store, clock: SettableClock) -> None:
    store._database.refuse_writes("the drive failed")

    assert 1 == (await told(Scrape(store, clock, 10)))["ferrox_read_only", ""]


async def test_targets_are_told_of_before_anything_waits_for_them(
    store: Store, clock: SettableClock
) -> None:
    found = await told(Scrape(store, clock, 10, ["orders"]))

    assert (0, 0) == (
        found["ferrox_events_waiting", 'target="orders"'],
        found["ferrox_events_dead", 'target="orders"'],
    )


async def test_an_index_that_cannot_be_read_takes_nothing_else_away(
    store: Store, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_count: int) -> None:
        raise Fault("the index cannot be read")

    monkeypatch.setattr(store, "figures", broken)

    found = await told(Scrape(store, clock, 10))

    assert ("ferrox_requests_in_flight", "") in found
    assert ("ferrox_objects", "") not in found


async def test_a_drive_that_is_gone_takes_nothing_else_away(
    store: Store, clock: SettableClock
) -> None:
    store.data_dir.blobs_path.rmdir()

    found = await told(Scrape(store, clock, 10))

    assert 0 == found["ferrox_read_only", ""]
    assert ("ferrox_drive_bytes", "") not in found
    assert ("ferrox_objects", "") in found


async def test_processes_are_told_of_by_their_places(store: Store, clock: SettableClock) -> None:
    panel = Panel()
    slots = Slots(3)
    for number in range(3):
        panel.share(slots, number)

    found = await told(Scrape(store, clock, 10, panel=panel))

    assert ["worker-0", "worker-1", "supervisor"] == [
        labels.split('"')[1] for name, labels in found if name == "ferrox_process_open_fds"
    ]
    assert found["ferrox_start_time_seconds", ""] > 0
    assert any(__version__ in labels for name, labels in found if name == "ferrox_build_info")


async def test_many_who_ask_at_once_share_what_is_gathered(
    store: Store, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    gathered = 0
    figures = store.figures

    async def counted(count: int) -> object:
        nonlocal gathered
        gathered += 1
        return await figures(count)

    monkeypatch.setattr(store, "figures", counted)
    scrape = Scrape(store, clock, 10)

    await asyncio.gather(*[scrape.write("", names_buckets=False) for _ in range(20)])

    assert 1 == gathered


async def test_what_is_gathered_is_written_once_for_all_who_want_it_alike(
    store: Store, bucket: BucketRecord, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Writing took seven milliseconds for each of any number of clients, who need no key."""
    ends: list[str] = []
    end = exposition.end

    def counted(media_type: str) -> bytes:
        ends.append(media_type)
        return end(media_type)

    monkeypatch.setattr(exposition, "end", counted)
    scrape = Scrape(store, clock, 10)

    found = await asyncio.gather(
        *[scrape.write("", names_buckets=False) for _ in range(10)],
        *[scrape.write("", names_buckets=True) for _ in range(10)],
        *[scrape.write("application/openmetrics-text", names_buckets=True) for _ in range(10)],
    )

    assert Counter({exposition.TEXT: 2, exposition.OPEN_METRICS: 1}) == Counter(ends)
    named = f'bucket="{bucket.name}"'.encode()
    assert [False, True, True] == [named in found[at].text for at in (9, 10, 29)]


async def test_whoever_asks_learns_what_happened_before(store: Store, clock: SettableClock) -> None:
    scrape = Scrape(store, clock, 10)

    seen = []
    for _ in range(3):
        metrics.ABORTED.inc()
        seen.append((await told(scrape))[metrics.ABORTED.name, ""])

    assert [0, 1, 2] == [count - seen[0] for count in seen]


async def test_a_gathering_that_fails_does_not_fail_the_next(
    store: Store, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    scrape = Scrape(store, clock, 10)
    with monkeypatch.context() as broken:
        broken.setattr(store, "drive", lambda: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            await scrape.write("", names_buckets=False)

    assert (await scrape.write("", names_buckets=False)).text
