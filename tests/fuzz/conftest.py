"""Targets keep loops and servers from one input to the next; after the last test they let go."""

from collections.abc import Iterator

import pytest

from tests.fuzz.target import KEPT


@pytest.fixture(scope="session", autouse=True)
def _kept() -> Iterator[None]:
    with KEPT:
        yield
