"""What every copy works with: both sides, how much at a time, who is told."""

import asyncio
from collections.abc import Callable
from typing import NamedTuple

from ferrox.migration.bodies import Bandwidth, Reader
from ferrox.migration.client import S3
from ferrox.migration.journal import Journal


class Pair(NamedTuple):
    """A bucket of the source, and the one that it is copied into."""

    source: str
    target: str


class Sides(NamedTuple):
    """Both sides of a migration.

    slots      as many transfers go on at a time as it has
    told       is told of bytes as they come
    note       is told what the target could not do
    """

    source: S3
    target: S3
    slots: asyncio.Semaphore
    bandwidth: Bandwidth
    journal: Journal
    told: Callable[[int], None]
    note: Callable[[str], None]

    @property
    def reader(self) -> Reader:
        """Who reads the source."""
        return Reader(self.source, self.bandwidth, self.told)
