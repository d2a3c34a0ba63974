"""Both sides compared after everything was copied: their listings, and if asked for their bytes.

What differs in listings is what another run would copy: the same comparison decides. Bytes are read
from both sides at once and held against one another block by block; nothing of an object is kept.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Sequence

from ferrox.migration.bodies import Reader, Wanted
from ferrox.migration.entries import Entry
from ferrox.migration.faults import Hindrance
from ferrox.migration.listing import Both
from ferrox.migration.plan import KeyPlan
from ferrox.migration.report import BucketReport
from ferrox.migration.sides import Pair, Sides

Decide = Callable[[Sequence[Entry], Sequence[Entry]], KeyPlan]

_QUEUED = 4


class Verification:
    """Compares what both sides have of a bucket."""

    def __init__(self, sides: Sides, report: BucketReport, workers: int) -> None:
        self._sides = sides
        self._report = report
        self._workers = workers
        self._target_reader = Reader(sides.target, sides.bandwidth)

    async def run(
        self, pair: Pair, keys: AsyncIterator[Both], decide: Decide, *, reads: bool
    ) -> None:
        """Compare listings, and with `reads` the bytes of what is the same in them."""
        queue: asyncio.Queue[Entry] = asyncio.Queue(self._workers * _QUEUED)
        known = {(problem.what, problem.version_id) for problem in self._report.problems}
        try:
            async with asyncio.TaskGroup() as group:
                workers = [group.create_task(self._work(pair, queue)) for _ in range(self._workers)]
                async for both in keys:
                    planned = decide(both.source, both.target)
                    self._report.verified += len(planned.present)
                    for entry in planned.copy:
                        if (entry.key, entry.version_id) not in known:
                            message = "the target has it not, or not so"
                            what, version_id = entry.key, entry.version_id
                            self._report.problem(what, version_id, "Different", message)
                    for entry in planned.present if reads else ():
                        if not entry.is_marker:
                            await queue.put(entry)
                await queue.join()
                for worker in workers:
                    worker.cancel()
        except BaseExceptionGroup as failures:
            raise failures.exceptions[0] from None

    async def _work(self, pair: Pair, queue: "asyncio.Queue[Entry]") -> None:
        while True:
            entry = await queue.get()
            await self._read(pair, entry)
            queue.task_done()

    async def _read(self, pair: Pair, entry: Entry) -> None:
        version_id = entry.version_id or None
        wanted = Wanted(pair.source, entry.key, version_id, entry.etag, 0, entry.size_bytes)
        try:
            async with self._sides.slots:
                source, target = await asyncio.gather(
                    _digest(self._sides.reader, wanted),
                    _digest(self._target_reader, wanted._replace(bucket=pair.target)),
                )
        except (Hindrance, OSError) as error:
            code = error.code if isinstance(error, Hindrance) else "Unreachable"
            self._report.problem(entry.key, entry.version_id, code, f"not verified: {error}")
            return
        self._report.verified_bytes += entry.size_bytes
        if source != target:
            message = "the bytes are not the same on both sides"
            self._report.problem(entry.key, entry.version_id, "DifferentBytes", message)


async def _digest(reader: Reader, wanted: Wanted) -> bytes:
    sha256 = hashlib.sha256()
    async for block in reader.blocks(wanted):
        sha256.update(block)
    return sha256.digest()
