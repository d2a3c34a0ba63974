"""Verifying: whatever bit is flipped in a backup, it is found."""

import asyncio
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ferrox.clock import SettableClock
from ferrox.errors import DataCorrupted
from ferrox.storage.backup.place import BackupPlace
from ferrox.storage.backup.verifying import verify
from ferrox.storage.store import Store
from tests.storage.backup.filling import back_up, blob_paths, fill, silent

INNOCENT = {"lock", "ferrox-backup.json"}
"""Nothing depends on what they hold, or nothing works at all without."""


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sound")

    async def make() -> None:
        store = await Store.open(folder / "data", clock=SettableClock(1))
        await fill(store)
        await store.close()

    asyncio.run(make())
    back_up(folder / "data", folder / "dest", 1)
    back_up(folder / "data", folder / "dest", 2)
    return folder / "dest"


def is_sound(path: Path) -> bool:
    try:
        return not verify(BackupPlace.open(path), silent).damage
    except DataCorrupted:
        return False


def test_what_was_written_is_sound(sound: Path) -> None:
    found = verify(BackupPlace.open(sound), silent)

    assert (2, ()) == (len(found.snapshots), found.damage)


@settings(max_examples=40)
@given(data=st.data())
def test_every_flipped_bit_is_found(
    sound: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    paths = sorted(p for p in sound.rglob("*") if p.is_file() and p.name not in INNOCENT)
    path = data.draw(st.sampled_from(paths))
    at = data.draw(st.integers(0, path.stat().st_size - 1))
    bit = data.draw(st.integers(0, 7))
    copy = tmp_path_factory.getbasetemp() / "flipped"
    shutil.copytree(sound, copy)
    try:
        with (copy / path.relative_to(sound)).open("r+b") as file:
            file.seek(at)
            (byte,) = file.read(1)
            file.seek(at)
            file.write(bytes([byte ^ 1 << bit]))

        assert not is_sound(copy)
    finally:
        shutil.rmtree(copy)


def test_damaged_blobs_are_told_with_their_objects(place_path: Path) -> None:
    damaged, missing, _ = blob_paths(place_path)
    damaged.write_bytes(b"damaged")
    missing.unlink()

    found = verify(BackupPlace.open(place_path), silent)

    assert {str(p.relative_to(place_path)) for p in (damaged, missing)} == {
        one.what for one in found.damage
    }
    assert all(len(one.holders) == 1 for one in found.damage)
    assert 0 == found.removed_count


def test_damaged_blobs_are_removed_and_copied_anew(place_path: Path, data_dir: Path) -> None:
    blob_paths(place_path)[0].write_bytes(b"damaged")

    found = verify(BackupPlace.open(place_path), silent, drop_damaged=True)

    assert (1, 2) == (found.removed_count, len(blob_paths(place_path)))
    assert 1 == back_up(data_dir, place_path, 2).copied.new_count
    assert is_sound(place_path)


def test_a_damaged_index_keeps_no_other_snapshot_from_being_verified(
    place_path: Path, data_dir: Path
) -> None:
    """Of all blobs none was read any more, as soon as the oldest snapshot had a flipped bit."""
    back_up(data_dir, place_path, 2)
    oldest = min((place_path / "snapshots").iterdir())
    with (oldest / "index.db").open("r+b") as file:
        file.write(b"x")
    blob = blob_paths(place_path)[0]
    blob.write_bytes(b"damaged")

    found = verify(BackupPlace.open(place_path), silent)

    assert {
        str((oldest / "index.db").relative_to(place_path)), str(blob.relative_to(place_path)),
    } == {one.what for one in found.damage}  # fmt: skip
    assert 3 == found.blob_count


def test_a_missing_file_is_found(place_path: Path) -> None:
    (snapshot,) = (place_path / "snapshots").iterdir()
    os.unlink(snapshot / "settings.key")

    (found,) = verify(BackupPlace.open(place_path), silent).damage

    assert found.what.endswith("settings.key")


def test_what_was_lost_when_it_was_made_is_no_news(data_dir: Path, tmp_path: Path) -> None:
    blob_paths(data_dir)[0].unlink()
    back_up(data_dir, tmp_path / "dest")

    found = verify(BackupPlace.open(tmp_path / "dest"), silent)

    assert () == found.damage
    assert 1 == len(found.snapshots[0].lost)
