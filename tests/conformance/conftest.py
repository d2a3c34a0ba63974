"""What every case here begins with: one empty bucket called "bucket"."""

import pytest

from tests.in_process import InProcess


@pytest.fixture
async def bucket(s3: InProcess) -> InProcess:
    """The server, with an empty bucket."""
    await s3.make_bucket()
    return s3
