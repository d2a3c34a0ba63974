"""Fixtures of the tests of exports."""

from pathlib import Path

import pytest

from tests.storage.portable.filling import fill, make_empty


@pytest.fixture
async def full(tmp_path: Path) -> Path:
    """A data directory with settings of every kind."""
    await fill(tmp_path / "full")
    return tmp_path / "full"


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """A data directory in which there is nothing yet."""
    make_empty(tmp_path / "empty")
    return tmp_path / "empty"
