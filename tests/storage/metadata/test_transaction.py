"""What the functions of a transaction leave to be written at its end."""

from pathlib import Path

import pytest

from ferrox.records import Usage
from ferrox.storage.metadata.database import Database, Tx
from tests.storage.metadata.batches import in_one_batch
from tests.storage.metadata.index import Index


def usage(index: Index) -> Usage:
    select = "SELECT object_count, version_count, size_bytes, part_bytes FROM bucket_usage"
    return Usage._make(index.database.read(lambda reader: reader.execute(select).fetchone()))


async def test_changes_of_a_batch_are_written_as_their_sum(index: Index) -> None:
    bucket_id = index.bucket.bucket_id

    await in_one_batch(
        index.database,
        lambda tx: tx.count(bucket_id, objects=1, versions=2, size_bytes=3),
        lambda tx: tx.count(bucket_id, versions=-1, part_bytes=5),
    )

    assert Usage(1, 1, 3, 5) == usage(index)


async def test_a_function_sees_what_earlier_ones_left(index: Index) -> None:
    bucket_id = index.bucket.bucket_id

    results = await in_one_batch(
        index.database,
        lambda tx: tx.change_of(bucket_id),
        lambda tx: tx.count(bucket_id, objects=1),
        lambda tx: tx.change_of(bucket_id),
    )

    assert [Usage(), None, Usage(1)] == results


async def test_what_a_function_left_goes_with_it(index: Index) -> None:
    bucket_id = index.bucket.bucket_id

    def fail(tx: Tx) -> None:
        tx.count(bucket_id, objects=10)
        raise KeyError

    def count(tx: Tx) -> None:
        tx.count(bucket_id, objects=1)

    results = await in_one_batch(index.database, count, fail, count)
    with pytest.raises(KeyError):
        await index.database.write(fail)

    assert isinstance(results[1], KeyError)
    assert Usage(2) == usage(index)


async def test_what_is_counted_for_a_bucket_that_goes_is_forgotten(index: Index) -> None:
    bucket_id = index.bucket.bucket_id

    def remove(tx: Tx) -> None:
        tx.count(bucket_id, objects=1)
        tx.execute("DELETE FROM bucket_usage")

    await index.database.write(remove)

    assert [] == await index.rows("SELECT * FROM bucket_usage")


async def test_numbers_are_never_used_again(tmp_path: Path) -> None:
    async def numbers() -> list[int]:
        database = await Database.open(tmp_path / "index.db")
        insert = (
            "INSERT INTO versions (version, bucket_id, key, version_id, is_delete_marker,"
            " size_bytes, modified_ms, etag, storage_class, owner_id)"
            " VALUES (?, 1, 'k', 'v', 0, 0, 0, '', '', '')"
        )

        def work(tx: Tx) -> list[int]:
            given = [tx.next_version() for _ in range(3)]
            tx.execute(insert, given[:1])
            tx.execute("UPDATE versions SET version = ?", (given[2],))
            tx.execute("DELETE FROM versions")
            return given

        first, second = await in_one_batch(database, work, work)
        await database.close()
        return [*first, *second]

    assert [1, 2, 3, 4, 5, 6] == await numbers()
    assert [7, 8, 9, 10, 11, 12] == await numbers()
