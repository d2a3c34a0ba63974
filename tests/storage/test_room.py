"""What is refused when the drive is nearly full, and what is not."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from ferrox.errors import StorageFull
from ferrox.storage.room import RESERVE_BYTES, Room

ROOT = Path(__file__).parents[2]
MIB = 1024 * 1024


def drive(monkeypatch: pytest.MonkeyPatch, size_bytes: int, free_bytes: int) -> None:
    found = SimpleNamespace(f_frsize=4096, f_blocks=size_bytes // 4096, f_bavail=free_bytes // 4096)
    monkeypatch.setattr(os, "statvfs", lambda _: found)


def test_the_reserve_is_a_small_part_of_a_small_drive(monkeypatch: pytest.MonkeyPatch) -> None:
    drive(monkeypatch, 16 * MIB, 16 * MIB)
    small = Room(Path("/"))
    drive(monkeypatch, 1024 * 1024 * MIB, 0)
    large = Room(Path("/"))

    assert (MIB, RESERVE_BYTES) == (small.reserve_bytes, large.reserve_bytes)


@pytest.mark.parametrize(
    ("free", "owed", "more", "is_short"),
    [
        (64 * MIB, 0, 0, False),
        (64 * MIB - 4096, 0, 0, True),
        (80 * MIB, 0, 16 * MIB, False),
        (80 * MIB, 0, 17 * MIB, True),
        (80 * MIB, 17 * MIB, 0, True),
        (60 * MIB, 0, -4 * MIB, False),
    ],
)
def test_room_is_short_when_the_reserve_would_be_touched(
    monkeypatch: pytest.MonkeyPatch, free: int, owed: int, more: int, *, is_short: bool
) -> None:
    drive(monkeypatch, 1024 * 1024 * MIB, free)
    room = Room(Path("/"))
    room.owed_bytes = owed

    assert is_short == room.is_short(more)


def test_what_would_touch_the_reserve_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    drive(monkeypatch, 1024 * 1024 * MIB, 100 * MIB)
    room = Room(Path("/"))

    room.require(36 * MIB)
    with pytest.raises(StorageFull):
        room.require(37 * MIB)


def test_a_file_system_that_does_not_know_its_size_is_never_short(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drive(monkeypatch, 0, 0)

    assert not Room(Path("/")).is_short(MIB)


@pytest.mark.parametrize("size_bytes", [3_000, 60_000, 200_000])
def test_a_full_drive_goes_on_serving_reads_and_deletes(tmp_path: Path, size_bytes: int) -> None:
    namespace = ["unshare", "--map-root-user", "--mount"]
    if subprocess.run([*namespace, "true"], check=False, capture_output=True).returncode:
        pytest.skip("this user may not mount a drive of its own")

    told = subprocess.run(
        [*namespace, sys.executable, "-m", "tests.storage.full_drive", tmp_path, str(size_bytes)],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
    )
    story = json.loads(told.stdout)

    assert story["stored"] > 20
    assert story["small ones refused"] > 100
    assert size_bytes == story["read"]
    assert story["stored"] == story["deleted"]
    assert story["reaped"] in {0, story["stored"]}
    assert story["stored again"]
    assert story["read-only"] is None
