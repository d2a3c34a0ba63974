"""Fixtures of the tests of backups."""

import shutil
from pathlib import Path

import pytest

from ferrox.clock import SettableClock
from ferrox.storage.store import Store
from tests.conftest import NOON_MS
from tests.storage.backup.filling import back_up, fill


@pytest.fixture
async def data_dir(tmp_path: Path) -> Path:
    """A data directory that no server uses."""
    store = await Store.open(tmp_path / "data", clock=SettableClock(NOON_MS))
    await fill(store)
    await store.close()
    return tmp_path / "data"


@pytest.fixture
def made(data_dir: Path, tmp_path: Path) -> Path:
    """A place with one snapshot of it."""
    back_up(data_dir, tmp_path / "made")
    return tmp_path / "made"


@pytest.fixture
def place_path(made: Path, tmp_path: Path) -> Path:
    """A copy of that, to be damaged."""
    return Path(shutil.copytree(made, tmp_path / "place"))
