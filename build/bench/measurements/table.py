"""Everything that is measured, one row each. A new measurement is a function and a row."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from functools import partial

from build.bench.figures import Figures
from build.bench.measurements import clients, costs, listings, small, streams
from build.bench.target import Target

KIB = 1024


class Part(IntEnum):
    """The smallest run that a measurement belongs to."""

    QUICK = 0
    FULL = 1
    BIG = 2


@dataclass(frozen=True)
class Measurement:
    """One kind of work.

    how    what is done, for the reader of the table
    run    does it once, on one server
    """

    name: str
    title: str
    how: str
    run: Callable[[Target], Figures]
    part: Part = Part.FULL
    most_rounds: int = 99


_GET = "wrk, 32 connections, presigned URLs, over up to 4,096 objects in turn"
_PUT = "wrk, 32 connections, presigned URLs, keys that were never there"
_CROWD = "64 connections, 1 GiB each, broken off after 20 s; memory is the most that was seen"


def _get(name: str, size: int, part: Part = Part.FULL) -> Measurement:
    return Measurement(
        f"get-{name}", f"GET {size // KIB} KiB", _GET, partial(small.get, size=size), part
    )


def _put(name: str, size: int, part: Part = Part.FULL) -> Measurement:
    return Measurement(
        f"put-{name}", f"PUT {size // KIB} KiB", _PUT, partial(small.put, size=size), part
    )


def _put_by(connections: int) -> Measurement:
    name = f"put-4k-c{connections}"
    run = partial(small.put, size=4 * KIB, connections=connections)
    return Measurement(name, f"PUT 4 KiB, {connections} at a time", "wrk, the same", run)


MEASUREMENTS = (
    _get("4k", 4 * KIB, Part.QUICK),
    Measurement(
        "head-4k", "HEAD 4 KiB", "a client of the bench, 32 connections, presigned URLs",
        partial(small.head, size=4 * KIB), Part.QUICK,
    ),
    _put("4k", 4 * KIB, Part.QUICK),
    Measurement(
        "overwrite-4k", "PUT 4 KiB over another", "wrk, the same over 4,096 objects that are there",
        partial(small.overwrite, size=4 * KIB),
    ),
    _put_by(1), _put_by(8), _put_by(128),
    _get("64k", 64 * KIB), _put("64k", 64 * KIB),
    _get("256k", 256 * KIB), _put("256k", 256 * KIB),
    Measurement(
        "upload", "PUT stream", "one connection, plain HTTP", streams.upload, Part.QUICK
    ),
    Measurement(
        "download", "GET stream", "one connection, plain HTTP", streams.download, Part.QUICK
    ),
    Measurement(
        "multipart-upload", "boto3 upload", "upload_fileobj: parts of 8 MiB, ten at a time",
        clients.multipart_upload, most_rounds=3,
    ),
    Measurement(
        "multipart-download", "boto3 download", "download_fileobj: ranges of 8 MiB, ten at a time",
        clients.multipart_download, most_rounds=3,
    ),
    Measurement(
        "s5cmd-upload", "s5cmd upload", "s5cmd cp of a folder of 1,000 files of 16 KiB",
        clients.s5cmd_upload, most_rounds=3,
    ),
    Measurement(
        "list", "ListObjectsV2", "wrk, 4 connections, pages of 1,000 keys all over the listing",
        listings.raw, Part.QUICK,
    ),
    Measurement(
        "list-boto3", "ListObjectsV2 by boto3", "its paginator over up to 20,000 keys",
        listings.by_paginator, most_rounds=3,
    ),
    Measurement(
        "list-delimiter", "ListObjectsV2, delimiter", "wrk, 1 connection: the ten prefixes that "
        "all keys are under", listings.by_delimiter, Part.QUICK,
    ),
    Measurement(
        "start", "Start", "from the command to the first signed request that is answered, on an "
        "empty directory; memory a second later", costs.start, Part.QUICK, most_rounds=3,
    ),
    Measurement("crowd-up", "64 uploads", _CROWD, costs.uploads, Part.BIG, most_rounds=1),
    Measurement("crowd-down", "64 downloads", _CROWD, costs.downloads, Part.BIG, most_rounds=1),
)  # fmt: skip
