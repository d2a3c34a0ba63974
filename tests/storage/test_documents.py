"""The cache of documents, with one process's eyes and with two."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from ferrox.records import BucketRecord
from ferrox.storage.documents import ENTRY_BYTES, DocumentCache
from ferrox.storage.metadata import buckets
from ferrox.storage.metadata.database import Database


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(tmp_path / "index.db")
    yield opened
    await opened.close()


@pytest.fixture
async def neighbour(database: Database, tmp_path: Path) -> AsyncIterator[Database]:
    """The same index, open in what could be another process."""
    opened = await Database.open(tmp_path / "index.db")
    yield opened
    await opened.close()


async def make(database: Database, name: str = "bucket") -> BucketRecord:
    bucket, _ = await database.write(
        lambda tx: buckets.create(tx, name, "owner", "r", 0, is_object_lock_enabled=False)
    )
    return bucket


async def put(database: Database, bucket: BucketRecord, name: str, **document: Any) -> BucketRecord:
    return await database.write(lambda tx: buckets.put_document(tx, bucket, name, document))


def count_reads(database: Database, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A list that grows by every look-up."""
    reads: list[int] = []
    read = database.read

    def counted(function: Any) -> Any:
        reads.append(1)
        return read(function)

    monkeypatch.setattr(database, "read", counted)
    return reads


async def test_a_document_is_looked_up_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = await put(database, await make(database), "cors", a=1)
    reads = count_reads(database, monkeypatch)
    cache = DocumentCache(database)

    found = [cache.find(bucket, "cors") for _ in range(3)]
    missing = [cache.find(bucket, "website") for _ in range(3)]

    assert [{"a": 1}] * 3 == found
    assert found[0] is found[2]
    assert [None] * 3 == missing
    assert 2 == len(reads)


async def test_a_bucket_that_was_never_changed_is_not_looked_at(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = await make(database)
    reads = count_reads(database, monkeypatch)

    assert DocumentCache(database).find(bucket, "cors") is None
    assert [] == reads


async def test_two_processes_see_each_others_changes(
    database: Database, neighbour: Database
) -> None:
    here, there = DocumentCache(database), DocumentCache(neighbour)
    bucket = await put(database, await make(database), "cors", a=1)
    assert {"a": 1} == there.find(bucket, "cors")

    bucket = await put(neighbour, bucket, "cors", a=2)
    changed_there = here.find(bucket, "cors")
    bucket = await database.write(lambda tx: buckets.delete_document(tx, bucket, "cors"))

    assert {"a": 2} == changed_there
    assert there.find(bucket, "cors") is None


async def test_a_request_that_read_its_bucket_early_gets_what_is_newer(database: Database) -> None:
    cache = DocumentCache(database)
    early = await put(database, await make(database), "cors", a=1)
    late = await put(database, early, "cors", a=2)

    assert {"a": 2} == cache.find(early, "cors")
    assert {"a": 2} == cache.find(late, "cors")


async def test_a_bucket_that_is_gone_has_no_documents(database: Database) -> None:
    cache = DocumentCache(database)
    bucket = await put(database, await make(database), "cors", a=1)
    await database.write(lambda tx: buckets.remove(tx, bucket))

    assert cache.find(bucket, "cors") is None


async def test_the_documents_asked_for_last_stay_within_the_limit(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = await make(database)
    for name in "abc":
        bucket = await put(database, bucket, name, v="x" * 100)
    cache = DocumentCache(database, limit_bytes=2 * (ENTRY_BYTES + 120))
    for name in "abac":
        cache.find(bucket, name)
    reads = count_reads(database, monkeypatch)

    kept = [cache.find(bucket, name) for name in "ac"]
    assert [] == reads
    cache.find(bucket, "b")

    assert [{"v": "x" * 100}] * 2 == kept
    assert 1 == len(reads)


async def test_a_document_larger_than_the_cache_is_found_all_the_same(database: Database) -> None:
    cache = DocumentCache(database, limit_bytes=100)
    bucket = await put(database, await make(database), "cors", v="x" * 200)

    assert {"v": "x" * 200} == cache.find(bucket, "cors")
    assert {"v": "x" * 200} == cache.find(bucket, "cors")
