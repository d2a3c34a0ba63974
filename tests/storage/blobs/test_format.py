"""The blob format: what an earlier build wrote can be read, and what is damaged cannot."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferrox.errors import DataCorrupted
from ferrox.storage.blobs import format as blob_format
from ferrox.storage.blobs.format import (
    FOOTER_BYTES,
    SEGMENT_BYTES,
    BlobRecord,
    Tail,
    encode_tail,
    parse_footer,
    parse_record,
    parse_tail,
    segment_checksums,
    verify_segments,
)

VECTORS = Path(__file__).parents[2] / "vectors" / "blobs"
NAME = bytes(range(16))
RECORD = BlobRecord("b", "k", "null", None, None, 5, "00" * 32, 1, {"etag": "e"})


def parse(name: bytes, file: bytes) -> Tail:
    footer = parse_footer(name, file[-FOOTER_BYTES:], len(file))
    return parse_tail(name, footer, file[-footer.tail_bytes :])


def whole_file(data: bytes) -> bytes:
    return data + encode_tail(NAME, len(data), segment_checksums(memoryview(data)), RECORD)


def test_an_object_written_by_an_earlier_build_can_be_read() -> None:
    file = (VECTORS / "v1-object.blob").read_bytes()
    data = b"five segments of sixteen bytes, and a short one at the end, as long as it is."

    tail = parse(NAME, file)

    assert (16, len(data)) == (tail.segment_bytes, tail.data_bytes)
    verify_segments(NAME, tail, 0, file[: len(data)])
    verify_segments(NAME, tail, 2, data[32:])
    assert parse_record(tail) == BlobRecord(
        bucket="photos",
        key="a/ü b.jpg",
        version_id="null",
        upload_id=None,
        part_number=None,
        size_bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        created_ms=1753000000000,
        facts={
            "etag": hashlib.md5(data).hexdigest(),
            "headers": {"content-type": "image/jpeg"},
            "user_metadata": {"colour": "grün"},
        },
    )


def test_a_part_written_by_an_earlier_build_can_be_read() -> None:
    name = bytes(range(16, 32))
    file = (VECTORS / "v1-part.blob").read_bytes()

    tail = parse(name, file)

    record = parse_record(tail)
    assert (record.version_id, record.upload_id, record.part_number) == (None, "0" * 48, 7)
    verify_segments(name, tail, 0, b"part")


def test_this_build_writes_what_the_earlier_one_wrote(monkeypatch: pytest.MonkeyPatch) -> None:
    file = (VECTORS / "v1-object.blob").read_bytes()
    tail = parse(NAME, file)
    data = file[: tail.data_bytes]
    monkeypatch.setattr(blob_format, "SEGMENT_BYTES", 16)

    written = encode_tail(NAME, len(data), segment_checksums(memoryview(data)), parse_record(tail))

    assert file == data + written


@given(st.integers(0, 3 * SEGMENT_BYTES))
def test_data_of_any_length_makes_a_round_trip(length: int) -> None:
    data = (b"0123456789abcde" * (length // 15 + 1))[:length]

    tail = parse(NAME, whole_file(data))

    assert parse_record(tail) == RECORD
    verify_segments(NAME, tail, 0, data)


def test_every_changed_byte_is_noticed() -> None:
    data = (VECTORS / "v1-object.blob").read_bytes()
    size = parse(NAME, data).data_bytes

    for index in range(len(data)):
        damaged = bytearray(data)
        damaged[index] ^= 0x40
        with pytest.raises(DataCorrupted):
            verify_segments(NAME, parse(NAME, bytes(damaged)), 0, bytes(damaged[:size]))


def test_every_shorter_file_is_refused() -> None:
    file = whole_file(b"hello")

    for length in range(len(file)):
        with pytest.raises(DataCorrupted):
            parse(NAME, file[:length])


def test_bytes_after_the_footer_are_refused() -> None:
    with pytest.raises(DataCorrupted):
        parse(NAME, whole_file(b"hello") + b"\0")


def test_a_file_under_another_name_is_refused() -> None:
    with pytest.raises(DataCorrupted, match="holds the bytes of blob 0001"):
        parse(bytes(16), whole_file(b"hello"))


def test_segments_in_the_wrong_place_are_refused() -> None:
    data = b"a" * SEGMENT_BYTES + b"b" * SEGMENT_BYTES
    tail = parse(NAME, whole_file(data))

    with pytest.raises(DataCorrupted, match="segment 0"):
        verify_segments(NAME, tail, 0, data[SEGMENT_BYTES:])


def test_a_record_without_its_members_is_refused() -> None:
    with pytest.raises(DataCorrupted):
        parse_record(Tail(SEGMENT_BYTES, 0, b"", b'{"bucket": "b"}'))


def test_members_that_a_later_build_adds_are_ignored() -> None:
    tail = parse(NAME, whole_file(b""))
    longer = tail._replace(record=tail.record[:-1] + b',"drive":"d1"}')

    assert parse_record(longer) == RECORD
