"""Making snapshots: what belongs to them, what is copied again, what a cut leaves."""

import asyncio
import contextlib
import errno
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ferrox.clock import SettableClock
from ferrox.errors import DataCorrupted, StartError
from ferrox.storage.backup import databases, making
from ferrox.storage.backup.blob_copies import copy_missing
from ferrox.storage.backup.place import BackupPlace
from ferrox.storage.backup.restoring import restore
from ferrox.storage.backup.verifying import verify
from ferrox.storage.store import Store
from tests.storage.backup.filling import (
    BLOB,
    back_up,
    blob_paths,
    contents,
    files,
    fill,
    silent,
)
from tests.storage.verbs import pattern, put

ROOT = Path(__file__).parents[3]


async def restored(place_path: Path, into: Path) -> dict[str, Any]:
    """What the newest snapshot holds."""
    place = BackupPlace.open(place_path)
    restore(place, place.snapshots()[-1], into, silent)
    return await contents(into)


async def test_a_snapshot_holds_everything(data_dir: Path, tmp_path: Path) -> None:
    backup = back_up(data_dir, tmp_path / "dest")

    assert (3, 0, ()) == (backup.copied.new_count, backup.copied.present_count, backup.record.lost)
    assert (3, 3 * BLOB, 2) == backup.record[4:7]
    assert await contents(data_dir) == await restored(tmp_path / "dest", tmp_path / "new")


async def test_a_server_that_runs_is_backed_up_as_of_one_instant(
    store: Store, tmp_path: Path
) -> None:
    bucket = await fill(store)

    backup = await asyncio.to_thread(back_up, store.data_dir.path, tmp_path / "dest")
    await put(store, bucket, "later", b"later")
    await store.delete_object(bucket, "large", None)

    assert 2 == backup.record.object_count
    found = await restored(tmp_path / "dest", tmp_path / "new")
    assert not any(name.startswith("later") for name in found)
    assert pattern(BLOB, 2) in found.values()


async def test_only_what_is_new_is_copied(data_dir: Path, tmp_path: Path) -> None:
    back_up(data_dir, tmp_path / "dest", 1)
    before = {path: path.stat().st_ino for path in blob_paths(tmp_path / "dest")}
    store = await Store.open(data_dir, clock=SettableClock(1))
    bucket = store.bucket("bucket")
    assert bucket is not None
    await put(store, bucket, "new", pattern(BLOB, 9))
    await store.close()

    second = back_up(data_dir, tmp_path / "dest", 2)

    assert (1, 3) == (second.copied.new_count, second.copied.present_count)
    assert (
        before.items()
        <= {path: path.stat().st_ino for path in blob_paths(tmp_path / "dest")}.items()
    )
    assert 2 == len(BackupPlace.open(tmp_path / "dest").snapshots())


async def test_two_snapshots_of_one_instant_have_two_names(data_dir: Path, tmp_path: Path) -> None:
    names = {back_up(data_dir, tmp_path / "dest", 5).record.name for _ in range(3)}

    assert 3 == len(names)


def test_the_data_directory_is_left_as_it_is(data_dir: Path, tmp_path: Path) -> None:
    before = files(data_dir)

    back_up(data_dir, tmp_path / "dest")

    after = files(data_dir)
    left = {name for name in after.keys() - before.keys() if after[name] and "-shm" not in name}
    assert before.items() <= after.items()
    assert set() == left


def test_all_is_for_its_owner_only(made: Path) -> None:
    modes = {path.stat().st_mode & 0o777 for path in made.rglob("*") if path.is_file()}
    folders = {path.stat().st_mode & 0o777 for path in [made, *made.rglob("*")] if path.is_dir()}

    assert ({0o600}, {0o700}) == (modes, folders)


