"""Where an object is cut when it is copied in parts, so that its ETag comes out as it was.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html (ETag)

The ETag of an object made of parts is the MD5 of its parts' MD5s: it says that the bytes are right
only if the cuts are where they were. HeadObject with a part number tells where (PartSizes); where a
server does not tell, sizes that uploads usually have are tried against number of parts and length.
Parts below the least size, which some servers allow, are sent several in one, and still summed up
one by one.
"""

import hashlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ferrox.protocol import etag

MIB = 1024**2
LEAST_PART_BYTES = 5 * MIB
MOST_PARTS = 10_000
MOST_PUT_BYTES = 5 * 1024**3
"""What fits into one PutObject."""

USUAL_MIB = (8, 5, 16, 64, 10, 15, 32, 100, 128, 50, 6, 20, 25, 40, 256, 500, 512, 1024)
"""Part sizes of programs: AWS CLI and SDKs, rclone, s3cmd, minio, s5cmd, and round numbers."""


class Part(NamedTuple):
    """A part as it is sent; `pieces` are the lengths of the source's parts that it is made of."""

    number: int
    start: int
    size_bytes: int
    pieces: tuple[int, ...]


class PieceDigests:
    """The MD5 of each of the pieces that bytes are cut into."""

    def __init__(self, sizes: Sequence[int]) -> None:
        self._sizes = iter(sizes)
        self._left_bytes = 0
        self._md5 = hashlib.md5(usedforsecurity=False)
        self.digests: list[str] = []
        self._next()

    def update(self, data: bytes) -> None:
        """Take the bytes that come next."""
        view = memoryview(data)
        while view and self._left_bytes:
            taken = view[: self._left_bytes]
            self._md5.update(taken)
            self._left_bytes -= len(taken)
            view = view[len(taken) :]
            if not self._left_bytes:
                self.digests.append(self._md5.hexdigest())
                self._next()

    def _next(self) -> None:
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._left_bytes = next(self._sizes, 0)


def part_count(tag: str) -> int | None:
    """Of how many parts an object with this ETag was made; None if it was not."""
    _, dash, count = tag.rpartition("-")
    if not dash or not count.isdecimal() or not 1 <= int(count) <= MOST_PARTS:
        return None
    return int(count)


def is_md5(tag: str) -> bool:
    """Whether an ETag can be the MD5 of the object's bytes."""
    return len(tag) == 32 and all(character in "0123456789abcdef" for character in tag)


def equal_sizes(size_bytes: int, count: int, first_bytes: int) -> list[int] | None:
    """The sizes of parts that are all as large as the first, but the last; None if it cannot be."""
    last_bytes = size_bytes - first_bytes * (count - 1)
    if not 0 < last_bytes <= first_bytes:
        return None
    return [first_bytes] * (count - 1) + [last_bytes]


def guessed_sizes(size_bytes: int, count: int) -> Iterator[list[int]]:
    """The sizes that parts may have had, likelier ones first."""
    for size_mib in USUAL_MIB:
        sizes = equal_sizes(size_bytes, count, size_mib * MIB)
        if sizes is not None:
            yield sizes


def parts_of(sizes: Sequence[int]) -> list[Part]:
    """Parts to be sent, each large enough, but the last, and made of whole parts of the source."""
    parts: list[Part] = []
    start = size_bytes = 0
    pieces: list[int] = []
    for size in sizes:
        pieces.append(size)
        size_bytes += size
        if size_bytes >= LEAST_PART_BYTES:
            parts.append(Part(len(parts) + 1, start, size_bytes, tuple(pieces)))
            start, size_bytes, pieces = start + size_bytes, 0, []
    if pieces:
        parts.append(Part(len(parts) + 1, start, size_bytes, tuple(pieces)))
    return parts


def cut(size_bytes: int) -> list[int]:
    """Sizes for an object that was not made of parts but is too large for one request."""
    part_bytes = max(64 * MIB, -(-size_bytes // MOST_PARTS))
    whole, rest = divmod(size_bytes, part_bytes)
    return [part_bytes] * whole + ([rest] if rest else [])


def whole_etag(digests: Sequence[Sequence[str]]) -> str:
    """The ETag of an object by the MD5s of the pieces of all its parts."""
    return etag.multipart([digest for of_part in digests for digest in of_part])
