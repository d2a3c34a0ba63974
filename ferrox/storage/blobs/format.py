"""The blob file: data first, then what proves it and what it belonged to.

All numbers are little-endian. n is the length of the data, s = ⌈n / segment_bytes⌉, r the length of
the record.

    offset        bytes  what
    0             n      data; segment i begins at i * segment_bytes, the last one may be short
    n             4·s    table: CRC-32C of each segment, u32
    n + 4s        r      record: one JSON object in UTF-8
    n + 4s + r    52     footer

    footer   0    8      magic "FERROXB\\n"
             8    2      format version, 1
             10   2      zero
             12   4      segment_bytes
             16   8      n
             24   4      length of the table, 4·s
             28   4      r
             32   16     the blob's own name, so that a file under a wrong name is never served
             48   4      CRC-32C of table, record and footer bytes 0 to 47

The record says what the bytes are and where they belonged, so that the index can be rebuilt from
the files: bucket, key, version_id or upload_id and part_number, size_bytes, sha256 or md5 of the
data or both (hex; which of them depends on what the client wanted), created_ms, and facts (ETag,
headers, user metadata … as the caller labelled them). Absent members are left out, unknown ones are
ignored.

Version 2 is the layout of sealed blobs (`sealed` says how they are sealed). The data is ciphertext,
which is as long, and the table has 20 bytes for each segment and 32 behind them all:

    entry    0      16     tag of the segment, AES-256-GCM
             16      4     CRC-32C of its ciphertext, so that damage is found without any key
    n + 20s         32     end mark: HMAC-SHA-256 over entries, record and footer bytes 0 to 47

A further change of layout is a new version number; these two are never edited.
"""

import json
import struct
from collections.abc import Callable
from typing import Any, NamedTuple

import anycrc

from ferrox.errors import DataCorrupted

SEGMENT_BYTES = 256 * 1024
"""Unit of verification in new blobs: the least that is read to serve one byte, and 18 µs of CRC."""

PLAIN = 1
SEALED = 2
"""The layouts, by their version."""

ENTRY_BYTES = {PLAIN: 4, SEALED: 20}
"""Of the table, for each segment."""
MARK_BYTES = {PLAIN: 0, SEALED: 32}

_MAGIC = b"FERROXB\n"
_FOOTER_HEAD = struct.Struct("<8sHHIQII16s")
_CRC = struct.Struct("<I")
FOOTER_BYTES = _FOOTER_HEAD.size + _CRC.size

_TAIL_GUESS_BYTES = 16 * 1024
"""One read of this size gets table, record and footer of any blob up to about 1 GiB."""

_crc32c = anycrc.Model("CRC32C").calc


class BlobRecord(NamedTuple):
    """What a blob says about itself."""

    bucket: str
    key: str
    version_id: str | None
    upload_id: str | None
    part_number: int | None
    size_bytes: int
    sha256: str | None
    created_ms: int
    facts: dict[str, Any]
    md5: str | None = None


class Footer(NamedTuple):
    """The lengths from which everything else in the file is found; not yet verified."""

    layout: int
    segment_bytes: int
    data_bytes: int
    table_bytes: int
    record_bytes: int

    @property
    def tail_bytes(self) -> int:
        """Length of table, record and footer together."""
        return self.table_bytes + self.record_bytes + FOOTER_BYTES


class Tail(NamedTuple):
    """The end of a blob file, sound by its checksum.

    table   an entry for each segment
    mark    of a sealed blob, the end mark
    head    the footer without its checksum
    """

    segment_bytes: int
    data_bytes: int
    table: bytes
    record: bytes
    layout: int = PLAIN
    mark: bytes = b""
    head: bytes = b""

    @property
    def marked(self) -> bytes:
        """What the end mark proves."""
        return self.table + self.record + self.head


def segment_checksums(data: memoryview) -> list[int]:
    """CRC-32C of each segment of `data`, which begins at a segment's beginning."""
    return [
        _crc32c(data[start : start + SEGMENT_BYTES]) for start in range(0, len(data), SEGMENT_BYTES)
    ]


def encode_tail(name: bytes, data_bytes: int, checksums: list[int], record: BlobRecord) -> bytes:
    """Return what follows the data in the file."""
    table = struct.pack(f"<{len(checksums)}I", *checksums)
    text = _encode_record(record)
    head = _encode_head(PLAIN, name, data_bytes, len(table), len(text))
    return _with_checksum(table + text + head)


def encode_sealed_tail(
    name: bytes,
    data_bytes: int,
    table: bytes,
    record: BlobRecord,
    end_mark: Callable[[bytes], bytes],
) -> bytes:
    """Return what follows the data in the file of a sealed blob."""
    text = _encode_record(record)
    table_bytes = len(table) + MARK_BYTES[SEALED]
    head = _encode_head(SEALED, name, data_bytes, table_bytes, len(text))
    return _with_checksum(table + end_mark(table + text + head) + text + head)


