"""What a process and its descendants have used: processor time and memory, out of /proc.

Processor time is steadier than the clock on a machine that others use, too. Memory is PSS: a page
that several processes share counts for each in part, so the sum over a tree is what the tree costs.
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

PROC = Path("/proc")


class Process(NamedTuple):
    """One line of /proc/PID/stat, as far as it matters here."""

    pid: int
    parent: int
    cpu_ticks: int


def parse_stat(text: str) -> Process:
    """Read a line of /proc/PID/stat. The name in brackets may hold brackets and spaces."""
    before, _, after = text.rpartition(")")
    fields = after.split()
    # state ppid ... and from the twelfth: utime stime cutime cstime, the latter of ended children
    return Process(int(before.split()[0]), int(fields[1]), sum(map(int, fields[11:15])))


def parse_pss_bytes(text: str) -> int:
    """The line `Pss:` of /proc/PID/smaps_rollup, which is in KiB."""
    for line in text.splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0


def parse_written_bytes(text: str) -> int:
    """The line `write_bytes:` of /proc/PID/io."""
    for line in text.splitlines():
        if line.startswith("write_bytes:"):
            return int(line.split()[1])
    return 0


def descendants(root: int, processes: Iterable[Process]) -> list[Process]:
    """The process itself and all below it, parents first."""
    children: dict[int, list[Process]] = {}
    found = []
    for process in processes:
        children.setdefault(process.parent, []).append(process)
        if process.pid == root:
            found.append(process)
    for process in found:  # grows while it is walked
        found.extend(children.get(process.pid, ()))
    return found


def tree(root: int) -> list[Process]:
    """The process and its descendants, as they are now."""
    return descendants(root, _running())


def cpu_s(root: int) -> float:
    """Seconds of processor time that the tree has used since it was started."""
    ticks = sum(process.cpu_ticks for process in tree(root))
    return ticks / os.sysconf("SC_CLK_TCK")


def written_bytes(root: int) -> int:
    """What the tree has had written to storage: pages made dirty, cut or not, and direct writes."""
    return sum(_written_bytes(process.pid) for process in tree(root))


def pss_bytes(root: int) -> int:
    """Memory of the tree."""
    return sum(pss_bytes_each(root).values())


def pss_bytes_each(root: int) -> dict[int, int]:
    """Memory of each process of the tree, by pid, parents first."""
    return {process.pid: _pss_bytes(process.pid) for process in tree(root)}


def _running() -> Iterator[Process]:
    for name in os.listdir(PROC):
        if name.isdecimal():
            try:
                yield parse_stat((PROC / name / "stat").read_text(errors="replace"))
            except OSError:  # it has ended meanwhile
                continue


def _written_bytes(pid: int) -> int:
    try:
        return parse_written_bytes((PROC / str(pid) / "io").read_text())
    except OSError:  # it has ended meanwhile
        return 0


def _pss_bytes(pid: int) -> int:
    try:
        return parse_pss_bytes((PROC / str(pid) / "smaps_rollup").read_text())
    except OSError:  # it has ended meanwhile
        return 0
