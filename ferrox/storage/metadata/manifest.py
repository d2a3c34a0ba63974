"""The manifest of a version or part: which runs of which blob files are its bytes, in order.

Packed as 32 bytes an extent, little-endian, without a header, and a CRC-32C (u32) of them all at
the end: a damaged page of the index must not show the wrong bytes of a sound blob.

    offset  bytes  what
    0       16     blob name
    16      8      offset inside the blob, u64
    24      8      size, u64

Ten thousand parts make 320 KB, read in one piece; no bytes at all make no manifest (NULL).
"""

import struct
from collections.abc import Iterable, Sequence
from functools import partial

import anycrc

from ferrox.errors import DataCorrupted
from ferrox.records import Extent
from ferrox.storage.metadata.deferred import Deferred

_EXTENT = struct.Struct("<16sQQ")
_CRC = struct.Struct("<I")

_crc32c = anycrc.Model("CRC32C").calc

DEFERRED_FROM_BYTES = 4096

_NAME_BYTES = 16


def pack(extents: Iterable[Extent]) -> bytes | None:
    """Return the stored form; None for no extents."""
    packed = b"".join([_EXTENT.pack(*extent) for extent in extents])
    return packed + _CRC.pack(_crc32c(packed)) if packed else None


def unpack(manifest: bytes | None) -> Sequence[Extent]:
    """Return the extents of a stored manifest; of a long one, when they are looked at.

    raises  DataCorrupted when it fails its CRC-32C
    """
    if not manifest:
        return ()
    if len(manifest) > DEFERRED_FROM_BYTES:
        return Deferred(partial(_unpack_all, manifest))
    return _unpack_all(manifest)


def first(manifest: bytes | None) -> Extent | None:
    """The first extent of a stored manifest, unverified: to be compared with one that is known."""
    return Extent._make(_EXTENT.unpack_from(manifest)) if manifest else None


def names(manifest: bytes) -> set[bytes]:
    """The blobs that a stored manifest names, unverified."""
    end = len(manifest) - _CRC.size
    return {manifest[start : start + _NAME_BYTES] for start in range(0, end, _EXTENT.size)}


def _unpack_all(manifest: bytes) -> tuple[Extent, ...]:
    extents, crc = manifest[: -_CRC.size], manifest[-_CRC.size :]
    if not extents or len(extents) % _EXTENT.size or _CRC.pack(_crc32c(extents)) != crc:
        raise DataCorrupted("a manifest of the index fails its CRC-32C")
    return tuple(map(Extent._make, _EXTENT.iter_unpack(extents)))


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
