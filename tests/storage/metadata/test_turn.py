"""The turn to write: one has it at a time, and who waits gets it next."""

import fcntl
import os
import signal
import sys
import threading
from pathlib import Path
from subprocess import PIPE, Popen

import pytest

from ferrox.storage.metadata.turn import Turn

HOLD = """
import signal, sys
from pathlib import Path
from ferrox.storage.metadata.turn import Turn
with Turn(Path(sys.argv[1])):
    print("held", flush=True)
    signal.pause()
"""


def test_only_one_has_it(tmp_path: Path) -> None:
    turns = [Turn(tmp_path / "index.db") for _ in range(4)]
    inside: list[None] = []
    most = 0

    def work(turn: Turn) -> None:
        nonlocal most
        for _ in range(50):
            with turn:
                inside.append(None)
                most = max(most, len(inside))
                inside.pop()

    threads = [threading.Thread(target=work, args=(turn,)) for turn in turns]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for turn in turns:
        turn.close()

    assert 1 == most


def test_who_waits_comes_before_who_has_just_had_it(tmp_path: Path) -> None:
    mine, theirs = Turn(tmp_path / "index.db"), Turn(tmp_path / "index.db")
    order: list[str] = []

    def wait() -> None:
        with theirs:
            order.append("theirs")

    with mine:
        thread = threading.Thread(target=wait)
        thread.start()
        while not is_locked(tmp_path / "index.next"):
            pass
    with mine:
        order.append("mine")
    thread.join()
    for turn in (mine, theirs):
        turn.close()

    assert ["theirs", "mine"] == order


def is_locked(path: Path) -> bool:
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def test_a_process_that_is_killed_gives_it_back(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    with Popen([sys.executable, "-c", HOLD, path], stdout=PIPE) as holder:
        assert holder.stdout is not None
        assert b"held\n" == holder.stdout.readline()
        assert is_locked(tmp_path / "index.turn")
        os.kill(holder.pid, signal.SIGKILL)

    turn = Turn(path)
    with turn:
        pass
    turn.close()


def test_what_root_makes_is_for_whom_the_directory_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os, "fchown", lambda _fd, user, group: given.append((user, group)))

    Turn(tmp_path / "index.db").close()

    owner = tmp_path.stat()
    assert [(owner.st_uid, owner.st_gid)] * 2 == given


def test_root_without_the_right_to_give_files_away_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os, "fchown", refuse)
    turn = Turn(tmp_path / "index.db")

    with turn:
        assert (tmp_path / "index.turn").exists()
    turn.close()
