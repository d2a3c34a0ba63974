"""The place of backups: what is recognised, what is refused."""

import errno
import fcntl
import json
import os
from pathlib import Path

import pytest

from ferrox.errors import DataCorrupted, StartError
from ferrox.storage.backup.place import BackupPlace, snapshot_name


def record_path(place: Path) -> Path:
    (snapshot,) = (place / "snapshots").iterdir()
    return snapshot / "snapshot.json"


def test_what_has_no_marker_is_no_place(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none"):
        with pytest.raises(StartError, match="no backups"):
            BackupPlace.open(path)


@pytest.mark.parametrize(
    ("marker", "why"),
    [("{", "damaged"), ("[]", "damaged"), ('{"format": 2, "source": "x"}', "newer ferroxd")],
)
def test_a_marker_that_is_not_understood_is_refused(tmp_path: Path, marker: str, why: str) -> None:
    (tmp_path / "ferrox-backup.json").write_text(marker)

    with pytest.raises(StartError, match=why):
        BackupPlace.open(tmp_path)


def test_a_place_is_made_once(tmp_path: Path) -> None:
    BackupPlace.open_or_make(tmp_path / "dest", "mine")

    assert "mine" == BackupPlace.open_or_make(tmp_path / "dest", "mine").source
    with pytest.raises(StartError, match="another data directory"):
        BackupPlace.open_or_make(tmp_path / "dest", "other")


def test_a_record_says_again_what_was_written(place_path: Path) -> None:
    (record,) = BackupPlace.open(place_path).snapshots()

    assert ["format.json", "index.db", "settings.db", "settings.key"] == sorted(record.files)
    assert (3, 2, 3, ()) == (
        record.blob_count,
        record.object_count,
        record.version_count,
        record.lost,
    )


def test_every_changed_word_of_a_record_is_found(place_path: Path) -> None:
    path = record_path(place_path)
    plain = json.loads(path.read_text())

    for name in plain:
        changed = plain | {name: "0" if name != "checksum" else "0" * 64}
        path.write_text(json.dumps(changed))
        with pytest.raises(DataCorrupted, match="record"):
            BackupPlace.open(place_path).snapshots()
    path.write_bytes(os.urandom(100))
    with pytest.raises(DataCorrupted, match="record"):
        BackupPlace.open(place_path).snapshots()


def test_what_has_no_record_is_no_snapshot(place_path: Path) -> None:
    place = BackupPlace.open(place_path)
    (name,) = [record.name for record in place.snapshots()]
    record_path(place_path).unlink()

    assert ([], [name]) == (place.snapshots(), place.unfinished())
    place.remove(name)
    assert [] == place.unfinished()


def test_a_snapshot_that_is_removed_loses_its_record_first(
    place_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = BackupPlace.open(place_path)
    (record,) = place.snapshots()

    def cut(_path: object) -> None:
        assert not record_path(place_path).exists()
        raise KeyboardInterrupt

    monkeypatch.setattr("shutil.rmtree", cut)
    with pytest.raises(KeyboardInterrupt):
        place.remove(record.name)

    assert [] == place.snapshots()


def test_readers_share_and_writers_do_not(place_path: Path) -> None:
    place = BackupPlace.open(place_path)

    with (
        place.locked(alone=False),
        place.locked(alone=False),
        pytest.raises(StartError, match="another ferroxd"),
        place.locked(alone=True),
    ):
        pass
    with place.locked(alone=True):
        pass


def test_where_files_cannot_be_locked_it_says_so(
    place_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", refuse)

    with (
        pytest.raises(StartError, match="cannot be locked"),
        BackupPlace.open(place_path).locked(alone=True),
    ):
        pass


def test_names_sort_as_instants() -> None:
    names = [snapshot_name(ms) for ms in (0, 1, 999, 1000, 1_790_000_000_123)]

    assert sorted(names) == names
    assert "2026-09-21T14-13-20.123Z" == names[-1]
