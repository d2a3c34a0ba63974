"""The file system of the image: one deterministic tar of the program and what it needs around it.

It holds what the COPY instructions of Dockerfile.scratch put there, with the same owners and modes:
the program at /ferroxd, CA certificates, two names for two user numbers, /data for the user who
runs it and /tmp for everybody. A test builds the image both ways and compares.
"""

import io
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

USER = 65532
CERTIFICATES = "etc/ssl/certs/ca-certificates.crt"


class Entry(NamedTuple):
    """A file (with content), a symbolic link (with a target) or a directory (with neither)."""

    path: str
    mode: int
    content: bytes | None = None
    target: str = ""
    owner: int = 0


def program(path: Path) -> Iterator[Entry]:
    """The program at the root: a single file as /ferroxd, or a folder whose /ferroxd is there.

    Only at the root does the kernel find the folder's loader: /lib/ld-musl-x86_64.so.1.
    """
    if path.is_dir():
        if not (path / "ferroxd").is_file():
            raise ValueError(f"{path} holds no ferroxd")
        yield from tree(path, "")
    else:
        yield Entry("ferroxd", 0o755, path.read_bytes())


def surroundings(etc: Path, certificates: bytes) -> Iterator[Entry]:
    """Everything that is not the program."""
    yield Entry("data", 0o700, owner=USER)
    yield Entry("tmp", 0o1777)
    yield Entry("etc", 0o755)
    yield from tree(etc, "etc/")
    yield Entry("etc/ssl", 0o755)
    yield Entry("etc/ssl/certs", 0o755)
    yield Entry(CERTIFICATES, 0o644, certificates)


def tree(folder: Path, prefix: str) -> Iterator[Entry]:
    """What is in a folder; of modes only "may be executed" is kept, an umask made the rest."""
    for path in folder.rglob("*"):
        name = prefix + path.relative_to(folder).as_posix()
        if path.is_symlink():
            yield Entry(name, 0o777, target=path.readlink().as_posix())
        elif path.is_dir():
            yield Entry(name, 0o755)
        else:
            is_executable = bool(path.stat().st_mode & 0o111)
            yield Entry(name, 0o755 if is_executable else 0o644, path.read_bytes())


def pack(entries: Iterable[Entry], epoch_s: int) -> bytes:
    """The tar of these entries, the same bytes whatever order they come in."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for entry in sorted(entries, key=lambda entry: entry.path.split("/")):
            archive.addfile(_member(entry, epoch_s), io.BytesIO(entry.content or b""))
    return buffer.getvalue()


def _member(entry: Entry, epoch_s: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(entry.path)
    member.mtime, member.mode = epoch_s, entry.mode
    member.uid = member.gid = entry.owner
    if entry.target:
        member.type, member.linkname = tarfile.SYMTYPE, entry.target
    elif entry.content is None:
        member.type = tarfile.DIRTYPE
    else:
        member.size = len(entry.content)
    return member
