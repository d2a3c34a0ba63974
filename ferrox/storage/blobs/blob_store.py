"""BlobStore: the interface to whatever keeps immutable byte strings under 16-byte names.

Every method blocks; callers run them in threads. Nothing here knows which blobs are wanted: a blob
that no row of the index names is garbage, and nobody sees it.

Raised by all: StorageFull when there is no room, StoreReadOnly when bytes could not be made durable
(from then on every `create` refuses), DataCorrupted when what is stored is missing or damaged.
"""

from collections.abc import Iterator
from typing import NamedTuple, Protocol

from ferrox.storage.blobs.format import BlobRecord


class BlobStat(NamedTuple):
    """What the drive knows of a blob."""

    name: bytes
    stored_bytes: int
    """with everything that proves and describes the data"""
    modified_ms: int


class BlobWriter(Protocol):
    """A blob being written. `append` and `finish` are called by one thread at a time."""

    def append(self, block: memoryview) -> None:
        """Add bytes; every block but the last is a whole number of segments."""
        ...

    def sync(self) -> None:
        """Push what is written to the drive; may run beside `append`."""
        ...

    def finish(self, record: BlobRecord) -> None:
        """Make the blob durable. After this it can be opened, now and after a crash."""
        ...

    def discard(self) -> None:
        """Remove the blob, finished or not. Never raises."""
        ...


class BlobReader(Protocol):
    """An open blob. Used by one thread at a time."""

    @property
    def data_bytes(self) -> int:
        """Length of the data."""
        ...

    def record(self) -> BlobRecord:
        """What the blob says about itself."""
        ...

    def read(self, start: int, length: int) -> bytes:
        """Return verified bytes."""
        ...

    def close(self) -> None:
        """Let go of the blob."""
        ...


class BlobExamination(Protocol):
    """A blob that is being gone through. Used by one thread at a time."""

    def record(self) -> BlobRecord:
        """What the blob says about itself."""
        ...

    def unseal(self, data_key: bytes) -> None:
        """Have a sealed blob opened on the way, beginning with its end."""
        ...

    def step(self) -> int:
        """Verify what comes next; how many bytes that was, 0 when all of it is sound."""
        ...

    def close(self) -> None:
        """Let go of the blob."""
        ...


class BlobStore(Protocol):
    """Keeps blobs."""

    def create(self, name: bytes, data_key: bytes | None = None) -> BlobWriter:
        """Begin a blob under a name that was never used; sealed, if there is a key."""
        ...

    def open(self, name: bytes, data_key: bytes | None = None) -> BlobReader:
        """Open a finished blob; a sealed one with its key, and only a sealed one with a key."""
        ...

    def examine(self, name: bytes, size_bytes: int, *, is_sealed: bool) -> BlobExamination:
        """Begin to verify a whole blob.

        size_bytes, is_sealed  what the index says of it
        raises                 OSError when nothing can be told of it now
        """
        ...

    def stat(self, name: bytes) -> BlobStat | None:
        """Return what is known without reading the data; None if there is no such blob."""
        ...

    def delete(self, name: bytes) -> None:
        """Remove a blob; an absent one is fine."""
        ...

    def scan(self) -> Iterator[bytes]:
        """Every name, finished or not, in no order."""
        ...
