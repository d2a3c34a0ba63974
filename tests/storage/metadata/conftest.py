"""An open index, with and without a bucket in it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ferrox.storage.metadata import buckets
from ferrox.storage.metadata.database import Database
from tests.storage.metadata.index import Index


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """An empty index."""
    opened = await Database.open(tmp_path / "index.db")
    yield opened
    await opened.close()


@pytest.fixture
async def index(database: Database) -> Index:
    """An index with one bucket."""
    bucket, _ = await database.write(
        lambda tx: buckets.create(tx, "bucket", "owner", "r", 0, is_object_lock_enabled=False)
    )
    return Index(database, bucket)