def _encode_record(record: BlobRecord) -> bytes:
    members = {member: value for member, value in record._asdict().items() if value is not None}
    return json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode()


def _encode_head(
    layout: int, name: bytes, data_bytes: int, table_bytes: int, record_bytes: int
) -> bytes:
    return _FOOTER_HEAD.pack(
        _MAGIC, layout, 0, SEGMENT_BYTES, data_bytes, table_bytes, record_bytes, name
    )


def _with_checksum(tail: bytes) -> bytes:
    return tail + _CRC.pack(_crc32c(tail))


def read_tail(name: bytes, file_bytes: int, read: Callable[[int, int], bytes]) -> Tail:
    """Read the end of a file, and verify it.

    read  given a length and an offset, returns so many bytes or raises DataCorrupted
    """
    guess_bytes = min(file_bytes, _TAIL_GUESS_BYTES)
    tail = read(guess_bytes, file_bytes - guess_bytes)
    footer = parse_footer(name, tail[-FOOTER_BYTES:], file_bytes)
    if footer.tail_bytes > guess_bytes:
        tail = read(footer.tail_bytes, file_bytes - footer.tail_bytes)
    return parse_tail(name, footer, tail[-footer.tail_bytes :])


def parse_footer(name: bytes, footer: bytes, file_bytes: int) -> Footer:
    """Read the lengths from the last FOOTER_BYTES of a file that is `file_bytes` long."""
    if len(footer) != FOOTER_BYTES:
        raise DataCorrupted(f"blob {name.hex()} is too short to be one")
    magic, layout, zero, segment_bytes, data_bytes, table_bytes, record_bytes, own_name = (
        _FOOTER_HEAD.unpack_from(footer)
    )
    if magic != _MAGIC or layout not in ENTRY_BYTES or zero != 0 or segment_bytes == 0:
        raise DataCorrupted(f"blob {name.hex()} has no footer of a known format")
    if own_name != name:
        raise DataCorrupted(f"blob {name.hex()} holds the bytes of blob {own_name.hex()}")
    found = Footer(layout, segment_bytes, data_bytes, table_bytes, record_bytes)
    right_bytes = -(-data_bytes // segment_bytes) * ENTRY_BYTES[layout] + MARK_BYTES[layout]
    if table_bytes != right_bytes or data_bytes + found.tail_bytes != file_bytes:
        raise DataCorrupted(f"blob {name.hex()} is not as long as its footer says")
    return found


def parse_tail(name: bytes, footer: Footer, tail: bytes) -> Tail:
    """Verify the last `footer.tail_bytes` of the file."""
    (expected,) = _CRC.unpack(tail[-_CRC.size :])
    if _crc32c(memoryview(tail)[: -_CRC.size]) != expected:
        raise DataCorrupted(f"the checksum table of blob {name.hex()} is damaged")
    entries_end = footer.table_bytes - MARK_BYTES[footer.layout]
    record_end = footer.table_bytes + footer.record_bytes
    return Tail(
        footer.segment_bytes,
        footer.data_bytes,
        tail[:entries_end],
        tail[footer.table_bytes : record_end],
        footer.layout,
        tail[entries_end : footer.table_bytes],
        tail[record_end : -_CRC.size],
    )


def parse_record(tail: Tail) -> BlobRecord:
    """What the blob says about itself."""
    try:
        members = json.loads(tail.record)
        return BlobRecord(
            bucket=members["bucket"],
            key=members["key"],
            version_id=members.get("version_id"),
            upload_id=members.get("upload_id"),
            part_number=members.get("part_number"),
            size_bytes=members["size_bytes"],
            sha256=members.get("sha256"),
            created_ms=members["created_ms"],
            facts=members["facts"],
            md5=members.get("md5"),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise DataCorrupted(f"unreadable blob record: {error}") from error


def verify_segments(name: bytes, tail: Tail, first: int, data: bytes) -> None:
    """Check that `data` is what was written as segment `first` and those that follow it.

    Of a sealed blob it is the ciphertext; that it was not forged is for its key to say.
    """
    view = memoryview(data)
    entry_bytes = ENTRY_BYTES[tail.layout]
    for index, start in enumerate(range(0, len(data), tail.segment_bytes), first):
        (expected,) = _CRC.unpack_from(tail.table, (index + 1) * entry_bytes - _CRC.size)
        if _crc32c(view[start : start + tail.segment_bytes]) != expected:
            raise DataCorrupted(f"segment {index} of blob {name.hex()} fails its CRC-32C")
