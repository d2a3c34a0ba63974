"""Content: the bytes of a request on their way into the store, until a row names them.

Small bodies are collected in memory and stay there: the index keeps them inline. Larger ones stream
into a blob file. The body is copied into blocks; every block goes down several lanes at once (one
per slow digest, one that writes), each lane on a thread of its own. So MD5 and SHA-256 run side by
side, while the next block is being filled from the socket. BLOCKS_PER_BODY blocks are all the
memory there is: when every one is under way, the socket waits.

Who removes the bytes
    Until a verb hands the content over, `receive` does, when its context is left: normally, by an
    error, or because the client vanished. It first waits for the threads that still work on the
    file. A verb hands over with `content.publish(write)`. From that moment the context does not
    touch the bytes: `write` runs in a task of its own, so a waiter that is cancelled does not take
    the file away from a transaction that may commit all the same. The task decides by the outcome:
      committed                  the bytes are named; nothing to do
      S3Error, SourceChanged,
      StorageFull                the transaction was rolled back for certain; the bytes are removed
      anything else              nobody knows what the drive will show after a crash; the bytes
                                 stay, among the arrivals, until the orphan removal after a restart

Arrivals are the blobs that have, or are about to have, bytes but perhaps no row yet. The orphan
removal asks `name in arrivals` before it takes a blob that no row names. It must ask after it has
listed the files and before it looks at the index: a blob that left the arrivals has its row by
then.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import MappingProxyType, TracebackType
from typing import Any, NamedTuple, Protocol, TypeVar

from ferrox.clock import Clock
from ferrox.crypto.envelope import KeyEncryptionKey
from ferrox.crypto.segments import new_data_key
from ferrox.errors import EntityTooLarge, S3Error, SourceChanged, StorageFull
from ferrox.ids import blob_name
from ferrox.records import Extent, WrappedKey
from ferrox.storage.blobs.blob_store import BlobStore, BlobWriter
from ferrox.storage.blobs.format import BlobRecord
from ferrox.storage.lanes import Block, BlockPool, Lanes
from ferrox.storage.sealing import parse_inline, seal_inline

T = TypeVar("T")

BLOCK_BYTES = 512 * 1024
"""A whole number of segments; long enough that a change of thread (60 µs) hardly counts."""

BLOCKS_PER_BODY = 3
"""One being filled and two under way."""

FEWER_BLOCKS_PER_BODY = 2
"""When there are many bodies: a thread that would wait for one of them works on another."""

MANY_BODIES = 8
"""From so many on, memory counts for more. 64 uploads fill 64 MiB, and nearly as much is on its way
from their sockets."""

KEPT_BLOCKS = 4 * BLOCKS_PER_BODY
"""Kept for the next bodies while nobody needs them: 6 MiB."""

WRITEBACK_BYTES = 16 * 1024 * 1024
"""Bytes written before the drive is told to begin: otherwise the last `fdatasync` of a huge body
would write all of it while the client waits."""

RECEIVE_THREADS = 12
"""For hashing and writing. More than there are cores, as some of them wait for `fdatasync`."""


class Digest(Protocol):
    """Whatever wants to see the bytes, in order: hashlib objects, checksums."""

    def update(self, data: Any, /) -> object:
        """Take the next bytes. They may be overwritten after the return."""
        ...

    def digest(self) -> bytes:
        """The value so far."""
        ...


class BlobLabel(NamedTuple):
    """What is written beside the bytes, so that the index can be rebuilt from the files."""

    bucket: str
    key: str
    version_id: str | None = None
    upload_id: str | None = None
    part_number: int | None = None
    facts: Mapping[str, Any] = MappingProxyType({})
    """representation headers, user metadata, …: JSON values; read when the body has ended, so that
    a caller may still add to it while the body arrives"""


class Content:
    """Received bytes: inline, or in extents of a blob.

    size_bytes  of what was received
    inline      as it will be stored: sealed, if the bytes are
    is_sealed   whether they are
    key         of a sealed blob, its data key
    """

    __slots__ = ("_blob", "extents", "inline", "is_handed_over", "is_sealed", "key", "size_bytes")

    def __init__(
        self,
        size_bytes: int,
        inline: bytes | None,
        extents: tuple[Extent, ...] = (),
        blob: "_ArrivingBlob | None" = None,
        key: WrappedKey | None = None,
        *,
        is_sealed: bool = False,
    ) -> None:
        self.size_bytes = size_bytes
        self.inline = inline
        self.extents = extents
        self.is_handed_over = False
        self.is_sealed = is_sealed
        self.key = key
        self._blob = blob

    @property
    def kek_id(self) -> str | None:
        """What its data key is wrapped under; None if it has none."""
        if self.is_sealed and self.inline:
            return parse_inline(self.inline).key.kek_id
        return None if self.key is None else self.key.kek_id

    async def publish(self, write: Callable[[], Awaitable[T]]) -> T:
        """Hand the bytes over to `write`, which names them in one transaction, and await it."""
        if self.is_handed_over:
            raise RuntimeError("content can be published once")
        self.is_handed_over = True
        if self._blob is None:
            return await write()
        return await asyncio.shield(self._blob.arrivals.spawn(self._blob.name_by(write)))


class Arrivals:
    """The blobs of a store that may have no row yet, with the threads and tasks behind them."""

    def __init__(self) -> None:
        self.names: set[bytes] = set()
        self.blocks = BlockPool(BLOCK_BYTES, KEPT_BLOCKS)
        self.threads = ThreadPoolExecutor(RECEIVE_THREADS, "ferrox-receive")
        self._tasks: set[asyncio.Task[Any]] = set()

    def __contains__(self, name: bytes) -> bool:
        return name in self.names

    def spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run `work` to its end whoever waits for it."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._forget)
        return task

    def in_thread(self, work: Callable[[], T]) -> asyncio.Future[T]:
        """Run blocking work on one of the threads."""
        return asyncio.get_running_loop().run_in_executor(self.threads, work)

    async def close(self) -> None:
        """Wait until nothing is under way any more."""
        while self._tasks:
            await asyncio.wait(self._tasks)
        self.threads.shutdown()

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # whoever waited for it may have been cancelled: nobody else asks


class Receiving:
    """The context of one body; see `receive`."""

    def __init__(
        self,
        body: AsyncIterator[bytes],
        digests: Sequence[Digest],
        max_bytes: int,
        collect_limit_bytes: int,
        begin_blob: Callable[[], "_ArrivingBlob"],
        *,
        kek: KeyEncryptionKey | None,
    ) -> None:
        self._body = body
        self._digests = digests
        self._max_bytes = max_bytes
        self._collect_limit_bytes = collect_limit_bytes
        self._begin_blob = begin_blob
        self._kek = kek
        self._blob: _ArrivingBlob | None = None
        self._content: Content | None = None

    async def __aenter__(self) -> Content:
        collected = bytearray()  # no list: pieces of two bytes would take thirty times their size
        async for piece in self._body:
            collected += piece
            if len(collected) > self._max_bytes:
                raise EntityTooLarge(MaxSizeAllowed=self._max_bytes)
            if len(collected) > self._collect_limit_bytes:
                return await self._receive_blob(collected)
        data = bytes(collected)
        for digest in self._digests:
            digest.update(data)
        return inline_content(data, self._kek)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._blob and not (self._content and self._content.is_handed_over):
            await asyncio.shield(self._blob.arrivals.spawn(self._blob.abandon()))

    async def _receive_blob(self, collected: bytearray) -> Content:
        self._blob = blob = self._begin_blob()
        try:
            await blob.add(collected)
            collected.clear()
            async for piece in self._body:
                if blob.size_bytes + len(piece) > self._max_bytes:
                    raise EntityTooLarge(MaxSizeAllowed=self._max_bytes)
                await blob.add(piece)
            self._content = await blob.finish()
        except BaseException as error:
            await self.__aexit__(type(error), error, error.__traceback__)
            raise
        return self._content


def receive(
    blob_store: BlobStore,
    arrivals: Arrivals,
    body: AsyncIterator[bytes],
    digests: Sequence[Digest],
    label: BlobLabel,
    *,
    clock: Clock,
    size_hint: int | None,
    max_bytes: int,
    inline_limit_bytes: int,
    may_inline: bool,
    kek: KeyEncryptionKey | None = None,
) -> Receiving:
    """Return a context that reads the body to its end, feeds every digest and stores durably.

    size_hint  what the client announced; too much is refused before a byte is read
    kek        under whose data keys the bytes are sealed; None: they lie there as they are
    raises     EntityTooLarge when more than max_bytes arrive, what the body raises, the
               faults of the blob store
    """
    if size_hint is not None and size_hint > max_bytes:
        raise EntityTooLarge(ProposedSize=size_hint, MaxSizeAllowed=max_bytes)

    def begin_blob() -> _ArrivingBlob:
        return _ArrivingBlob(blob_store, arrivals, digests, label, clock.now_ms(), kek=kek)

    collect_limit_bytes = inline_limit_bytes if may_inline else 0
    return Receiving(body, digests, max_bytes, collect_limit_bytes, begin_blob, kek=kek)


def inline_content(data: bytes, kek: KeyEncryptionKey | None) -> Content:
    """Bytes that will lie in the index, sealed if there is a key for it."""
    if kek is None:
        return Content(len(data), data)
    return Content(len(data), data and seal_inline(data, kek), is_sealed=True)


class _ArrivingBlob:
    """One blob being filled, and what becomes of it."""

    def __init__(
        self,
        blob_store: BlobStore,
        arrivals: Arrivals,
        digests: Sequence[Digest],
        label: BlobLabel,
        now_ms: int,
        *,
        kek: KeyEncryptionKey | None,
    ) -> None:
        self.name = blob_name(now_ms)
        self._data_key: bytes | None = None
        self._key: WrappedKey | None = None
        if kek is not None:
            self._data_key = new_data_key()
            self._key = WrappedKey(kek.kek_id, kek.wrap(self._data_key, self.name))
        self.size_bytes = 0
        self.arrivals = arrivals
        self._blob_store = blob_store
        self._label = label
        self._now_ms = now_ms
        if kek is None and not any(map(_proof_name, digests)):
            digests = (*digests, hashlib.sha256())
        self._proofs = {
            name: digest for digest in digests if kek is None and (name := _proof_name(digest))
        }
        self._quick = [digest for digest in digests if not _is_slow(digest)]
        self._lanes = Lanes(
            [*(digest.update for digest in digests if _is_slow(digest)), self._write],
            arrivals.threads,
            arrivals.blocks,
            block_count=_block_count(len(arrivals.names)),
        )
        self._block: Block | None = None
        self._writer: BlobWriter | None = None
        self._jobs: list[asyncio.Future[None]] = []
        self._pushed_bytes = 0
        arrivals.names.add(self.name)

    async def add(self, data: bytes | bytearray) -> None:
        """Take the next bytes; waits while all blocks are under way."""
        self.size_bytes += len(data)
        rest = memoryview(data)
        while rest:
            block = self._block = self._block or await self._lanes.spare()
            rest = rest[block.fill(rest) :]
            if block.is_full:
                self._send(block)
        if self.size_bytes - self._pushed_bytes >= WRITEBACK_BYTES:
            self._push()

    async def finish(self) -> Content:
        """Wait for all that is under way, then make the file durable."""
        if self._block is not None:
            self._send(self._block)
        await self._lanes.drain()
        self._lanes.close()
        await self._wait_jobs()  # before the file is closed under them
        self._start(self._complete)
        await self._wait_jobs()
        extents = (Extent(self.name, 0, self.size_bytes),)
        is_sealed = self._key is not None
        return Content(self.size_bytes, None, extents, self, self._key, is_sealed=is_sealed)

    async def abandon(self) -> None:
        """Wait until no thread works on the file, then remove it."""
        await self._lanes.wait_idle()
        self._block = None
        self._lanes.close()
        await asyncio.gather(*self._jobs, return_exceptions=True)
        if self._writer is not None:
            await self.arrivals.in_thread(self._writer.discard)
        self.arrivals.names.discard(self.name)

    async def name_by(self, write: Callable[[], Awaitable[T]]) -> T:
        """Await the transaction that names the blob, and act on what came of it."""
        try:
            result = await write()
        except (S3Error, SourceChanged, StorageFull):
            await self.abandon()
            raise
        self.arrivals.names.discard(self.name)
        return result

    def _send(self, block: Block) -> None:
        self._block = None
        self._lanes.send(block)

    def _push(self) -> None:
        """Have the drive begin with what is written, unless it still has enough to do."""
        if self._jobs and not self._jobs[0].done():
            return
        for job in self._jobs:
            job.result()
        self._jobs.clear()
        self._pushed_bytes = self.size_bytes
        self._start(self._open_writer().sync)

    def _start(self, work: Callable[[], None]) -> None:
        self._jobs.append(self.arrivals.in_thread(work))

    async def _wait_jobs(self) -> None:
        if self._jobs:
            await asyncio.wait(self._jobs)
        for job in self._jobs:
            job.result()

    def _open_writer(self) -> BlobWriter:
        self._writer = self._writer or self._blob_store.create(self.name, self._data_key)
        return self._writer

    def _write(self, data: memoryview) -> None:
        for digest in self._quick:
            digest.update(data)
        self._open_writer().append(data)

    def _complete(self) -> None:
        proofs = {name: digest.digest().hex() for name, digest in self._proofs.items()}
        self._open_writer().finish(
            BlobRecord(
                *self._label[:5],
                self.size_bytes,
                proofs.get("sha256"),
                self._now_ms,
                dict(self._label.facts),
                proofs.get("md5"),
            )
        )


def _block_count(body_count: int) -> int:
    """How many blocks a body gets that arrives beside so many others."""
    return BLOCKS_PER_BODY if body_count < MANY_BODIES else FEWER_BLOCKS_PER_BODY


def _is_slow(digest: Digest) -> bool:
    """Whether a digest deserves a lane: hashlib's do, 0.5 to 1.2 s for a GB. A CRC takes 0.1 s, no
    more than the changes of threads, so it goes along with the writing."""
    return hasattr(digest, "name")


def _proof_name(digest: Digest) -> str:
    """The name of a digest that the blob's record keeps; "" for others.

    That of a sealed blob keeps none: it would tell what was sealed to whoever can guess it, and
    its tags prove more.

    One of them proves the whole. MD5 is computed for every ETag, so SHA-256, a quarter of all work
    on a large body, is done only for those who asked for it.
    """
    name = getattr(digest, "name", "")
    return name if name in {"md5", "sha256"} else ""
