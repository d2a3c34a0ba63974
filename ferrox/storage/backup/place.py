"""The place of backups: one directory with several snapshots of one data directory.

    ferrox-backup.json     what this is: {"format": 1, "source": …}
    lock                   held with flock: alone by who writes, shared by who verifies or restores
    blobs/ab/cd/<hex>      blob files, as in a data directory; those of all snapshots together
    snapshots/<time>/      index.db, settings.db, settings.key (where one seals), format.json
        snapshot.json      the record: what belongs to the snapshot, with SHA-256 of each file

The record is written last, when everything else of the snapshot is durable, and removed first. A
directory without one is what a backup that was cut off left, and the next one removes it. So what
has a record is whole, at whatever step somebody pulled the plug.

`source` tells data directories apart, so that two of them are never mixed: a digest of the number
of the first account, which is random.
"""

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from ferrox.errors import DataCorrupted, StartError
from ferrox.storage.blobs.files import FileBlobStore
from ferrox.storage.data_dir import sync_directory, write_durably

FORMAT = 1

_MARKER = "ferrox-backup.json"
_LOCK = "lock"
_RECORD = "snapshot.json"
_MAY_HOLD = frozenset({_LOCK, _MARKER + ".new", "lost+found"})
"""What a directory may hold that is to become such a place."""


class FileProof(NamedTuple):
    """What proves a file of a snapshot."""

    size_bytes: int
    sha256: str


class LostBlob(NamedTuple):
    """A blob that could not be copied, why, and some of the objects that need it."""

    name: str
    reason: str
    holders: tuple[str, ...] = ()


class SnapshotRecord(NamedTuple):
    """What a snapshot says about itself.

    created_ms  the instant that it shows
    secrets     what they are sealed under: "key file", "passphrase", or "nothing": there are none
    files       those beside the record, by name
    lost        what was damaged in the data directory already
    version_count  all versions and delete markers; records of before it was counted say 0
    """

    name: str
    created_ms: int
    version: str
    index_format: int
    blob_count: int
    blob_bytes: int
    object_count: int
    secrets: str
    files: dict[str, FileProof]
    lost: tuple[LostBlob, ...] = ()
    version_count: int = 0


class Snapshots(NamedTuple):
    """The snapshots of a place, the oldest first, and the names of those with a damaged record."""

    records: list[SnapshotRecord]
    damaged: list[str]


