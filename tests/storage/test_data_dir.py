"""The data directory: made once, recognised, locked, and never somebody else's."""

import errno
import json
import os
from pathlib import Path

import pytest

from ferrox.errors import StartError
from ferrox.storage.data_dir import FORMAT, RESTORING, DataDir, write_durably


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data"


def refusal(path: Path) -> str:
    with pytest.raises(StartError) as refused:
        DataDir.open(path)
    message = str(refused.value)
    assert "\n" not in message
    assert str(path) in message
    return message


def test_a_missing_directory_is_made_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "srv" / "data"

    DataDir.open(path).close()

    assert path.stat().st_mode & 0o777 == 0o700
    assert json.loads((path / "format.json").read_text()) == {"format": FORMAT}


def test_a_closed_directory_opens_again(path: Path) -> None:
    DataDir.open(path).close()
    (path / "index.db").write_bytes(b"")

    again = DataDir.open(path)
    again.close()

    assert path == again.path


def test_an_empty_directory_is_taken(path: Path) -> None:
    path.mkdir()
    (path / "lost+found").mkdir()

    DataDir.open(path).close()

    assert (path / "format.json").exists()


def test_a_first_start_that_was_cut_short_is_taken_up(path: Path) -> None:
    path.mkdir()
    (path / "lock").write_text("17\n")
    (path / "format.json.new").write_text("{")

    DataDir.open(path).close()

    assert ["format.json", "lock"] == sorted(os.listdir(path))


def test_a_directory_of_somebody_else_is_left_alone(path: Path) -> None:
    path.mkdir()
    (path / "holiday.jpg").write_bytes(b"")

    message = refusal(path)

    assert "is not empty and was not made by ferroxd" in message
    assert os.listdir(path) == ["holiday.jpg"]


def test_a_directory_in_use_is_refused_with_the_holder(path: Path) -> None:
    holder = DataDir.open(path)

    message = refusal(path)

    assert f"in use by another ferroxd (pid {os.getpid()}): stop that first" in message
    holder.close()
    DataDir.open(path).close()


def test_a_full_drive_is_opened_all_the_same(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    DataDir.open(path).close()
    monkeypatch.setattr(os, "pwrite", refuse)

    opened = DataDir.open(path)

    with pytest.raises(StartError, match="in use"):
        DataDir.open(path)
    opened.close()


def test_a_newer_format_is_refused(path: Path) -> None:
    path.mkdir()
    (path / "format.json").write_text('{"format": 2}')

    assert "was written by a newer ferroxd" in refusal(path)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"format": "1"}', '{"format": 0}'])
def test_a_damaged_marker_is_refused(path: Path, text: str) -> None:
    path.mkdir()
    (path / "format.json").write_text(text)

    assert "damaged format.json" in refusal(path)


def test_a_file_in_its_place_is_refused(path: Path) -> None:
    path.write_text("not a directory")

    assert "cannot be used" in refusal(path)


def test_an_unwritable_directory_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> int:
        raise PermissionError(13, "Permission denied")

    path.mkdir()
    monkeypatch.setattr(os, "open", refuse)

    assert refusal(path).endswith("cannot be used: Permission denied")


def test_a_disk_that_takes_no_marker_is_refused_and_unlocked(path: Path) -> None:
    def refuse(_fd: int) -> None:
        raise OSError(28, "No space left on device")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", refuse)
        assert refusal(path).endswith("cannot be written: No space left on device")

    DataDir.open(path).close()


def test_writing_durably_replaces_the_file_whole(tmp_path: Path) -> None:
    path = tmp_path / "file"

    write_durably(path, b"first")
    write_durably(path, b"second")

    assert path.read_bytes() == b"second"
    assert path.stat().st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.parametrize("step", ["os.fsync", "pathlib.Path.rename"])
def test_what_cannot_be_written_durably_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = tmp_path / "file"
    write_durably(path, b"first")

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(step, fail)
    with pytest.raises(OSError, match="No space left"):
        write_durably(path, b"second")

    assert [path] == list(tmp_path.iterdir())
    assert b"first" == path.read_bytes()


def test_a_directory_into_which_a_backup_is_being_restored_is_refused(path: Path) -> None:
    DataDir.open(path).close()
    (path / RESTORING).touch()

    assert "restore-backup" in refusal(path)
