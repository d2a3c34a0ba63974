"""Processes: what the kernel says of those of this server.

https://man7.org/linux/man-pages/man5/proc.5.html

Any process may look at all of them, as they belong to the same user, so nobody has to be asked. On
systems without /proc nothing is known. What a process shares with others it was forked with counts
in its PSS by its share, in its RSS as a whole.
"""

import os
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

PROC = Path("/proc")

_FIRST_FIELD = 3
"""The number of the first field after the name of the program in `stat`."""

_UTIME, _STIME, _STARTTIME, _RSS = 14, 15, 22, 24
_LIMIT = re.compile(rb"^Max open files\s+(\d+)", re.MULTILINE)
_SMAPS = re.compile(rb"^(Rss|Pss):\s+(\d+) kB", re.MULTILINE)


class Process(NamedTuple):
    """One of them; None is what the kernel did not say."""

    cpu_s: float
    started_s: float
    resident_bytes: int
    proportional_bytes: int | None
    open_fds: int | None
    max_fds: int | None


def look(pids: Mapping[str, int], now_ms: int, proc: Path = PROC) -> dict[str, Process]:
    """Return those that are there, by their names."""
    found = {name: _look(proc / str(pid), now_ms) for name, pid in pids.items()}
    return {name: process for name, process in found.items() if process is not None}


def _look(folder: Path, now_ms: int) -> Process | None:
    try:
        stat = (folder / "stat").read_bytes()
    except OSError:
        return None  # it has ended, or there is nothing of the kind here
    fields = stat.rpartition(b")")[2].split()
    utime, stime, started, rss_pages = (
        int(fields[number - _FIRST_FIELD]) for number in (_UTIME, _STIME, _STARTTIME, _RSS)
    )
    ticks_per_s = os.sysconf("SC_CLK_TCK")
    booted_s = now_ms / 1000 - time.clock_gettime(time.CLOCK_BOOTTIME)
    memory = {name: int(kib) * 1024 for name, kib in _SMAPS.findall(_text(folder, "smaps_rollup"))}
    limit = _LIMIT.search(_text(folder, "limits"))
    return Process(
        cpu_s=(utime + stime) / ticks_per_s,
        started_s=round(booted_s + started / ticks_per_s, 2),
        resident_bytes=memory.get(b"Rss", rss_pages * os.sysconf("SC_PAGE_SIZE")),
        proportional_bytes=memory.get(b"Pss"),
        open_fds=_open_fds(folder / "fd"),
        max_fds=int(limit[1]) if limit else None,
    )


def _text(folder: Path, name: str) -> bytes:
    try:
        return (folder / name).read_bytes()
    except OSError:
        return b""


def _open_fds(folder: Path) -> int | None:
    """How many entries the folder has; its size says so since Linux 6.2."""
    try:
        return folder.stat().st_size or len(os.listdir(folder))
    except OSError:
        return None
