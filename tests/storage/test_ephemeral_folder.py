"""Folders that are gone with their servers: where they lie, who removes which of them."""

import fcntl
import os
import stat
from pathlib import Path

import pytest

from ferrox import frozen
from ferrox.errors import StartError
from ferrox.storage import ephemeral_folder

NOWHERE = {"TMPDIR": "/nowhere"}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where temporary files may be made."""
    path = tmp_path / "tmp"
    path.mkdir()
    return path


@pytest.fixture
def left(place: Path) -> Path:
    """The folder of a server that was killed."""
    folder = place / (ephemeral_folder.PREFIX + "0badcafe")
    (folder / "data" / "blobs").mkdir(parents=True)
    (folder / frozen.LOCK_NAME).write_text("1\n")
    return folder


def test_a_folder_is_there_for_the_length_of_a_block(place: Path) -> None:
    with ephemeral_folder.made(place, {}) as folder:
        ephemeral_folder.data_path(folder).mkdir()
        (ephemeral_folder.data_path(folder) / "index.db").write_bytes(b"1")
        seen = (folder.parent, stat.S_IMODE(folder.stat().st_mode))

    assert (place, 0o700) == seen
    assert [] == list(place.iterdir())


def test_it_is_removed_however_the_block_ends(place: Path) -> None:
    with pytest.raises(ZeroDivisionError), ephemeral_folder.made(place, {}):
        _ = 1 / 0

    assert [] == list(place.iterdir())


def test_two_at_once_have_each_their_own(place: Path) -> None:
    with ephemeral_folder.made(place, {}) as first:
        with ephemeral_folder.made(place, {}) as second:
            assert first != second
            assert {first, second} == set(ephemeral_folder.living([place]))
        assert [first] == ephemeral_folder.living([place])


def test_what_a_killed_server_left_is_removed_by_the_next(place: Path, left: Path) -> None:
    with ephemeral_folder.made(place, {}) as folder:
        assert [folder] == list(place.iterdir())


def test_the_folder_of_a_living_server_stays(place: Path, left: Path) -> None:
    with (left / frozen.LOCK_NAME).open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        with ephemeral_folder.made(place, {}):
            pass

    assert [left] == list(place.iterdir())


def test_nothing_else_is_touched(place: Path) -> None:
    others = [place / "ferrox-data", place / (ephemeral_folder.PREFIX + "without-lock")]
    for other in others:
        other.mkdir()
        (other / "index.db").write_bytes(b"1")

    with ephemeral_folder.made(place, {}):
        pass

    assert sorted(others) == sorted(place.iterdir())


def test_who_is_looked_for_among_the_living_is_not_dead_nor_somebody_elses(
    place: Path, left: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [] == ephemeral_folder.living([place, place / "nowhere"])

    with ephemeral_folder.made(place, {}):
        monkeypatch.setattr(os, "geteuid", lambda: place.stat().st_uid + 1)
        assert [] == ephemeral_folder.living([place])


def test_memory_comes_first_and_then_the_place_of_temporary_files() -> None:
    assert [Path("/dev/shm"), Path("/scratch")] == ephemeral_folder.places({"TMPDIR": "/scratch"})
    assert [Path("/dev/shm"), Path("/tmp")] == ephemeral_folder.places({})


def test_the_first_place_with_room_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = [tmp_path / name for name in ("missing", "small", "large")]
    for path in places[1:]:
        path.mkdir()
    room = {places[1]: 64 << 20, places[2]: 1 << 30}
    monkeypatch.setattr(ephemeral_folder, "_free_bytes", room.__getitem__)

    assert places[2] == ephemeral_folder.choice(places)
    assert places[1] == ephemeral_folder.choice(places[:2])
    with pytest.raises(StartError, match="no place for an ephemeral server"):
        ephemeral_folder.choice(places[:1])


def test_a_place_that_was_asked_for_is_the_one_or_none(tmp_path: Path) -> None:
    made = ephemeral_folder.made(tmp_path / "missing", {})

    with pytest.raises(StartError, match=r"can be made in .*missing: No such file"), made:
        pass
