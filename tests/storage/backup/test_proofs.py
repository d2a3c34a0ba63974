"""proofs.py: a snapshot's files are held to its record."""

from pathlib import Path

import pytest

from ferrox.errors import DataCorrupted
from ferrox.storage.backup.place import BackupPlace
from ferrox.storage.backup.proofs import Damage, damaged_files, require_sound_files


async def test_what_is_as_it_was_written_is_sound(made: Path) -> None:
    place = BackupPlace.open(made)
    (record,) = place.snapshots()

    require_sound_files(place, record)

    assert [] == list(damaged_files(place, record))


async def test_what_is_not_is_named(place_path: Path) -> None:
    place = BackupPlace.open(place_path)
    (record,) = place.snapshots()
    folder = place.snapshot_path(record.name)
    with (folder / "settings.db").open("ab") as file:
        file.write(b"more")
    (folder / "settings.key").unlink()

    damage = list(damaged_files(place, record))

    assert {
        "settings.db": "is not what was written",
        "settings.key": "cannot be read: No such file or directory",
    } == {one.file: one.reason for one in damage}
    first = Damage(f"snapshots/{record.name}/settings.db", "is not what was written")
    assert first in damage
    with pytest.raises(DataCorrupted, match=r"settings\.db is not what was written"):
        require_sound_files(place, record)
