"""Store: the verbs the rest of the program uses. It knows no HTTP.

Crash order: bytes durable, then named, then old bytes removed. `receive` writes bytes that nothing
names; a verb names them in one transaction of the index; the same transaction puts bytes that
nobody names any more on the garbage list, and `reap` removes them later. So a crash leaves at most
a blob without a name, which `remove_orphans` finds.
"""

import asyncio
import os
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from ferrox.clock import Clock
from ferrox.crypto.passphrase import Passphrase
from ferrox.errors import (
    Fault,
)
from ferrox.records import (
    BucketRecord,
    Deletion,
    Listing,
    Occasion,
    VersionDraft,
    VersionRecord,
)
from ferrox.storage import garbage
from ferrox.storage.acls import Acls
from ferrox.storage.blob_hold import BlobHold
from ferrox.storage.bodies import Bodies
from ferrox.storage.buckets import Buckets
from ferrox.storage.claim import claim
from ferrox.storage.content import Content
from ferrox.storage.data_dir import DataDir, write_durably
from ferrox.storage.documents import DocumentCache
from ferrox.storage.events import Events, Rules
from ferrox.storage.expiring import Expiring
from ferrox.storage.identities.identities import Identities
from ferrox.storage.key_uses import KeyUses
from ferrox.storage.metadata import (
    listing,
    objects,
    outbox,
    renaming,
    uploads,
    versions,
)
from ferrox.storage.metadata.database import Database, Tx
from ferrox.storage.metadata.objects import Check
from ferrox.storage.others import NOBODY, Others
from ferrox.storage.room import Room
from ferrox.storage.settings import Settings
from ferrox.storage.uploads import Uploads
from ferrox.storage.versions import Versions
from ferrox.storage.watching import Watching

INLINE_LIMIT_BYTES = 64 * 1024
"""Up to this, bytes lie in the index."""


QUICK_PAGE_LIMIT = 100
"""Entries of a page that is not worth a thread: with a delimiter too, each costs one seek at most,
so all of them take some 0.15 ms, and going to a thread and back costs half of that."""

QUICK_FLAT_LIMIT = 1000
"""The same without a delimiter. Its rows are neighbours, on some 40 pages of the index, and take a
millisecond. On a thread they take twice the CPU: SQLite lets go of the interpreter for each row,
and the event loop and the thread take it from one another a thousand times."""


