"""Examination: a blob file is gone through from its end to its last byte, as far as is possible.

Unlike a read for a request it needs no key: of a sealed blob it then verifies the CRC-32C of each
segment of ciphertext. With the key it opens every segment, too, and the end mark. Of what is not
sealed it computes the digest of the whole that the blob's record has.

What is on the drive is to be judged, not what the system remembers of it: the file is read around
the page cache where the file system can do that (O_DIRECT). So nothing that requests want is pushed
out of the cache, either. Where it cannot, what was read is given up again.
"""

import errno
import fcntl
import hashlib
import hmac
import mmap
import os
from typing import Self

from ferrox.crypto.segments import SegmentCipher
from ferrox.errors import DataCorrupted
from ferrox.storage.blobs.format import (
    PLAIN,
    SEALED,
    BlobRecord,
    parse_record,
    read_tail,
    verify_segments,
)
from ferrox.storage.blobs.sealed import open_segments, verify_end

CHUNK_BYTES = 1024 * 1024
"""Read at once: four segments, some milliseconds of a drive."""

ALIGNED_BYTES = 4096
"""What O_DIRECT wants places and lengths to be multiples of, on every drive of today."""

_DIRECT: int = getattr(os, "O_DIRECT", 0)

OWN_TROUBLE = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EINTR, errno.EAGAIN})
"""Errors that tell nothing about a file."""


class DriveFile:
    """A file that is read from its drive."""

    def __init__(self, path: str) -> None:
        """Open it; OSError."""
        flags = os.O_RDONLY | os.O_CLOEXEC
        try:
            self._fd = os.open(path, flags | _DIRECT)
            self._is_direct = bool(_DIRECT)
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
            self._fd = os.open(path, flags)  # a file system in memory, as a rule
            self._is_direct = False
        self._buffer: mmap.mmap | None = None

    @property
    def size_bytes(self) -> int:
        """How long it is."""
        return os.fstat(self._fd).st_size

    def read(self, length: int, offset: int) -> bytes:
        """Bytes of it, fewer where it ends; OSError."""
        if self._is_direct:
            try:
                return self._read_direct(length, offset)
            except OSError as error:
                if error.errno != errno.EINVAL:
                    raise
                self._read_through_cache()
        found = bytearray()
        while len(found) < length and (
            more := os.pread(self._fd, length - len(found), offset + len(found))
        ):
            found += more
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(self._fd, offset, length, os.POSIX_FADV_DONTNEED)
        return bytes(found)

    def close(self) -> None:
        """Let go of it."""
        if self._fd >= 0:
            fd, self._fd = self._fd, -1
            os.close(fd)
        self._buffer = None

    def _read_direct(self, length: int, offset: int) -> bytes:
        start = offset - offset % ALIGNED_BYTES
        wanted = -(-(offset + length - start) // ALIGNED_BYTES) * ALIGNED_BYTES
        if self._buffer is None or len(self._buffer) < wanted:
            self._buffer = mmap.mmap(-1, wanted)  # which begins at a page
        count = 0
        with memoryview(self._buffer) as view:
            while count < wanted:
                got = os.preadv(self._fd, [view[count:wanted]], start + count)
                count += got
                if not got or count % ALIGNED_BYTES:  # there the file ends
                    break
        return self._buffer[offset - start : min(offset - start + length, count)]

    def _read_through_cache(self) -> None:
        flags = fcntl.fcntl(self._fd, fcntl.F_GETFL)
        fcntl.fcntl(self._fd, fcntl.F_SETFL, flags & ~_DIRECT)
        self._is_direct = False


class Examination:
    """One blob file that is being gone through. Blocks; used by one thread at a time.

    All methods raise DataCorrupted when it is not what it should be, OSError when that cannot be
    told now.
    """

    def __init__(self, path: str, name: bytes, size_bytes: int, *, is_sealed: bool) -> None:
        """Open it, and look at its end.

        size_bytes, is_sealed  what the index says of it
        """
        self._name = name
        self._cipher: SegmentCipher | None = None
        self._position_bytes = 0
        try:
            self._file = DriveFile(path)
        except OSError as error:
            raise self._judged(error) from None
        try:
            self._tail = read_tail(name, self._size(), self._read)
            self._judge_tail(size_bytes, is_sealed)
        except BaseException:
            self.close()
            raise
        record = self.record()
        self._digests = [
            (algorithm, digest, expected)
            for algorithm, digest, expected in (
                ("SHA-256", hashlib.sha256(), record.sha256),
                ("MD5", hashlib.md5(usedforsecurity=False), record.md5),
            )
            if expected is not None and not is_sealed
        ]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def record(self) -> BlobRecord:
        """What the blob says about itself."""
        return parse_record(self._tail)

    def unseal(self, data_key: bytes) -> None:
        """Have a sealed blob opened on the way, beginning with its end."""
        self._cipher = SegmentCipher(data_key, self._name)
        verify_end(self._name, self._cipher, self._tail)

    def step(self) -> int:
        """Verify what comes next; how many bytes that was, 0 when all of it is sound."""
        tail, position = self._tail, self._position_bytes
        if position == tail.data_bytes:
            self._judge_digests()
            return 0
        chunk_bytes = max(CHUNK_BYTES // tail.segment_bytes, 1) * tail.segment_bytes
        data = self._read(min(chunk_bytes, tail.data_bytes - position), position)
        first = position // tail.segment_bytes
        verify_segments(self._name, tail, first, data)
        if self._cipher is not None:
            open_segments(self._name, self._cipher, tail, first, memoryview(bytearray(data)))
        for _, digest, _ in self._digests:
            digest.update(data)
        self._position_bytes += len(data)
        return len(data)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _size(self) -> int:
        try:
            return self._file.size_bytes
        except OSError as error:
            raise self._judged(error) from None

    def _read(self, length: int, offset: int) -> bytes:
        try:
            data = self._file.read(length, offset)
        except OSError as error:
            raise self._judged(error) from None
        if len(data) != length:
            raise DataCorrupted(f"blob {self._name.hex()} ends early")
        return data

    def _judge_tail(self, size_bytes: int, is_sealed: bool) -> None:
        tail, text = self._tail, self._name.hex()
        if tail.layout != (SEALED if is_sealed else PLAIN):
            state = "sealed" if tail.layout == SEALED else "not sealed"
            raise DataCorrupted(f"blob {text} is {state}, unlike what the index says")
        if tail.data_bytes != size_bytes:
            raise DataCorrupted(
                f"blob {text} holds {tail.data_bytes} bytes, the index says {size_bytes}"
            )
        if (said_bytes := parse_record(tail).size_bytes) != size_bytes:
            raise DataCorrupted(f"blob {text} says of itself that it holds {said_bytes} bytes")

    def _judge_digests(self) -> None:
        for algorithm, digest, expected in self._digests:
            if not hmac.compare_digest(digest.hexdigest(), expected):
                raise DataCorrupted(f"blob {self._name.hex()} fails its {algorithm}")

    def _judged(self, error: OSError) -> Exception:
        """What an error says of the blob, if it says anything."""
        text = self._name.hex()
        if error.errno == errno.ENOENT:
            return DataCorrupted(f"blob {text} is missing")
        if error.errno in OWN_TROUBLE:
            return error
        return DataCorrupted(f"blob {text} cannot be read: {error.strerror}")
