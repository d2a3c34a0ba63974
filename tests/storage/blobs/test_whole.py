"""Whole blob files: damage anywhere is found, and what fails leaves no copy."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferrox.errors import DataCorrupted
from ferrox.storage.blobs import whole
from ferrox.storage.blobs.files import FileBlobStore
from ferrox.storage.blobs.format import SEGMENT_BYTES, BlobRecord

NAME = bytes.fromhex("0198263a4c5d000102030405060708ab")
RECORD = BlobRecord("b", "k", "null", None, None, 0, "00" * 32, 1, {})
LENGTHS = (1, SEGMENT_BYTES, 5 * SEGMENT_BYTES + 1000)


def blob(folder: Path, length: int = LENGTHS[-1], key: bytes | None = None) -> str:
    store = FileBlobStore(folder)
    writer = store.create(NAME, key)
    writer.append(memoryview(os.urandom(length)))
    writer.finish(RECORD)
    return store.path(NAME)


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("key", [None, b"k" * 32], ids=["plain", "sealed"])
def test_a_copy_is_the_same_file(tmp_path: Path, length: int, key: bytes | None) -> None:
    source, target = blob(tmp_path / "blobs", length, key), tmp_path / "copy"

    copied = whole.copy(NAME, source, str(target))

    assert Path(source).read_bytes() == target.read_bytes()
    assert target.stat().st_size == copied == whole.verify(NAME, source)
    assert 0o600 == target.stat().st_mode & 0o777
    assert copied == whole.stored_bytes(NAME, str(target))


@pytest.fixture(scope="module", params=[None, b"k" * 32], ids=["plain", "sealed"])
def sound(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a blob file."""
    folder = tmp_path_factory.mktemp("sound")
    return Path(blob(folder, SEGMENT_BYTES + 100, request.param)).read_bytes()


@given(at=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_every_flipped_bit_is_found(
    sound: bytes, tmp_path_factory: pytest.TempPathFactory, at: float, bit: int
) -> None:
    folder = tmp_path_factory.getbasetemp() / "flipped"
    folder.mkdir(exist_ok=True)
    damaged = bytearray(sound)
    damaged[int(at * len(sound))] ^= 1 << bit
    (folder / "blob").write_bytes(damaged)

    with pytest.raises(DataCorrupted):
        whole.copy(NAME, str(folder / "blob"), str(folder / "copy"))

    assert ["blob"] == os.listdir(folder)


@pytest.mark.parametrize("change", [lambda data: data[:-1], lambda data: data[1:], lambda _: b""])
def test_every_cut_is_found(tmp_path: Path, sound: bytes, change: Callable[[bytes], bytes]) -> None:
    (tmp_path / "blob").write_bytes(change(sound))

    with pytest.raises(DataCorrupted):
        whole.verify(NAME, str(tmp_path / "blob"))
    assert whole.stored_bytes(NAME, str(tmp_path / "blob")) is None


def test_a_missing_blob_and_one_that_cannot_be_read_are_damaged(tmp_path: Path) -> None:
    with pytest.raises(DataCorrupted, match="missing"):
        whole.copy(NAME, str(tmp_path / "none"), str(tmp_path / "copy"))
    with pytest.raises(DataCorrupted, match="cannot be read"):
        whole.verify(NAME, str(tmp_path))


def test_a_full_drive_is_no_damage_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = blob(tmp_path / "blobs")

    def refuse(_fd: int, _data: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "write", refuse)

    with pytest.raises(OSError, match="No space left"):
        whole.copy(NAME, source, str(tmp_path / "copy"))
    assert ["blobs"] == os.listdir(tmp_path)


def test_bytes_are_durable_before_they_have_their_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = blob(tmp_path / "blobs")
    steps: list[str] = []

    def noting(step: str, call: Callable[..., None]) -> Callable[..., None]:
        def noted(*of: object) -> None:
            steps.append(step)
            call(*of)

        return noted

    monkeypatch.setattr(os, "fdatasync", noting("sync", os.fdatasync))
    monkeypatch.setattr(os, "rename", noting("name", os.rename))

    whole.copy(NAME, source, str(tmp_path / "copy"))

    assert ["sync", "name"] == steps


def test_what_a_copy_that_was_cut_off_left_is_overwritten(tmp_path: Path) -> None:
    source = blob(tmp_path / "blobs")
    (tmp_path / "copy.new").write_bytes(b"half")

    whole.copy(NAME, source, str(tmp_path / "copy"))

    assert {"blobs", "copy"} == set(os.listdir(tmp_path))


def test_a_sound_end_tells_what_a_damaged_blob_belonged_to(tmp_path: Path) -> None:
    path = Path(blob(tmp_path / "blobs"))
    with path.open("r+b") as file:
        file.write(b"damage")

    found = whole.record(NAME, str(path))

    assert found is not None
    assert ("b", "k") == (found.bucket, found.key)
    assert whole.record(NAME, str(tmp_path / "none")) is None