class Store(Buckets, Versions, Expiring, Acls, Uploads, Events, Watching, Bodies):
    """An open data directory."""

    def __init__(
        self,
        data_dir: DataDir,
        database: Database,
        room: Room,
        clock: Clock,
        inline_limit_bytes: int,
        *,
        others: Others = NOBODY,
        passphrase: Passphrase | None = None,
    ) -> None:
        super().__init__(data_dir.blobs_path, database, room, clock, inline_limit_bytes)
        self.settings = Settings(data_dir.settings_path, data_dir.read_only)
        self.identities = Identities(
            self.settings, data_dir.settings_key_path, clock=clock, passphrase=passphrase
        )
        self.key_uses = KeyUses(database, clock)
        self.data_dir = data_dir
        self._hold = BlobHold(data_dir.blobs_hold_path)
        self._others = others
        self._documents = DocumentCache(database)
        self._rules = Rules(self._documents)
        self._probing = asyncio.Lock()

    @classmethod
    async def open(
        cls,
        data_dir: Path,
        *,
        clock: Clock,
        inline_limit_bytes: int = INLINE_LIMIT_BYTES,
        passphrase: Passphrase | None = None,
    ) -> "Store":
        """Open a data directory, making it if need be; StartError says in one line why not."""
        directory = await asyncio.to_thread(claim, data_dir)
        return await cls.join(
            directory, clock=clock, inline_limit_bytes=inline_limit_bytes, passphrase=passphrase
        )

    @classmethod
    async def join(
        cls,
        directory: DataDir,
        *,
        clock: Clock,
        inline_limit_bytes: int = INLINE_LIMIT_BYTES,
        others: Others = NOBODY,
        passphrase: Passphrase | None = None,
    ) -> "Store":
        """Open what was claimed, by this process or by the one that it was forked from."""
        try:
            room = Room(directory.blobs_path)
            database = await Database.open(directory.index_path, room, directory.read_only)
        except BaseException:
            directory.close()
            raise
        return cls(
            directory,
            database,
            room,
            clock,
            inline_limit_bytes,
            others=others,
            passphrase=passphrase,
        )

    async def close(self) -> None:
        """Finish what is under way, copy the log of the index back, release the lock."""
        await self._arrivals.close()
        await self._database.close()
        await asyncio.to_thread(self.settings.close)
        self.data_dir.close()

    async def probe(self) -> None:
        """Try database and disk at the same time; a Fault tells what does not work."""
        self._require_writable()
        async with self._probing:
            await asyncio.gather(
                self._database.write(lambda tx: tx.execute("SELECT 1").fetchone(), frees_room=True),
                self._database.read_long(lambda reader: reader.execute("SELECT 1").fetchone()),
                asyncio.to_thread(self._probe_disk),
            )

    # Objects

    def version(
        self,
        bucket: BucketRecord,
        key: str,
        version_id: str | None = None,
        *,
        with_inline: bool = False,
    ) -> VersionRecord | None:
        """Return a version of a key, the newest if none is named; it may be a delete marker.

        with_inline  bring small objects' bytes along, so that `read` cannot come too late for them
        """
        return self._database.read(
            lambda reader: versions.find(
                reader, bucket.bucket_id, key, version_id, with_inline=with_inline
            )
        )

    async def add_version(
        self,
        bucket: BucketRecord,
        draft: VersionDraft,
        content: Content,
        *,
        check: Check = None,
        occasion: Occasion | None = None,
    ) -> VersionRecord:
        """Publish received bytes as the current version of a key."""
        if content.is_sealed != (draft.encryption is not None):
            raise ValueError("a version says whether its bytes are sealed")
        body = versions.Body(content.size_bytes, content.inline, content.extents, key=content.key)
        announcement = self._announcement(bucket, occasion)

        def work(tx: Tx) -> VersionRecord:
            now_ms = self._clock.now_ms()
            record = objects.add_version(tx, bucket, draft, body, now_ms=now_ms, check=check)
            outbox.record_version(tx, announcement, record, now_ms)
            return record

        return await self._publish(content, work)

    async def copy_version(
        self,
        bucket: BucketRecord,
        draft: VersionDraft,
        source: VersionRecord,
        *,
        check: Check = None,
        occasion: Occasion | None = None,
    ) -> VersionRecord:
        """Publish the bytes of another version under a key, by reference. SourceChanged."""
        announcement = self._announcement(bucket, occasion)

        def work(tx: Tx) -> VersionRecord:
            now_ms = self._clock.now_ms()
            record = objects.copy_version(tx, bucket, draft, source, now_ms=now_ms, check=check)
            outbox.record_version(tx, announcement, record, now_ms)
            return record

        return await self._database.write(work)

    async def delete_object(
        self,
        bucket: BucketRecord,
        key: str,
        version_id: str | None,
        *,
        check: Check = None,
        bypass: bool = False,
        occasion: Occasion | None = None,
    ) -> Deletion:
        """Delete a key, or one version of it, by the rules of the bucket's versioning.

        bypass  the caller may bypass the GOVERNANCE of a locked version, and says so
        raises  AccessDenied when the version is locked
        """
        announcement = self._announcement(bucket, occasion)

        def work(tx: Tx) -> Deletion:
            now_ms = self._clock.now_ms()
            changes = tx.total_changes
            deletion = objects.delete_object(
                tx, bucket, key, version_id, now_ms=now_ms, check=check, bypass=bypass
            )
            if tx.total_changes > changes:
                outbox.record_deletion(tx, announcement, key, version_id, deletion, now_ms)
            return deletion

        return await self._database.write(work, frees_room=True)

    async def list_objects(
        self,
        bucket: BucketRecord,
        *,
        prefix: str,
        delimiter: str,
        after: str,
        limit: int,
    ) -> Listing:
        """Return a page of what the bucket shows."""
        look_up = partial(
            listing.objects,
            bucket=bucket,
            prefix=prefix,
            delimiter=delimiter,
            after=after,
            limit=limit,
        )
        if limit <= (QUICK_PAGE_LIMIT if delimiter else QUICK_FLAT_LIMIT):
            return self._database.read(look_up)
        return await self._database.read_long(look_up)

    # Garbage

    async def reap(self) -> int:
        """Remove blobs that nobody names and nobody reads; return how many."""
        removed_count = await garbage.reap(
            self._database, self._blobs, self._hold, self._pins, self._others
        )
        now_ms = self._clock.now_ms()

        def forget(tx: Tx) -> None:
            """What is remembered for clients that ask twice."""
            uploads.forget_completed(tx, now_ms)
            renaming.forget_tokens(tx, now_ms)

        await self._database.write(forget, frees_room=True)
        return removed_count

    async def remove_orphans(self) -> int:
        """Remove blobs that the index does not know, as a crash leaves them; return how many."""
        return await garbage.remove_orphans(
            self._database,
            self._blobs,
            self._hold,
            self._arrivals,
            self._clock.now_ms(),
            self._others,
        )

    def holds(self, names: Iterable[bytes]) -> list[bytes]:
        """Which of these blobs this process reads, or writes without having named them yet."""
        return [name for name in names if self._pins.is_pinned(name) or name in self._arrivals]

    def _probe_disk(self) -> None:
        mine = self.data_dir.path / f"probe.{os.getpid()}"  # others probe at the same time
        try:
            write_durably(mine, b"")
            mine.unlink()
        except OSError as error:
            raise Fault(f"the data directory cannot be written: {error.strerror}") from error
