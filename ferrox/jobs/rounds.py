"""Rounds: a job works, rests, and works again; who asks for it shortens the rest."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator
from typing import NamedTuple, Never

from ferrox import metrics
from ferrox.clock import Clock


class Progress(NamedTuple):
    """How far a round is.

    total  None where nobody knows; may be less than what turns out to be done, as others go on
           adding and removing
    unit   what is counted, as a plural: "buckets", "bytes"
    """

    done: int
    total: int | None
    unit: str


class Rounds:
    """The rounds of one job, and what an operator wants to know of them.

    name        what the job is called
    count       rounds that have come to their end
    began_ms    when the last one began, ended_ms when the last one that has ended did; None: none
    is_working  whether one is under way
    progress    how far that one is; None: none is, or it cannot tell
    """

    def __init__(self, name: str, clock: Clock) -> None:
        self.name = name
        self.count = 0
        self.began_ms: int | None = None
        self.ended_ms: int | None = None
        self.is_working = False
        self.progress: Progress | None = None
        self._clock = clock
        self._asked = asyncio.Event()
        metrics.JOB_WORKING.set(0, name)
        metrics.JOB_ROUNDS.inc(0, name)

    @contextlib.contextmanager
    def round(self) -> Iterator[None]:
        """One round for the length of a block."""
        self._asked.clear()
        self.began_ms, self.is_working = self._clock.now_ms(), True
        metrics.JOB_WORKING.set(1, self.name)
        try:
            yield
        finally:
            self.is_working, self.progress = False, None
            self.ended_ms, self.count = self._clock.now_ms(), self.count + 1
            metrics.JOB_WORKING.set(0, self.name)
            metrics.JOB_LAST_END.set(self.ended_ms / 1000, self.name)
            metrics.JOB_ROUNDS.inc(1, self.name)

    def advance(self, done: int, total: int | None, unit: str) -> None:
        """Say how far the round is that is under way; see `Progress`."""
        self.progress = Progress(done, total, unit)
        metrics.JOB_DONE.set(done, self.name, unit)
        if total is not None:
            metrics.JOB_EXPECTED.set(total, self.name, unit)

    async def repeat(self, work: Callable[[], Awaitable[object]], pause_s: float) -> Never:
        """One round of work after the other, with so much rest in between, until cancelled."""
        while True:
            with self.round():
                await work()
            await self.rest(pause_s)

    async def rest(self, pause_s: float) -> bool:
        """Wait for the next round; return whether somebody asked for it before it was time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause_s):
                await self._asked.wait()
        return self._asked.is_set()

    def ask(self) -> None:
        """Have the next round begin at once, or right after the one that is under way."""
        self._asked.set()
