"""Accounts, users and roles for the tests of STS."""

import pytest

from tests.in_process import InProcess
from tests.sessions import World


@pytest.fixture
async def world(s3: InProcess) -> World:
    """Two accounts over an empty store."""
    return await World.open(s3)
