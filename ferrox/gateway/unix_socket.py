"""A listening socket that is a file in the data directory: who may open the file may connect.

https://man7.org/linux/man-pages/man7/unix.7.html

The name of a socket has at most 107 bytes, and data directories may lie deeper than that. Then the
directory is named by a descriptor of it: `/proc/self/fd/7/admin.sock`. Whoever connects does the
same; programs that cannot need a shorter path.

The caller holds the lock of the data directory, so a socket that is there already is that of a
server that was killed. Nevertheless it is tried: one that answers is left alone.
"""

import contextlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path

from ferrox.errors import StartError
from ferrox.gateway.limits import BACKLOG

MOST_NAME_BYTES = 107
TRY_S = 1.0


class NameTooLongError(StartError):
    """A path that no socket can have on this system."""


class InUseError(StartError):
    """Somebody answers there."""


def listen(path: Path) -> socket.socket:
    """Listen at a path, for nobody but the user who runs this.

    raises  NameTooLongError, InUseError; StartError when nobody can listen there
    """
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with short_name(path) as name:
            _require_dead(name, path)
            with contextlib.suppress(FileNotFoundError):
                path.unlink()
            made.bind(name)
            path.chmod(0o600)  # nobody can have connected yet: it does not listen
        made.listen(BACKLOG)
    except OSError as error:
        made.close()
        raise StartError(f"cannot listen on {path}: {error.strerror or error}") from None
    except BaseException:
        made.close()
        raise
    made.setblocking(False)
    return made


def connect(path: Path, timeout_s: float) -> socket.socket:
    """Connect to whoever listens at a path; OSError, NameTooLongError."""
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        made.settimeout(timeout_s)
        with short_name(path) as name:
            made.connect(name)
    except BaseException:
        made.close()
        raise
    return made


@contextlib.contextmanager
def short_name(path: Path) -> Iterator[str]:
    """A name for a path that a socket can have, for the length of a block."""
    name = str(path)
    if len(os.fsencode(name)) <= MOST_NAME_BYTES:
        yield name
        return
    fd = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        name = f"/proc/self/fd/{fd}/{path.name}"
        if len(os.fsencode(name)) > MOST_NAME_BYTES or not os.path.isdir(f"/proc/self/fd/{fd}"):
            raise NameTooLongError(
                f"{path}: the path of a socket has at most {MOST_NAME_BYTES} bytes, this one has"
                f" {len(os.fsencode(path))}; choose a data directory with a shorter path"
            )
        yield name
    finally:
        os.close(fd)


def _require_dead(name: str, path: Path) -> None:
    """StartError if somebody answers there, or if it is no socket."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            probe.settimeout(TRY_S)
            probe.connect(name)
    except (FileNotFoundError, ConnectionRefusedError):
        if path.exists() and not path.is_socket():
            raise StartError(f"{path} is there and is no socket") from None
        return
    except (TimeoutError, BlockingIOError):  # it is busy, but it is there
        pass
    raise InUseError(f"{path} is in use by another ferroxd")
