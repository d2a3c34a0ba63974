"""Figures: how much there is of everything, for whoever watches the server.

All of it is counted along with what is counted, or lies in tables that are small as a rule: the
garbage list, what targets have yet to be told. So it takes a millisecond, however much is stored.
"""

from typing import NamedTuple

from ferrox.records import Usage
from ferrox.storage.metadata import findings, outbox, scrubbing
from ferrox.storage.metadata.database import Reader

_TOTALS = (
    "SELECT count(*), total(object_count), total(version_count), total(size_bytes),"
    " total(part_bytes) FROM bucket_usage"
)
_LARGEST = (
    "SELECT name, object_count, version_count, size_bytes, part_bytes"
    " FROM bucket_usage JOIN buckets USING (bucket_id)"
    " ORDER BY size_bytes + part_bytes DESC, name LIMIT ?"
)
_BLOBS = "SELECT blob_count, size_bytes FROM blob_usage"
_GARBAGE = "SELECT count(*), min(dropped_ms) FROM garbage"


class Figures(NamedTuple):
    """What the index says.

    usage              of all buckets together
    largest            the buckets that hold most, by name
    garbage_since_ms   since when the oldest of it is there; None: there is none
    deliveries         by target: events to be told of, and those that were given up
    finding_count      what scrubs have found damaged
    scrubbed_ms        when the last whole pass of the scrub ended; None: there was none
    """

    bucket_count: int
    usage: Usage
    largest: dict[str, Usage]
    blob_count: int
    blob_bytes: int
    garbage_count: int
    garbage_since_ms: int | None
    deliveries: dict[str, tuple[int, int]]
    finding_count: int
    scrubbed_ms: int | None


def read(reader: Reader, most_buckets: int) -> Figures:
    """Return all of it; of so many buckets by name."""
    bucket_count, *usage = reader.execute(_TOTALS).fetchone()
    largest = {name: Usage(*counts) for name, *counts in reader.execute(_LARGEST, (most_buckets,))}
    ends = [one.ended_ms for one in scrubbing.passes(reader) if one.number and one.ended_ms]
    blob_count, blob_bytes = reader.execute(_BLOBS).fetchone()
    garbage_count, garbage_since_ms = reader.execute(_GARBAGE).fetchone()
    return Figures(
        bucket_count,
        Usage(*map(int, usage)),
        largest,
        blob_count,
        blob_bytes,
        garbage_count,
        garbage_since_ms,
        outbox.backlog(reader),
        findings.count(reader),
        max(ends, default=None),
    )
