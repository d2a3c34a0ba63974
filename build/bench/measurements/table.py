"""Everything that is measured, one row each. A new measurement is a function and a row."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from build.bench.figures import Figures
from build.bench.measurements import listings, small, streams
from build.bench.target import Target

KIB = 1024


@dataclass(frozen=True)
class Measurement:
    """One kind of work.

    how    what is done, for the reader of the table
    run    does it once, on one server
    quick  whether `--quick` has it
    """

    name: str
    title: str
    how: str
    run: Callable[[Target], Figures]
    quick: bool = True


_GET = "wrk, 32 connections, presigned URLs, over up to 4,096 objects in turn"
_PUT = "wrk, 32 connections, presigned URLs, keys that were never there"

MEASUREMENTS = (
    Measurement("get-4k", "GET 4 KiB", _GET, partial(small.get, size=4 * KIB)),
    Measurement(
        "head-4k", "HEAD 4 KiB", "the bench's own client, 32 connections, presigned URLs",
        partial(small.head, size=4 * KIB),
    ),
    Measurement("put-4k", "PUT 4 KiB", _PUT, partial(small.put, size=4 * KIB)),
    Measurement(
        "overwrite-4k", "PUT 4 KiB over another", "the same over 4,096 objects that are there",
        partial(small.overwrite, size=4 * KIB), quick=False,
    ),
    Measurement("upload", "PUT stream", "one connection, plain HTTP", streams.upload),
    Measurement("download", "GET stream", "one connection, plain HTTP", streams.download),
    Measurement(
        "list", "ListObjectsV2", "wrk, 4 connections, pages of 1,000 keys all over the listing",
        listings.raw,
    ),
)  # fmt: skip
