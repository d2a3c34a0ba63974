"""Pruning: never what a snapshot needs that stays."""

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ferrox.clock import SettableClock
from ferrox.errors import DataCorrupted
from ferrox.storage.backup.place import BackupPlace
from ferrox.storage.backup.pruning import prune
from ferrox.storage.backup.verifying import verify
from ferrox.storage.store import Store
from tests.conftest import NOON_MS
from tests.storage.backup.filling import BLOB, back_up, blob_paths, silent
from tests.storage.verbs import pattern, put

KEYS = "abcd"


async def change(data_dir: Path, puts: str, drops: str, seed: int) -> None:
    store = await Store.open(data_dir, clock=SettableClock(1))
    store.identities.root_account()
    bucket, _ = await store.create_bucket("bucket", "owner", "r")
    for key in puts:
        await put(store, bucket, key, pattern(BLOB // 2, seed + ord(key)))
    for key in drops:
        await store.delete_object(bucket, key, None)
    await store.reap()
    await store.close()


Change = tuple[str, str, int | None]


@settings(max_examples=12)
@given(
    history=st.lists(
        st.tuples(
            st.text(KEYS, max_size=3), st.text(KEYS, max_size=3), st.sampled_from([None, 1, 2])
        ),
        min_size=2,
        max_size=5,
    )
)
async def test_whatever_happens_every_snapshot_stays_whole(history: list[Change]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        data_dir, dest = Path(folder, "data"), Path(folder, "dest")
        for number, (puts, drops, keep_count) in enumerate(history, 1):
            await change(data_dir, puts, drops, number * 1000)

            back_up(data_dir, dest, number, keep_count=keep_count)

            found = verify(BackupPlace.open(dest), silent)
            assert () == found.damage
            assert keep_count is None or len(found.snapshots) <= keep_count


async def test_what_only_old_snapshots_needed_goes(tmp_path: Path) -> None:
    await change(tmp_path / "data", "ab", "", 1)
    back_up(tmp_path / "data", tmp_path / "dest", 1)
    await change(tmp_path / "data", "", "a", 2)
    back_up(tmp_path / "data", tmp_path / "dest", 2)
    await change(tmp_path / "data", "c", "", 3)

    backup = back_up(tmp_path / "data", tmp_path / "dest", 3, keep_count=1)

    assert (2, 1) == (len(backup.pruned.snapshots), backup.pruned.blob_count)
    assert 2 == len(blob_paths(tmp_path / "dest"))
    assert backup.pruned.blob_bytes > BLOB // 2


async def test_leftovers_of_cut_off_copies_go_too(place_path: Path) -> None:
    blob = blob_paths(place_path)[0]
    blob.with_name(blob.name + ".new").write_bytes(b"half")

    prune(BackupPlace.open(place_path), 1)

    assert 3 == len(blob_paths(place_path))


async def test_nothing_goes_when_a_snapshot_cannot_be_read(place_path: Path) -> None:
    place = BackupPlace.open(place_path)
    (record,) = place.snapshots()
    (place.snapshot_path(record.name) / "index.db").write_bytes(os.urandom(10_000))

    with pytest.raises(DataCorrupted):
        prune(place, 1)

    assert 3 == len(blob_paths(place_path))


@pytest.mark.parametrize("file", ["index.db", "settings.db", "settings.key"])
async def test_nothing_goes_when_a_snapshot_that_stays_is_not_what_was_written(
    data_dir: Path, place_path: Path, file: str
) -> None:
    """Its index could still be read, so the older snapshot, which was whole, was removed."""
    place = BackupPlace.open(place_path)
    damaged = back_up(data_dir, place_path, NOON_MS + 1).record
    _change_a_byte(place.snapshot_path(damaged.name) / file)

    kept = back_up(data_dir, place_path, NOON_MS + 2, keep_count=2).pruned
    count = len(place.snapshots())
    pruned = back_up(data_dir, place_path, NOON_MS + 3, keep_count=1).pruned

    assert ((), 3) == (kept.snapshots, count)
    what = f"snapshots/{damaged.name}/{file}"
    assert f"a snapshot that stays is damaged: {what} is not what was written" == kept.kept_because
    assert (3, "") == (len(pruned.snapshots), pruned.kept_because), "the damaged one goes, too"


async def test_all_that_is_wrong_is_said(place_path: Path) -> None:
    place = BackupPlace.open(place_path)
    (record,) = place.snapshots()
    _change_a_byte(place.snapshot_path(record.name) / "index.db")
    (place.snapshot_path(record.name) / "settings.key").unlink()

    with pytest.raises(DataCorrupted, match=r"index.db is not .*; .*settings.key cannot be read: "):
        prune(place, 1)


def _change_a_byte(path: Path) -> None:
    """In a database one that nothing is read from: who has set it, as a number."""
    content = bytearray(path.read_bytes())
    content[min(70, len(content) - 1)] ^= 1
    path.write_bytes(content)
