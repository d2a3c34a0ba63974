"""History: pages of all versions and delete markers, by key, and within a key the newest first.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html

The index `versions_by_key` has this order, so a page is one range scan, and with a delimiter one
seek for each common prefix, as in `listing`.

Where a page begins

    A key marker alone is what `after` is in `listing`: nothing of that key is shown any more. With
    a version id marker, the versions of that key that are older than this one come first. If that
    version is gone, all versions of the key come: clients delete what a page showed before they
    ask for the next one, so what is left of the key was not shown.
"""

from collections.abc import Callable, Iterable
from itertools import chain
from typing import Any

from ferrox.records import BucketRecord, CommonPrefix, VersionListing, VersionSummary
from ferrox.storage.metadata.database import Reader
from ferrox.storage.metadata.keys import successor, upper_bound
from ferrox.storage.metadata.listing import collect, first_key
from ferrox.storage.metadata.versions import decode_facts

_COLUMNS = (
    "key, version_id, is_delete_marker, size_bytes, modified_ms, etag, storage_class, owner_id,"
    " facts"
)
_VERSIONS = (
    f"SELECT {_COLUMNS} FROM versions"
    " WHERE bucket_id = ? AND key >= ? AND key < ? ORDER BY key, version DESC LIMIT ?"
)
_OLDER = (
    f"SELECT {_COLUMNS} FROM versions"
    " WHERE bucket_id = ? AND key = ? AND version < ? ORDER BY version DESC LIMIT ?"
)
_NUMBER = "SELECT version FROM versions WHERE bucket_id = ? AND key = ? AND version_id = ?"


def page(
    reader: Reader,
    bucket: BucketRecord,
    *,
    prefix: str,
    delimiter: str,
    key_marker: str,
    version_id_marker: str,
    limit: int,
) -> VersionListing:
    """Return a page of versions."""
    bucket_id = bucket.bucket_id
    end = upper_bound(prefix)
    start = first_key(prefix, delimiter, key_marker)
    passed: int | None = None
    if version_id_marker and start == successor(key_marker):
        start = key_marker  # further versions of that key are to come
        passed = _number(reader, bucket_id, key_marker, version_id_marker)

    def scan(key: str, row_limit: int) -> Iterable[tuple[Any, ...]]:
        if passed is None or key != key_marker:
            return reader.execute(_VERSIONS, (bucket_id, key, end, row_limit))
        older = reader.execute(_OLDER, (bucket_id, key, passed, row_limit))
        further = (bucket_id, successor(key), end, row_limit)
        return chain(older, _lazily(lambda: reader.execute(_VERSIONS, further)))

    entries, is_truncated = collect(
        scan,
        _summaries(None if passed is None else key_marker),
        start,
        prefix=prefix,
        delimiter=delimiter,
        limit=limit,
    )
    if not is_truncated:
        return VersionListing(entries, False, "", "")
    last = entries[-1]
    if isinstance(last, CommonPrefix):
        return VersionListing(entries, True, last.prefix, "")
    return VersionListing(entries, True, last.key, last.version_id)


def _number(reader: Reader, bucket_id: int, key: str, version_id: str) -> int | None:
    row = reader.execute(_NUMBER, (bucket_id, key, version_id)).fetchone()
    return None if row is None else int(row[0])


def _lazily(rows: Callable[[], Iterable[tuple[Any, ...]]]) -> Iterable[tuple[Any, ...]]:
    """The rows, looked up when the first of them is wanted."""
    yield from rows()


def _summaries(previous_key: str | None) -> Callable[[tuple[Any, ...]], VersionSummary]:
    """What makes rows, as they come in order, into summaries; the first of a key is the latest."""

    def make(row: tuple[Any, ...]) -> VersionSummary:
        nonlocal previous_key
        key, version_id, is_delete_marker, size_bytes, modified_ms, etag, storage_class, *rest = row
        owner_id, facts = rest
        is_latest = key != previous_key
        previous_key = key
        checksum = decode_facts(facts)[2]
        return VersionSummary(
            key,
            version_id,
            is_latest,
            is_delete_marker == 1,
            size_bytes,
            modified_ms,
            etag,
            storage_class,
            owner_id,
            None if checksum is None else checksum.algorithm,
            None if checksum is None else checksum.type,
        )

    return make
