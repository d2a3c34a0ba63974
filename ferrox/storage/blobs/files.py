"""Blobs as files of one directory tree: `blobs/ab/cd/<32 hex>`.

`ab` and `cd` are the last four digits of the name, which are random, so that directories fill
evenly; the first digits are the time, so that names sort by it.

Crash order: the file is written under its final name, `fdatasync`, then `fsync` of its directory
(and of the directories above it, until this process has synced each of them once: one that exists
may have been made a moment ago by somebody who has not). No rename: a file that no row of the
index names is invisible. What fails on the way is unlinked; what a crash leaves is found by the
orphan removal.

A failed `fsync` says nothing about which earlier writes are on the drive, so it is never retried:
the store turns read-only until it is opened again.
"""

import errno
import logging
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

from ferrox import metrics
from ferrox.crypto.segments import SegmentCipher
from ferrox.errors import DataCorrupted, StorageFull, StoreReadOnly
from ferrox.storage.blobs.blob_store import BlobStat
from ferrox.storage.blobs.examination import Examination
from ferrox.storage.blobs.format import (
    PLAIN,
    SEALED,
    SEGMENT_BYTES,
    BlobRecord,
    encode_sealed_tail,
    encode_tail,
    parse_record,
    read_tail,
    segment_checksums,
    verify_segments,
)
from ferrox.storage.blobs.sealed import Sealer, open_segments, verify_end

logger = logging.getLogger(__name__)

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
BROKEN_DRIVE = frozenset({errno.EIO, errno.EROFS})


