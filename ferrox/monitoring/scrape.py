"""Scrape: everything is gathered and written down when somebody asks for it.

What processes count lies in memory that they share, so any of them can tell of all. What the index
says is read on a thread; what the kernel says takes less than a millisecond a process. Families are
written one by one, and whatever else is to do comes in between.

However many ask, there is one gathering at a time, and it begins LEAST_INTERVAL_S after the one
before at the earliest: who comes meanwhile gets what the next one brings. To write it down costs
more than to gather it, so that is done once for all who want it alike.
"""

import asyncio
import logging
import platform
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ferrox import __version__, metrics
from ferrox.clock import Clock
from ferrox.errors import Fault
from ferrox.instruments import Found, Panel, Reading
from ferrox.monitoring import processes
from ferrox.monitoring.family import Family, counted, one, several
from ferrox.monitoring.processes import Process
from ferrox.records import Usage
from ferrox.storage.metadata.figures import Figures
from ferrox.storage.store import Store

LEAST_INTERVAL_S = 0.1

SUPERVISOR = "supervisor"

log = logging.getLogger("ferrox.monitoring")

_OF_BUCKET = {
    metrics.BUCKET_OBJECTS: Usage._fields.index("object_count"),
    metrics.BUCKET_VERSIONS: Usage._fields.index("version_count"),
    metrics.BUCKET_VERSION_BYTES: Usage._fields.index("size_bytes"),
    metrics.BUCKET_PART_BYTES: Usage._fields.index("part_bytes"),
}


class Written(NamedTuple):
    """What somebody is told who asks."""

    media_type: str
    text: bytes


class Gathered:
    """What one gathering brought, and how it was written down.

    written  by media type, and whether it names buckets
    """

    def __init__(self, families: list[Family]) -> None:
        self.families = families
        self.written: dict[tuple[str, bool], asyncio.Task[Written]] = {}


