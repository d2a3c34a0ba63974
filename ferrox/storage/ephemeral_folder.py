"""The folder of a server whose data are to be gone when it ends: made, found, removed.

It lies in memory where there is room, else where temporary files do. Like the folders of a frozen
program (ferrox/frozen.py) it holds a file that is locked for as long as one of the server's
processes lives, and whoever starts next removes the folders of this user whose lock is free: so
nothing is left for long of a server that was killed, and a living one is never touched.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from ferrox import frozen
from ferrox.errors import StartError

PREFIX = "ferrox-ephemeral-"

MEMORY = Path("/dev/shm")  # noqa: S108 - what is made in it has a random name and mode 0700
"""Memory that can be used as a directory, on Linux."""

ENOUGH_BYTES = 256 << 20
"""Less memory than this is for who has nothing else: containers often have 64 MiB."""

_DATA = "data"


def data_path(folder: Path) -> Path:
    """The data directory in such a folder."""
    return folder / _DATA


@contextlib.contextmanager
def made(asked: Path | None, environment: Mapping[str, str]) -> Iterator[Path]:
    """A new folder for the length of a block; StartError where none can be made.

    asked  where it is to be made, if that was said
    """
    for place in places(environment) if asked is None else [asked]:
        frozen.sweep(place, (PREFIX,))
    folder = _make(asked or choice(places(environment)))
    lock = None
    try:
        lock = _claim(folder)
        yield folder
    finally:
        with contextlib.suppress(OSError):
            frozen.remove(str(folder))
        if lock is not None:
            os.close(lock)


def places(environment: Mapping[str, str]) -> list[Path]:
    """Where it may lie, the best place first."""
    return [MEMORY, Path(environment.get("TMPDIR") or "/tmp")]  # noqa: S108 - see MEMORY


def choice(among: list[Path]) -> Path:
    """The first place that can be used and has room, else the first that can be used at all."""
    usable = [place for place in among if os.access(place, os.W_OK | os.X_OK)]
    roomy = [place for place in usable if _free_bytes(place) >= ENOUGH_BYTES]
    for place in roomy or usable:
        return place
    named = " and ".join(map(str, among))
    raise StartError(f"no place for an ephemeral server: {named} cannot be written")


def living(among: list[Path]) -> list[Path]:
    """The folders of this user whose servers live."""
    return [folder for place in among for folder in _folders(place) if _is_locked(folder)]


def _folders(place: Path) -> list[Path]:
    with contextlib.suppress(OSError), os.scandir(place) as entries:
        return [
            Path(entry.path)
            for entry in entries
            if entry.name.startswith(PREFIX)
            and entry.is_dir(follow_symlinks=False)
            and entry.stat(follow_symlinks=False).st_uid == os.geteuid()
        ]
    return []


def _is_locked(folder: Path) -> bool:
    with contextlib.suppress(OSError), (folder / frozen.LOCK_NAME).open("rb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _free_bytes(place: Path) -> int:
    found = os.statvfs(place)
    return found.f_bavail * found.f_frsize


def _make(place: Path) -> Path:
    folder = place / (PREFIX + os.urandom(4).hex())
    try:
        folder.mkdir(mode=0o700)
    except OSError as error:
        raise StartError(f"no ephemeral server can be made in {place}: {error.strerror}") from None
    return folder


def _claim(folder: Path) -> int:
    """Lock it. A file that is empty is being locked at this moment: whoever sweeps leaves it."""
    try:
        lock = os.open(folder / frozen.LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.flock(lock, fcntl.LOCK_SH)
        os.write(lock, f"{os.getpid()}\n".encode())
    except OSError as error:
        raise StartError(f"{folder} cannot be used: {error.strerror}") from None
    return lock
