"""What the figures were measured on."""

import os
import platform
import sqlite3
import ssl
import subprocess
from pathlib import Path


def describe(folder: Path) -> dict[str, str]:
    """Name → value, in the order of reading. `folder` is where the servers keep their data."""
    return {
        "processor": f"{processor(Path('/proc/cpuinfo').read_text())}, {os.cpu_count()} cores",
        "memory": f"{memory_gib(Path('/proc/meminfo').read_text()):.0f} GiB",
        "kernel": f"{platform.system()} {platform.release()}",
        "file system": filesystem(folder),
        "Python": f"{platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
        f"{ssl.OPENSSL_VERSION}",
        "load before": " ".join(f"{one:.2f}" for one in os.getloadavg()),
    }


def processor(cpuinfo: str) -> str:
    """The model of the first core."""
    for line in cpuinfo.splitlines():
        name, _, value = line.partition(":")
        if name.strip() in ("model name", "Model"):
            return value.strip()
    return platform.machine()


def memory_gib(meminfo: str) -> float:
    """All there is."""
    for line in meminfo.splitlines():
        if line.startswith("MemTotal:"):
            return int(line.split()[1]) / 1024**2
    return 0.0


def filesystem(folder: Path) -> str:
    """The type of file system below a folder: a tmpfs syncs nothing, and must not go unnoticed."""
    done = subprocess.run(
        ["stat", "-f", "-c", "%T", str(folder)], capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "unknown"