class BackupPlace:
    """An existing place."""

    def __init__(self, path: Path, source: str) -> None:
        self.path = path
        self.source = source
        self.blobs = FileBlobStore(path / "blobs")
        self.snapshots_path = path / "snapshots"

    @classmethod
    def open(cls, path: Path) -> "BackupPlace":
        """Recognise a place; StartError if it is none."""
        source = _read_marker(path)
        if source is None:
            raise StartError(f"there are no backups in {path}")
        return cls(path, source)

    @classmethod
    def open_or_make(cls, path: Path, source: str) -> "BackupPlace":
        """Recognise the place of a data directory's backups, or make it; StartError."""
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            found = _read_marker(path)
            if found is None:
                _make(path, source)
        except OSError as error:
            raise unwritable(path, error) from error
        if found not in {None, source}:
            raise StartError(f"{path} has backups of another data directory")
        return cls(path, source)

    @contextlib.contextmanager
    def locked(self, *, alone: bool) -> Iterator[None]:
        """A block in which nobody else writes here, or uses it at all; StartError, at once."""
        try:
            fd = os.open(self.path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            if alone or error.errno not in {errno.EROFS, errno.EACCES}:
                raise unwritable(self.path, error) from error
            yield  # nobody can write where we may only read
            return
        try:
            self._lock(fd, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
            yield
        finally:
            os.close(fd)

    def snapshot_path(self, name: str) -> Path:
        """Where the files of a snapshot are."""
        return self.snapshots_path / name

    def look(self) -> Snapshots:
        """What there is."""
        found = Snapshots([], [])
        with contextlib.suppress(FileNotFoundError):
            for name in sorted(os.listdir(self.snapshots_path)):
                try:
                    record = self._record(name)
                except DataCorrupted:
                    found.damaged.append(name)
                else:
                    found.records.extend([] if record is None else [record])
        return found

    def snapshots(self) -> list[SnapshotRecord]:
        """All whole snapshots, the oldest first. DataCorrupted if a record is damaged."""
        found = self.look()
        for name in found.damaged:
            raise record_damage(name)
        return found.records

    def finish(self, record: SnapshotRecord) -> None:
        """Write the record of a snapshot whose files are durable: from now on it is one."""
        path = self.snapshot_path(record.name)
        sync(path)
        plain = _plain(record)
        plain["checksum"] = _checksum(plain)
        write_durably(path / _RECORD, json.dumps(plain, indent=1).encode() + b"\n", sync)
        sync(self.snapshots_path)

    def remove(self, name: str) -> None:
        """Remove a snapshot, finished or not: the record first. Its blobs stay."""
        path = self.snapshot_path(name)
        with contextlib.suppress(FileNotFoundError):
            (path / _RECORD).unlink()
            sync(path)
        shutil.rmtree(path)
        sync(self.snapshots_path)

    def unfinished(self) -> list[str]:
        """What backups left that were cut off."""
        names = sorted(os.listdir(self.snapshots_path))
        return [one for one in names if not (self.snapshot_path(one) / _RECORD).exists()]

    def _lock(self, fd: int, kind: int) -> None:
        try:
            fcntl.flock(fd, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StartError(f"another ferroxd is at work in {self.path}") from None
        except OSError as error:  # some network mounts have no locks
            raise StartError(f"{self.path} cannot be locked: {error.strerror}") from error

    def _record(self, name: str) -> SnapshotRecord | None:
        try:
            text = (self.snapshot_path(name) / _RECORD).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        try:
            plain = json.loads(text)
            if plain.pop("checksum") != _checksum(plain) or plain.pop("format") != FORMAT:
                raise record_damage(name)
            files = {file: FileProof(**proof) for file, proof in plain.pop("files").items()}
            lost = (LostBlob(**one | {"holders": tuple(one["holders"])}) for one in plain["lost"])
            return SnapshotRecord(**plain | {"files": files, "lost": tuple(lost), "name": name})
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise record_damage(name) from error


def record_damage(name: str) -> DataCorrupted:
    """What to say of a snapshot whose record is damaged."""
    return DataCorrupted(f"the record of snapshot {name} is damaged")


def snapshot_name(created_ms: int) -> str:
    """The name of the snapshot of an instant; names sort as instants do. No colons: see SMB."""
    instant = datetime.fromtimestamp(created_ms // 1000, UTC)
    return f"{instant:%Y-%m-%dT%H-%M-%S}.{created_ms % 1000:03}Z"


def unwritable(path: Path, error: OSError) -> StartError:
    """What to say when a file of a backup cannot be written."""
    return StartError(f"{error.filename or path} cannot be written: {error.strerror}")


def sync(path: Path) -> None:
    """Make the entries of a directory durable, where the file system knows how to."""
    try:
        sync_directory(path)
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.ENOTSUP}:
            raise


def _make(path: Path, source: str) -> None:
    strangers = set(os.listdir(path)) - _MAY_HOLD - {"blobs", "snapshots"}
    if strangers:
        raise StartError(f"{path} is not empty and has no backups (it holds {min(strangers)!r})")
    for folder in ("blobs", "snapshots"):
        (path / folder).mkdir(mode=0o700, exist_ok=True)
    marker = {"format": FORMAT, "source": source}
    write_durably(path / _MARKER, json.dumps(marker).encode() + b"\n", sync)
    with contextlib.suppress(PermissionError):
        sync(path.parent)


def _read_marker(path: Path) -> str | None:
    """The source that is written down, None if nothing is."""
    try:
        marker = json.loads((path / _MARKER).read_bytes())
        found, source = marker["format"], marker["source"]
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise StartError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError):
        raise StartError(f"{path / _MARKER} is damaged") from None
    if found != FORMAT:
        raise StartError(f"{path} was written by a newer ferroxd (format {found})")
    return str(source)


def _plain(record: SnapshotRecord) -> dict[str, Any]:
    plain = record._asdict()
    del plain["name"]
    plain["format"] = FORMAT
    plain["files"] = {name: proof._asdict() for name, proof in record.files.items()}
    plain["lost"] = [one._asdict() | {"holders": list(one.holders)} for one in record.lost]
    return plain


def _checksum(plain: dict[str, Any]) -> str:
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
