"""Bodies: how bytes come into the store and out of it, whatever they are called there.

A version is looked up first and read later, and may be replaced in between. Its record then names
something that is gone, never something else (numbers and names are not used twice), and the reader
is told so by SourceChanged: it looks the key up again. So it is with a version whose bytes were
sealed anew meanwhile. For this a long read checks that the version is still there, and what it was,
*after* its blobs were pinned; from then on the reaper leaves them alone.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, aclosing
from pathlib import Path
from typing import TypeVar

from ferrox import metrics
from ferrox.clock import Clock
from ferrox.crypto.envelope import KeyEncryptionKey
from ferrox.errors import DataCorrupted, SealBroken, SourceChanged, StoreReadOnly
from ferrox.records import BucketRecord, Encryption, VersionRecord
from ferrox.storage.blobs.files import FileBlobStore
from ferrox.storage.content import (
    Arrivals,
    BlobLabel,
    Content,
    Digest,
    inline_content,
    receive,
)
from ferrox.storage.metadata import data_keys, resealing, versions
from ferrox.storage.metadata.database import Database, Reader, Tx
from ferrox.storage.reading import (
    BlockStream,
    DataKeys,
    Pins,
    no_data_key,
    read_extents,
    spanned_names,
)
from ferrox.storage.room import Room
from ferrox.storage.scrubbing import Scrubbing
from ferrox.storage.sealing import (
    KeyRing,
    NoKeys,
    open_inline,
    parse_inline,
    plain_bytes,
    rewrap_inline,
)

logger = logging.getLogger(__name__)

REWRAPPED_AT_ONCE = 200
"""Data keys of blobs in one transaction: some milliseconds for which others wait."""

REWRAPPED_INLINE_AT_ONCE = 50
"""The same of bytes in the index, which are written anew with their keys: up to 3 MiB."""

T = TypeVar("T")


class Bodies:
    """The bytes of a store, with the index that names them."""

    def __init__(
        self,
        blobs_path: Path,
        database: Database,
        room: Room,
        clock: Clock,
        inline_limit_bytes: int,
    ) -> None:
        self._database = database
        self._room = room
        self._clock = clock
        self.inline_limit_bytes = inline_limit_bytes
        self.key_ring: KeyRing = NoKeys()
        self._blobs = FileBlobStore(blobs_path, database.refuse_writes, room.require)
        self._arrivals = Arrivals()
        self._pins = Pins()
        self.scrubbing = Scrubbing(database, self._blobs, clock, lambda: self.key_ring)

    @property
    def read_only_reason(self) -> str | None:
        """Why writes are refused until the store is opened again; None as long as all is well."""
        return self._database.read_only_reason

    def receive(
        self,
        body: AsyncIterator[bytes],
        digests: Sequence[Digest],
        label: BlobLabel,
        *,
        size_hint: int | None,
        max_bytes: int,
        may_inline: bool,
        kek: KeyEncryptionKey | None = None,
    ) -> AbstractAsyncContextManager[Content]:
        """Return a context that takes a body in, durably but namelessly; see `content.receive`."""
        self._require_writable()
        if size_hint is not None and size_hint > self.inline_limit_bytes:
            self._room.require(size_hint)
        return receive(
            self._blobs,
            self._arrivals,
            body,
            digests,
            label,
            clock=self._clock,
            size_hint=size_hint,
            max_bytes=max_bytes,
            inline_limit_bytes=self.inline_limit_bytes,
            may_inline=may_inline,
            kek=kek,
        )

    def hold(self, data: bytes, kek: KeyEncryptionKey | None = None) -> Content:
        """Return bytes that are all there as what a verb can name; they will lie in the index."""
        self._require_writable()
        if len(data) > self.inline_limit_bytes:
            raise ValueError("so many bytes are received into a blob")
        return inline_content(data, kek)

    async def read(
        self,
        version: VersionRecord,
        start: int,
        length: int,
        kek: KeyEncryptionKey | None = None,
    ) -> bytes | BlockStream:
        """Return verified bytes of a version: whole when short, else a stream of blocks.

        kek     what it is sealed under, if the caller has it; else the server must
        raises  SourceChanged when the version is gone, DataCorrupted when its bytes are damaged,
                what the key ring raises when it has not the key
        """
        if length == 0:
            return b""
        if not version.extents:
            return self._read_inline(version, kek)[start : start + length]
        data_key = self._data_keys(version, start, length, kek)
        extents = version.extents
        try:
            found = await read_extents(self._blobs, self._pins, extents, start, length, data_key)
        except DataCorrupted as fault:
            self._require_present(version)  # no damage if it was replaced and reaped meanwhile
            metrics.CORRUPT_READS.inc()
            logger.error("%s", fault)  # noqa: TRY400 - who answers the request logs the traceback
            raise
        if isinstance(found, BlockStream):
            try:
                self._require_present(version)
            except BaseException:
                await found.aclose()
                raise
        return found

    async def digest(
        self,
        version: VersionRecord,
        start: int,
        length: int,
        digests: Sequence[Digest],
        kek: KeyEncryptionKey | None = None,
    ) -> None:
        """Feed verified bytes of a version to digests; raises what `read` does."""
        found = await self.read(version, start, length, kek)
        if isinstance(found, bytes):
            await asyncio.to_thread(_feed, digests, found)
            return
        async with aclosing(found):
            async for block in found:
                await asyncio.to_thread(_feed, digests, block)

    async def rewrap(self, former: KeyEncryptionKey, current: KeyEncryptionKey) -> int:
        """Bring some data keys from under one KEK under another; return how many, 0 when done.

        One that does not open, because it is damaged, stays as it is; the log tells.
        """

        def look(reader: Reader) -> tuple[list[tuple[bytes, bytes]], list[tuple[int, bytes]]]:
            return (
                data_keys.of_blobs(reader, former.kek_id, REWRAPPED_AT_ONCE),
                data_keys.of_inline_data(reader, former.kek_id, REWRAPPED_INLINE_AT_ONCE),
            )

        blobs, inline = await self._database.read_long(look)

        def wrap() -> tuple[list[tuple[bytes, bytes, bytes]], list[tuple[int, bytes, bytes]]]:
            return (
                _rewrapped(blobs, lambda name, old: current.wrap(former.unwrap(old, name), name)),
                _rewrapped(inline, lambda _, old: rewrap_inline(old, former, current)),
            )

        changed_blobs, changed_inline = await asyncio.to_thread(wrap)

        def work(tx: Tx) -> None:
            data_keys.rewrap_blobs(tx, current.kek_id, changed_blobs)
            data_keys.rewrap_inline_data(tx, current.kek_id, changed_inline)

        if changed_blobs or changed_inline:
            await self._database.write(work)
        return len(changed_blobs) + len(changed_inline)

    async def reseal_version(
        self, version: VersionRecord, content: Content, encryption: Encryption | None
    ) -> None:
        """Put the same bytes, received sealed otherwise, in the place of a version's.

        Only how it is sealed changes. A lock does not forbid that: what it protects stays the same.

        raises  SourceChanged when the version is gone, or not what it was
        """
        if content.is_sealed != (encryption is not None):
            raise ValueError("a version says whether its bytes are sealed")
        if content.size_bytes != version.size_bytes:
            raise ValueError("a version keeps its bytes, however they are sealed")
        body = versions.Body(content.size_bytes, content.inline, content.extents, key=content.key)

        def work(tx: Tx) -> None:
            versions.reseal(tx, version, body, encryption, self._clock.now_ms())

        await self._publish(content, work)

    async def sealed_versions(
        self, bucket: BucketRecord, after: resealing.Position | None, limit: int
    ) -> list[resealing.SealedVersion]:
        """Return a page of the versions of a bucket, and how they are sealed."""
        return await self._database.read_long(
            lambda reader: resealing.page(reader, bucket, after, limit)
        )

    async def data_key_counts(self) -> dict[str, int]:
        """Return how many data keys are wrapped under which key encryption keys."""
        return await self._database.read_long(data_keys.counts)

    def _require_writable(self) -> None:
        if self.read_only_reason is not None:
            raise StoreReadOnly(self.read_only_reason)

    async def _publish(self, content: Content, work: Callable[[Tx], T]) -> T:
        """Name received bytes; a caller that is cancelled does not take them away any more."""
        if (kek_id := content.kek_id) is not None:
            self.key_ring.require_fresh(kek_id, self._clock.now_ms())
        data_bytes = len(content.inline or b"")
        return await content.publish(lambda: self._database.write(work, data_bytes=data_bytes))

    def _data_keys(
        self, version: VersionRecord, start: int, length: int, kek: KeyEncryptionKey | None
    ) -> DataKeys:
        """How the blobs of a range are opened. All those of a sealed version are sealed."""
        encryption = version.encryption
        if encryption is None:
            return no_data_key
        names = spanned_names(version.extents, start, length)
        wrapped = self._database.read(lambda reader: data_keys.find(reader, names))
        kek_ids = {key.kek_id for key in wrapped.values()}
        keks = {kek_id: kek or self.key_ring.kek(kek_id, encryption) for kek_id in kek_ids}

        def data_key(name: bytes) -> bytes:
            key = wrapped.get(name)
            if key is None:
                raise DataCorrupted(f"the index has no data key of blob {name.hex()}")
            try:
                return keks[key.kek_id].unwrap(key.wrapped, name)
            except SealBroken as broken:
                raise DataCorrupted(f"blob {name.hex()}: {broken}") from None

        return data_key

    def _read_inline(self, version: VersionRecord, kek: KeyEncryptionKey | None = None) -> bytes:
        try:
            data = self._stored_inline(version)
            if version.encryption is None or not data:
                return data
            kek_id = parse_inline(data).key.kek_id
            return open_inline(data, kek or self.key_ring.kek(kek_id, version.encryption))
        except DataCorrupted:
            metrics.CORRUPT_READS.inc()
            raise

    def _stored_inline(self, version: VersionRecord) -> bytes:
        """What lies in the index of a version's bytes."""
        data = version.inline
        if data is None and version.size_bytes:
            data = self._database.read(lambda reader: versions.inline_data(reader, version.version))
        if data is None or plain_bytes(data, version.encryption) != version.size_bytes:
            self._require_present(version)
            raise DataCorrupted(f"version {version.version} has not the bytes it should have")
        return data

    def _require_present(self, version: VersionRecord) -> None:
        if not self._database.read(lambda reader: versions.is_unchanged(reader, version)):
            raise SourceChanged(f"version {version.version} is gone, or was sealed anew")


async def once(data: bytes) -> AsyncGenerator[bytes, None]:
    """A body that is there already."""
    yield data


def _rewrapped(
    found: Sequence[tuple[T, bytes]], rewrap: Callable[[T, bytes], bytes]
) -> list[tuple[T, bytes, bytes]]:
    """Whose each is, what it was, and what it is now."""
    changes = []
    for owner, old in found:
        try:
            changes.append((owner, old, rewrap(owner, old)))
        except (DataCorrupted, SealBroken) as broken:
            name = owner.hex() if isinstance(owner, bytes) else owner
            logger.warning("the data key of %s stays under its former key: %s", name, broken)
    return changes


def _feed(digests: Sequence[Digest], block: bytes) -> None:
    for digest in digests:
        digest.update(memoryview(block))
