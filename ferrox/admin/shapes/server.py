"""The server itself: figures, settings, jobs, events, targets of notifications."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from ferrox.admin.schema import Between, Instant

MOST_NUMBER = 10**18 - 1


@dataclass(frozen=True, kw_only=True)
class WorkerView:
    """One process that serves."""

    worker: int
    pid: int
    started: Instant
    requests: Annotated[int, "Answered since it started."]
    client_errors: Annotated[int, "Of them, with a status of 4xx."]
    server_errors: Annotated[int, "Of them, with a status of 5xx."]
    under_way: Annotated[int, "Requests that are being answered."]
    connections: int


@dataclass(frozen=True, kw_only=True)
class Stats:
    """What the server has done since it started; a worker that was replaced began anew."""

    version: str
    started: Instant
    uptime_s: int
    data_dir: str
    requests: int
    client_errors: int
    server_errors: int
    under_way: int
    connections: int
    workers: tuple[WorkerView, ...]
    silent: Annotated[tuple[int, ...], "Workers that did not answer in time."]


@dataclass(frozen=True, kw_only=True)
class SettingView:
    """A setting that is in force."""

    name: str
    value: Annotated[str | None, "null for a secret, and for what is not set."]
    source: Annotated[str, "Where it was said: default, an option, the environment, a file."]
    is_secret: bool
    meaning: str


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings."""

    settings: tuple[SettingView, ...]


@dataclass(frozen=True, kw_only=True)
class KeyRotation:
    """What the sealing key is sealed under from now on."""

    to: Annotated[
        Literal["same", "passphrase", "key-file"],
        "The same outer key; that of the passphrase, as its file says it now; or a new key file.",
    ] = "same"


@dataclass(frozen=True, kw_only=True)
class KeyRotated:
    """What came of a rotation."""

    secrets: Annotated[int, "How many were sealed anew."]
    unreadable: Annotated[tuple[str, ...], "Where there are some that do not open; they are left."]


@dataclass(frozen=True, kw_only=True)
class OneJob:
    """Which job."""

    job: Annotated[str, "Name of the job."]


@dataclass(frozen=True, kw_only=True)
class JobProgress:
    """How far a job is with what it does."""

    done: int
    total: Annotated[int | None, "null where nobody knows."]
    unit: Annotated[str, "What is counted: buckets, bytes, ..."]


@dataclass(frozen=True, kw_only=True)
class JobView:
    """What goes on beside the requests."""

    name: str
    state: Annotated[str, "working or resting"]
    progress: Annotated[JobProgress | None, "null unless it works, and can tell."]
    rounds: Annotated[int, "That came to their end since the job began."]
    last_began: Instant | None
    last_ended: Instant | None


@dataclass(frozen=True, kw_only=True)
class Jobs:
    """All jobs."""

    jobs: tuple[JobView, ...]


@dataclass(frozen=True, kw_only=True)
class OneRefusal:
    """Which request."""

    request_id: Annotated[str, "As x-amz-request-id, and the error document, told it."]


@dataclass(frozen=True, kw_only=True)
class RefusalView:
    """A request that was refused, and why; what is not known, or not the case, is left empty."""

    time: Instant
    request_id: str
    status: int
    code: str
    message: Annotated[str, "What its caller was told."]
    reason: Annotated[str, "Why."]
    principal: Annotated[str, "ARN of the caller, if it could be verified."]
    access_key_id: Annotated[str, "That the request named."]
    peer: str
    user_agent: str
    method: str
    path: str
    operation: str
    bucket: str
    key: str
    decision: Annotated[dict[str, Any] | None, "What the policies said."]
    details: Annotated[dict[str, Any] | None, "What else the error told."]
    canonical_request: Annotated[str, "As the server built it, where the signature does not match."]
    string_to_sign: Annotated[str, "As the server built it, where the signature does not match."]


@dataclass(frozen=True, kw_only=True)
class LastRefusals:
    """How many refusals."""

    limit: Annotated[int, "How many of the last ones.", Between(1, 1000)] = 20


@dataclass(frozen=True, kw_only=True)
class RefusalSummary:
    """A request that was refused, in short; what is not known is left empty."""

    time: Instant
    request_id: str
    status: int
    code: str
    operation: str
    bucket: str
    key: str
    principal: Annotated[str, "ARN of the caller, if it could be verified."]
    access_key_id: Annotated[str, "That the request named."]
    peer: str
    reason: Annotated[str, "Why."]


@dataclass(frozen=True, kw_only=True)
class Refusals:
    """The last refusals, the newest first."""

    refusals: tuple[RefusalSummary, ...]


@dataclass(frozen=True, kw_only=True)
class EventsAfter:
    """Which events."""

    after: Annotated[int, "Those whose numbers are greater.", Between(0, MOST_NUMBER)] = 0
    limit: Annotated[int, "How many on the page.", Between(1, 1000)] = 1000
    bucket: Annotated[str | None, "Only of this bucket."] = None


@dataclass(frozen=True, kw_only=True)
class EventPage:
    """Events in order."""

    events: Annotated[tuple[dict[str, Any], ...], "AWS's records, and `id`, the number of each."]
    last: Annotated[int, "Ask for what comes after this one."]


@dataclass(frozen=True, kw_only=True)
class EventsFrom:
    """Which events; a header Last-Event-ID says it instead of `after`."""

    after: Annotated[
        int | None,
        "Those with greater numbers; without, from now on.",
        Between(0, MOST_NUMBER),
    ] = None
    bucket: Annotated[str | None, "Only of this bucket."] = None


@dataclass(frozen=True, kw_only=True)
class TargetView:
    """Somebody whom buckets may tell of events."""

    name: str
    arn: str
    format: str
    host: Annotated[str, "Of its address; the rest may be a secret."]
    waiting: Annotated[int, "Events it has yet to be told of."]
    dead: Annotated[int, "Events it was not told of, which were given up."]
    configured: Annotated[bool, "Whether the server knows its address."]


@dataclass(frozen=True, kw_only=True)
class Targets:
    """All targets."""

    targets: tuple[TargetView, ...]


@dataclass(frozen=True, kw_only=True)
class LettersAfter:
    """Which dead letters."""

    after: Annotated[int, "Of events whose numbers are greater.", Between(0, MOST_NUMBER)] = 0
    limit: Annotated[int, "How many on the page.", Between(1, 1000)] = 1000


@dataclass(frozen=True, kw_only=True)
class LetterView:
    """An event that a target was not told of."""

    id: Annotated[int, "Number of the event."]
    target: str
    attempts: int
    failure: str
    given_up: Instant | None
    message: Annotated[dict[str, Any], "What it would have been told."]


@dataclass(frozen=True, kw_only=True)
class LetterPage:
    """Dead letters in order of their events."""

    letters: tuple[LetterView, ...]
    last: Annotated[int, "Ask for what comes after this one."]


@dataclass(frozen=True, kw_only=True)
class WhichLetters:
    """Which dead letters: those of a target, of an event, of both, or all."""

    target: Annotated[str | None, "Name of the target."] = None
    event: Annotated[int | None, "Number of the event.", Between(1, MOST_NUMBER)] = None


@dataclass(frozen=True, kw_only=True)
class Count:
    """How many it were."""

    count: Annotated[int, "How many."]
