"""The manifest of a version or part: which runs of which blob files are its bytes, in order.

Packed as 32 bytes an extent, little-endian, without a header:

    offset  bytes  what
    0       16     blob name
    16      8      offset inside the blob, u64
    24      8      size, u64

Ten thousand parts make 320 KB, read in one piece; no bytes at all make no manifest (NULL).
"""

import struct
from collections.abc import Iterable, Sequence
from functools import partial

from ferrox.errors import DataCorrupted
from ferrox.records import Extent
from ferrox.storage.metadata.deferred import Deferred

_EXTENT = struct.Struct("<16sQQ")

DEFERRED_FROM_BYTES = 4096


def pack(extents: Iterable[Extent]) -> bytes | None:
    """Return the stored form; None for no extents."""
    return b"".join([_EXTENT.pack(*extent) for extent in extents]) or None


def unpack(manifest: bytes | None) -> Sequence[Extent]:
    """Return the extents of a stored manifest; of a long one, when they are looked at."""
    if not manifest:
        return ()
    if len(manifest) % _EXTENT.size:
        raise DataCorrupted("a manifest of the index does not consist of whole extents")
    if len(manifest) > DEFERRED_FROM_BYTES:
        return Deferred(partial(_unpack_all, manifest))
    return _unpack_all(manifest)


def _unpack_all(manifest: bytes) -> tuple[Extent, ...]:
    return tuple(map(Extent._make, _EXTENT.iter_unpack(manifest)))


def cut(extents: Iterable[Extent], start: int, length: int) -> tuple[Extent, ...]:
    """Return the extents that hold `length` bytes from `start` on."""
    pieces = []
    end = start + length
    position = 0
    for name, offset_bytes, size_bytes in extents:
        first = max(start, position)
        last = min(end, position + size_bytes)
        if first < last:
            pieces.append(Extent(name, offset_bytes + first - position, last - first))
        position += size_bytes
    if sum(piece.size_bytes for piece in pieces) != length:
        raise ValueError("the range reaches beyond the bytes of the manifest")
    return tuple(pieces)
