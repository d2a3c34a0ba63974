"""Examination: damage anywhere in a blob is found, with its key or without, around the cache."""

import errno
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ferrox.errors import DataCorrupted
from ferrox.storage.blobs import examination
from ferrox.storage.blobs.examination import DriveFile
from ferrox.storage.blobs.files import FileBlobStore
from ferrox.storage.blobs.format import (
    FOOTER_BYTES,
    MARK_BYTES,
    SEALED,
    SEGMENT_BYTES,
    BlobRecord,
    parse_footer,
)

KEY = bytes(range(32))
NAME = bytes.fromhex("0198263a4c5d000102030405060708ab")
OTHER = bytes.fromhex("0198263a4c5d000102030405060708cd")
DATA = os.urandom(5 * SEGMENT_BYTES + 1000)
SHA256 = hashlib.sha256(DATA).hexdigest()


def record_of(**proofs: Any) -> BlobRecord:
    members: dict[str, Any] = {
        "size_bytes": len(DATA),
        "sha256": SHA256,
        "created_ms": 1,
        "facts": {},
    }
    return BlobRecord("b", "k", "null", None, None, **(members | proofs))


@pytest.fixture
def store(tmp_path: Path) -> FileBlobStore:
    return FileBlobStore(tmp_path / "blobs")


def write(store: FileBlobStore, key: bytes | None = None, record: BlobRecord | None = None) -> Path:
    writer = store.create(NAME, key)
    writer.append(memoryview(DATA))
    writer.finish(record or record_of())
    return Path(store.path(NAME))


def examine(
    store: FileBlobStore,
    *,
    key: bytes | None = None,
    is_sealed: bool | None = None,
    size_bytes: int = len(DATA),
) -> list[int]:
    """Go through the blob; how much each step brought."""
    is_sealed = key is not None if is_sealed is None else is_sealed
    steps = []
    with store.examine(NAME, size_bytes, is_sealed=is_sealed) as found:
        if key is not None:
            found.unseal(key)
        while step := found.step():
            steps.append(step)
    return steps


def flip(path: Path, index: int) -> None:
    with path.open("r+b") as file:
        file.seek(index)
        (byte,) = file.read(1)
        file.seek(index)
        file.write(bytes([byte ^ 0x10]))


@pytest.mark.parametrize("key", [None, KEY])
def test_a_sound_blob_is_gone_through_in_steps(store: FileBlobStore, key: bytes | None) -> None:
    write(store, key)

    assert [4 * SEGMENT_BYTES, SEGMENT_BYTES + 1000] == examine(store, key=key)


def test_a_sealed_blob_needs_no_key(store: FileBlobStore) -> None:
    write(store, KEY)

    assert len(DATA) == sum(examine(store, is_sealed=True))


@pytest.mark.parametrize("key", [None, KEY])
def test_a_changed_byte_is_found_wherever_it_is(store: FileBlobStore, key: bytes | None) -> None:
    path = write(store, key)
    tail = range(len(DATA), path.stat().st_size, 9)
    places = [0, 7, SEGMENT_BYTES - 1, SEGMENT_BYTES, 4 * SEGMENT_BYTES, len(DATA) - 1, *tail]

    for index in places:
        flip(path, index)
        with pytest.raises(DataCorrupted, match=NAME.hex()):
            examine(store, is_sealed=key is not None)
        flip(path, index)

    assert len(DATA) == sum(examine(store, key=key))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(data=st.data(), is_sealed=st.booleans())
def test_a_file_that_was_cut_or_has_grown_is_found(
    store: FileBlobStore, data: st.DataObject, is_sealed: bool
) -> None:
    store.delete(NAME)
    path = write(store, KEY if is_sealed else None)
    whole = path.stat().st_size
    length = data.draw(st.integers(0, whole + 5000).filter(lambda length: length != whole))
    os.truncate(path, length)

    with pytest.raises(DataCorrupted, match=NAME.hex()):
        examine(store, is_sealed=is_sealed)


def test_a_missing_file_is_found(store: FileBlobStore) -> None:
    with pytest.raises(DataCorrupted, match=f"blob {NAME.hex()} is missing"):
        examine(store)


def test_a_file_under_a_wrong_name_is_found(store: FileBlobStore) -> None:
    path = write(store)
    writer = store.create(OTHER)
    writer.finish(record_of(size_bytes=0))
    path.write_bytes(Path(store.path(OTHER)).read_bytes())

    with pytest.raises(DataCorrupted, match=f"holds the bytes of blob {OTHER.hex()}"):
        examine(store)


@pytest.mark.parametrize(
    ("proofs", "said"),
    [
        ({"sha256": "00" * 32}, "fails its SHA-256"),
        ({"sha256": None, "md5": "00" * 16}, "fails its MD5"),
        ({"md5": "00" * 16}, "fails its MD5"),
        ({"size_bytes": 7}, "says of itself that it holds 7 bytes"),
    ],
)
def test_what_a_blob_says_of_itself_is_compared(
    store: FileBlobStore, proofs: dict[str, Any], said: str
) -> None:
    write(store, record=record_of(**proofs))

    with pytest.raises(DataCorrupted, match=said):
        examine(store)


def test_a_blob_without_a_digest_has_its_segments(store: FileBlobStore) -> None:
    write(store, record=record_of(sha256=None))

    assert len(DATA) == sum(examine(store))


