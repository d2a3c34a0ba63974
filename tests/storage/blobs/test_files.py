"""Blob files: damage is refused, a full disk is survived, a failed fsync ends all writing.

Failures of the drive are injected by replacing os.write, os.fdatasync and os.fsync; one test has
the kernel itself refuse, by a limit on file size (EFBIG), in a process of its own.
"""

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ferrox.errors import DataCorrupted, StorageFull, StoreReadOnly
from ferrox.storage.blobs.files import FileBlobStore
from ferrox.storage.blobs.format import SEGMENT_BYTES, BlobRecord

NAME = bytes.fromhex("0198263a4c5d000102030405060708ab")
OTHER = bytes.fromhex("0198263a4c5d000102030405060708cd")
RECORD = BlobRecord("b", "k", "null", None, None, 0, "00" * 32, 1, {})
DATA = os.urandom(2 * SEGMENT_BYTES + 1000)


@pytest.fixture
def store(tmp_path: Path) -> FileBlobStore:
    return FileBlobStore(tmp_path / "blobs")


def write(store: FileBlobStore, name: bytes = NAME, data: bytes = DATA) -> Path:
    writer = store.create(name)
    writer.append(memoryview(data))
    writer.finish(RECORD)
    return Path(store.path(name))


def read(store: FileBlobStore, start: int = 0, length: int = len(DATA)) -> bytes:
    reader = store.open(NAME)
    try:
        return reader.read(start, length)
    finally:
        reader.close()


def fail(code: int) -> Callable[..., int]:
    def refuse(*_: object) -> int:
        raise OSError(code, os.strerror(code))

    return refuse


def test_a_file_lies_under_the_last_digits_of_its_name(store: FileBlobStore) -> None:
    path = write(store)

    assert Path(store.root) / "08" / "ab" / NAME.hex() == path
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_bytes().startswith(DATA)


def test_a_changed_byte_in_table_record_or_footer_is_refused(store: FileBlobStore) -> None:
    path = write(store)
    whole = path.read_bytes()

    for index in range(len(DATA), len(whole)):
        path.write_bytes(whole[:index] + bytes([whole[index] ^ 1]) + whole[index + 1 :])
        with pytest.raises(DataCorrupted):
            read(store)


@pytest.mark.parametrize("index", [0, 1000, SEGMENT_BYTES - 1, SEGMENT_BYTES, len(DATA) - 1])
def test_a_changed_byte_in_the_data_is_refused(store: FileBlobStore, index: int) -> None:
    path = write(store)
    with path.open("r+b") as file:
        file.seek(index)
        file.write(bytes([DATA[index] ^ 0x80]))

    with pytest.raises(DataCorrupted, match=f"segment {index // SEGMENT_BYTES}"):
        read(store)
    with pytest.raises(DataCorrupted):
        read(store, index, 1)


def test_damage_in_one_segment_leaves_the_others_readable(store: FileBlobStore) -> None:
    path = write(store)
    with path.open("r+b") as file:
        file.write(b"damage")

    assert DATA[SEGMENT_BYTES:] == read(store, SEGMENT_BYTES, len(DATA) - SEGMENT_BYTES)


@pytest.mark.parametrize("length", [0, 1, 51, 52, 100, SEGMENT_BYTES, len(DATA), len(DATA) + 100])
def test_a_truncated_file_is_refused(store: FileBlobStore, length: int) -> None:
    os.truncate(write(store), length)

    with pytest.raises(DataCorrupted):
        read(store)


def test_an_unfinished_file_is_refused(store: FileBlobStore) -> None:
    store.create(NAME).append(memoryview(DATA))

    with pytest.raises(DataCorrupted):
        read(store)


def test_a_table_longer_than_the_first_read_is_read_whole(store: FileBlobStore) -> None:
    writer = store.create(NAME)
    writer.append(memoryview(DATA))
    writer.finish(RECORD._replace(facts={"filling": "x" * 100_000}))

    assert read(store) == DATA


