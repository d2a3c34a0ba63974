"""Copiers and the reaper, over one lock."""

import signal
import subprocess
import sys
from pathlib import Path

from ferrox.storage.blob_hold import BlobHold

COPIER = """
import pathlib, sys
from ferrox.storage.blob_hold import BlobHold
with BlobHold(pathlib.Path(sys.argv[1])).keeping():
    print("holding", flush=True)
    sys.stdin.read()
"""


def test_nobody_removes_while_somebody_copies(tmp_path: Path) -> None:
    hold = BlobHold(tmp_path / "blobs.hold")

    with hold.keeping(), hold.keeping(), hold.removing() as may_remove:
        assert not may_remove

    with hold.removing() as may_remove:
        assert may_remove


def test_removers_do_not_wait_for_one_another(tmp_path: Path) -> None:
    hold = BlobHold(tmp_path / "blobs.hold")

    with hold.removing() as first, hold.removing() as second:
        assert (True, False) == (first, second)


def test_a_copier_that_is_killed_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "blobs.hold"
    copier = subprocess.Popen(
        [sys.executable, "-c", COPIER, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    with copier:
        assert copier.stdout is not None
        assert b"holding\n" == copier.stdout.readline()
        with BlobHold(path).removing() as while_it_lives:
            pass
        copier.send_signal(signal.SIGKILL)
        copier.wait()

        with BlobHold(path).removing() as after_its_death:
            pass

    assert (False, True) == (while_it_lives, after_its_death)


def test_the_lock_is_for_its_owner_only(tmp_path: Path) -> None:
    with BlobHold(tmp_path / "blobs.hold").keeping():
        pass

    assert 0o600 == (tmp_path / "blobs.hold").stat().st_mode & 0o777
