"""Sealed blobs: segments on their way into a file and out of it, under the blob's data key.

`crypto.segments` says what each segment is bound to, `format` where everything lies. Only what was
authenticated leaves: the end of the blob when it is opened, each segment when it is read.
"""

import hmac
import struct

import anycrc

from ferrox.crypto.segments import TAG_BYTES, SegmentCipher
from ferrox.errors import DataCorrupted, SealBroken
from ferrox.storage.blobs.format import ENTRY_BYTES, SEALED, SEGMENT_BYTES, Tail

_ENTRY = struct.Struct(f"<{TAG_BYTES}sI")
_crc32c = anycrc.Model("CRC32C").calc


class Sealer:
    """Seals blocks as they come, and keeps the table."""

    def __init__(self, cipher: SegmentCipher) -> None:
        self.end_mark = cipher.end_mark
        self.table = bytearray()
        self._cipher = cipher
        self._buffer = bytearray(SEGMENT_BYTES)

    def seal(self, segment: memoryview) -> memoryview:
        """The ciphertext of the next segment; good until the next call."""
        number = len(self.table) // ENTRY_BYTES[SEALED]
        ciphertext = memoryview(self._buffer)[: len(segment)]
        ciphertext[:] = segment
        tag = self._cipher.seal(number, ciphertext)
        self.table += _ENTRY.pack(tag, _crc32c(ciphertext))
        return ciphertext


def verify_end(name: bytes, cipher: SegmentCipher, tail: Tail) -> None:
    """Check that a sealed blob ends where it ended when it was sealed, and says what it said."""
    if not hmac.compare_digest(cipher.end_mark(tail.marked), tail.mark):
        raise DataCorrupted(f"the end of blob {name.hex()} is not authentic under its key")


def open_segments(
    name: bytes, cipher: SegmentCipher, tail: Tail, first: int, segments: memoryview
) -> None:
    """Turn ciphertext, of segment `first` and those after it, into what was sealed, in place.

    raises  DataCorrupted when some of it is not authentic: nothing of it may leave then
    """
    for number, start in enumerate(range(0, len(segments), tail.segment_bytes), first):
        offset = number * ENTRY_BYTES[SEALED]
        tag = tail.table[offset : offset + TAG_BYTES]
        try:
            cipher.open(number, segments[start : start + tail.segment_bytes], tag)
        except SealBroken:
            raise DataCorrupted(
                f"segment {number} of blob {name.hex()} is not authentic under its key"
            ) from None
