"""Fixtures that tests of several packages share."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import settings

from ferrox.clock import SettableClock
from ferrox.storage.store import Store
from tests.in_process import InProcess

NOON_MS = 1_790_000_000_000

# How long an example takes says how busy the machine is; pytest-timeout catches what hangs.
settings.register_profile("ferrox", deadline=None)
settings.load_profile("ferrox")


@pytest.fixture
def clock() -> SettableClock:
    """A clock that stands still in September 2026."""
    return SettableClock(NOON_MS)


@pytest.fixture
async def store(tmp_path: Path, clock: SettableClock) -> AsyncIterator[Store]:
    """An empty store."""
    opened = await Store.open(tmp_path / "data", clock=clock)
    yield opened
    await opened.close()


@pytest.fixture
async def s3(store: Store, clock: SettableClock) -> InProcess:
    """The pipeline over an empty store."""
    return InProcess(store, clock)
