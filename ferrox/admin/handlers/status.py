"""The state of the whole server, out of what its processes count and what the store tells."""

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ferrox import __version__, metrics
from ferrox.admin import troubles
from ferrox.admin.backstage import AdminCall
from ferrox.admin.handlers.server import STATS_TOPIC, job_view, worker_view
from ferrox.admin.registry import answers
from ferrox.admin.schema import instant
from ferrox.admin.shapes.paging import Nothing
from ferrox.admin.shapes.status import (
    Backlog,
    Capacity,
    Latency,
    RequestCounts,
    ScrubState,
    StatusView,
    Stored,
)
from ferrox.admin.troubles import Known
from ferrox.errors import Fault
from ferrox.instruments import Instrument, Panel, Reading
from ferrox.storage.metadata.figures import Figures
from ferrox.storage.watching import Drive


@answers("GetStatus")
async def get_status(call: AdminCall, _args: Nothing) -> StatusView:
    """Tell all there is to see of the server."""
    backstage, store = call.backstage, call.services.store
    answered = await backstage.everyone.ask(STATS_TOPIC)
    told = {worker: json.loads(reply) for worker, reply in sorted(answered.replies.items())}
    counts = Counts.read()
    drive = store.drive()
    try:
        figures = await store.figures(most_buckets=0)
    except Fault:
        figures = None
    known = _known(call, drive, figures, counts.certificates_ms, answered.silent)
    found = troubles.of(known)
    return StatusView(
        version=__version__,
        time=instant(known.now_ms),
        started=instant(backstage.started_ms),
        uptime_s=max(0, known.now_ms - backstage.started_ms) / 1000,
        addresses=tuple(next(iter(told.values()))["addresses"]) if told else (),
        data_dir=str(backstage.config.data_dir.resolve()),
        is_well=not any(trouble.level == "critical" for trouble in found),
        troubles=tuple(found),
        requests=counts.requests,
        latency=counts.latency,
        capacity=_capacity(drive, figures),
        stored=None if figures is None else _stored(figures),
        jobs=tuple(map(job_view, backstage.jobs.values())),
        scrub=None if figures is None else _scrub(figures),
        events=() if figures is None else _events(figures),
        workers=tuple(worker_view(worker, figures) for worker, figures in told.items()),
        silent=tuple(sorted(answered.silent)),
    )


def _known(
    call: AdminCall,
    drive: Drive,
    figures: Figures | None,
    certificates_ms: Mapping[str, float],
    silent: frozenset[int],
) -> Known:
    """What speaks for troubles; without figures the index cannot be read."""
    store = call.services.store
    return Known(
        call.services.clock.now_ms(),
        store.read_only_reason,
        drive.size_bytes,
        drive.free_bytes,
        store.is_full(),
        None if figures is None else figures.finding_count,
        None if figures is None else figures.scrubbed_ms,
        call.backstage.config.scrub_interval_s,
        certificates_ms,
        {one.target: one.dead for one in (() if figures is None else _events(figures))},
        silent,
        drive.problem,
    )


class Counts(NamedTuple):
    """What all processes have counted.

    certificates_ms  when each certificate ends
    """

    requests: RequestCounts
    latency: Latency
    certificates_ms: dict[str, float]

    @classmethod
    def read(cls, panel: Panel = metrics.PANEL) -> "Counts":
        """Add them up."""
        found: dict[Instrument, list[Reading]] = dict(panel.read())
        statuses = [(reading.labels[1], reading.cells[0]) for reading in found[metrics.REQUESTS]]

        def total(instrument: Instrument) -> int:
            return int(sum(reading.cells[0] for reading in found[instrument]))

        def beginning_with(digit: str) -> int:
            return int(sum(count for status, count in statuses if status[:1] == digit))

        requests = RequestCounts(
            ended=total(metrics.REQUESTS),
            client_errors=beginning_with("4"),
            server_errors=beginning_with("5"),
            received_bytes=total(metrics.RECEIVED_BYTES),
            sent_bytes=total(metrics.SENT_BYTES),
            under_way=total(metrics.IN_FLIGHT),
            connections=total(metrics.CONNECTIONS),
        )
        bounds_s = metrics.DURATION.bounds
        ends = {one.labels[0]: one.cells[0] * 1000 for one in found[metrics.CERTIFICATE_EXPIRY]}
        durations = [reading.cells for reading in found[metrics.DURATION]]
        return cls(requests, _latency(bounds_s, durations), ends)


def _latency(bounds_s: Sequence[float], durations: Sequence[Sequence[float]]) -> Latency:
    counts = [int(sum(cells[at] for cells in durations)) for at in range(len(bounds_s) + 1)]
    return Latency(bounds_s=tuple(bounds_s), counts=tuple(counts))


def _capacity(drive: Drive, figures: Figures | None) -> Capacity:
    return Capacity(
        drive_bytes=drive.size_bytes,
        drive_free_bytes=drive.free_bytes,
        index_bytes=drive.index_bytes,
        index_log_bytes=drive.index_log_bytes,
        blobs=0 if figures is None else figures.blob_count,
        blob_bytes=0 if figures is None else figures.blob_bytes,
        garbage_blobs=0 if figures is None else figures.garbage_count,
    )


def _stored(figures: Figures) -> Stored:
    usage = figures.usage
    return Stored(
        buckets=figures.bucket_count,
        objects=usage.object_count,
        versions=usage.version_count,
        version_bytes=usage.size_bytes,
        part_bytes=usage.part_bytes,
    )


def _events(figures: Figures) -> tuple[Backlog, ...]:
    return tuple(
        Backlog(target=target, waiting=waiting, dead=dead)
        for target, (waiting, dead) in sorted(figures.deliveries.items())
    )


def _scrub(figures: Figures) -> ScrubState:
    return ScrubState(findings=figures.finding_count, last_ended=instant(figures.scrubbed_ms))