class Scrape:
    """Tells of the whole server, in whichever of its processes.

    bucket_count  how many buckets are told of one by one
    targets       of events, which are told of even if nothing waits for them
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        bucket_count: int,
        targets: Sequence[str] = (),
        panel: Panel = metrics.PANEL,
    ) -> None:
        self._store = store
        self._clock = clock
        self._bucket_count = bucket_count
        self._targets = targets
        self._panel = panel
        self._gathering: asyncio.Task[Gathered] | None = None
        self._next: asyncio.Task[Gathered] | None = None
        self._rests_until_s = 0.0

    async def write(self, accept: str, *, names_buckets: bool) -> Written:
        """Return everything, in the format that an Accept header asks for."""
        from ferrox.monitoring import exposition  # late: many servers are never asked

        wanted = exposition.chosen(accept), names_buckets
        gathered = await self._newest()
        if wanted not in gathered.written:
            writing = asyncio.get_running_loop().create_task(_write(gathered.families, *wanted))
            gathered.written[wanted] = writing
        return await asyncio.shield(gathered.written[wanted])

    async def _newest(self) -> Gathered:
        """What a gathering brings that begins from now on."""
        if self._next is None:
            self._next = asyncio.get_running_loop().create_task(self._after(self._gathering))
        return await asyncio.shield(self._next)

    async def _after(self, former: "asyncio.Task[Gathered] | None") -> Gathered:
        if former is not None:
            await asyncio.wait({former})
        loop = asyncio.get_running_loop()
        if (pause_s := self._rests_until_s - loop.time()) > 0:
            await asyncio.sleep(pause_s)
        self._gathering, self._next = self._next, None
        self._rests_until_s = loop.time() + LEAST_INTERVAL_S
        return Gathered(await self._gather())

    async def _gather(self) -> list[Family]:
        families = [*self._of_drive(), *self._of_processes(), *counted(self._panel)]
        try:
            figures = await self._store.figures(self._bucket_count)
        except Fault as fault:  # all the more the rest is wanted
            log.warning("metrics lack what the index would say: %s", fault)
        else:
            families += _of_index(figures, self._clock.now_ms())
            families += self._of_events(figures)
        found = {family.metric: family for family in families}
        return [found[metric] for metric in metrics.TABLE if metric in found]

    def _of_events(self, figures: Figures) -> Iterator[Family]:
        deliveries = dict.fromkeys(self._targets, (0, 0)) | figures.deliveries
        yield several(metrics.EVENTS_WAITING, {name: n for name, (n, _) in deliveries.items()})
        yield several(metrics.EVENTS_DEAD, {name: n for name, (_, n) in deliveries.items()})

    def _of_drive(self) -> Iterator[Family]:
        drive = self._store.drive()
        yield one(metrics.READ_ONLY, self._store.read_only_reason is not None)
        if drive.problem:
            log.warning("metrics lack what the drive would say: %s", drive.problem)
            return
        yield one(metrics.INDEX_BYTES, drive.index_bytes)
        yield one(metrics.INDEX_LOG_BYTES, drive.index_log_bytes)
        yield one(metrics.DRIVE_BYTES, drive.size_bytes)
        yield one(metrics.DRIVE_FREE_BYTES, drive.free_bytes)

    def _of_processes(self) -> Iterator[Family]:
        last = self._panel.slots.count - 1
        pids = {
            SUPERVISOR if 0 < number == last else f"worker-{number}": pid
            for number, pid in self._panel.pids().items()
        }
        found = processes.look(pids, self._clock.now_ms())
        values: list[tuple[Found, str]] = [
            (metrics.CPU_SECONDS, "cpu_s"),
            (metrics.RESIDENT_BYTES, "resident_bytes"),
            (metrics.PROPORTIONAL_BYTES, "proportional_bytes"),
            (metrics.OPEN_FDS, "open_fds"),
            (metrics.MAX_FDS, "max_fds"),
            (metrics.PROCESS_START, "started_s"),
        ]
        for metric, field in values:
            yield several(metric, _known(found, field))
        if found:
            yield one(metrics.START, min(process.started_s for process in found.values()))
        labels = (__version__, platform.python_version())
        yield Family(metrics.BUILD_INFO, [Reading(labels, [1])])


async def _write(families: Sequence[Family], media_type: str, names_buckets: bool) -> Written:
    """Write families down; whatever else is to do comes in between."""
    from ferrox.monitoring import exposition  # as above

    parts = []
    for family in families:
        if not names_buckets and family.metric in _OF_BUCKET:
            continue
        for part in exposition.write(family, media_type):
            parts.append(part)
            await asyncio.sleep(0)
    parts.append(exposition.end(media_type))
    return Written(media_type, b"".join(parts))


def _known(found: dict[str, Process], field: str) -> dict[str, float]:
    values = {name: getattr(process, field) for name, process in found.items()}
    return {name: value for name, value in values.items() if value is not None}


def _of_index(figures: Figures, now_ms: int) -> Iterator[Family]:
    usage = figures.usage
    yield one(metrics.BUCKETS, figures.bucket_count)
    yield one(metrics.OBJECTS, usage.object_count)
    yield one(metrics.VERSIONS, usage.version_count)
    yield one(metrics.VERSION_BYTES, usage.size_bytes)
    yield one(metrics.PART_BYTES, usage.part_bytes)
    for metric, field in _OF_BUCKET.items():
        yield several(metric, {name: held[field] for name, held in figures.largest.items()})
    yield one(metrics.BLOBS, figures.blob_count)
    yield one(metrics.BLOB_BYTES, figures.blob_bytes)
    yield one(metrics.GARBAGE_BLOBS, figures.garbage_count)
    since_ms = figures.garbage_since_ms
    yield one(metrics.GARBAGE_AGE, 0 if since_ms is None else max(0, now_ms - since_ms) / 1000)
    yield one(metrics.SCRUB_FINDINGS, figures.finding_count)
    if figures.scrubbed_ms is not None:
        yield one(metrics.SCRUB_LAST_END, figures.scrubbed_ms / 1000)
