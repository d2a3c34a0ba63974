"""Listings: pages of objects and uploads in the order of their keys, rolled up at a delimiter.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html

Cost follows what is returned. Without a delimiter a page is one range scan of compact rows. With
one, the scan is left at the first key below a common prefix and begun again behind the last one, so
a prefix costs one seek however many keys lie below it. One entry more than asked for tells whether
there is a next page.

Where a page begins

    `after` is a key, or a common prefix that the previous page ended with. Listed is what is
    greater, keys and common prefixes alike. So when `after` lies in a common prefix (is it, or
    begins with it) the whole prefix is passed over, be `after` a marker, a start-after or what
    continues a page.
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, TypeVar

from ferrox.records import BucketRecord, CommonPrefix, Listing, ObjectSummary
from ferrox.storage.metadata.database import Reader
from ferrox.storage.metadata.keys import common_prefix, prefix_end, successor, upper_bound

Entry = TypeVar("Entry")

_OBJECTS = (
    "SELECT key, size_bytes, modified_ms, etag, storage_class, owner_id,"
    " checksum_algorithm, checksum_type FROM objects"
    " WHERE bucket_id = ? AND key >= ? AND key < ? ORDER BY key LIMIT ?"
)


def objects(
    reader: Reader,
    bucket: BucketRecord,
    *,
    prefix: str,
    delimiter: str,
    after: str,
    limit: int,
) -> Listing:
    """Return a page of what a bucket shows."""
    end = upper_bound(prefix)

    def scan(start: str, row_limit: int) -> Iterable[tuple[Any, ...]]:
        return reader.execute(_OBJECTS, (bucket.bucket_id, start, end, row_limit))

    start = first_key(prefix, delimiter, after)
    entries, is_truncated = collect(
        scan, _summary, start, prefix=prefix, delimiter=delimiter, limit=limit
    )
    return Listing(entries, is_truncated, name_of(entries[-1]) if is_truncated else "")


_summary: Callable[[tuple[Any, ...]], ObjectSummary] = partial(tuple.__new__, ObjectSummary)
"""ObjectSummary._make without its second look at the number of columns: half the time of a page."""


def first_key(prefix: str, delimiter: str, after: str) -> str | None:
    """Return where a listing begins; None if `after` stands behind everything there could be."""
    if not after or after < prefix:
        return prefix
    passed = common_prefix(after, prefix, delimiter) if after.startswith(prefix) else None
    return successor(after) if passed is None else prefix_end(passed)


def collect(
    scan: Callable[[str, int], Iterable[tuple[Any, ...]]],
    make: Callable[[tuple[Any, ...]], Entry],
    start: str | None,
    *,
    prefix: str,
    delimiter: str,
    limit: int,
) -> tuple[list[Entry | CommonPrefix], bool]:
    """Return up to `limit` entries, and whether there are more.

    scan   given a first key and a number of rows: rows in order, of which the first column is a key
           that begins with `prefix`
    start  the first key
    """
    entries: list[Entry | CommonPrefix] = []
    if limit <= 0:
        return entries, False
    if not delimiter and start is not None:
        entries.extend(map(make, scan(start, limit + 1)))
        return entries[:limit], len(entries) > limit
    while start is not None and len(entries) <= limit:
        next_start = None
        for row in scan(start, limit + 1 - len(entries)):
            rolled_up = common_prefix(row[0], prefix, delimiter)
            if rolled_up is not None:
                entries.append(CommonPrefix(rolled_up))
                next_start = prefix_end(rolled_up)
                break
            entries.append(make(row))
        start = next_start
    return entries[:limit], len(entries) > limit


def name_of(entry: Any) -> str:
    """Return what orders an entry: its key, or the common prefix that it is."""
    name: str = entry.prefix if isinstance(entry, CommonPrefix) else entry.key
    return name
