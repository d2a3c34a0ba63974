"""Bytes on their way out: spans of extents become verified blocks.

Nothing leaves before the segment it lies in has passed its checksum. A short span is read at once.
A long one is a stream whose first block has been read when the caller gets it, so that a missing
or damaged file is still a clean error; while a block is being sent the next one is being read.
Blocks end where segments end, so no segment is read twice.

A blob is pinned from the moment a read begins until it is over: the reaper asks
`pins.is_pinned(name)` before it unlinks.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence

from ferrox import metrics
from ferrox.errors import DataCorrupted
from ferrox.records import Extent
from ferrox.storage.blobs.blob_store import BlobReader, BlobStore

SHORT_BYTES = 1024 * 1024
"""A span up to this is answered whole."""

BLOCK_BYTES = 512 * 1024
"""Of a long span. One is being sent and one is being read."""

SMALL_BLOCK_BYTES = 256 * 1024
"""When there are many readers: a whole segment, so that nothing is read twice."""

MANY_READERS = 16
"""From so many on, memory counts for more than changes of thread: 64 downloads hold 32 MiB, and as
much is on its way to the clients."""


DataKeys = Callable[[bytes], bytes | None]
"""Tells the data key of a blob, None where it is not sealed; called on a thread."""


def no_data_key(_name: bytes) -> bytes | None:
    """No blob is sealed."""
    return None


class Pins:
    """Counts the readers of each blob."""

    def __init__(self) -> None:
        self._counts: Counter[bytes] = Counter()
        self.reader_count = 0

    def pin(self, names: Iterable[bytes]) -> None:
        """One more reader, of each of these."""
        self.reader_count += 1
        self._counts.update(names)

    def unpin(self, names: Iterable[bytes]) -> None:
        """One reader less, of each of these."""
        self.reader_count -= 1
        for name in names:
            self._counts[name] -= 1
            if not self._counts[name]:
                del self._counts[name]

    def is_pinned(self, name: bytes) -> bool:
        """Whether somebody reads this blob."""
        return name in self._counts


class BlockStream:
    """The blocks of a long span. Whoever does not read it to its end calls `aclose`."""

    def __init__(
        self, blocks: Generator[bytes, None, None], pins: Pins, names: frozenset[bytes]
    ) -> None:
        self._blocks = blocks
        self._pins = pins
        self._names = names
        pins.pin(names)
        self._ahead: asyncio.Future[bytes | None] | None = self._read()

    async def wait_first(self) -> None:
        """Wait until the first block has been read and verified."""
        await self._take(self._ahead)

    def __aiter__(self) -> "BlockStream":
        return self

    async def __anext__(self) -> bytes:
        try:
            block = await self._take(self._ahead)
        except DataCorrupted:
            metrics.CORRUPT_READS.inc()
            raise
        if block is None:
            await self.aclose()
            raise StopAsyncIteration
        self._ahead = self._read()
        return block

    async def aclose(self) -> None:
        """Let go of pins and descriptors, as soon as no thread uses them."""
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            ahead.add_done_callback(self._let_go)
            await asyncio.wait([ahead])

    def _read(self) -> asyncio.Future[bytes | None]:
        loop = asyncio.get_running_loop()
        return loop.run_in_executor(None, next, self._blocks, None)

    async def _take(self, ahead: asyncio.Future[bytes | None] | None) -> bytes | None:
        """Await a block; any failure closes the stream."""
        if ahead is None:
            return None
        try:
            # Shielded: a cancelled reader must not make the block look done while a thread reads
            # it.
            return await asyncio.shield(ahead)
        except BaseException:
            await self.aclose()
            raise

    def _let_go(self, ahead: asyncio.Future[bytes | None]) -> None:
        ahead.exception()  # nobody wants the block any more, so nobody asks what happened to it
        self._blocks.close()
        self._pins.unpin(self._names)


async def read_extents(  # noqa: PLR0917 - where from, then what
    blob_store: BlobStore,
    pins: Pins,
    extents: Sequence[Extent],
    start: int,
    length: int,
    data_key: DataKeys = no_data_key,
) -> bytes | BlockStream:
    """Return `length` bytes from `start` of what the extents are together.

    raises  DataCorrupted when a blob is missing or damaged; the stream does, too
    """
    spans = list(_spans(extents, start, length))
    names = frozenset(span.blob_name for span in spans)
    if length > SHORT_BYTES:
        block_bytes = BLOCK_BYTES if pins.reader_count < MANY_READERS else SMALL_BLOCK_BYTES
        blocks = _read(blob_store, _cut(spans, block_bytes), data_key)
        stream = BlockStream(blocks, pins, names)
        await stream.wait_first()
        return stream
    pins.pin(names)
    loop = asyncio.get_running_loop()
    work = loop.run_in_executor(None, lambda: b"".join(_read(blob_store, spans, data_key)))

    def let_go(done: asyncio.Future[bytes]) -> None:
        pins.unpin(names)
        if not done.cancelled():
            done.exception()  # a reader that was cancelled does not ask

    work.add_done_callback(let_go)
    # Shielded: the blobs stay pinned until the thread is done with them.
    return await asyncio.shield(work)


def spanned_names(extents: Sequence[Extent], start: int, length: int) -> list[bytes]:
    """The blobs that a range lies in."""
    return [span.blob_name for span in _spans(extents, start, length)]


def _spans(extents: Sequence[Extent], start: int, length: int) -> Iterator[Extent]:
    """The part of each extent that lies in the range."""
    end = start + length
    position = 0
    for extent in extents:
        first = max(start - position, 0)
        last = min(end - position, extent.size_bytes)
        if first < last:
            yield Extent(extent.blob_name, extent.offset_bytes + first, last - first)
        position += extent.size_bytes
        if position >= end:
            return
    if position < end:
        raise DataCorrupted(f"the extents hold {position} bytes where {end} are wanted")


def _cut(spans: Iterable[Extent], block_bytes: int) -> Iterator[Extent]:
    """The same in blocks, which end at multiples of `block_bytes` inside the blob."""
    for name, start, size_bytes in spans:
        position, end = start, start + size_bytes
        while position < end:
            block_end = min(position - position % block_bytes + block_bytes, end)
            yield Extent(name, position, block_end - position)
            position = block_end


def _read(
    blob_store: BlobStore, spans: Iterable[Extent], data_key: DataKeys
) -> Generator[bytes, None, None]:
    """The bytes of each span; opens each blob once. Blocks: to be run on a thread."""
    reader: BlobReader | None = None
    open_name = b""
    try:
        for name, start, length in spans:
            if reader is None or name != open_name:
                if reader is not None:
                    reader.close()
                    reader = None
                reader, open_name = blob_store.open(name, data_key(name)), name
            yield reader.read(start, length)
    finally:
        if reader is not None:
            reader.close()