def test_a_drive_that_cannot_read_serves_nothing(
    store: FileBlobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(store)
    monkeypatch.setattr(os, "pread", fail(errno.EIO))

    with pytest.raises(DataCorrupted, match="cannot be read"):
        store.open(NAME)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("call", ["open", "write", "fdatasync", "mkdir"])
def test_a_full_disk_refuses_this_write_and_no_other(
    store: FileBlobStore, call: str, code: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, call, fail(code))
        with pytest.raises(StorageFull):
            write(store)

    write(store, OTHER)
    assert store.read_only_reason is None


def test_a_full_disk_leaves_reading_and_deleting_alone(
    store: FileBlobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(store)
    monkeypatch.setattr(os, "write", fail(errno.ENOSPC))
    with pytest.raises(StorageFull):
        write(store, OTHER)

    assert read(store) == DATA
    store.delete(NAME)
    assert store.stat(NAME) is None


def test_room_is_asked_for_before_every_block(tmp_path: Path) -> None:
    left = 2

    def require_room() -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise StorageFull

    store = FileBlobStore(tmp_path / "blobs", require_room=require_room)
    writer = store.create(NAME)
    writer.append(memoryview(bytes(SEGMENT_BYTES)))

    with pytest.raises(StorageFull):
        writer.append(memoryview(DATA))
    with pytest.raises(StorageFull):
        store.create(OTHER)
    writer.discard()
    assert [] == list(store.scan())


@pytest.mark.parametrize("call", ["write", "fdatasync", "fsync"])
def test_a_drive_that_fails_makes_the_store_read_only(tmp_path: Path, call: str) -> None:
    reasons: list[str] = []
    store = FileBlobStore(tmp_path / "blobs", reasons.append)
    write(store)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, call, fail(errno.EIO))
        with pytest.raises(StoreReadOnly):
            write(store, OTHER)

    with pytest.raises(StoreReadOnly):
        store.create(bytes(16))
    assert [store.read_only_reason] == reasons
    assert read(store) == DATA


def test_a_directory_that_cannot_be_synced_is_final_even_for_want_of_room(
    store: FileBlobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(store)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail(errno.ENOSPC))
        with pytest.raises(StoreReadOnly):
            write(store, OTHER)

    with pytest.raises(StoreReadOnly):
        store.create(bytes(16))


def test_running_out_of_descriptors_does_not_make_the_store_read_only(
    store: FileBlobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(store)
    with monkeypatch.context() as patch:
        patch.setattr(os, "open", fail(errno.EMFILE))
        with pytest.raises(OSError, match="Too many open files"):
            store.create(OTHER)

    assert store.read_only_reason is None


def test_every_directory_is_synced_before_a_blob_counts_as_durable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda fd: synced.append(os.readlink(f"/proc/self/fd/{fd}")))
    root = tmp_path / "blobs"

    write(FileBlobStore(root))
    first = list(synced)
    synced.clear()
    write(FileBlobStore(root), OTHER)

    assert [str(tmp_path), str(root), str(root / "08"), str(root / "08" / "ab")] == first
    assert [str(tmp_path), str(root), str(root / "08"), str(root / "08" / "cd")] == synced


def test_what_cannot_be_removed_is_left_for_later(
    store: FileBlobStore, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    writer = store.create(NAME)
    monkeypatch.setattr(os, "unlink", fail(errno.EROFS))

    writer.discard()

    assert f"blob {NAME.hex()} could not be removed" in caplog.text


def test_scan_passes_over_what_is_not_ours(store: FileBlobStore) -> None:
    path = write(store)
    (path.parent / "notes.txt").write_text("hello")
    (path.parent.parent / NAME.hex()).write_text("in the wrong place")

    assert list(store.scan()) == [NAME]


LIMITED = """
import resource, sys
from pathlib import Path
from ferrox.errors import StorageFull
from ferrox.storage.blobs.files import FileBlobStore
from ferrox.storage.blobs.format import SEGMENT_BYTES, BlobRecord

resource.setrlimit(resource.RLIMIT_FSIZE, (2 * SEGMENT_BYTES, 2 * SEGMENT_BYTES))
store = FileBlobStore(Path(sys.argv[1]))
block = memoryview(bytes(SEGMENT_BYTES))
record = BlobRecord("b", "k", None, None, None, len(block), "", 0, {})
small = store.create(bytes(16))
small.append(block)
small.finish(record)
large = store.create(bytes(15) + b"1")
try:
    for _ in range(3):
        large.append(block)
except StorageFull:
    large.discard()
    assert store.open(bytes(16)).read(0, len(block)) == block
    assert [bytes(16)] == list(store.scan())
    print("refused")
"""


def test_a_write_that_the_kernel_refuses_is_refused(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path / "blobs")],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )

    assert done.stdout == "refused\n"
