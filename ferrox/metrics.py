"""The table of metrics: everything that /metrics tells, each with its name, labels and meaning.

Whoever has something to count does so here: `metrics.REQUESTS.inc(1, "GetObject", "200")`. What can
be looked up when somebody asks is not counted but found; it stands here all the same, as the page
of all metrics, the dashboard and the alerts are held against this table.

https://prometheus.io/docs/practices/naming/
"""

from ferrox.instruments import Counter, Found, Gauge, Histogram, Instrument, Panel
from ferrox.slots import Slots

PANEL = Panel()

_LATENCY_S = (
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120,
)  # fmt: skip
_DRIVE_S = (
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5,
)  # fmt: skip

BLOB, DIRECTORY, INDEX = "blob", "directory", "index"
KEY, ANONYMOUS = "key", "anonymous"
TOLD, FAILED = "told", "failed"


def share(slots: Slots, number: int) -> None:
    """Count in a slot of shared memory from now on."""
    PANEL.share(slots, number)


# Requests

REQUESTS = PANEL.add(Counter(
    "ferrox_requests_total",
    "Requests that have ended, by operation and by status of the answer; 0: the client was gone.",
    "operation", "status",
))  # fmt: skip
DURATION = PANEL.add(Histogram(
    "ferrox_request_duration_seconds",
    "How long requests took, from the head of the request to the end of the answer.",
    "operation", bounds=_LATENCY_S,
))  # fmt: skip
FIRST_BYTE = PANEL.add(Histogram(
    "ferrox_request_first_byte_seconds",
    "How long it took until the answer began.",
    "operation", bounds=_LATENCY_S,
))  # fmt: skip
RECEIVED_BYTES = PANEL.add(Counter(
    "ferrox_received_bytes_total", "Bytes of bodies of requests, as they came.", "operation",
))  # fmt: skip
SENT_BYTES = PANEL.add(Counter(
    "ferrox_sent_bytes_total", "Bytes of bodies of answers.", "operation",
))  # fmt: skip
IN_FLIGHT = PANEL.add(Gauge(
    "ferrox_requests_in_flight", "Requests that are being answered.",
))  # fmt: skip
ABORTED = PANEL.add(Counter(
    "ferrox_requests_aborted_total", "Requests whose answer did not leave as a whole.",
))  # fmt: skip
ERRORS = PANEL.add(Counter(
    "ferrox_errors_total", "Answers that say no, by error code.", "code",
))  # fmt: skip
CONNECTIONS = PANEL.add(Gauge("ferrox_connections", "Connections that are open."))
CONNECTIONS_REFUSED = PANEL.add(Counter(
    "ferrox_connections_refused_total", "Connections beyond the limit of the settings.",
))  # fmt: skip
AUTHENTICATION_FAILURES = PANEL.add(Counter(
    "ferrox_authentication_failures_total",
    "Requests whose caller could not be verified, by error code.",
    "reason", begins_with=("InvalidAccessKeyId", "SignatureDoesNotMatch"),
))  # fmt: skip
RATE_LIMITED = PANEL.add(Counter(
    "ferrox_rate_limited_total", "Requests refused as their caller had made too many.",
    "caller", begins_with=(KEY, ANONYMOUS),
))  # fmt: skip

# Storage

COMMIT_WRITES = PANEL.add(Histogram(
    "ferrox_commit_writes", "How many changes of the index were committed together.",
    bounds=(1, 2, 4, 8, 16, 32, 64, 128, 256, 512), from_threads=True,
))  # fmt: skip
COMMIT_WAIT = PANEL.add(Histogram(
    "ferrox_commit_wait_seconds", "How long changes of the index waited for their turn.",
    bounds=_DRIVE_S, from_threads=True,
))  # fmt: skip
COMMIT_DURATION = PANEL.add(Histogram(
    "ferrox_commit_duration_seconds", "How long transactions of the index took, with their fsync.",
    bounds=_DRIVE_S, from_threads=True,
))  # fmt: skip
FSYNC_DURATION = PANEL.add(Histogram(
    "ferrox_fsync_duration_seconds",
    "How long the drive took to make things durable: blobs, their directories, commits.",
    "target", bounds=_DRIVE_S, from_threads=True,
))  # fmt: skip
CORRUPT_READS = PANEL.add(Counter(
    "ferrox_corrupt_reads_total", "Reads that failed, as bytes were not what had been written.",
))  # fmt: skip
SCRUB_FINDINGS = PANEL.finds(Found(
    "ferrox_scrub_findings", "What scrubs have found damaged and is not mended.",
))  # fmt: skip
SCRUB_LAST_END = PANEL.finds(Found(
    "ferrox_scrub_last_end_timestamp_seconds", "When the last whole pass of the scrub ended.",
))  # fmt: skip
READ_ONLY = PANEL.finds(Found(
    "ferrox_read_only", "Whether the store takes no writes as its drive failed: 1 if so.",
))  # fmt: skip
INDEX_BYTES = PANEL.finds(Found("ferrox_index_bytes", "Size of the index."))
INDEX_LOG_BYTES = PANEL.finds(Found(
    "ferrox_index_log_bytes", "Size of the file that commits go to first (WAL).",
))  # fmt: skip
BLOBS = PANEL.finds(Found("ferrox_blobs", "Blobs that something names."))
BLOB_BYTES = PANEL.finds(Found("ferrox_blob_bytes", "Bytes in those blobs."))
GARBAGE_BLOBS = PANEL.finds(Found(
    "ferrox_garbage_blobs", "Blobs that nothing names and that have yet to be removed.",
))  # fmt: skip
GARBAGE_AGE = PANEL.finds(Found(
    "ferrox_garbage_oldest_age_seconds", "How long the oldest of them waits; 0: there is none.",
))  # fmt: skip
DRIVE_BYTES = PANEL.finds(Found("ferrox_drive_bytes", "Size of the drive of the data directory."))
DRIVE_FREE_BYTES = PANEL.finds(Found("ferrox_drive_free_bytes", "What of it is free."))

