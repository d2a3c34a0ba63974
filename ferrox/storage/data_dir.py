"""The data directory: made if missing, recognised by its marker, used by one server at a time.

restore.json    there while a backup is being restored into this directory
format.json     {"format": 1}: what this directory is and who may open it
lock            held with flock by the server; contains its process id
index.db        buckets, keys, versions, uploads
index.turn      held with flock by the process that writes the index; index.next by who is next
settings.db     small JSON documents; settings.turn and settings.next as for the index
settings.key    the key under which secrets in settings.db are sealed, without a master passphrase
blobs/          the bytes of larger objects
blobs.hold      held with flock by who copies blobs, so that none is removed: see `blob_hold`
spool/          lines of access logs on their way into objects
"""

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Callable
from pathlib import Path

from ferrox.errors import StartError
from ferrox.storage.read_only import ReadOnlyMark

FORMAT = 1

MARKER = "format.json"
BLOBS = "blobs"
BLOBS_HOLD = "blobs.hold"
RESTORING = "restore.json"
"""There while a backup is being restored into this directory; no server may use it then."""

_LOCK = "lock"
_NEW = ".new"
_WAIT_S = 0.01
_WAIT_COUNT = 500
"""Five seconds: workers of a server that was killed are killed by the kernel, at once as a rule."""

NOT_CONTENT = frozenset({_LOCK, MARKER + _NEW, "lost+found"})
"""What an otherwise empty directory may hold: traces of a first start cut short, or of mkfs."""


class DataDir:
    """An open data directory. It is ours until `close`, or until this process ends.

    Processes forked from this one have it, too, and it is free when none of them is left.
    """

    def __init__(self, path: Path, lock_fd: int) -> None:
        self.path = path
        self.read_only = ReadOnlyMark()
        self._lock_fd = lock_fd

    @classmethod
    def open(cls, path: Path) -> "DataDir":
        """Make or recognise the directory and lock it; StartError says in one line why not."""
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            _require_ours(path)
            lock_fd = take_lock(path)
        except OSError as error:
            raise StartError(f"data directory {path} cannot be used: {error.strerror}") from error
        try:
            # Again, now that nobody else can write it.
            if not _require_ours(path):
                write_durably(path / MARKER, json.dumps({"format": FORMAT}).encode() + b"\n")
                with contextlib.suppress(PermissionError):  # a mount point under a closed directory
                    sync_directory(path.parent)
        except OSError as error:
            os.close(lock_fd)
            raise StartError(
                f"data directory {path} cannot be written: {error.strerror}"
            ) from error
        except BaseException:
            os.close(lock_fd)
            raise
        return cls(path, lock_fd)

    @property
    def index_path(self) -> Path:
        """The database of buckets, keys, versions and uploads."""
        return self.path / "index.db"

    @property
    def settings_path(self) -> Path:
        """The database of small JSON documents."""
        return self.path / "settings.db"

    @property
    def settings_key_path(self) -> Path:
        """The key under which secrets in the settings are sealed, without a master passphrase."""
        return self.path / "settings.key"

    @property
    def blobs_path(self) -> Path:
        """The root of the blob files."""
        return self.path / BLOBS

    @property
    def blobs_hold_path(self) -> Path:
        """What keeps blob files from being removed while they are copied."""
        return self.path / BLOBS_HOLD

    @property
    def spool_path(self) -> Path:
        """The root of lines of access logs that are not objects yet; made when there are some."""
        return self.path / "spool"

    def lent(self) -> "DataDir":
        """The same directory for somebody who closes it while it is to remain ours."""
        lent = DataDir(self.path, -1)
        lent.read_only = self.read_only
        return lent

    def close(self) -> None:
        """Let another server have it."""
        if self._lock_fd >= 0:
            fd, self._lock_fd = self._lock_fd, -1
            os.close(fd)


def sync_directory(path: Path) -> None:
    """Make the entries of a directory durable."""
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def write_durably(
    path: Path, data: bytes | bytearray, sync: Callable[[Path], None] = sync_directory
) -> None:
    """Write a small file of mode 0600 that is there whole or not at all, even after a crash.

    raises  OSError when it cannot be written: what was there is there, and nothing else
    """
    unfinished = path.with_name(path.name + _NEW)
    with contextlib.suppress(FileNotFoundError):
        unfinished.unlink()
    fd = os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    try:
        with open(fd, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(fd)
        unfinished.rename(path)
    except BaseException:
        unfinished.unlink()
        raise
    sync(path.parent)


def _require_ours(path: Path) -> bool:
    """Whether the marker is there; StartError if it is not ours, or somebody else's directory."""
    if (path / RESTORING).exists():
        raise StartError(
            f"a backup was being restored into {path} and is not complete: run the same ferroxd"
            " restore-backup again, or remove the directory"
        )
    try:
        text = (path / MARKER).read_bytes()
    except FileNotFoundError:
        strangers = set(os.listdir(path)) - NOT_CONTENT
        if strangers:
            raise StartError(
                f"data directory {path} is not empty and was not made by ferroxd"
                f" (it holds {min(strangers)!r})"
            ) from None
        return False
    try:
        found = json.loads(text)["format"]
    except (ValueError, KeyError, TypeError):
        found = None
    if not isinstance(found, int) or found < 1:
        raise StartError(f"data directory {path} has a damaged {MARKER}")
    if found > FORMAT:
        raise StartError(
            f"data directory {path} was written by a newer ferroxd"
            f" (format {found}, this one knows {FORMAT})"
        )
    return True


def take_lock(path: Path) -> int:
    """The lock of a data directory, as an open file; StartError while somebody else has it."""
    fd = os.open(path / _LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        _lock(path, fd)
    except BaseException:
        os.close(fd)
        raise
    with contextlib.suppress(OSError):  # mostly for people: a full drive must not stop the start
        os.ftruncate(fd, 0)
        os.pwrite(fd, f"{os.getpid()}\n".encode(), 0)
    return fd


def _lock(path: Path, fd: int) -> None:
    """Lock the file. StartError while a server lives; after its end its workers are waited for."""
    holder = ""
    for _ in range(_WAIT_COUNT):
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        holder = os.pread(fd, 20, 0).decode("ascii", "replace").strip()
        if not _has_ended(holder):
            break
        time.sleep(_WAIT_S)
    raise StartError(
        f"data directory {path} is in use by another ferroxd (pid {holder or 'unknown'}):"
        " stop that first, or name another with --data-dir"
    )


def _has_ended(process_id: str) -> bool:
    try:
        os.kill(int(process_id), 0)
    except ProcessLookupError:
        return True
    except (ValueError, OverflowError, PermissionError):
        return False
    return False
