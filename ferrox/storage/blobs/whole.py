"""Whole blob files: verified from end to end, and copied while they are verified, without a key.

The checksum of the tail and that of each segment find all damage; of a sealed blob they cover the
ciphertext. That the bytes were not forged is for the key to say, when they are read.

A copy is written beside its place, made durable, and then gets its name: a file that has the name
of a blob has the bytes of that blob, whatever happens. The name itself is durable when its
directory is synced, which is left to the caller.
"""

import contextlib
import os
from collections.abc import Callable, Iterator
from typing import NamedTuple

from ferrox.errors import DataCorrupted
from ferrox.storage.blobs.format import (
    FOOTER_BYTES,
    BlobRecord,
    Tail,
    parse_footer,
    parse_record,
    parse_tail,
    verify_segments,
)

UNFINISHED = ".new"
"""What follows the name of a copy until it is whole."""

_BLOCK_BYTES = 1024 * 1024


class _End(NamedTuple):
    """The tail of a file, and its bytes as they are stored."""

    tail: Tail
    stored: bytes


def nobody(_length_bytes: int) -> None:
    """Who is told of each block that is done, where nobody wants to know."""


def verify(name: bytes, path: str, told: Callable[[int], None] = nobody) -> int:
    """Read a whole blob file; return how long it is. DataCorrupted if it is missing or damaged."""
    with _opened(name, path) as fd:
        return _stream(name, fd, lambda block: told(len(block)))


def copy(name: bytes, source: str, target: str, told: Callable[[int], None] = nobody) -> int:
    """Copy a blob file and verify it on the way; return how long it is.

    told    how long each block is that was written
    raises  DataCorrupted when the source is missing or damaged, OSError when the target cannot be
            written; there is no target then
    """
    with _opened(name, source) as fd, _new_file(target) as target_fd:

        def write(block: bytes) -> None:
            view = memoryview(block)
            while view:
                view = view[os.write(target_fd, view) :]
            told(len(block))

        return _stream(name, fd, write)


def stored_bytes(name: bytes, path: str) -> int | None:
    """The length of a blob file whose end is sound; None if it has none, or is not there."""
    try:
        with _opened(name, path) as fd:
            _read_end(name, fd)
            return os.fstat(fd).st_size
    except DataCorrupted:
        return None


def record(name: bytes, path: str) -> BlobRecord | None:
    """What a blob file says about itself, if its end is sound."""
    try:
        with _opened(name, path) as fd:
            return parse_record(_read_end(name, fd).tail)
    except DataCorrupted:
        return None


def _stream(name: bytes, fd: int, take: Callable[[bytes], None]) -> int:
    """Hand on every byte of a file in order, once it is verified."""
    tail, stored = _read_end(name, fd)
    segments = max(1, _BLOCK_BYTES // tail.segment_bytes)
    for first in range(0, -(-tail.data_bytes // tail.segment_bytes), segments):
        start = first * tail.segment_bytes
        length = min(segments * tail.segment_bytes, tail.data_bytes - start)
        block = _pread(name, fd, length, start)
        verify_segments(name, tail, first, block)
        take(block)
    take(stored)
    return tail.data_bytes + len(stored)


def _read_end(name: bytes, fd: int) -> _End:
    file_bytes = os.fstat(fd).st_size
    footer_bytes = min(file_bytes, FOOTER_BYTES)
    footer = parse_footer(
        name, _pread(name, fd, footer_bytes, file_bytes - footer_bytes), file_bytes
    )
    stored = _pread(name, fd, footer.tail_bytes, file_bytes - footer.tail_bytes)
    return _End(parse_tail(name, footer, stored), stored)


def _pread(name: bytes, fd: int, length: int, offset: int) -> bytes:
    try:
        data = os.pread(fd, length, offset)
        while len(data) < length and (more := os.pread(fd, length - len(data), offset + len(data))):
            data += more
    except OSError as error:
        raise DataCorrupted(f"blob {name.hex()} cannot be read: {error.strerror}") from error
    if len(data) != length:
        raise DataCorrupted(f"blob {name.hex()} ends early")
    return data


@contextlib.contextmanager
def _opened(name: bytes, path: str) -> Iterator[int]:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        raise DataCorrupted(f"blob {name.hex()} is missing") from None
    except OSError as error:
        raise DataCorrupted(f"blob {name.hex()} cannot be read: {error.strerror}") from error
    try:
        yield fd
    finally:
        os.close(fd)


@contextlib.contextmanager
def _new_file(path: str) -> Iterator[int]:
    """A file of this name and mode 0600, durable at the end of the block; none if it fails."""
    unfinished = path + UNFINISHED
    with contextlib.suppress(FileNotFoundError):
        os.unlink(unfinished)
    fd = os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    try:
        yield fd
        os.fdatasync(fd)
        # It will not be read soon, and what the server reads should stay in memory instead.
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
        os.rename(unfinished, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(unfinished)
        raise
    finally:
        os.close(fd)
