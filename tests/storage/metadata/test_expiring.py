"""What the rules are told of each version, and in which order they are asked."""

from typing import Any

import pytest

from ferrox.lifecycle_records import LifecycleAction, LifecycleVerdict, VersionState
from ferrox.records import BucketRecord, VersionDraft, Versioning
from ferrox.storage.metadata import expiring
from ferrox.storage.metadata.database import Database, Reader
from ferrox.storage.metadata.expiring import Page
from ferrox.storage.store import Store
from tests.storage.verbs import put

NOW_MS = 1_790_000_000_000


class Witness:
    """Somebody who decides nothing and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []

    def __call__(self, state: VersionState) -> LifecycleVerdict | None:
        is_current = state.noncurrent_ms is None
        newer_count = None if is_current else state.count_newer()
        self.asked.append((state.key, state.size_bytes, is_current, state.is_only, newer_count))
        return None


def database_of(store: Store) -> Database:
    return store._database


async def pages(store: Store, bucket: BucketRecord, prefix: str, limit: int) -> list[Any]:
    witness = Witness()
    position: Any = None
    while True:

        def look(reader: Reader, position: Any = position) -> Page:
            return expiring.page(
                reader, bucket, prefix, position, witness, now_ms=NOW_MS, limit=limit
            )

        position = (await database_of(store).read_long(look)).position
        if position is None:
            return witness.asked


@pytest.fixture
async def filled(store: Store) -> BucketRecord:
    bucket, _ = await store.create_bucket("bucket", "owner", "r")
    bucket = await store.set_versioning(bucket, Versioning.ENABLED)
    for key, size in (("a/1", 1), ("a/2", 1), ("a/1", 2), ("b", 1), ("a/1", 3)):
        await put(store, bucket, key, b"1" * size)
    return bucket


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 6, 1000])
async def test_every_version_is_asked_about_once_the_oldest_of_a_key_first(
    store: Store, filled: BucketRecord, limit: int
) -> None:
    everything = await pages(store, filled, "", limit)
    below = await pages(store, filled, "a/", limit)

    a = [
        ("a/2", 1, True, True, None),
        ("a/1", 1, False, False, 1),
        ("a/1", 2, False, False, 0),
        ("a/1", 3, True, False, None),
    ]
    assert [("b", 1, True, True, None), *a] == everything
    assert a == below


async def test_a_scan_sorts_nothing(store: Store, filled: BucketRecord) -> None:
    for select, values in (
        (expiring._EARLIER_KEYS, (1, "", "z", 10)),
        (expiring._NEWER_OF_KEY, (1, "a/1", 0, 10)),
        (expiring._UPLOADS, (1, "", "", "z", 10)),
    ):
        rows = await database_of(store).read_long(
            lambda reader, select=select, values=values: reader.execute(  # type: ignore[misc]
                f"EXPLAIN QUERY PLAN {select}", values
            ).fetchall()
        )

        steps = " | ".join(row[3] for row in rows)
        assert "TEMP B-TREE" not in steps
        assert "SCAN" not in steps


async def test_counting_newer_versions_stops_where_no_rule_asks_further(
    store: Store, filled: BucketRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expiring, "MOST_COUNTED", 1)
    for _ in range(5):
        await put(store, filled, "a/1", b"")

    counts = [asked[4] for asked in await pages(store, filled, "a/1", 100)]

    assert [1, 1, 1, 1, 1, 1, 0, None] == counts


async def test_a_version_that_is_gone_or_another_matter_now_is_left_alone(
    store: Store, filled: BucketRecord
) -> None:
    witness = Witness()
    version = store.version(filled, "b")
    assert version is not None

    async def take_away(number: int) -> Any:
        return await database_of(store).write(
            lambda tx: expiring.take_away(tx, filled, number, witness, now_ms=NOW_MS)
        )

    assert [None, None] == [await take_away(10_000), await take_away(version.version)]
    assert [("b", 1, True, True, None)] == witness.asked


async def test_uploads_are_found_page_by_page_and_are_aborted_once(
    store: Store, filled: BucketRecord
) -> None:
    verdict = LifecycleVerdict(LifecycleAction.ABORT_UPLOAD, "rule")
    for key in ("a/1", "a/1", "b"):
        await store.create_upload(filled, VersionDraft(key, "", "owner"), None, None)
    found: list[Any] = []
    position: Any = None
    while True:

        def look(reader: Reader, position: Any = position) -> Page:
            return expiring.upload_page(
                reader, filled, "a/", position, lambda _key, _begun: verdict, limit=1
            )

        page = await database_of(store).read_long(look)
        found += page.candidates
        position = page.position
        if position is None:
            break

    done = [await store.abort_expired(filled, found) for _ in range(2)]

    assert (["a/1", "a/1"], [found, []]) == ([one.step.key for one in found], done)
