"""detached_log.py: where the log of a server in the background lies, and which of them go."""

import os
from pathlib import Path

import pytest

from ferrox.errors import StartError
from ferrox.storage import detached_log
from ferrox.storage.detached_log import STAYS_MS, VARIABLE

NOW_MS = 1_700_000_000_000


def _dated(path: Path, modified_ms: int) -> None:
    os.utime(path, ns=(modified_ms * 1_000_000, modified_ms * 1_000_000))


def test_a_log_is_written_at_its_end_and_nobody_else_reads_it(tmp_path: Path) -> None:
    path, file = detached_log.make(tmp_path, {}, NOW_MS)
    with file:
        file.write(b"one\n")
        file.seek(0)
        file.write(b"two\n")

    assert (tmp_path, b"one\ntwo\n") == (path.parent, path.read_bytes())
    assert 0o600 == path.stat().st_mode & 0o777


def test_it_lies_where_files_for_the_time_being_do(tmp_path: Path) -> None:
    path, file = detached_log.make(None, {"TMPDIR": str(tmp_path)}, NOW_MS)
    file.close()

    assert tmp_path == path.parent


def test_those_of_dead_servers_go_after_a_day(tmp_path: Path) -> None:
    (old, dead), (young, also_dead), (written, alive) = (
        detached_log.make(tmp_path, {}, NOW_MS) for _ in range(3)
    )
    dead.close()
    also_dead.close()
    other = tmp_path / "ferrox-ephemeral-notes.txt"
    other.touch()
    for path in (old, written, other):
        _dated(path, NOW_MS - STAYS_MS)
    _dated(young, NOW_MS - STAYS_MS + 1000)

    path, file = detached_log.make(tmp_path, {}, NOW_MS)
    file.close()

    assert {young, written, other, path} == set(tmp_path.iterdir())
    alive.close()


def test_a_link_is_no_log(tmp_path: Path) -> None:
    target = tmp_path / "of-somebody"
    target.touch()
    _dated(target, 0)
    link = tmp_path / "ferrox-ephemeral-0123abcd.log"
    link.symlink_to(target)

    detached_log.make(tmp_path, {}, NOW_MS)[1].close()

    assert link.is_symlink()


def test_where_none_can_be_made_it_is_said(tmp_path: Path) -> None:
    missing = tmp_path / "missing"

    with pytest.raises(StartError, match=f"no log can be made in {missing}: No such file"):
        detached_log.make(missing, {}, NOW_MS)


def test_a_process_is_told_once_which_log_is_its_own() -> None:
    environment = {VARIABLE: "/x/a.log", "HOME": "/x"}

    told = detached_log.take(environment), detached_log.take(environment)

    assert (Path("/x/a.log"), None, {"HOME": "/x"}) == (*told, environment)