# What is stored

BUCKETS = PANEL.finds(Found("ferrox_buckets", "Buckets."))
OBJECTS = PANEL.finds(Found("ferrox_objects", "Objects in all buckets."))
VERSIONS = PANEL.finds(Found("ferrox_versions", "Versions in all buckets, current or not."))
VERSION_BYTES = PANEL.finds(Found("ferrox_version_bytes", "Bytes in those versions."))
PART_BYTES = PANEL.finds(Found("ferrox_part_bytes", "Bytes in parts of unfinished uploads."))
BUCKET_OBJECTS = PANEL.finds(Found(
    "ferrox_bucket_objects", "Objects in a bucket.", ("bucket",),
))  # fmt: skip
BUCKET_VERSIONS = PANEL.finds(Found(
    "ferrox_bucket_versions", "Versions in a bucket, current or not.", ("bucket",),
))  # fmt: skip
BUCKET_VERSION_BYTES = PANEL.finds(Found(
    "ferrox_bucket_version_bytes", "Bytes in those versions.", ("bucket",),
))  # fmt: skip
BUCKET_PART_BYTES = PANEL.finds(Found(
    "ferrox_bucket_part_bytes", "Bytes in parts of its unfinished uploads.", ("bucket",),
))  # fmt: skip

# Beside the requests

JOB_ROUNDS = PANEL.add(Counter(
    "ferrox_job_rounds_total", "Rounds of a job that have come to their end.", "task",
))  # fmt: skip
JOB_WORKING = PANEL.add(Gauge(
    "ferrox_job_working", "Whether a round of the job is under way: 1 if so.", "task",
))  # fmt: skip
JOB_LAST_END = PANEL.add(Gauge(
    "ferrox_job_last_end_timestamp_seconds", "When the last round of the job came to its end.",
    "task", together="max", outlives=True,
))  # fmt: skip
JOB_DONE = PANEL.add(Gauge(
    "ferrox_job_progress", "How much the round of the job that is under way, or the last one, did.",
    "task", "unit",
))  # fmt: skip
JOB_EXPECTED = PANEL.add(Gauge(
    "ferrox_job_progress_expected", "How much that round has to do, as far as it is known.",
    "task", "unit",
))  # fmt: skip
NOTIFICATIONS = PANEL.add(Counter(
    "ferrox_notifications_total", "Attempts to tell a target of an event: told or failed.",
    "target", "outcome",
))  # fmt: skip
EVENTS_WAITING = PANEL.finds(Found(
    "ferrox_events_waiting", "Events that a target has yet to be told of.", ("target",),
))  # fmt: skip
EVENTS_DEAD = PANEL.finds(Found(
    "ferrox_events_dead", "Events that a target could not be told of.", ("target",),
))  # fmt: skip

# Processes

WORKER_RESTARTS = PANEL.add(Counter(
    "ferrox_worker_restarts_total", "Workers that ended unasked and were started again.",
))  # fmt: skip
CERTIFICATE_EXPIRY = PANEL.add(Gauge(
    "ferrox_certificate_expiry_timestamp_seconds",
    "When a certificate of the server ends, by its file.",
    "file", together="min",
))  # fmt: skip
CPU_SECONDS = PANEL.finds(Found(
    "ferrox_process_cpu_seconds_total", "Processor time that a process has used.",
    ("process",), "counter",
))  # fmt: skip
RESIDENT_BYTES = PANEL.finds(Found(
    "ferrox_process_resident_memory_bytes", "Memory that a process has in use (RSS).",
    ("process",),
))  # fmt: skip
PROPORTIONAL_BYTES = PANEL.finds(Found(
    "ferrox_process_proportional_memory_bytes",
    "The same, where each of several processes counts its share of what they have in common (PSS).",
    ("process",),
))  # fmt: skip
OPEN_FDS = PANEL.finds(Found(
    "ferrox_process_open_fds", "Open files and sockets of a process.", ("process",),
))  # fmt: skip
MAX_FDS = PANEL.finds(Found(
    "ferrox_process_max_fds", "How many it may have.", ("process",),
))  # fmt: skip
PROCESS_START = PANEL.finds(Found(
    "ferrox_process_start_time_seconds", "When a process was started.", ("process",),
))  # fmt: skip
START = PANEL.finds(Found("ferrox_start_time_seconds", "When the server was started."))
BUILD_INFO = PANEL.finds(Found(
    "ferrox_build_info", "1, for the labels say it.", ("version", "python"),
))  # fmt: skip

TABLE: tuple[Instrument | Found, ...] = tuple(
    value for value in list(globals().values()) if isinstance(value, Instrument | Found)
)
"""All of them, in the order in which they stand here."""
