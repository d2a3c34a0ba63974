"""metadata/scrubbing.py: what a pass goes through, page by page; those of the job damage it."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ferrox.records import BucketRecord
from ferrox.storage.metadata import scrubbing
from ferrox.storage.metadata.scrubbing import Pass
from ferrox.storage.store import Store
from tests.storage.verbs import BIG, pattern, put

LARGE = pattern(100_000)


@pytest.fixture
async def bucket(store: Store) -> BucketRecord:
    made, _ = await store.create_bucket("bucket", "owner", "us-east-1")
    return made


async def test_blobs_come_in_order_and_in_pages(
    store: Store, bucket: BucketRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scrubbing, "BLOBS_AT_ONCE", 2)
    names = sorted([(await put(store, bucket, f"k{n}", LARGE)).extents[0][0] for n in range(5)])
    pages, after = [], b""

    while page := await store.scrubbing.blob_names(after):
        pages.append(page)
        after = page[-1]

    assert [names[:2], names[2:4], names[4:]] == pages


@pytest.mark.parametrize("at_once", [1, 2, 3, 100])
async def test_bytes_are_counted_in_pages(
    store: Store, bucket: BucketRecord, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(scrubbing, "COUNTED_AT_ONCE", at_once)
    for number in range(3):
        await put(store, bucket, f"blob{number}", LARGE)
        await put(store, bucket, f"inline{number}", b"12345")

    async def pace(_: int) -> None:
        return

    counts = [await store.scrubbing.count(is_inline=one, pace=pace) for one in (False, True)]

    assert [3 * len(LARGE), 15] == counts


async def test_versions_are_judged_in_pages(store: Store, bucket: BucketRecord) -> None:
    for number in range(3):
        await put(store, bucket, f"k{number}", LARGE[: BIG * number])

    first = await store.scrubbing.versions(0, 2)
    second = await store.scrubbing.versions(first.last, 2)
    third = await store.scrubbing.versions(second.last, 2)

    assert [2, 1, 0] == [one.row_count for one in (first, second, third)]
    assert [] == first.problems + second.problems


async def test_only_some_passes_are_remembered(store: Store) -> None:
    for number in range(scrubbing.KEPT_PASSES + 3):
        await store.scrubbing.keep(Pass(number, number, after=["u", number]))

    passes = await store.scrubbing.passes()

    assert list(range(scrubbing.KEPT_PASSES + 2, 2, -1)) == [one.number for one in passes]
    assert ["u", 12] == passes[0].after


def test_a_database_is_judged_by_sqlite(tmp_path: Path) -> None:
    path = tmp_path / "some.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute('CREATE TABLE "it\'s" (a, b)')
        rows = [(number, os.urandom(500)) for number in range(200)]
        database.executemany('INSERT INTO "it\'s" VALUES (?, ?)', rows)
        database.commit()
    sound = scrubbing.QuickCheck(path).run()
    with path.open("r+b") as file:
        file.seek(4096 * 3 + 8)  # where the first cell of a page is
        file.write(b"\xff\xff")

    damaged = scrubbing.QuickCheck(path).run()

    assert (None, True) == sound
    assert damaged[0] is not None
    assert damaged[0].startswith("table it's: ")


def test_a_database_that_is_none_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "some.db"
    path.write_bytes(b"nothing of the kind" * 1000)

    problem, is_whole = scrubbing.QuickCheck(path).run()

    assert ("it cannot be read: file is not a database", True) == (problem, is_whole)


def test_a_check_that_is_stopped_says_nothing(tmp_path: Path) -> None:
    check = scrubbing.QuickCheck(tmp_path / "some.db")
    with closing(sqlite3.connect(tmp_path / "some.db")) as database:
        database.execute("CREATE TABLE a (b)")

    check.stop()

    assert (None, False) == check.run()
