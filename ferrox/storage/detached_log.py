"""The log of an ephemeral server in the background: a file that is there when the server is not.

It lies where files for the time being do, not in the server's folder, which goes with the server.
A server that ends as it should removes it; of one that crashed or was killed it stays, for whoever
wants to know why. It is locked as long as one of the server's processes has it open, and whoever
starts next removes those of this user that are not, and old.
"""

import contextlib
import fcntl
import os
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import IO

from ferrox.errors import StartError
from ferrox.storage import ephemeral_folder

SUFFIX = ".log"

VARIABLE = "FERROX_DETACHED_LOG"
"""By which a server is told that a file is its log."""

STAYS_MS = 24 * 60 * 60 * 1000
"""How long the log of a dead server stays at least."""


def make(asked: Path | None, environment: Mapping[str, str], now_ms: int) -> tuple[Path, IO[bytes]]:
    """Make a log, and open it to be written at its end. StartError

    asked  where it is to lie, if that was said
    """
    places = ephemeral_folder.places(environment)[::-1]  # memory only where there is no drive
    for place in places if asked is None else [asked]:
        _sweep(place, now_ms)
    folder = Path(os.path.abspath(asked or ephemeral_folder.choice(places)))
    path = folder / f"{ephemeral_folder.PREFIX}{os.urandom(4).hex()}{SUFFIX}"
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
    try:
        fd = os.open(path, flags, 0o600)
        fcntl.flock(fd, fcntl.LOCK_SH)
    except OSError as error:
        raise StartError(f"no log can be made in {folder}: {error.strerror}") from None
    return path, open(fd, "w+b", buffering=0)


def take(environment: MutableMapping[str, str]) -> Path | None:
    """The file that is the log of this process, if there is one; told once."""
    path = environment.pop(VARIABLE, None)
    return None if path is None else Path(path)


def _sweep(place: Path, now_ms: int) -> None:
    """Remove the logs of this user's dead servers, when nobody will look at them any more."""
    with contextlib.suppress(OSError), os.scandir(place) as entries:
        for entry in entries:
            name = entry.name
            if name.startswith(ephemeral_folder.PREFIX) and name.endswith(SUFFIX):
                with contextlib.suppress(OSError):
                    _remove_if_left(entry, now_ms)


def _remove_if_left(entry: "os.DirEntry[str]", now_ms: int) -> None:
    found = entry.stat(follow_symlinks=False)
    if not entry.is_file(follow_symlinks=False) or found.st_uid != os.geteuid():
        return
    if now_ms - found.st_mtime * 1000 < STAYS_MS:
        return
    with open(os.open(entry.path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC), "rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.unlink(entry.path)
