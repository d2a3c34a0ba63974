"""The end of a blob file: damage of any kind is noticed, and what was written comes back."""

import zlib

from ferrox.errors import DataCorrupted
from ferrox.storage.blobs import format as blob
from ferrox.storage.blobs.format import FOOTER_BYTES, BlobRecord
from tests.fuzz.target import Target, clean_text, pieces_of

_NAME = bytes(range(16))


def check(data: bytes) -> None:
    """By its first byte, read an input as a file, or write one of it and harm that."""
    if data[:1] == b"w":
        _write(data[1:])
        return
    _read(data[1:])


def _read(file: bytes) -> bytes | None:
    """The data of a file, proved; None if it is damaged."""
    try:
        footer = blob.parse_footer(_NAME, file[-FOOTER_BYTES:], len(file))
        assert footer.data_bytes + footer.tail_bytes == len(file)
        tail = blob.parse_tail(_NAME, footer, file[-footer.tail_bytes :])
        record = blob.parse_record(tail)
        content = file[: footer.data_bytes]
        blob.verify_segments(_NAME, tail, 0, content)
    except DataCorrupted:
        return None
    assert isinstance(record, BlobRecord)
    return content


def _write(data: bytes) -> None:
    content, key, harm = pieces_of(data, 3)
    record = BlobRecord("bucket", clean_text(key), "v", None, None, len(content), None, 1, {})
    checksums = blob.segment_checksums(memoryview(content))
    file = content + blob.encode_tail(_NAME, len(content), checksums, record)
    assert content == _read(file)
    at = zlib.crc32(data) % len(file)
    by = (harm[0] if harm else 0) or 1
    assert _read(file[:at] + bytes([file[at] ^ by]) + file[at + 1 :]) is None
    assert _read(file[:at]) is None
    assert _read(harm + file) is None or not harm


def _sealed() -> bytes:
    record = BlobRecord("b", "k", None, "u", 1, 4, "aa", 1, {"a": "b"}, "cc")
    table = bytes(16) + blob.segment_checksums(memoryview(b"data"))[0].to_bytes(4, "little")
    return b"data" + blob.encode_sealed_tail(_NAME, 4, table, record, lambda _: bytes(32))


TARGET = Target(
    check,
    seeds=(b"wcontent\0key\0\x80", b"w\0\xc3\xa9\0", b"r" + _sealed(), b"rFERROXB\n"),
    words=(
        b"FERROXB\n",
        _NAME,
        b"\0\0\4\0",
        b'{"bucket":"b"',
        b'"facts":',
        b'"size_bytes":',
        b"\2\0",
    ),
)
