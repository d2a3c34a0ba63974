"""The caller of IAM in tests: the root of an account."""

import pytest

from tests.in_process import InProcess
from tests.queries import Queries


@pytest.fixture
async def root(s3: InProcess) -> Queries:
    """The root of the account, over an empty store."""
    return Queries(s3)
