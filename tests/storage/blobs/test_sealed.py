"""Sealed blob files: what is not what was sealed there, under this key, is never served."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ferrox.errors import DataCorrupted
from ferrox.storage.blobs import format as blob_format
from ferrox.storage.blobs.files import FileBlobStore
from ferrox.storage.blobs.format import (
    ENTRY_BYTES,
    FOOTER_BYTES,
    SEALED,
    SEGMENT_BYTES,
    BlobRecord,
    parse_footer,
    parse_tail,
    verify_segments,
)

KEY = bytes(range(32))
NAME = bytes.fromhex("0198263a4c5d000102030405060708ab")
OTHER = bytes.fromhex("0198263a4c5d000102030405060708cd")
RECORD = BlobRecord("b", "k", "null", None, None, 0, None, 1, {"headers": {}})
DATA = os.urandom(2 * SEGMENT_BYTES + 1000)
VECTOR = Path(__file__).parents[2] / "vectors" / "blobs" / "v2-object.blob"


@pytest.fixture
def store(tmp_path: Path) -> FileBlobStore:
    return FileBlobStore(tmp_path / "blobs")


def write(
    store: FileBlobStore, name: bytes = NAME, data: bytes = DATA, key: bytes | None = KEY
) -> Path:
    writer = store.create(name, key)
    writer.append(memoryview(data))
    writer.finish(RECORD)
    return Path(store.path(name))


def read(
    store: FileBlobStore, start: int = 0, length: int = len(DATA), key: bytes | None = KEY
) -> bytes:
    reader = store.open(NAME, key)
    try:
        return reader.read(start, length)
    finally:
        reader.close()


def test_what_was_sealed_is_read_and_lies_nowhere_in_clear(store: FileBlobStore) -> None:
    path = write(store)

    assert DATA == read(store)
    file = path.read_bytes()
    assert not any(DATA[at : at + 16] in file for at in range(0, len(DATA) - 16, 16))
    assert KEY not in file


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.integers(0, len(DATA) - 1), st.integers(1, len(DATA)))
def test_any_range_opens_by_itself(store: FileBlobStore, start: int, length: int) -> None:
    if store.stat(NAME) is None:
        write(store)
    length = min(length, len(DATA) - start)

    assert DATA[start : start + length] == read(store, start, length)


def test_a_range_opens_though_another_segment_is_damaged(store: FileBlobStore) -> None:
    path = write(store)
    damage(path, lambda file: file.__setitem__(5, file[5] ^ 1))

    assert DATA[-1000:] == read(store, len(DATA) - 1000, 1000)
    with pytest.raises(DataCorrupted, match="segment 0"):
        read(store, 0, 1)


def damage(path: Path, change: Callable[[bytearray], object]) -> None:
    file = bytearray(path.read_bytes())
    change(file)
    path.write_bytes(file)


def test_every_changed_byte_of_a_small_blob_is_refused(
    store: FileBlobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("format", "files", "sealed"):
        monkeypatch.setattr(f"ferrox.storage.blobs.{module}.SEGMENT_BYTES", 16)
    data = b"five segments of sixteen bytes, and a short one at the end, as long as it is."
    path = write(store, data=data)
    sound = path.read_bytes()

    for index in range(len(sound)):
        path.write_bytes(sound[:index] + bytes([sound[index] ^ 0x40]) + sound[index + 1 :])
        with pytest.raises(DataCorrupted):
            read(store, 0, len(data))


def test_even_with_its_checksums_made_right_a_forged_blob_is_refused(
    store: FileBlobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who can write to the drive can compute every CRC; the key is what he has not."""
    path = write(store, data=DATA[:SEGMENT_BYTES])
    monkeypatch.setattr("ferrox.storage.blobs.files.SegmentCipher", lambda _key, _name: Forger())

    writer = store.create(OTHER, b"")
    writer.append(memoryview(DATA[:SEGMENT_BYTES]))
    writer.finish(RECORD)
    monkeypatch.undo()
    forged = bytearray(Path(store.path(OTHER)).read_bytes())
    footer = forged[-FOOTER_BYTES:-4]
    footer[32:48] = NAME
    forged[-FOOTER_BYTES:-4] = footer
    tail = forged[SEGMENT_BYTES:-4]
    forged[-4:] = blob_format._crc32c(bytes(tail)).to_bytes(4, "little")
    path.write_bytes(forged)

    with pytest.raises(DataCorrupted, match=r"end of blob .* is not authentic"):
        read(store, 0, 1)


