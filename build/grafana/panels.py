"""Panels: what the dashboard shows, row by row, as a table.

A query says $HERE where it wants the labels that choose the servers to look at.
"""

from typing import Literal, NamedTuple

Shape = Literal["stat", "timeseries", "bargauge", "table", "heatmap", "state-timeline"]

_RATE = "[$__rate_interval]"


class Query(NamedTuple):
    """What is asked, and what a line of the answer is called."""

    text: str
    legend: str = ""


class Panel(NamedTuple):
    """One panel.

    unit        as Grafana calls it
    steps       colours from a value on, the first from the beginning
    is_stacked  whether lines lie on one another, as parts of a whole
    words       for values that mean something: what to show instead of them
    """

    title: str
    meaning: str
    queries: tuple[Query, ...]
    unit: str = "short"
    shape: Shape = "timeseries"
    width: int = 8
    steps: tuple[tuple[str, float], ...] = ()
    is_stacked: bool = False
    words: tuple[tuple[str, str, str], ...] = ()


class Row(NamedTuple):
    """Panels under a heading."""

    title: str
    panels: tuple[Panel, ...]
    height: int = 8


def rate(name: str, by: str = "", labels: str = "") -> str:
    """How much a counter rises in a second, over all servers that are looked at."""
    grouped = f" by ({by})" if by else ""
    chosen = ",".join(filter(None, ("$HERE", labels)))
    return f"sum{grouped} (rate({name}{{{chosen}}}{_RATE}))"


def quantile(share: float, name: str, by: str = "") -> str:
    """The value that such a share of what was observed does not exceed."""
    grouped = f"le, {by}" if by else "le"
    return f"histogram_quantile({share:g}, {rate(name + '_bucket', grouped)})"


def total(name: str, by: str = "") -> str:
    """A gauge, over all servers that are looked at."""
    return f"sum{f' by ({by})' if by else ''} ({name}{{$HERE}})"


def largest(name: str, by: str = "") -> str:
    """The greatest value of a gauge."""
    return f"max{f' by ({by})' if by else ''} ({name}{{$HERE}})"


def percentiles(name: str) -> tuple[Query, ...]:
    """The usual three."""
    return tuple(
        Query(quantile(share, name), f"p{share * 100:g}") for share in (0.5, 0.9, 0.99)
    )  # fmt: skip


GOOD, WARNING, BAD, PLAIN = "green", "orange", "red", "blue"
_SERVER_ERRORS = rate("ferrox_requests_total", labels='status=~"5.."')
_ALL = rate("ferrox_requests_total")
_FREE = f"{total('ferrox_drive_free_bytes')} / {total('ferrox_drive_bytes')}"
_YES_NO = (("0", "no", GOOD), ("1", "yes", BAD))

