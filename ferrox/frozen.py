"""What only a frozen program needs: to end with its launcher, and to clear up after killed runs.

A one-file program is more than one process. PyInstaller's launcher unpacks into a folder
`_MEI<its process id><random>`, starts the server as its child and waits; in the static form
staticx's launcher does the same around it, in a folder `staticx-<random>`. They hand on signals and
exit statuses and remove their folders. SIGKILL they cannot hand on, so:

- The server ends when its launcher does: the kernel sees to that. The launcher around that one asks
  the same for what it starts, in build/freeze/launcher.c.
- Both launchers make a file in their folder before anything else, lock it, and then write into it;
  the lock goes on to all that they start (build/freeze/claim.c). Whoever starts next removes the
  folders of this user whose file is there and whose lock is free: nobody lives in them. A file that
  is still empty is being locked at this moment, unless it is old.

A program in one folder has neither launchers nor anything unpacked: nothing here applies to it.
"""

import contextlib
import fcntl
import os
import signal
import stat
import sys
import time
from pathlib import Path

LOCK_NAME = "ferroxd.lock"

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_PR_SET_PDEATHSIG = 1  # prctl(2)
_UNPACKED = "_MEI"
_UNPACKED_STATIC = "staticx-"
_LOCKING_LIMIT_S = 3600.0
_KILLED_STATUS = 128 + signal.SIGKILL


def enter() -> None:
    """Do what a frozen program must do before anything else."""
    unpacked = Path(getattr(sys, "_MEIPASS", ""))
    if not unpacked.name.startswith(_UNPACKED):
        return
    end_with_parent(_process_id_in(unpacked.name) or os.getppid())
    places = {unpacked.parent}
    outer = _static_folder(Path(sys.executable))
    if outer is not None:
        places.add(outer.parent)
    for place in places:
        sweep(place)


def path() -> Path:
    """The file that was started, whatever has been unpacked from it."""
    program = Path(sys.executable)
    outer = os.environ.get("STATICX_PROG_PATH")
    return Path(outer) if outer and _static_folder(program) is not None else program


def end_with_parent(parent: int) -> None:
    """Have the kernel kill this process when its parent ends; end now if that has happened."""
    import ctypes  # here, as only a frozen program needs it and it takes milliseconds

    # Not served by every system call filter; then all is as it was without it.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(_KILLED_STATUS)  # as if the signal that ended the launcher had come here


def sweep(place: Path, prefixes: tuple[str, ...] = (_UNPACKED, _UNPACKED_STATIC)) -> None:
    """Remove what killed runs of this program and this user left in a temporary directory.

    prefixes  how the names of their folders begin
    """
    with contextlib.suppress(OSError), os.scandir(place) as entries:
        for entry in entries:
            if (
                entry.name.startswith(prefixes)
                and entry.is_dir(follow_symlinks=False)
                and entry.stat(follow_symlinks=False).st_uid == os.geteuid()
            ):
                _remove_if_left(entry.path)


def _remove_if_left(folder: str) -> None:
    with contextlib.suppress(OSError), contextlib.ExitStack() as open_files:
        inside = os.open(folder, _FOLDER)
        open_files.callback(os.close, inside)
        lock = os.open(LOCK_NAME, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=inside)
        open_files.callback(os.close, lock)
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        found = os.fstat(lock)
        age_s = time.time_ns() / 1e9 - found.st_mtime
        if stat.S_ISREG(found.st_mode) and (found.st_size or age_s > _LOCKING_LIMIT_S):
            _empty(inside)
            os.rmdir(folder)


def remove(folder: str) -> None:
    """Remove a folder with all that is in it; what links lead to stays."""
    inside = os.open(folder, _FOLDER)
    try:
        _empty(inside)
    finally:
        os.close(inside)
    os.rmdir(folder)


def _empty(inside: int) -> None:
    """Remove what is in an open folder, the lock last: what is cut short can be found again.

    Its name leads wherever those say who may write the directory above it.
    """
    import shutil  # here, as there is seldom anything to remove

    with os.scandir(inside) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.name, dir_fd=inside)
            elif entry.name != LOCK_NAME:
                os.unlink(entry.name, dir_fd=inside)
    os.unlink(LOCK_NAME, dir_fd=inside)


def _static_folder(program: Path) -> Path | None:
    """Where staticx unpacked this program; the variable alone may be that of somebody else."""
    named = os.environ.get("STATICX_BUNDLE_DIR")
    return Path(named) if named and program.parent == Path(named) else None


def _process_id_in(name: str) -> int | None:
    """The launcher's process id, eight hexadecimal digits in the name of its folder."""
    digits = name.removeprefix(_UNPACKED)[:8]
    try:
        return int(digits, 16) if len(name) > len(_UNPACKED) + 8 else None
    except ValueError:
        return None
