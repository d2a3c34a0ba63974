"""S3 as a dictionary: what the store is held against. Naive on purpose, and kept in memory."""

import hashlib
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple


@dataclass(frozen=True)
class StoredObject:
    """What one key shows."""

    body: bytes
    etag: str
    content_type: str
    metadata: dict[str, str]
    part_sizes: tuple[tuple[int, int], ...] = ()
    """(part number, size) of an object that was completed from parts"""
    modified_ms: int = 0

    def part(self, part_number: int) -> bytes | None:
        """The bytes of one part; an object that was put in one piece is its own part 1."""
        start = 0
        for number, size_bytes in self.part_sizes or ((1, len(self.body)),):
            if number == part_number:
                return self.body[start : start + size_bytes]
            start += size_bytes
        return None


class StoredPart(NamedTuple):
    """One part of an open upload."""

    body: bytes
    etag: str


@dataclass
class OpenUpload:
    """A multipart upload under way."""

    bucket: str
    key: str
    initiated_ms: int
    content_type: str
    metadata: dict[str, str]
    parts: dict[int, StoredPart] = field(default_factory=dict)


class Entries(NamedTuple):
    """A whole listing."""

    keys: list[str]
    common_prefixes: list[str]


@dataclass
class Model:
    """All that the server should know."""

    buckets: dict[str, dict[str, StoredObject]]
    uploads: dict[str, OpenUpload] = field(default_factory=dict)
    completed: dict[str, tuple[OpenUpload, str]] = field(default_factory=dict)
    """upload id → the upload and the ETag of what it became"""

    def complete(self, upload_id: str, part_numbers: Sequence[int], now_ms: int) -> StoredObject:
        """Make an object of parts."""
        upload = self.uploads.pop(upload_id)
        parts = [upload.parts[number] for number in part_numbers]
        digests = b"".join(bytes.fromhex(part.etag) for part in parts)
        made = StoredObject(
            b"".join(part.body for part in parts),
            f"{hashlib.md5(digests).hexdigest()}-{len(parts)}",
            upload.content_type,
            upload.metadata,
            tuple((number, len(upload.parts[number].body)) for number in part_numbers),
            now_ms,
        )
        self.buckets[upload.bucket][upload.key] = made
        self.completed[upload_id] = (upload, made.etag)
        return made

    def forget_uploads(self, bucket: str) -> None:
        """Lose what goes with a bucket that is deleted."""
        self.uploads = {k: one for k, one in self.uploads.items() if one.bucket != bucket}
        self.completed = {k: one for k, one in self.completed.items() if one[0].bucket != bucket}

    def list_keys(self, bucket: str, prefix: str, delimiter: str, after: str) -> Entries:
        """Every entry of a bucket whose name is greater than `after`."""
        return list_names(self.buckets[bucket], prefix, delimiter, after)

    def list_uploads(self, bucket: str, prefix: str, delimiter: str) -> Entries:
        """The same of its uploads: a key appears once for each upload of it."""
        names = [upload.key for upload in self.uploads.values() if upload.bucket == bucket]
        return list_names(names, prefix, delimiter, "")


def list_names(names: Iterable[str], prefix: str, delimiter: str, after: str) -> Entries:
    """Sort by UTF-8, filter and roll up.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html: keys and common prefixes
    alike are shown when they are greater than where the listing begins.
    """
    found = Entries([], [])
    for name in sorted(names, key=str.encode):
        if not name.startswith(prefix):
            continue
        head, separator, _ = name[len(prefix) :].partition(delimiter) if delimiter else ("", "", "")
        shown = prefix + head + separator if separator else name
        if shown.encode() <= after.encode():
            continue
        if not separator:
            found.keys.append(shown)
        elif shown not in found.common_prefixes:
            found.common_prefixes.append(shown)
    return found


def put_object(
    body: bytes, content_type: str, metadata: dict[str, str], now_ms: int
) -> StoredObject:
    """What a key shows after a plain put."""
    etag = hashlib.md5(body).hexdigest()
    return StoredObject(body, etag, content_type, metadata, (), now_ms)


def span(header: str, size_bytes: int) -> tuple[int, int] | None:
    """Start and end of what `bytes=a-b`, `a-` or `-n` selects; None when that is nothing."""
    first, _, last = header.removeprefix("bytes=").partition("-")
    if not first:
        start, end = max(size_bytes - int(last), 0), size_bytes
    else:
        start, end = int(first), min(int(last) + 1 if last else size_bytes, size_bytes)
    return (start, end) if start < end else None


def is_ascending(part_numbers: Sequence[int]) -> bool:
    """Whether each number is greater than the one before."""
    return all(one < other for one, other in itertools.pairwise(part_numbers))