async def test_what_loses_its_name_while_it_is_copied_is_copied_all_the_same(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket, _ = await store.create_bucket("bucket", "owner", "r")
    store.identities.root_account()
    await put(store, bucket, "k", pattern(BLOB))
    loop = asyncio.get_running_loop()
    reaped: list[int] = []

    async def overwrite_and_reap() -> None:
        await put(store, bucket, "k", b"small")
        reaped.append(await store.reap())

    def copy(*of: Any, **more: Any) -> Any:
        asyncio.run_coroutine_threadsafe(overwrite_and_reap(), loop).result()
        return copy_missing(*of, **more)

    monkeypatch.setattr(making, "copy_missing", copy)

    backup = await asyncio.to_thread(back_up, store.data_dir.path, tmp_path / "dest")

    assert ([0], 1, ()) == (reaped, backup.copied.new_count, backup.record.lost)
    assert {"k/null": pattern(BLOB)} == await restored(tmp_path / "dest", tmp_path / "new")
    assert 1 == await store.reap(), "it goes when the backup is done"


async def test_a_damaged_blob_is_named_and_the_rest_is_saved(
    data_dir: Path, tmp_path: Path
) -> None:
    victim = blob_paths(data_dir)[0]
    damaged = bytearray(victim.read_bytes())
    damaged[5] ^= 1
    victim.write_bytes(damaged)

    backup = back_up(data_dir, tmp_path / "dest", keep_count=1)

    (lost,) = backup.record.lost
    assert victim.name == lost.name
    assert "segment 0" in lost.reason
    assert 1 == len(lost.holders)
    assert lost.holders[0].startswith("bucket/")
    assert 2 == backup.copied.new_count
    with pytest.raises(DataCorrupted, match="lacks 1 blob,"):
        await restored(tmp_path / "dest", tmp_path / "new")


def test_nothing_old_goes_when_something_is_damaged(data_dir: Path, tmp_path: Path) -> None:
    back_up(data_dir, tmp_path / "dest", 1)
    for victim in blob_paths(data_dir):
        victim.unlink()
    for path in blob_paths(tmp_path / "dest"):
        path.unlink()

    backup = back_up(data_dir, tmp_path / "dest", 2, keep_count=1)

    assert 3 == len(backup.record.lost)
    assert "damaged in the data directory" in backup.pruned.kept_because
    assert 2 == len(BackupPlace.open(tmp_path / "dest").snapshots())


def test_nothing_old_goes_when_an_old_record_is_damaged(data_dir: Path, tmp_path: Path) -> None:
    first = back_up(data_dir, tmp_path / "dest", 1).record.name
    (tmp_path / "dest" / "snapshots" / first / "snapshot.json").write_text("{}")

    backup = back_up(data_dir, tmp_path / "dest", 2, keep_count=1)

    assert first in backup.pruned.kept_because
    assert 2 == len(os.listdir(tmp_path / "dest" / "snapshots"))


async def test_what_is_damaged_by_now_is_there_from_the_last_time(
    data_dir: Path, tmp_path: Path
) -> None:
    before = await contents(data_dir)
    back_up(data_dir, tmp_path / "dest", 1)
    gone, short, flipped = blob_paths(data_dir)
    gone.unlink()
    os.truncate(short, 1000)
    flipped.write_bytes(bytes([flipped.read_bytes()[0] ^ 1]) + flipped.read_bytes()[1:])

    backup = back_up(data_dir, tmp_path / "dest", 2)

    assert (0, 3, ()) == (*backup.copied[0:3:2], backup.record.lost)
    assert before == await restored(tmp_path / "dest", tmp_path / "new")


def test_bytes_of_the_index_are_verified_too(data_dir: Path, tmp_path: Path) -> None:
    with sqlite3.connect(data_dir / "index.db") as index:
        index.execute("UPDATE inline_data SET data = x'00'")
    index.close()

    (lost,) = back_up(data_dir, tmp_path / "dest").record.lost

    assert making.INLINE == lost.name
    assert lost.holders[0].startswith("bucket/small (version ")


def test_an_index_that_is_no_index_is_no_snapshot(data_dir: Path, tmp_path: Path) -> None:
    back_up(data_dir, tmp_path / "dest", 1)
    index = bytearray((data_dir / "index.db").read_bytes())
    index[4096 * 3 : 4096 * 4] = os.urandom(4096)
    (data_dir / "index.db").write_bytes(index)

    with pytest.raises(DataCorrupted):
        back_up(data_dir, tmp_path / "dest", 2)

    assert 1 == len(BackupPlace.open(tmp_path / "dest").snapshots())


# Cuts

STEPS = ("mkdir", "fsync", "fdatasync", "rename", "open", "write", "unlink")


class Cut(BaseException):
    """The process ends here."""


def cut_after(monkeypatch: pytest.MonkeyPatch, count: int) -> Callable[[], int]:
    """End at the step of this number; returns how many there were."""
    taken = 0

    def counting(call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*of: Any, **more: Any) -> Any:
            nonlocal taken
            taken += 1
            if taken > count:
                raise Cut
            return None if "sync" in call.__name__ else call(*of, **more)

        return counted

    for step in STEPS:
        monkeypatch.setattr(os, step, counting(getattr(os, step)))
    return lambda: taken


async def test_a_backup_that_was_cut_off_anywhere_is_none_and_the_next_one_is_whole(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        count = cut_after(patch, 10**9)
        back_up(data_dir, tmp_path / "whole")
        steps = count()
    assert steps > 30
    expected = await contents(data_dir)

    for step in range(steps):
        dest = tmp_path / f"dest{step}"
        with monkeypatch.context() as patch:
            cut_after(patch, step)
            with contextlib.suppress(Cut):  # threads that meet may take a step less
                back_up(data_dir, dest, 1)
        if (dest / "ferrox-backup.json").exists() and BackupPlace.open(dest).snapshots():
            assert expected == await restored(dest, tmp_path / f"cut{step}")

        back_up(data_dir, dest, 2, keep_count=1)

        assert ["1970-01-01T00-00-00.002Z"] == os.listdir(dest / "snapshots")
        assert 3 == len(blob_paths(dest))
        assert () == verify(BackupPlace.open(dest), silent).damage
        if step % 8 == 0:
            assert expected == await restored(dest, tmp_path / f"new{step}")


def test_a_full_drive_is_told_and_the_next_backup_goes_on_from_there(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = 0
    write = os.write

    def fill_up(fd: int, data: bytes) -> int:
        nonlocal calls
        calls += 1
        if calls > 3:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(fd, data)

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", fill_up)
        with pytest.raises(StartError, match="No space left"):
            back_up(data_dir, tmp_path / "dest", 1)
    kept = len(blob_paths(tmp_path / "dest"))

    second = back_up(data_dir, tmp_path / "dest", 2)

    assert (3 - kept, kept) == (second.copied.new_count, second.copied.present_count)


@pytest.mark.parametrize("size", ["100k", "400k", "700k"])
def test_a_drive_that_is_too_small_is_told_and_nothing_is_taken_for_a_backup(
    data_dir: Path, tmp_path: Path, size: str
) -> None:
    """The index, a blob and the rest do not find room, by the kernel's word."""
    namespace = ["unshare", "--map-root-user", "--mount"]
    if subprocess.run([*namespace, "true"], check=False, capture_output=True).returncode:
        pytest.skip("this user may not mount a drive of its own")
    story = (
        f"mount -t tmpfs -o size={size} none {tmp_path}/drive && "
        f"{sys.executable} ferroxd.py backup {tmp_path}/drive/dest --data-dir {data_dir}; echo $?; "
        f"{sys.executable} ferroxd.py backup list {tmp_path}/drive/dest"
    )
    (tmp_path / "drive").mkdir()

    done = subprocess.run(
        [*namespace, "sh", "-c", story],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert "No space left on device" in done.stderr
    assert "2\nthere are no snapshots" in done.stdout


def test_what_is_asked_for_must_make_sense(data_dir: Path, made: Path, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").touch()
    for source, target, why in (
        (tmp_path / "none", tmp_path / "x", "no data directory"),
        (data_dir, data_dir / "backup", "within one another"),
        (data_dir, tmp_path, "within one another"),
        (data_dir, data_dir, "within one another"),
        (data_dir, tmp_path / "full", "not empty"),
        (data_dir, made / "lock", "cannot be written"),
    ):
        with pytest.raises(StartError, match=why):
            back_up(source, target)


async def test_two_data_directories_are_never_mixed(made: Path, tmp_path: Path) -> None:
    other = await Store.open(tmp_path / "other", clock=SettableClock(1))
    await fill(other)
    await other.close()

    with pytest.raises(StartError, match="another data directory"):
        back_up(tmp_path / "other", made)


def test_two_backups_do_not_work_in_one_place(data_dir: Path, made: Path) -> None:
    with (
        BackupPlace.open(made).locked(alone=True),
        pytest.raises(StartError, match="another ferroxd"),
    ):
        back_up(data_dir, made, 2)


def test_the_key_file_goes_along_only_where_it_seals(data_dir: Path, tmp_path: Path) -> None:
    record = back_up(data_dir, tmp_path / "a").record

    assert ("key file", True) == (record.secrets, databases.KEY_FILE in record.files)
    name = record.name
    key = (tmp_path / "a" / "snapshots" / name / "settings.key").read_bytes()
    assert (data_dir / "settings.key").read_bytes() == key
