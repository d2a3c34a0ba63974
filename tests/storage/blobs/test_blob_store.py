"""What every BlobStore does; run over each implementation."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from ferrox.errors import DataCorrupted
from ferrox.storage.blobs.blob_store import BlobStore
from ferrox.storage.blobs.files import FileBlobStore
from ferrox.storage.blobs.format import SEGMENT_BYTES, BlobRecord

NAME = bytes(range(16))
OTHER = bytes(range(100, 116))


def files(folder: Path) -> BlobStore:
    return FileBlobStore(folder / "blobs")


@pytest.fixture(params=[files])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    make: Callable[[Path], BlobStore] = request.param
    return make(tmp_path)


def record(data: bytes) -> BlobRecord:
    sha256 = hashlib.sha256(data).hexdigest()
    return BlobRecord("b", "k", "null", None, None, len(data), sha256, 1, {"etag": "e"})


def write(store: BlobStore, name: bytes, *blocks: bytes) -> None:
    writer = store.create(name)
    for block in blocks:
        writer.append(memoryview(block))
    writer.finish(record(b"".join(blocks)))


def test_what_was_written_is_read(store: BlobStore) -> None:
    blocks = (b"a" * SEGMENT_BYTES, b"b" * 2 * SEGMENT_BYTES, b"the end")

    write(store, NAME, *blocks)

    reader = store.open(NAME)
    data = b"".join(blocks)
    assert len(data) == reader.data_bytes
    assert data == reader.read(0, len(data))
    assert data[5:-3] == reader.read(5, len(data) - 8)
    assert reader.read(SEGMENT_BYTES, 100) == b"b" * 100
    assert record(data) == reader.record()
    reader.close()


def test_an_empty_blob_is_a_blob(store: BlobStore) -> None:
    write(store, NAME)

    reader = store.open(NAME)
    assert reader.data_bytes == 0
    reader.close()


def test_nothing_is_read_beyond_the_end(store: BlobStore) -> None:
    write(store, NAME, b"hello")

    reader = store.open(NAME)
    for start, length in ((0, 6), (5, 1), (-1, 2)):
        with pytest.raises(DataCorrupted):
            reader.read(start, length)
    reader.close()


def test_a_block_after_a_broken_segment_is_refused(store: BlobStore) -> None:
    writer = store.create(NAME)
    writer.append(memoryview(b"short"))

    with pytest.raises(ValueError, match="inside a segment"):
        writer.append(memoryview(b"more"))

    writer.discard()


def test_a_discarded_blob_is_gone(store: BlobStore) -> None:
    writer = store.create(NAME)
    writer.append(memoryview(b"hello"))
    writer.sync()

    writer.discard()

    assert store.stat(NAME) is None
    assert list(store.scan()) == []


def test_a_finished_blob_can_still_be_discarded(store: BlobStore) -> None:
    writer = store.create(NAME)
    writer.finish(record(b""))

    writer.discard()

    assert list(store.scan()) == []


def test_an_absent_blob_is_corruption_when_opened(store: BlobStore) -> None:
    with pytest.raises(DataCorrupted, match="is missing"):
        store.open(NAME)


def test_deleting_is_idempotent(store: BlobStore) -> None:
    write(store, NAME, b"hello")

    store.delete(NAME)
    store.delete(NAME)

    assert store.stat(NAME) is None


def test_scan_names_every_blob(store: BlobStore) -> None:
    write(store, NAME, b"hello")
    write(store, OTHER, b"world")

    assert {NAME, OTHER} == set(store.scan())


def test_stat_tells_size_and_time(store: BlobStore) -> None:
    write(store, NAME, b"hello")

    found = store.stat(NAME)

    assert found is not None
    assert found.name == NAME
    assert found.stored_bytes > len(b"hello")
    assert found.modified_ms > 0


def test_a_name_is_used_once(store: BlobStore) -> None:
    write(store, NAME, b"hello")

    with pytest.raises(FileExistsError):
        store.create(NAME)
