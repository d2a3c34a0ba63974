"""Expiring: the verbs of the store on what the rules of its buckets take away, and have taken."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial

from ferrox.clock import Clock
from ferrox.errors import NoSuchUpload
from ferrox.lifecycle_records import LifecycleAction, LifecycleReport
from ferrox.records import BucketRecord, Occasion
from ferrox.storage.events import Events
from ferrox.storage.metadata import buckets, expiring, outbox, runs, uploads
from ferrox.storage.metadata.database import Database, Tx
from ferrox.storage.metadata.expiring import Candidate, Decide, DecideUpload, Page

LOOKED_AT_ONCE = 1000
"""Rows of one look at the index: some milliseconds on a thread, in one snapshot."""

REMOVED_AT_ONCE = 25
"""Versions in one transaction: some milliseconds for which others wait. With a hundred the slowest
of those others took ten times as long, and the run was no faster."""


_OCCASION = Occasion.of_service("LifecycleExpiration:Delete")


class Expiring(Events):
    """The versions and uploads of a store whose time may be over."""

    _database: Database
    _clock: Clock

    async def buckets_with_document(self, name: str) -> list[BucketRecord]:
        """Return the buckets that have a document of this name."""
        return await self._database.read_long(lambda reader: buckets.with_document(reader, name))

    async def expiring_versions(
        self,
        bucket: BucketRecord,
        prefix: str,
        position: tuple[str, int] | None,
        decide: Decide,
        now_ms: int,
    ) -> Page:
        """Return what is to be done about some versions, in order; see `expiring`."""
        return await self._database.read_long(
            lambda reader: expiring.page(
                reader, bucket, prefix, position, decide, now_ms=now_ms, limit=LOOKED_AT_ONCE
            )
        )

    async def expiring_uploads(
        self,
        bucket: BucketRecord,
        prefix: str,
        position: tuple[str, str] | None,
        decide: DecideUpload,
    ) -> Page:
        """Return what is to be done about some open uploads, in order."""
        return await self._database.read_long(
            lambda reader: expiring.upload_page(
                reader, bucket, prefix, position, decide, limit=LOOKED_AT_ONCE
            )
        )

    async def take_away(
        self, bucket: BucketRecord, candidates: Sequence[Candidate], decide: Decide
    ) -> list[Candidate] | None:
        """Do what was found to be done, at most REMOVED_AT_ONCE; return what was, or is locked.

        None: nothing was, because the bucket is gone or somebody configured it anew.
        """

        announcement = self._announcement(bucket, _OCCASION)

        def work(tx: Tx) -> list[Candidate] | None:
            if not _is_unchanged(tx, bucket):
                return None
            now_ms = self._clock.now_ms()
            done = []
            for candidate in candidates:
                one = expiring.take_away(tx, bucket, candidate.version, decide, now_ms=now_ms)
                if one is None:
                    continue
                done.append(one.candidate)
                if one.deletion is not None:
                    step = one.candidate.step
                    asked_id = None if step.action is LifecycleAction.EXPIRE else step.name
                    outbox.record_deletion(
                        tx, announcement, step.key, asked_id, one.deletion, now_ms
                    )
            return done

        return await self._database.write(work, frees_room=True)

    async def abort_expired(
        self, bucket: BucketRecord, candidates: Sequence[Candidate]
    ) -> list[Candidate] | None:
        """Abort uploads that were found; return what was done, None as from `take_away`."""

        def work(tx: Tx) -> list[Candidate] | None:
            if not _is_unchanged(tx, bucket):
                return None
            now_ms = self._clock.now_ms()
            done = (expiring.abort(tx, candidate, now_ms=now_ms) for candidate in candidates)
            return [one for one in done if one is not None]

        return await self._database.write(work, frees_room=True)

    async def abort_uploads_older_than(
        self, cutoff_ms: int, is_spared: Callable[[BucketRecord, str], bool] = lambda *_: False
    ) -> int:
        """Abort the uploads that were opened before an instant; return how many.

        is_spared  whether an upload of this key in this bucket is somebody else's affair
        """
        aborted_count = 0
        for upload_id, bucket_id, key in await self._database.read_long(
            partial(uploads.older_than, cutoff_ms=cutoff_ms)
        ):
            found = self._database.read(partial(buckets.find_by_id, bucket_id=bucket_id))
            if found is None or is_spared(found, key):
                continue
            with suppress(NoSuchUpload):  # completed or aborted a moment ago
                await self._database.write(
                    partial(uploads.abort, upload_id=upload_id, now_ms=self._clock.now_ms()),
                    frees_room=True,
                )
                aborted_count += 1
        return aborted_count

    def latest_lifecycle_run_ms(self, bucket: BucketRecord) -> int | None:
        """Return when the last run of a bucket's rules began."""
        return self._database.read(lambda reader: runs.latest_ms(reader, bucket))

    async def lifecycle_reports(self, bucket: BucketRecord) -> list[LifecycleReport]:
        """Return what the last runs of a bucket's rules did, the newest first."""
        return await self._database.read_long(lambda reader: runs.reports(reader, bucket))

    async def keep_lifecycle_report(self, bucket: BucketRecord, report: LifecycleReport) -> None:
        """Remember what a run of a bucket's rules did."""
        await self._database.write(lambda tx: runs.keep(tx, bucket, report), frees_room=True)


def _is_unchanged(tx: Tx, bucket: BucketRecord) -> bool:
    """Whether the bucket is, with its documents, as it was when its rules were read."""
    found = buckets.find_by_id(tx, bucket.bucket_id)
    return found is not None and found.revision == bucket.revision
