"""What the kernel says of processes."""

import os
import resource
import time
from pathlib import Path

from ferrox.monitoring import processes

STAT = (
    "7 (a name) with) S 1 7 7 0 -1 4194560 1 0 0 0 250 50 0 0 20 0 3 0 1000 123456 300"
    + " 0" * 28
)  # fmt: skip


def a_process(proc: Path, stat: str = STAT) -> Path:
    folder = proc / "7"
    (folder / "fd").mkdir(parents=True)
    (folder / "stat").write_text(stat)
    return folder


def test_this_process_is_as_it_is() -> None:
    now_ms = time.time_ns() // 1_000_000

    found = processes.look({"me": os.getpid()}, now_ms)["me"]

    used = resource.getrusage(resource.RUSAGE_SELF)
    assert abs(found.cpu_s - used.ru_utime - used.ru_stime) < 1
    assert 0 < found.resident_bytes <= used.ru_maxrss * 1024 * 2
    assert found.proportional_bytes is not None
    assert 0 < found.proportional_bytes <= found.resident_bytes
    assert abs((found.open_fds or 0) - len(os.listdir("/proc/self/fd"))) < 5
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == found.max_fds
    assert 0 < now_ms / 1000 - found.started_s < 24 * 3600


def test_who_has_ended_is_left_out(tmp_path: Path) -> None:
    assert {} == processes.look({"gone": 7}, 0, tmp_path)


def test_a_name_with_brackets_hides_nothing(tmp_path: Path) -> None:
    a_process(tmp_path)

    found = processes.look({"one": 7}, 0, tmp_path)["one"]

    assert 300 / os.sysconf("SC_CLK_TCK") == found.cpu_s
    assert 300 * os.sysconf("SC_PAGE_SIZE") == found.resident_bytes


def test_what_may_not_be_read_is_unknown(tmp_path: Path) -> None:
    folder = a_process(tmp_path)
    (folder / "fd").rmdir()

    found = processes.look({"one": 7}, 0, tmp_path)["one"]

    assert (None, None, None) == (found.proportional_bytes, found.open_fds, found.max_fds)


def test_memory_and_limits_are_read_where_they_stand(tmp_path: Path) -> None:
    folder = a_process(tmp_path)
    (folder / "smaps_rollup").write_text(
        "x [rollup]\nRss:    100 kB\nPss:     60 kB\nPss_Anon: 1 kB\n"
    )
    (folder / "limits").write_text("Limit  Soft  Hard\nMax open files   1024   4096   files\n")

    found = processes.look({"one": 7}, 0, tmp_path)["one"]

    assert (100 << 10, 60 << 10, 1024) == (
        found.resident_bytes, found.proportional_bytes, found.max_fds,
    )  # fmt: skip
