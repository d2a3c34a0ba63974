"""Restoring: all or nothing that a server would take."""

import contextlib
import os
from pathlib import Path

import pytest

from ferrox.clock import SettableClock
from ferrox.errors import DataCorrupted, StartError
from ferrox.storage.backup.databases import prove
from ferrox.storage.backup.place import BackupPlace
from ferrox.storage.backup.restoring import Restored, restore
from ferrox.storage.data_dir import RESTORING, take_lock
from ferrox.storage.store import Store
from tests.storage.backup.filling import back_up, blob_paths, contents, files, silent
from tests.storage.backup.test_making import Cut, cut_after


def bring_back(place_path: Path, into: Path, *, accept_losses: bool = False) -> Restored:
    place = BackupPlace.open(place_path)
    return restore(place, place.snapshots()[-1], into, silent, accept_losses=accept_losses)


async def is_refused(data_dir: Path) -> bool:
    """Whether a server would not start on it."""
    try:
        store = await Store.open(data_dir, clock=SettableClock(1))
    except StartError:
        return True
    await store.close()
    return False


async def test_what_comes_back_is_what_there_was(
    made: Path, data_dir: Path, tmp_path: Path
) -> None:
    restored = bring_back(made, tmp_path / "new")

    assert (3, {}) == (restored.copied_count, restored.lost)
    assert await contents(data_dir) == await contents(tmp_path / "new")
    assert (data_dir / "settings.key").read_bytes() == (
        tmp_path / "new" / "settings.key"
    ).read_bytes()


def test_all_is_for_its_owner_only(made: Path, tmp_path: Path) -> None:
    bring_back(made, tmp_path / "new")

    found = [tmp_path / "new", *(tmp_path / "new").rglob("*")]
    assert {0o600} == {path.stat().st_mode & 0o777 for path in found if path.is_file()}
    assert {0o700} == {path.stat().st_mode & 0o777 for path in found if path.is_dir()}


async def test_a_restored_directory_is_backed_up_to_the_same_place(
    made: Path, tmp_path: Path
) -> None:
    bring_back(made, tmp_path / "new")

    again = back_up(tmp_path / "new", made, 2)

    assert (0, 3) == (again.copied.new_count, again.copied.present_count)


@pytest.mark.parametrize("name", ["../outside", "/outside", "restore.json", "sub/index.db"])
def test_a_record_that_names_other_files_makes_none(made: Path, tmp_path: Path, name: str) -> None:
    """A place of backups that somebody else made could write anywhere, with the rights of root."""
    target = f"{tmp_path}{name}" if name.startswith("/") else name
    place = BackupPlace.open(made)
    record = place.snapshots()[-1]
    source = place.snapshot_path(record.name) / target
    source.parent.mkdir(exist_ok=True)
    source.write_bytes(b"evil")
    place.finish(record._replace(files={**record.files, target: prove(source)}))

    with pytest.raises(DataCorrupted, match="which no data directory has"):
        bring_back(made, tmp_path / "new")

    assert not (tmp_path / "new").exists()


def test_only_an_empty_directory_will_do(made: Path, data_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").touch()
    before = files(data_dir)

    for path in (data_dir, tmp_path / "full"):
        with pytest.raises(StartError, match="not empty"):
            bring_back(made, path)

    assert before.items() <= files(data_dir).items()


def test_nothing_is_touched_in_a_directory_of_somebody_else(made: Path, tmp_path: Path) -> None:
    """A file of theirs that was called `lock` was written over before that was looked at."""
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "lock").write_text("of a door")
    (tmp_path / "theirs" / "letter.txt").touch()
    before = files(tmp_path / "theirs")

    with pytest.raises(StartError, match="not empty"):
        bring_back(made, tmp_path / "theirs")

    assert before == files(tmp_path / "theirs")


def test_a_directory_in_use_will_not_do(made: Path, tmp_path: Path) -> None:
    (tmp_path / "used").mkdir()
    lock_fd = take_lock(tmp_path / "used")

    with pytest.raises(StartError, match="in use"):
        bring_back(made, tmp_path / "used")

    os.close(lock_fd)


async def test_a_restore_that_was_cut_off_anywhere_is_completed_or_refused(
    made: Path, data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        count = cut_after(patch, 10**9)
        bring_back(made, tmp_path / "whole")
        steps = count()
    assert steps > 30
    expected = await contents(data_dir)

    for step in range(steps):
        new = tmp_path / f"new{step}"
        with monkeypatch.context() as patch:
            cut_after(patch, step)
            with contextlib.suppress(Cut):  # threads that meet may take a step less
                bring_back(made, new)
        left = set(os.listdir(new)) if new.exists() else set()
        if "format.json" in left and RESTORING not in left:
            assert expected == await contents(new)
            continue
        if RESTORING in left:
            assert await is_refused(new)
        bring_back(made, new)
        if step % 4 == 0:
            assert expected == await contents(new)


async def test_a_restore_that_was_cut_off_is_not_completed_by_another_snapshot(
    made: Path, data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        cut_after(patch, 20)
        with pytest.raises(Cut):
            bring_back(made, tmp_path / "new")
    assert (tmp_path / "new" / RESTORING).exists()
    back_up(data_dir, made, 2)

    with pytest.raises(StartError, match="another snapshot"):
        bring_back(made, tmp_path / "new")


@pytest.mark.parametrize("name", ["index.db", "settings.db", "settings.key", "format.json"])
async def test_a_damaged_file_is_refused(place_path: Path, tmp_path: Path, name: str) -> None:
    (snapshot,) = (place_path / "snapshots").iterdir()
    data = (snapshot / name).read_bytes()
    (snapshot / name).write_bytes(data[:-1] + bytes([data[-1] ^ 1]))

    with pytest.raises(DataCorrupted, match=name):
        bring_back(place_path, tmp_path / "new")

    assert not (tmp_path / "new").exists()


async def test_a_damaged_blob_is_refused_until_its_loss_is_accepted(
    place_path: Path, tmp_path: Path
) -> None:
    victim = blob_paths(place_path)[0]
    victim.write_bytes(victim.read_bytes()[:-1])

    with pytest.raises(DataCorrupted, match="damaged in the backup: 1 blob,"):
        bring_back(place_path, tmp_path / "new")
    assert await is_refused(tmp_path / "new")
    restored = bring_back(place_path, tmp_path / "new", accept_losses=True)

    assert [victim.name] == list(restored.lost)
    assert 2 == len(blob_paths(tmp_path / "new"))
    assert not await is_refused(tmp_path / "new")


async def test_what_was_lost_when_it_was_made_is_accepted_too(
    data_dir: Path, tmp_path: Path
) -> None:
    victim = blob_paths(data_dir)[0]
    victim.unlink()
    back_up(data_dir, tmp_path / "dest")

    with pytest.raises(DataCorrupted, match="lacks 1 blob,"):
        bring_back(tmp_path / "dest", tmp_path / "new")
    restored = bring_back(tmp_path / "dest", tmp_path / "new", accept_losses=True)

    assert ([victim.name], 2) == (list(restored.lost), restored.copied_count)


def test_a_snapshot_of_a_newer_ferroxd_is_refused(made: Path, tmp_path: Path) -> None:
    place = BackupPlace.open(made)
    record = place.snapshots()[0]._replace(index_format=99)

    with pytest.raises(StartError, match="newer ferroxd"):
        restore(place, record, tmp_path / "new", silent)