@pytest.mark.parametrize(
    ("said", "match"),
    [
        ({"size_bytes": 5}, "the index says 5"),
        ({"is_sealed": True}, "is not sealed, unlike"),
        ({"key": KEY}, "is not sealed, unlike"),
    ],
)
def test_what_the_index_says_is_compared(
    store: FileBlobStore, said: dict[str, Any], match: str
) -> None:
    write(store)

    with pytest.raises(DataCorrupted, match=match):
        examine(store, **said)


def test_a_wrong_key_is_told_from_a_right_one(store: FileBlobStore) -> None:
    write(store, KEY)

    with pytest.raises(DataCorrupted, match="not authentic"):
        examine(store, key=bytes(32))


def test_forged_ciphertext_with_right_checksums_is_found_by_the_key(
    store: FileBlobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(store, KEY)
    flip(path, 5)
    monkeypatch.setattr(examination, "verify_segments", lambda *_: None)  # as if it had been mended

    assert len(DATA) == sum(examine(store, is_sealed=True))
    with pytest.raises(DataCorrupted, match=r"segment 0 .* not authentic"):
        examine(store, key=KEY)


def test_a_forged_end_is_found_by_the_key(store: FileBlobStore) -> None:
    path = write(store, KEY)
    file = path.read_bytes()
    footer = parse_footer(NAME, file[-FOOTER_BYTES:], len(file))
    mark = len(DATA) + footer.table_bytes - MARK_BYTES[SEALED]
    forged = bytearray(file)
    forged[mark] ^= 1
    forged[-4:] = examination_crc(bytes(forged[len(DATA) : -4]))
    path.write_bytes(forged)

    assert len(DATA) == sum(examine(store, is_sealed=True))
    with pytest.raises(DataCorrupted, match="the end of blob"):
        examine(store, key=KEY)


def examination_crc(data: bytes) -> bytes:
    from ferrox.storage.blobs.format import _CRC, _crc32c

    return _CRC.pack(_crc32c(data))


# How it is read


def refusing(function: Callable[..., Any], code: int, when: Callable[..., bool]) -> Any:
    def call(*arguments: Any, **more: Any) -> Any:
        if when(*arguments, **more):
            raise OSError(code, os.strerror(code))
        return function(*arguments, **more)

    return call


def is_direct(_path: object, flags: int, *_: object) -> bool:
    return bool(flags & os.O_DIRECT)


@pytest.mark.parametrize("key", [None, KEY])
def test_a_file_system_that_has_only_its_cache_is_read_as_well(
    store: FileBlobStore, monkeypatch: pytest.MonkeyPatch, key: bytes | None
) -> None:
    path = write(store, key)
    forgotten: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "open", refusing(os.open, errno.EINVAL, is_direct))
    monkeypatch.setattr(os, "posix_fadvise", lambda _, start, n, __: forgotten.append((start, n)))

    assert len(DATA) == sum(examine(store, key=key))
    assert len(DATA) == sum(length for start, length in forgotten if start < len(DATA) - 20000)
    flip(path, 3)
    with pytest.raises(DataCorrupted, match="segment 0"):
        examine(store, key=key)


def test_a_drive_that_refuses_when_it_is_read_is_read_through_the_cache(
    store: FileBlobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(store)
    monkeypatch.setattr(os, "preadv", refusing(os.preadv, errno.EINVAL, lambda *_: True))

    assert len(DATA) == sum(examine(store))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    offset=st.integers(0, 20_000),
    length=st.integers(0, 20_000),
    size_bytes=st.sampled_from([0, 1, 4095, 4096, 4097, 12_288, 20_000]),
)
def test_any_piece_of_a_file_is_read_as_it_is(
    tmp_path: Path, offset: int, length: int, size_bytes: int
) -> None:
    data = DATA[:size_bytes]
    path = tmp_path / "file"
    path.write_bytes(data)
    file = DriveFile(str(path))

    try:
        assert size_bytes == file.size_bytes
        assert data[offset : offset + length] == file.read(length, offset)
    finally:
        file.close()


@pytest.mark.parametrize("code", [errno.EIO, errno.EACCES])
@pytest.mark.parametrize("call", ["open", "preadv"])
def test_a_file_that_cannot_be_read_is_damaged(
    store: FileBlobStore, monkeypatch: pytest.MonkeyPatch, code: int, call: str
) -> None:
    write(store)
    monkeypatch.setattr(os, call, refusing(getattr(os, call), code, lambda *_: True))

    with pytest.raises(DataCorrupted, match=f"cannot be read: {os.strerror(code)}"):
        examine(store)


@pytest.mark.parametrize("call", ["open", "preadv"])
def test_trouble_of_the_process_says_nothing_of_the_file(
    store: FileBlobStore, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    write(store)
    monkeypatch.setattr(os, call, refusing(getattr(os, call), errno.ENOMEM, lambda *_: True))

    with pytest.raises(OSError, match="memory") as raised:
        examine(store)
    assert not isinstance(raised.value, DataCorrupted)


def test_no_descriptor_is_left_open(store: FileBlobStore) -> None:
    path = write(store)
    before = os.listdir("/proc/self/fd")
    examine(store)
    flip(path, len(DATA))
    with pytest.raises(DataCorrupted):
        examine(store)

    assert before == os.listdir("/proc/self/fd")
