"""Runs a program as a unit of systemd confines it, as far as a process can do that to itself.

    python confined.py UNIT PROGRAM ARGUMENT...

System calls, address families and memory are what could stop a program that worked until then; the
rest of a unit is about files and users. systemd-analyze says which system calls are in a set.
https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#System%20Call%20Filtering
"""

import ctypes
import os
import resource
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

NO_NEW_PRIVILEGES, MEMORY_DENY_WRITE_EXECUTE = 38, 65  # prctl(2)
ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | 1  # seccomp(2): EPERM
EQUAL = 4


class Comparison(ctypes.Structure):
    """`struct scmp_arg_cmp` of libseccomp."""

    _fields_ = (
        ("argument", ctypes.c_uint),
        ("operator", ctypes.c_int),
        ("first", ctypes.c_uint64),
        ("second", ctypes.c_uint64),
    )


def values(unit: Path, name: str) -> list[str]:
    lines = unit.read_text("utf-8").splitlines()
    return [line.partition("=")[2] for line in lines if line.startswith(f"{name}=")]


def members(name: str) -> Iterator[str]:
    """The system calls of a set, those of sets in it included."""
    if not name.startswith("@"):
        yield name
        return
    shown = subprocess.run(
        ["systemd-analyze", "syscall-filter", name], capture_output=True, text=True, check=True
    )
    for line in shown.stdout.splitlines()[1:]:
        if line.strip() and not line.strip().startswith("#"):
            yield from members(line.strip())


def allowed(unit: Path) -> set[str]:
    """What SystemCallFilter= leaves: sets are added, or with ~ taken away, in their order."""
    found: set[str] = set()
    for value in values(unit, "SystemCallFilter"):
        named = {call for name in value.lstrip("~").split() for call in members(name)}
        found = found - named if value.startswith("~") else found | named
    return found


def confine(unit: Path) -> None:
    """From here on; nothing takes it back."""
    calls = allowed(unit)
    families = [
        int(getattr(socket, name)) for name in values(unit, "RestrictAddressFamilies")[0].split()
    ]
    libc = ctypes.CDLL(None, use_errno=True)
    seccomp = ctypes.CDLL("libseccomp.so.2")
    seccomp.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(seccomp.seccomp_init(REFUSE))
    for call in calls:
        number = seccomp.seccomp_syscall_resolve_name(call.encode())
        if number >= 0 and call != "socket":
            succeed(seccomp.seccomp_rule_add_array(context, ALLOW, number, 0, None))
    for family in families:
        number = seccomp.seccomp_syscall_resolve_name(b"socket")
        one = Comparison(0, EQUAL, family, 0)
        succeed(seccomp.seccomp_rule_add_array(context, ALLOW, number, 1, ctypes.byref(one)))
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
    os.umask(int(values(unit, "UMask")[0], 8))
    succeed(libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0))
    libc.prctl(
        MEMORY_DENY_WRITE_EXECUTE, 1, 0, 0, 0
    )  # fails before Linux 6.3, and then does nothing
    succeed(seccomp.seccomp_load(context))


def succeed(status: int) -> None:
    if status:
        raise OSError(-status, os.strerror(abs(status)))


if __name__ == "__main__":
    confine(Path(sys.argv[1]))
    os.execvp(sys.argv[2], sys.argv[2:])
