"""bounded_log.py: the newest lines are there, whole, and no more of them than there is room for."""

import os
from pathlib import Path
from typing import TextIO, cast

from ferrox.workers.bounded_log import BoundedLog
from ferrox.workers.lines import WholeLines, new_lock


def test_older_lines_go_when_there_are_too_many(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with path.open("a+", encoding="utf-8") as stream:
        log = BoundedLog(stream, most_bytes=1000)
        for number in range(500):
            log.write(f"line {number}\n")
            assert path.stat().st_size <= 1000

    numbers = [int(line.removeprefix("line ")) for line in path.read_text().splitlines()]
    assert [*range(numbers[0], 500)] == numbers
    assert len(numbers) > 40


def test_a_short_one_is_all_there(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with path.open("a+", encoding="utf-8") as stream:
        log = BoundedLog(stream, most_bytes=1000)

        assert 5 == log.write("line\n")

        assert (b"line\n", False) == (path.read_bytes(), log.isatty())


def test_one_that_several_processes_write_stays_short_too(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with path.open("a+", encoding="utf-8") as stream, new_lock() as lock:
        lines = WholeLines(cast("TextIO", BoundedLog(stream, most_bytes=1000)), lock)
        child = os.fork()
        for _ in range(200):
            lines.write(f"{'child' if not child else 'parent'}\n")
        if not child:
            os._exit(0)
        os.waitpid(child, 0)

    assert path.stat().st_size <= 1000
    assert {"child", "parent"} >= set(path.read_text().splitlines())
