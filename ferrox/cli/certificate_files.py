"""Certificates that are made here, as files: NAME.crt, and NAME.key that nobody else can read."""

import contextlib
import os
import socket
from collections.abc import Mapping
from pathlib import Path

from ferrox.crypto.certificates import Issued, make_server
from ferrox.errors import StartError

LOOPBACK = ("localhost", "127.0.0.1", "::1")


def own_names() -> tuple[str, ...]:
    """The names by which this machine is reached, as far as it knows."""
    own = socket.gethostname().lower()
    with contextlib.suppress(ValueError):
        make_server([own], 0)  # which knows what is a name
        return tuple(dict.fromkeys((*LOOPBACK, own)))
    return LOOPBACK


def write(folder: Path, issued: Mapping[str, Issued]) -> None:
    """Write what was issued, by the name of its files; StartError, and nothing, if one is there."""
    files = {}
    for name, one in issued.items():
        files[folder / f"{name}.key"] = (one.key, 0o600)
        files[folder / f"{name}.crt"] = (one.certificate, 0o644)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        there = [path for path in files if path.exists() or path.is_symlink()]
        if there:
            raise StartError(f"{there[0]} is there already; nothing was made")
        for path, (text, mode) in files.items():
            flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC
            with open(os.open(path, flags, mode), "w", encoding="ascii") as file:
                file.write(text)
    except OSError as error:
        raise StartError(f"{error.filename or folder}: {error.strerror}") from None