ROWS = (
    Row(
        "Overview",
        (
            Panel("Requests", "Requests that end in a second.", (Query(_ALL),), "reqps", "stat", 3,
                  ((PLAIN, 0),)),
            Panel("Failed", "Share of requests that were answered with 5xx.",
                  (Query(f"({_SERVER_ERRORS} or vector(0)) / {_ALL}"),), "percentunit", "stat", 3,
                  ((GOOD, 0), (WARNING, 0.001), (BAD, 0.01))),
            Panel("Objects", "Objects in all buckets.", (Query(total("ferrox_objects")),), "short",
                  "stat", 3, ((PLAIN, 0),)),
            Panel("Stored", "Bytes of all versions.", (Query(total("ferrox_version_bytes")),),
                  "bytes", "stat", 3, ((PLAIN, 0),)),
            Panel("Drive free", "Share of the drive of the data directory that is free.",
                  (Query(_FREE),), "percentunit", "stat", 3,
                  ((BAD, 0), (WARNING, 0.1), (GOOD, 0.2))),
            Panel("Read-only", "Whether a store takes no writes as its drive failed.",
                  (Query(largest("ferrox_read_only")),), "short", "stat", 3, ((GOOD, 0), (BAD, 1)),
                  words=_YES_NO),
            Panel("Damaged", "What scrubs have found damaged and is not mended.",
                  (Query(total("ferrox_scrub_findings")),), "short", "stat", 3,
                  ((GOOD, 0), (BAD, 1))),
            Panel("Up since", "How long the server runs that was started last.",
                  (Query("time() - max (ferrox_start_time_seconds{$HERE})"),), "s", "stat", 3,
                  ((PLAIN, 0),)),
        ),
        height=4,
    ),
    Row(
        "Traffic",
        (
            Panel("Requests by operation", "Requests that end in a second.",
                  (Query(rate("ferrox_requests_total", "operation"), "{{operation}}"),), "reqps",
                  is_stacked=True),
            Panel("Requests by status", "By status of the answer; 0: the client was gone.",
                  (Query(rate("ferrox_requests_total", "status"), "{{status}}"),), "reqps",
                  is_stacked=True),
            Panel("Bytes", "Of bodies, in both directions.",
                  (Query(rate("ferrox_received_bytes_total"), "received"),
                   Query(rate("ferrox_sent_bytes_total"), "sent")), "Bps"),
            Panel("Under way", "Requests that are being answered.",
                  (Query(total("ferrox_requests_in_flight"), "requests"),)),
            Panel("Connections", "That are open, and those beyond the limit in a second.",
                  (Query(total("ferrox_connections"), "open"),
                   Query(rate("ferrox_connections_refused_total"), "refused in a second"))),
            Panel("Bytes by operation", "Of bodies of answers.",
                  (Query(rate("ferrox_sent_bytes_total", "operation"), "{{operation}}"),), "Bps",
                  is_stacked=True),
        ),
    ),
    Row(
        "Latency",
        (
            Panel("Whole requests", "From the head of the request to the end of the answer.",
                  percentiles("ferrox_request_duration_seconds"), "s"),
            Panel("Until the answer begins", "From the head of the request to that of the answer.",
                  percentiles("ferrox_request_first_byte_seconds"), "s"),
            Panel("99 of 100 requests, by operation", "That many do not take longer.",
                  (Query(quantile(0.99, "ferrox_request_duration_seconds", "operation"),
                         "{{operation}}"),), "s"),
            Panel("Durations", "How many requests took how long.",
                  (Query(f"sum by (le) (increase("
                         f"ferrox_request_duration_seconds_bucket{{$HERE}}{_RATE}))", "{{le}}"),),
                  "s", "heatmap", 24),
        ),
    ),
    Row(
        "Errors",
        (
            Panel("By code", "Answers that say no, in a second.",
                  (Query(rate("ferrox_errors_total", "code"), "{{code}}"),), "reqps",
                  is_stacked=True),
            Panel("Callers who could not be verified", "By the reason, in a second.",
                  (Query(rate("ferrox_authentication_failures_total", "reason"), "{{reason}}"),),
                  "reqps", is_stacked=True),
            Panel("Turned away and broken off",
                  "Requests of callers with too many of them; answers that did not leave whole.",
                  (Query(rate("ferrox_rate_limited_total", "caller"), "too many: {{caller}}"),
                   Query(rate("ferrox_requests_aborted_total"), "broken off")), "reqps"),
        ),
    ),
    Row(
        "Storage",
        (
            Panel("Bytes", "Of versions, and of parts of unfinished uploads.",
                  (Query(total("ferrox_version_bytes"), "versions"),
                   Query(total("ferrox_part_bytes"), "parts"),
                   Query(total("ferrox_blob_bytes"), "blobs")), "bytes"),
            Panel("Objects", "Keys that show an object, versions, blobs, and buckets.",
                  (Query(total("ferrox_objects"), "objects"),
                   Query(total("ferrox_versions"), "versions"),
                   Query(total("ferrox_blobs"), "blobs"),
                   Query(total("ferrox_buckets"), "buckets"))),
            Panel("Free", "Bytes on the drive of the data directory.",
                  (Query(total("ferrox_drive_free_bytes"), "free"),
                   Query(total("ferrox_drive_bytes"), "all")), "bytes"),
            Panel("Largest buckets", "By bytes. Told where the server wants a token.",
                  (Query("topk(10, sum by (bucket) (ferrox_bucket_version_bytes{$HERE}"
                         " + ferrox_bucket_part_bytes{$HERE}))", "{{bucket}}"),), "bytes",
                  "bargauge"),
            Panel("Buckets with most objects", "Told where the server wants a token.",
                  (Query(f"topk(10, {total('ferrox_bucket_objects', 'bucket')})", "{{bucket}}"),),
                  "short", "bargauge"),
            Panel("Buckets with most versions", "Told where the server wants a token.",
                  (Query(f"topk(10, {total('ferrox_bucket_versions', 'bucket')})", "{{bucket}}"),),
                  "short", "bargauge"),
            Panel("Index", "Its size, and that of the file that commits go to first (WAL).",
                  (Query(total("ferrox_index_bytes"), "index"),
                   Query(total("ferrox_index_log_bytes"), "log")), "bytes"),
            Panel("Commits", "In a second, and how many changes one has on average.",
                  (Query(rate("ferrox_commit_writes_count"), "commits"),
                   Query(f"{rate('ferrox_commit_writes_sum')}"
                         f" / {rate('ferrox_commit_writes_count')}", "changes in one"))),
            Panel("Commits: time", "99 of 100 waited, and took, no longer than that.",
                  (Query(quantile(0.99, "ferrox_commit_wait_seconds"), "waited"),
                   Query(quantile(0.99, "ferrox_commit_duration_seconds"), "took")), "s"),
            Panel("Drive: time of fsync", "99 of 100 took no longer than that.",
                  (Query(quantile(0.99, "ferrox_fsync_duration_seconds", "target"),
                         "{{target}}"),), "s"),
            Panel("Garbage", "Blobs that nothing names and that have yet to be removed.",
                  (Query(total("ferrox_garbage_blobs"), "blobs"),)),
            Panel("Oldest garbage", "How long it waits.",
                  (Query(largest("ferrox_garbage_oldest_age_seconds"), "oldest"),), "s"),
        ),
    ),
    Row(
        "Integrity and jobs",
        (
            Panel("Corrupt reads", "Reads that failed, as bytes were not what had been written.",
                  (Query(f"sum (increase(ferrox_corrupt_reads_total{{$HERE}}{_RATE}))", "reads"),
                   Query(total("ferrox_scrub_findings"), "findings of scrubs"))),
            Panel("Since the last whole scrub", "None has ended yet where nothing is shown.",
                  (Query("time() - max (ferrox_scrub_last_end_timestamp_seconds{$HERE})", "ago"),),
                  "s", "stat", steps=((GOOD, 0), (WARNING, 8 * 86_400), (BAD, 14 * 86_400))),
            Panel("Progress", "Of rounds that are under way, or of the last.",
                  (Query("max by (task) (ferrox_job_progress{$HERE}"
                         " / (ferrox_job_progress_expected{$HERE} > 0))", "{{task}}"),),
                  "percentunit", "bargauge"),
            Panel("Jobs at work", "When a round was under way.",
                  (Query(largest("ferrox_job_working", "task"), "{{task}}"),), "short",
                  "state-timeline", 16, words=(("0", "rests", PLAIN), ("1", "works", GOOD))),
            Panel("Rounds", "That have ended, in a second.",
                  (Query(rate("ferrox_job_rounds_total", "task"), "{{task}}"),), "ops"),
            Panel("Since the last round", "How long ago it ended.",
                  (Query("time() - max by (task) (ferrox_job_last_end_timestamp_seconds{$HERE})",
                         "{{task}}"),), "s", "bargauge"),
            Panel("Events", "That targets have yet to be told of, and those that were given up.",
                  (Query(total("ferrox_events_waiting", "target"), "waiting: {{target}}"),
                   Query(total("ferrox_events_dead", "target"), "given up: {{target}}"))),
            Panel("Notifications", "Attempts in a second.",
                  (Query(rate("ferrox_notifications_total", "target, outcome"),
                         "{{target}}: {{outcome}}"),), "ops"),
        ),
    ),
    Row(
        "Processes",
        (
            Panel("Processors", "How many of them are busy with a process.",
                  (Query(rate("ferrox_process_cpu_seconds_total", "instance, process"),
                         "{{instance}} {{process}}"),), "short"),
            Panel("Memory", "What processes have in common counts once (PSS).",
                  (Query(total("ferrox_process_proportional_memory_bytes", "instance, process"),
                         "{{instance}} {{process}}"),), "bytes", is_stacked=True),
            Panel("Resident memory", "What processes have in common counts in each (RSS).",
                  (Query(total("ferrox_process_resident_memory_bytes", "instance, process"),
                         "{{instance}} {{process}}"),), "bytes"),
            Panel("Files and sockets", "Share of those that a process may have open.",
                  (Query("ferrox_process_open_fds{$HERE} / ferrox_process_max_fds{$HERE}",
                         "{{instance}} {{process}}"),), "percentunit"),
            Panel("Restarts of workers", "Workers that ended unasked and were started again.",
                  (Query(f"sum by (instance) (increase("
                         f"ferrox_worker_restarts_total{{$HERE}}{_RATE}))", "{{instance}}"),)),
            Panel("Certificates", "How long until they end.",
                  (Query("min by (file) (ferrox_certificate_expiry_timestamp_seconds{$HERE})"
                         " - time()", "{{file}}"),), "s", "bargauge",
                  steps=((BAD, 0), (WARNING, 2 * 86_400), (GOOD, 14 * 86_400))),
            Panel("Since the start of processes", "How long each runs.",
                  (Query("time() - ferrox_process_start_time_seconds{$HERE}",
                         "{{instance}} {{process}}"),), "s", "bargauge", 12),
            Panel("Versions", "What runs where.",
                  (Query("ferrox_build_info{$HERE}", "{{instance}}: {{version}}"),), "short",
                  "table", 12),
        ),
    ),
)  # fmt: skip
