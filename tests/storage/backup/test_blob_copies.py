"""Many blobs at once: what is there stays, what is damaged is noted."""

import os
from pathlib import Path

import pytest

from ferrox.storage.backup import blob_copies
from ferrox.storage.backup.blob_copies import Named, copy_missing, verify_all
from ferrox.storage.blobs.files import FileBlobStore
from ferrox.storage.blobs.format import BlobRecord

RECORD = BlobRecord("b", "k", "null", None, None, 0, "00" * 32, 1, {})
COUNT = 200


@pytest.fixture
def source(tmp_path: Path) -> FileBlobStore:
    store = FileBlobStore(tmp_path / "source")
    for name, size_bytes in named():
        writer = store.create(name)
        writer.append(memoryview(os.urandom(size_bytes)))
        writer.finish(RECORD)
    return store


def named() -> list[Named]:
    return [(number.to_bytes(16, "big"), 10 + number) for number in range(COUNT)]


def test_all_arrive_whole_and_in_order(source: FileBlobStore, tmp_path: Path) -> None:
    target = FileBlobStore(tmp_path / "target")
    told: list[int] = []
    total = sum(size for _, size in named())

    copied = copy_missing(
        named(), source, target, lambda done, of: told.append(done * 100 // of), total
    )

    assert (COUNT, 0, {}) == (copied.new_count, copied.present_count, copied.damaged)
    assert sorted(source.scan()) == sorted(target.scan())
    assert {} == verify_all(named(), target)
    assert (sorted(told), 100) == (told, told[-1])


def test_it_is_told_how_far_a_long_blob_is(
    source: FileBlobStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blob_copies, "_TOLD_EVERY_S", 0.001)
    long = b"l" * 16
    writer = source.create(long)
    for _ in range(40):
        writer.append(memoryview(bytes(1 << 20)))
    writer.finish(RECORD)
    told: list[int] = []

    copy_missing(
        [(long, 40 << 20)],
        source,
        FileBlobStore(tmp_path / "target"),
        lambda done, _total: told.append(done),
        40 << 20,
    )

    assert any(0 < done < 40 << 20 for done in told)
    assert (sorted(told), 40 << 20) == (told, told[-1])


def test_one_that_is_there_is_not_read(source: FileBlobStore, tmp_path: Path) -> None:
    target = FileBlobStore(tmp_path / "target")
    copy_missing(named(), source, target)
    for name in source.scan():
        size_bytes = os.stat(source.path(name)).st_size
        Path(source.path(name)).write_bytes(bytes(size_bytes))

    again = copy_missing(named(), source, target)

    assert (0, COUNT, {}) == (again.new_count, again.present_count, again.damaged)


def test_one_that_is_too_short_is_copied_again(source: FileBlobStore, tmp_path: Path) -> None:
    target = FileBlobStore(tmp_path / "target")
    copy_missing(named(), source, target)
    os.truncate(target.path(named()[7][0]), 3)

    again = copy_missing(named(), source, target)

    assert (1, COUNT - 1) == (again.new_count, again.present_count)
    assert {} == verify_all(named(), target)


def test_the_damaged_are_told_apart(source: FileBlobStore, tmp_path: Path) -> None:
    missing, damaged = named()[3][0], named()[70][0]
    os.unlink(source.path(missing))
    Path(source.path(damaged)).write_bytes(b"damaged")

    copied = copy_missing(named(), source, FileBlobStore(tmp_path / "target"))

    assert {missing, damaged} == set(copied.damaged) == set(verify_all(named(), source))
    assert COUNT - 2 == copied.new_count


@pytest.mark.parametrize("after_cut", [False, True])
def test_directories_are_synced_that_have_new_names_or_may_have(
    source: FileBlobStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after_cut: bool
) -> None:
    target = FileBlobStore(tmp_path / "target")
    copy_missing(named(), source, target)
    synced: list[Path] = []
    monkeypatch.setattr(blob_copies, "sync", synced.append)

    copy_missing(named(), source, target, after_cut=after_cut)

    folders = {path.parent for path in (tmp_path / "target").rglob("*")}
    assert (folders if after_cut else set()) == set(synced)


def test_a_target_that_cannot_be_written_ends_it(source: FileBlobStore, tmp_path: Path) -> None:
    (tmp_path / "target").mkdir()
    (tmp_path / "target" / "00").touch()

    with pytest.raises(OSError, match=r"Not a directory|File exists"):
        copy_missing(named(), source, FileBlobStore(tmp_path / "target"))
