"""Versions: the verbs of the store on what a key was, is, and is called."""

from collections.abc import AsyncIterator
from functools import partial

from ferrox.errors import InvalidBucketState
from ferrox.records import (
    BucketRecord,
    Deletion,
    Occasion,
    Restoration,
    RestoreReport,
    Versioning,
    VersionListing,
    VersionRecord,
)
from ferrox.storage.events import Events
from ferrox.storage.metadata import history, objects, outbox, renaming, restoring
from ferrox.storage.metadata.database import Reader, Tx
from ferrox.storage.metadata.objects import Change
from ferrox.storage.metadata.renaming import RenameCheck, Token
from ferrox.storage.metadata.restoring import Instant

RESTORED_AT_ONCE = 100
"""Keys in one transaction of a restoring: some ten milliseconds for which others wait."""

RESTORING = Occasion("ObjectCreated:Copy", "ferroxd restore")
"""What a restoring is to those who are told of it: it copies versions that are there."""


class Versions(Events):
    """The versions of a store."""

    async def list_versions(
        self,
        bucket: BucketRecord,
        *,
        prefix: str,
        delimiter: str,
        key_marker: str,
        version_id_marker: str,
        limit: int,
    ) -> VersionListing:
        """Return a page of versions and delete markers."""
        return await self._database.read_long(
            lambda reader: history.page(
                reader,
                bucket,
                prefix=prefix,
                delimiter=delimiter,
                key_marker=key_marker,
                version_id_marker=version_id_marker,
                limit=limit,
            )
        )

    async def amend_version(
        self,
        bucket: BucketRecord,
        key: str,
        version_id: str | None,
        change: Change,
        *,
        bypass: bool = False,
        occasion: Occasion | None = None,
    ) -> VersionRecord:
        """Change tags or lock of a version, the newest if none is named, inside the transaction.

        change  given the version, or None; returns what shall become of it, or raises
        bypass  the caller may bypass the GOVERNANCE of a locked version, and says so
        raises  AccessDenied when the lock may not be changed so
        """
        announcement = self._announcement(bucket, occasion)

        def work(tx: Tx) -> VersionRecord:
            now_ms = self._clock.now_ms()
            record = objects.amend(
                tx, bucket, key, version_id, change, now_ms=now_ms, bypass=bypass
            )
            outbox.record_version(tx, announcement, record, now_ms)
            return record

        return await self._database.write(work)

    async def bring_delete_marker(
        self,
        bucket: BucketRecord,
        key: str,
        version_id: str,
        modified_ms: int,
        *,
        follows: str = "",
        occasion: Occasion | None = None,
    ) -> Deletion:
        """Add a delete marker that was made elsewhere, with the id and the time that it had there.

        follows  as `VersionDraft` has it
        raises   PreconditionFailed when a version of that id is there; InvalidBucketState
        """
        announcement = self._announcement(bucket, occasion)

        def work(tx: Tx) -> Deletion:
            now_ms = self._clock.now_ms()
            deletion = objects.bring_delete_marker(
                tx,
                bucket,
                key,
                version_id,
                modified_ms=modified_ms,
                follows=follows,
                now_ms=now_ms,
            )
            outbox.record_deletion(tx, announcement, key, None, deletion, now_ms)
            return deletion

        return await self._database.write(work)

    async def rename_object(
        self,
        bucket: BucketRecord,
        source_key: str,
        key: str,
        *,
        check: RenameCheck,
        token: Token | None = None,
        occasion: Occasion | None = None,
    ) -> None:
        """Give the object that a key shows another key; see `renaming` for buckets with versions.

        check  given what both keys show; returns the version to be renamed, or raises
        token  makes the request one that is done once. IdempotencyParameterMismatch
        """
        announcement = self._announcement(bucket, occasion)

        def work(tx: Tx) -> None:
            now_ms = self._clock.now_ms()
            done = renaming.rename(
                tx, bucket, source_key, key, check=check, token=token, now_ms=now_ms
            )
            if done is not None and announcement is not None:
                renamed, deletion = done
                outbox.record_version(tx, announcement, renamed, now_ms)
                removal = announcement.on("ObjectRemoved:Delete")
                outbox.record_deletion(tx, removal, source_key, None, deletion, now_ms)

        await self._database.write(work)

    async def restore_bucket(
        self, bucket: BucketRecord, at_ms: int, *, dry_run: bool, first_count: int = 20
    ) -> RestoreReport:
        """Make a bucket show what it showed at an instant, by new versions; see `restoring`.

        dry_run      only tell what would be done
        first_count  of how many keys the report says what is done about them
        raises       InvalidBucketState where versions were never kept
        """
        if bucket.versioning is Versioning.UNVERSIONED:
            raise InvalidBucketState("The bucket keeps no versions that could be restored.")
        when = self._database.read(lambda reader: restoring.instant(reader, at_ms))
        restored_count = restored_bytes = hidden_count = 0
        first: list[Restoration] = []
        async for done in self._restorations(bucket, when, dry_run=dry_run):
            if done.version_id is None:
                hidden_count += 1
            else:
                restored_count += 1
                restored_bytes += done.size_bytes
            if len(first) < first_count:
                first.append(done)
        return RestoreReport(restored_count, restored_bytes, hidden_count, first)

    async def _restorations(
        self, bucket: BucketRecord, when: Instant, *, dry_run: bool
    ) -> AsyncIterator[Restoration]:
        """What is done about each key, in order, in transactions that hold up nobody for long."""

        announcement = self._announcement(bucket, RESTORING)

        def planned(reader: Reader, after: str) -> tuple[list[str], list[Restoration]]:
            keys = restoring.keys(reader, bucket, after, RESTORED_AT_ONCE)
            plans = (restoring.plan(reader, bucket, key, when) for key in keys)
            return keys, [found[0] for found in plans if found is not None]

        def work(tx: Tx, keys: list[str]) -> list[Restoration]:
            now_ms = self._clock.now_ms()
            done = (restoring.restore(tx, bucket, key, when, now_ms, announcement) for key in keys)
            return [one for one in done if one is not None]

        after = ""
        while True:
            keys, plans = await self._database.read_long(partial(planned, after=after))
            if not keys:
                return
            after = keys[-1]
            if plans and not dry_run:
                plans = await self._database.write(partial(work, keys=[one.key for one in plans]))
            for done in plans:
                yield done
