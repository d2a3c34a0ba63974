"""Patience: what fails in passing is tried again, later and later, with chance in between."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from typing import NamedTuple, TypeVar

from ferrox.migration.faults import Changed, Refused, WrongBytes

T = TypeVar("T")

_MOST_DOUBLINGS = 16


class Patience(NamedTuple):
    """How often something is tried, and how long is waited in between.

    pause_s  at most, before the second attempt; doubled before each further one
    """

    attempts: int = 8
    pause_s: float = 0.4
    most_pause_s: float = 20.0

    def pause(self, attempt: int) -> float:
        """Seconds before the next attempt: by chance, so that those who failed together part."""
        doubled_s: float = self.pause_s * 2 ** min(attempt, _MOST_DOUBLINGS)
        most_s = min(doubled_s, self.most_pause_s)
        return most_s * (1 + secrets.randbelow(1000) / 1000) / 2

    async def persist(
        self, attempt: Callable[[], Awaitable[T]], *, but: type[Exception] | tuple[()] = ()
    ) -> T:
        """Do it again and again, until it is done, fails for good, or has failed too often.

        but  what somebody else has to be patient with
        """
        failures = 0
        while True:
            try:
                return await attempt()
            except Exception as error:
                failures += 1
                if isinstance(error, but) or not is_passing(error) or failures >= self.attempts:
                    raise
            await asyncio.sleep(self.pause(failures - 1))


def is_passing(error: Exception) -> bool:
    """Whether something that went wrong may go well another time."""
    if isinstance(error, Refused):
        return error.is_passing
    return isinstance(error, OSError | WrongBytes | Changed)