class FileBlobStore:
    """Keeps blobs in a directory tree."""

    def __init__(
        self,
        root: Path,
        on_sync_failure: Callable[[str], None] = lambda _reason: None,
        require_room: Callable[[], None] = lambda: None,
    ) -> None:
        self.root = os.fspath(root)
        self.require_room = require_room
        self.read_only_reason: str | None = None
        self._on_sync_failure = on_sync_failure
        self._synced_directories: set[bytes] = set()

    def create(self, name: bytes, data_key: bytes | None = None) -> "FileBlobWriter":
        """Begin a blob under a name that was never used; sealed, if there is a key."""
        if self.read_only_reason is not None:
            raise StoreReadOnly(self.read_only_reason)
        self.require_room()
        path = self.path(name)
        try:
            if name[-2:] not in self._synced_directories:
                self._make_directories(name)
            flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC
            cipher = None if data_key is None else SegmentCipher(data_key, name)
            return FileBlobWriter(self, name, path, os.open(path, flags, 0o600), cipher)
        except OSError as error:
            if error.errno in NO_ROOM | BROKEN_DRIVE:
                self.refuse(error)
            raise

    def open(self, name: bytes, data_key: bytes | None = None) -> "FileBlobReader":
        """Open a finished blob; a sealed one with its key, and only a sealed one with a key."""
        try:
            fd = os.open(self.path(name), os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            raise DataCorrupted(f"blob {name.hex()} is missing") from None
        try:
            cipher = None if data_key is None else SegmentCipher(data_key, name)
            return FileBlobReader(name, fd, cipher)
        except BaseException:
            os.close(fd)
            raise

    def examine(self, name: bytes, size_bytes: int, *, is_sealed: bool) -> Examination:
        """Begin to go through a blob, of which the index says these things."""
        return Examination(self.path(name), name, size_bytes, is_sealed=is_sealed)

    def stat(self, name: bytes) -> BlobStat | None:
        """Return what is known without reading the data; None if there is no such blob."""
        try:
            found = os.stat(self.path(name))
        except FileNotFoundError:
            return None
        return BlobStat(name, found.st_size, found.st_mtime_ns // 1_000_000)

    def delete(self, name: bytes) -> None:
        """Remove a blob; an absent one is fine."""
        try:
            os.unlink(self.path(name))
        except FileNotFoundError:
            return

    def scan(self) -> Iterator[bytes]:
        """Every name, finished or not, in no order. Files that are not ours are passed over."""
        for directory, _, names in os.walk(self.root):
            for text in names:
                try:
                    name = bytes.fromhex(text)
                except ValueError:
                    continue
                if self.path(name) == os.path.join(directory, text):
                    yield name

    def path(self, name: bytes) -> str:
        """Where a blob of this name lies."""
        text = name.hex()
        return f"{self.root}/{text[-4:-2]}/{text[-2:]}/{text}"

    def refuse(self, error: OSError) -> NoReturn:
        """Raise what a failed write means. Only lack of room leaves the store writable."""
        if error.errno in NO_ROOM:
            raise StorageFull(f"no room for blobs: {error.strerror}") from error
        self.turn_read_only(error)

    def turn_read_only(self, error: OSError) -> NoReturn:
        """Stop writing until the store is opened again."""
        reason = f"writing blobs failed: {error.strerror}"
        if self.read_only_reason is None:
            self.read_only_reason = reason
            logger.error("the store turns read-only: %s", reason)
            self._on_sync_failure(reason)
        raise StoreReadOnly(reason) from error

    def sync_directory(self, directory: str) -> None:
        """Make the entries of a directory durable."""
        fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        began_s = time.perf_counter()
        try:
            os.fsync(fd)
            metrics.FSYNC_DURATION.observe(time.perf_counter() - began_s, metrics.DIRECTORY)
        except OSError as error:
            # Final even for want of room: the next fsync would succeed without the entries that
            # this one lost, those of other blobs among them.
            self.turn_read_only(error)
        finally:
            os.close(fd)

    def _make_directories(self, name: bytes) -> None:
        """Make the directories above a blob, and make their entries durable."""
        leaf = os.path.dirname(self.path(name))
        middle = os.path.dirname(leaf)
        for directory, digits in ((self.root, b""), (middle, name[-2:-1]), (leaf, name[-2:])):
            if digits not in self._synced_directories:
                os.makedirs(directory, mode=0o700, exist_ok=True)
                self.sync_directory(os.path.dirname(directory))
                self._synced_directories.add(digits)


class FileBlobWriter:
    """A blob file being written."""

    def __init__(
        self,
        store: FileBlobStore,
        name: bytes,
        path: str,
        fd: int,
        cipher: SegmentCipher | None = None,
    ) -> None:
        self._store = store
        self._name = name
        self._path = path
        self._fd = fd
        self._sealer = None if cipher is None else Sealer(cipher)
        self._checksums: list[int] = []
        self._data_bytes = 0

    def append(self, block: memoryview) -> None:
        """Add bytes; every block but the last is a whole number of segments."""
        if self._data_bytes % SEGMENT_BYTES:
            raise ValueError("a block follows one that ended inside a segment")
        # One at a time, as each is in the processor's cache then. Longer writes take larger folios,
        # too: on virtual machines that is memory which the host has to give back first.
        for start in range(0, len(block), SEGMENT_BYTES):
            segment = block[start : start + SEGMENT_BYTES]
            if self._sealer is None:
                self._checksums += segment_checksums(segment)
                self._write(segment)
            else:
                self._write(self._sealer.seal(segment))
        self._data_bytes += len(block)

    def sync(self) -> None:
        """Push what is written to the drive; may run beside `append`."""
        began_s = time.perf_counter()
        try:
            os.fdatasync(self._fd)
            metrics.FSYNC_DURATION.observe(time.perf_counter() - began_s, metrics.BLOB)
        except OSError as error:
            self._store.refuse(error)

    def finish(self, record: BlobRecord) -> None:
        """Make the blob durable."""
        self._write(memoryview(self._tail(record)))
        self.sync()
        self._close()
        self._store.sync_directory(os.path.dirname(self._path))

    def discard(self) -> None:
        """Remove the file, finished or not. What cannot be removed is an orphan for later."""
        try:
            self._close()
            os.unlink(self._path)
        except OSError as error:
            logger.warning("blob %s could not be removed: %s", self._name.hex(), error.strerror)

    def _tail(self, record: BlobRecord) -> bytes:
        if self._sealer is None:
            return encode_tail(self._name, self._data_bytes, self._checksums, record)
        table, end_mark = bytes(self._sealer.table), self._sealer.end_mark
        return encode_sealed_tail(self._name, self._data_bytes, table, record, end_mark)

    def _write(self, data: memoryview) -> None:
        self._store.require_room()
        try:
            while data:
                data = data[os.write(self._fd, data) :]
        except OSError as error:
            self._store.refuse(error)

    def _close(self) -> None:
        if self._fd >= 0:
            fd, self._fd = self._fd, -1
            os.close(fd)


class FileBlobReader:
    """An open blob file: owns its descriptor."""

    def __init__(self, name: bytes, fd: int, cipher: SegmentCipher | None = None) -> None:
        self._name = name
        self._fd = fd
        self._cipher = cipher
        self._buffer = bytearray()  # of sealed blobs
        self._tail = tail = read_tail(name, os.fstat(fd).st_size, self._pread)
        if tail.layout != (PLAIN if cipher is None else SEALED):
            state = "not sealed" if tail.layout == PLAIN else "sealed"
            raise DataCorrupted(f"blob {name.hex()} is {state}, unlike what the index says")
        if cipher is not None:
            verify_end(name, cipher, tail)

    @property
    def data_bytes(self) -> int:
        """Length of the data."""
        return self._tail.data_bytes

    def record(self) -> BlobRecord:
        """What the blob says about itself."""
        return parse_record(self._tail)

    def read(self, start: int, length: int) -> bytes:
        """Return verified bytes: the segments they touch are read and checked whole."""
        end = start + length
        if start < 0 or length <= 0 or end > self._tail.data_bytes:
            raise DataCorrupted(f"blob {self._name.hex()} does not reach from {start} to {end}")
        segment_bytes = self._tail.segment_bytes
        first = start // segment_bytes
        first_byte = first * segment_bytes
        last_byte = min(-(-end // segment_bytes) * segment_bytes, self._tail.data_bytes)
        if self._cipher is not None:
            opened = self._open(self._cipher, first, first_byte, last_byte)
            return bytes(opened[start - first_byte : end - first_byte])
        data = self._pread(last_byte - first_byte, first_byte)
        verify_segments(self._name, self._tail, first, data)
        if (first_byte, last_byte) == (start, end):
            return data
        return data[start - first_byte : end - first_byte]

    def close(self) -> None:
        """Let go of the file."""
        if self._fd >= 0:
            fd, self._fd = self._fd, -1
            os.close(fd)

    def _open(
        self, cipher: SegmentCipher, first: int, first_byte: int, last_byte: int
    ) -> memoryview:
        """Whole segments, opened where they were read to; good until the next call."""
        length = last_byte - first_byte
        if len(self._buffer) < length:
            self._buffer = bytearray(length)
        segments = memoryview(self._buffer)[:length]
        self._fill(segments, first_byte)
        open_segments(self._name, cipher, self._tail, first, segments)
        return segments

    def _pread(self, length: int, offset: int) -> bytes:
        try:
            data = os.pread(self._fd, length, offset)
            while len(data) < length and (
                more := os.pread(self._fd, length - len(data), offset + len(data))
            ):
                data += more
        except OSError as error:
            raise self._unreadable(error) from error
        self._require_all(len(data), length)
        return data

    def _fill(self, buffer: memoryview, offset: int) -> None:
        filled = 0
        try:
            while filled < len(buffer) and (
                more := os.preadv(self._fd, (buffer[filled:],), offset + filled)
            ):
                filled += more
        except OSError as error:
            raise self._unreadable(error) from error
        self._require_all(filled, len(buffer))

    def _unreadable(self, error: OSError) -> DataCorrupted:
        return DataCorrupted(f"blob {self._name.hex()} cannot be read: {error.strerror}")

    def _require_all(self, got_bytes: int, length: int) -> None:
        if got_bytes != length:
            raise DataCorrupted(f"blob {self._name.hex()} ends early")
