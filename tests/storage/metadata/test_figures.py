"""Figures of the index: what is counted along is what there is."""

import sqlite3
from collections.abc import Iterable
from contextlib import suppress
from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from ferrox.records import BucketRecord
from ferrox.storage.metadata import figures, findings, references, scrubbing
from ferrox.storage.metadata.figures import Figures
from ferrox.storage.metadata.schema import migrate
from ferrox.storage.metadata.scrubbing import Pass
from ferrox.storage.metadata.transaction import Tx
from ferrox.storage.store import Store
from tests.storage.metadata.index import Index, blob
from tests.storage.verbs import pattern, put

BLOB_SUMS = "SELECT count(*), coalesce(sum(size_bytes), 0) FROM blobs"


def read(index: Index, most_buckets: int = 10) -> Figures:
    return index.database.read(lambda reader: figures.read(reader, most_buckets))


async def test_an_empty_index_has_nothing(index: Index) -> None:
    found = read(index)

    assert (0, 0, 0, None, {}, 0, None) == (
        found.blob_count, found.blob_bytes, found.garbage_count, found.garbage_since_ms,
        found.deliveries, found.finding_count, found.scrubbed_ms,
    )  # fmt: skip


@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["introduce", "share", "drop"]), st.integers(1, 5)), max_size=25
    )
)
def test_blobs_are_counted_along_whatever_is_done(steps: Iterable[tuple[str, int]]) -> None:
    tx = sqlite3.connect(":memory:", isolation_level=None, factory=Tx)
    migrate(tx)
    known: set[int] = set()
    for step, number in steps:
        match step:
            case "introduce":
                references.introduce(tx, [blob(number)])
                tx.execute("DELETE FROM garbage WHERE name = ?", (blob(number).blob_name,))
                known.add(number)
            case "share" if number in known:
                references.share(tx, [blob(number)])
            case "drop" if number in known:
                references.drop(tx, [blob(number)], 1)
                if not tx.execute(
                    "SELECT 1 FROM blobs WHERE name = ?", (blob(number).blob_name,)
                ).fetchone():
                    known.remove(number)

        found = figures.read(tx, 1)
        assert tx.execute(BLOB_SUMS).fetchone() == (found.blob_count, found.blob_bytes)
    tx.close()


async def test_what_is_undone_is_not_counted(index: Index) -> None:
    def work(tx: Tx) -> None:
        references.introduce(tx, [blob(1)])
        raise ZeroDivisionError

    with suppress(ZeroDivisionError):
        await index.write(work)

    assert 0 == read(index).blob_count


async def test_garbage_is_counted_and_the_oldest_of_it_known(index: Index) -> None:
    extents = [blob(number) for number in (1, 2, 3)]
    await index.write(lambda tx: references.introduce(tx, extents))
    for extent, now_ms in zip(extents, (300, 100, 200), strict=True):
        await index.write(partial(references.drop, extents=[extent], now_ms=now_ms))

    found = read(index)

    assert (0, 3, 100) == (found.blob_count, found.garbage_count, found.garbage_since_ms)


async def test_the_scrub_is_told_of(index: Index) -> None:
    await index.write(lambda tx: references.introduce(tx, [blob(1)]))
    await index.write(
        lambda tx: findings.note(tx, [(findings.BLOB, blob(1).blob_name, "damaged")], 1, 5)
    )
    for one in (Pass(0, 1, 1), Pass(1, 2, 70), Pass(2, 80)):
        await index.write(partial(scrubbing.keep, one=one))

    found = read(index)

    assert (1, 70) == (found.finding_count, found.scrubbed_ms)


async def test_a_pass_that_never_was_is_no_scrub(index: Index) -> None:
    await index.write(lambda tx: scrubbing.keep(tx, Pass(0, 1, 1)))

    assert read(index).scrubbed_ms is None


async def test_buckets_are_summed_up_and_those_that_hold_most_named(
    store: Store, bucket: BucketRecord
) -> None:
    large, _ = await store.create_bucket("large", "owner", "us-east-1")
    await store.create_bucket("empty", "owner", "us-east-1")
    await put(store, bucket, "a", b"four")
    await put(store, large, "a", pattern(100_000))
    await put(store, large, "b", b"more")

    found = await store.figures(2)

    assert (3, 3, 3, 100_008) == (
        found.bucket_count, found.usage.object_count, found.usage.version_count,
        found.usage.size_bytes,
    )  # fmt: skip
    assert {"large": store.usage(large), "bucket": store.usage(bucket)} == found.largest
    assert (1, 100_000) == (found.blob_count, found.blob_bytes)