class Forger:
    """Seals under no key."""

    def seal(self, _number: int, _segment: memoryview) -> bytes:
        return bytes(16)

    def end_mark(self, _tail: bytes) -> bytes:
        return bytes(32)


def test_segments_that_change_places_are_refused(store: FileBlobStore) -> None:
    """Ciphertext and table entries together, so that every CRC-32C of a segment fits."""
    path = write(store)
    file = path.read_bytes()
    table, entry = len(DATA), ENTRY_BYTES[SEALED]
    swapped = bytearray(
        file[SEGMENT_BYTES : 2 * SEGMENT_BYTES] + file[:SEGMENT_BYTES] + file[2 * SEGMENT_BYTES :]
    )
    swapped[table : table + 2 * entry] = (
        file[table + entry : table + 2 * entry] + file[table : table + entry]
    )
    swapped[-4:] = blob_format._crc32c(bytes(swapped[table:-4])).to_bytes(4, "little")
    path.write_bytes(swapped)

    with pytest.raises(DataCorrupted, match="is not authentic"):
        read(store)


def test_a_blob_under_another_key_or_name_is_refused(store: FileBlobStore) -> None:
    path = write(store)
    write(store, OTHER)

    with pytest.raises(DataCorrupted, match="not authentic"):
        read(store, key=KEY[::-1])
    path.write_bytes(Path(store.path(OTHER)).read_bytes())
    with pytest.raises(DataCorrupted, match="holds the bytes of blob"):
        read(store)


@pytest.mark.parametrize("lost", [1, 52, 1000, SEGMENT_BYTES])
def test_a_file_that_was_cut_is_refused(store: FileBlobStore, lost: int) -> None:
    path = write(store)
    os.truncate(path, path.stat().st_size - lost)

    with pytest.raises(DataCorrupted):
        read(store)


def test_a_blob_that_should_be_sealed_and_is_not_is_refused(store: FileBlobStore) -> None:
    write(store, key=None)

    with pytest.raises(DataCorrupted, match="is not sealed"):
        read(store)


def test_a_sealed_blob_does_not_pass_for_a_plain_one(store: FileBlobStore) -> None:
    write(store)

    with pytest.raises(DataCorrupted, match="is sealed, unlike"):
        read(store, key=None)


def test_damage_is_found_without_the_key(store: FileBlobStore) -> None:
    path = write(store)
    file = path.read_bytes()

    footer = parse_footer(NAME, file[-FOOTER_BYTES:], len(file))
    tail = parse_tail(NAME, footer, file[-footer.tail_bytes :])

    verify_segments(NAME, tail, 0, file[: len(DATA)])
    with pytest.raises(DataCorrupted, match="segment 1"):
        verify_segments(
            NAME, tail, 0, file[:SEGMENT_BYTES] + b"\0" + file[SEGMENT_BYTES + 1 : len(DATA)]
        )


def test_a_sealed_object_written_by_an_earlier_build_can_be_read(store: FileBlobStore) -> None:
    path = Path(store.path(NAME))
    path.parent.mkdir(parents=True)
    path.write_bytes(VECTOR.read_bytes())
    data = b"five segments of sixteen bytes, and a short one at the end, as long as it is."

    assert data == read(store, 0, len(data))
    reader = store.open(NAME, KEY)
    assert RECORD == reader.record()
    reader.close()
