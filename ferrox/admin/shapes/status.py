"""The state of the whole server, for whoever looks after it: one answer with all there is to see.

What is counted is counted since the server was started, over all its processes: who asks twice
knows what happened in between.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from ferrox.admin.schema import Instant
from ferrox.admin.shapes.server import JobView, WorkerView


@dataclass(frozen=True, kw_only=True)
class RequestCounts:
    """Requests since the server was started."""

    ended: int
    client_errors: Annotated[int, "Of them, with a status of 4xx."]
    server_errors: Annotated[int, "Of them, with a status of 5xx."]
    received_bytes: Annotated[int, "Bytes of bodies of requests."]
    sent_bytes: Annotated[int, "Bytes of bodies of answers."]
    under_way: Annotated[int, "Requests that are being answered now."]
    connections: Annotated[int, "That are open now."]


@dataclass(frozen=True, kw_only=True)
class Latency:
    """How long those requests took, from the head of the request to the end of the answer."""

    bounds_s: Annotated[tuple[float, ...], "The longest time of each bucket but the last."]
    counts: Annotated[tuple[int, ...], "Requests in each; the last one has no bound."]


@dataclass(frozen=True, kw_only=True)
class Capacity:
    """What lies on the drive."""

    drive_bytes: int
    drive_free_bytes: int
    index_bytes: int
    index_log_bytes: Annotated[int, "Of the file that commits go to first."]
    blobs: int
    blob_bytes: int
    garbage_blobs: Annotated[int, "That nothing names, and that have yet to be removed."]


@dataclass(frozen=True, kw_only=True)
class Stored:
    """What all buckets hold."""

    buckets: int
    objects: int
    versions: Annotated[int, "Current or not."]
    version_bytes: int
    part_bytes: Annotated[int, "In parts of unfinished uploads."]


@dataclass(frozen=True, kw_only=True)
class ScrubState:
    """What the verification of everything stored has found."""

    findings: int
    last_ended: Annotated[Instant | None, "When the last whole pass did; null: none has."]


@dataclass(frozen=True, kw_only=True)
class Backlog:
    """What somebody has yet to be told."""

    target: str
    waiting: int
    dead: Annotated[int, "Events that were given up."]


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """Something that somebody should see to."""

    level: Annotated[
        Literal["warning", "critical"], "critical: the server does not do all it should."
    ]
    name: Annotated[str, "A word for it that stays the same."]
    message: str


@dataclass(frozen=True, kw_only=True)
class StatusView:
    """The state of the server."""

    version: str
    time: Instant
    started: Instant
    uptime_s: float
    addresses: Annotated[tuple[str, ...], "Where it listens."]
    data_dir: str
    is_well: Annotated[bool, "Whether no trouble is critical."]
    troubles: tuple[Trouble, ...]
    requests: RequestCounts
    latency: Latency
    capacity: Capacity
    stored: Annotated[Stored | None, "null: the index cannot be read."]
    jobs: tuple[JobView, ...]
    scrub: ScrubState | None
    events: Annotated[tuple[Backlog, ...], "Whom buckets tell of events."]
    workers: tuple[WorkerView, ...]
    silent: Annotated[tuple[int, ...], "Workers that did not answer in time."]
