"""Fixtures of the tests of a whole store."""

import pytest

from ferrox.records import BucketRecord
from ferrox.storage.store import Store


@pytest.fixture
async def bucket(store: Store) -> BucketRecord:
    made, _ = await store.create_bucket("bucket", "owner", "us-east-1")
    return made
