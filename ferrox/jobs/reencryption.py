"""Re-encryption: every version of a bucket is sealed as the bucket asks now, in its place.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html

AWS has no such thing: there objects are copied onto themselves, which makes new versions of them,
with new dates. Here bytes are read, verified, sealed anew, and put in the place of the old ones in
one transaction that finds the version as it was looked up; key, version, date, entity tag,
checksum, metadata, tags, access control list and lock stay. Versions that share bytes are moved one
by one, and do not share them any more. What customers sealed with their own keys only they could
open: it is counted, and left.

One task in one process. How far it is lies among the documents of the bucket, and is written after
each page of the index, so a server that was killed goes on there. What the bucket asks for is read
again with each page.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing
from typing import Any, NamedTuple, TypeVar

from ferrox.clock import Clock
from ferrox.errors import Fault, NoSuchBucket, S3Error, SourceChanged, StorageFull, StoreReadOnly
from ferrox.jobs import failures
from ferrox.jobs.rounds import Rounds
from ferrox.jobs.sealing import Sealing
from ferrox.quantities import counted
from ferrox.records import CUSTOMER_KEY, BucketRecord, Encryption, VersionRecord
from ferrox.storage.bodies import once
from ferrox.storage.content import BlobLabel
from ferrox.storage.metadata.resealing import Position, SealedVersion
from ferrox.storage.store import Store

NAME = "reencryption"
DOCUMENT = "reencryption"
"""Of a bucket: its `Progress`."""

PAUSE_S = 60.0
PAGE_LIMIT = 200
AT_ONCE = 8
"""Versions under way together, so that their transactions share an `fsync`."""

AT_ONCE_BYTES = 8 * 1024 * 1024

T = TypeVar("T")

log = logging.getLogger("ferrox.reencryption")


class Progress(NamedTuple):
    """How far the re-encryption of a bucket is.

    ended_ms         None: it is under way, or waits for its turn
    after            the last version that was looked at
    looked_count     versions that were looked at
    customers_count  of them, under keys of customers
    rekeyed_count    of them, under another key of KMS than is asked for now
    failed_count     of them, that could not be read or sealed
    error            why it waits, or what the last of those failed with; "" if all is well
    """

    began_ms: int
    ended_ms: int | None = None
    after: Position | None = None
    looked_count: int = 0
    resealed_count: int = 0
    resealed_bytes: int = 0
    customers_count: int = 0
    failed_count: int = 0
    error: str = ""
    rekeyed_count: int = 0


def progress_of(document: dict[str, Any]) -> Progress:
    """How far it is, from its document."""
    after = document["after"]
    return Progress(**document | {"after": None if after is None else (after[0], after[1])})


def is_sealed_so(one: SealedVersion | VersionRecord, wanted: Encryption) -> bool:
    """Whether a version is sealed as is wanted; the context of a key of KMS is its own affair."""
    sealed = one.encryption
    return sealed is not None and (sealed.sse, sealed.key_id) == (wanted.sse, wanted.key_id)


class Reencryption:
    """Re-encrypts the buckets of one store of which that is asked."""

    def __init__(self, store: Store, sealing: Sealing, clock: Clock) -> None:
        self._store = store
        self._sealing = sealing
        self._clock = clock
        self.rounds = Rounds(NAME, clock)

    async def run(self) -> None:
        """Work until cancelled."""
        await self.rounds.repeat(self.work_once, PAUSE_S)

    async def work_once(self) -> None:
        """Go on with every bucket that is not done."""
        with failures.survived(log, "re-encryption failed, to be tried again later"):
            for bucket in await self._store.buckets_with_document(DOCUMENT):
                await self._go_on(bucket)

    async def _go_on(self, bucket: BucketRecord) -> None:
        document = self._store.bucket_document(bucket, DOCUMENT)
        progress = progress_of(document) if document else None
        while progress is not None and progress.ended_ms is None:
            found = self._store.bucket(bucket.name)
            if found is None or found.bucket_id != bucket.bucket_id:
                return
            before = progress
            version_count = self._store.usage(found).version_count
            self.rounds.advance(progress.looked_count, version_count, "versions")
            try:
                error = progress.error if progress.failed_count else ""
                progress = await self._step(found, progress._replace(error=error))
            except (S3Error, StorageFull) as refusal:  # no key for it, or no room
                log.warning("re-encryption of bucket %s waits: %s", bucket.name, refusal)
                progress = progress._replace(error=str(refusal) or type(refusal).__name__)
            try:
                await self._store.put_bucket_document(found, DOCUMENT, progress._asdict())
            except NoSuchBucket:
                return
            if progress.after == before.after and progress.ended_ms is None:
                return

    async def _step(self, bucket: BucketRecord, progress: Progress) -> Progress:
        """Do one page."""
        wanted = self._sealing.of_bucket(bucket)
        page = await self._store.sealed_versions(bucket, progress.after, PAGE_LIMIT)
        if wanted is None or not page:
            count = counted(progress.resealed_count, "version")
            log.info("re-encryption of bucket %s is done: %s encrypted anew", bucket.name, count)
            return progress._replace(ended_ms=self._clock.now_ms())
        tally = _Tally(progress, wanted)
        for batch in _batches([one for one in page if tally.needs(one)]):
            work = (self._reseal(bucket, one, wanted) for one in batch)
            tally.count(_all_of(await asyncio.gather(*work, return_exceptions=True)))
        return tally.progress._replace(after=page[-1].position)

    async def _reseal(
        self, bucket: BucketRecord, one: SealedVersion, wanted: Encryption
    ) -> int | str:
        """Seal a version anew; its size, -1 if it is gone or comes otherwise sealed, or why not."""
        try:
            while True:
                version = self._store.version(bucket, one.key, one.version_id)
                if version is None or version.encryption != one.encryption:
                    return -1
                if is_sealed_so(version, wanted):
                    return -1
                try:
                    await self._replace(bucket, version, wanted)
                except SourceChanged:
                    continue
                return version.size_bytes
        except (StorageFull, StoreReadOnly):
            raise
        except (Fault, S3Error) as error:
            log.warning(
                "a version of %s in bucket %s is not re-encrypted: %s", one.key, bucket.name, error
            )
            return str(error) or type(error).__name__

    async def _replace(
        self, bucket: BucketRecord, version: VersionRecord, wanted: Encryption
    ) -> None:
        found = await self._store.read(version, 0, version.size_bytes)
        body = once(found) if isinstance(found, bytes) else found
        label = BlobLabel(
            bucket.name,
            version.key,
            version_id=version.version_id,
            facts=version.as_draft(version.key).label_facts(),
        )
        async with (
            aclosing(body),
            self._store.receive(
                body,
                [],
                label,
                size_hint=version.size_bytes,
                max_bytes=version.size_bytes,
                may_inline=True,
                kek=self._sealing.kek(wanted),
            ) as content,
        ):
            await self._store.reseal_version(version, content, wanted)


class _Tally:
    """Counts what becomes of the versions of a page."""

    def __init__(self, progress: Progress, wanted: Encryption) -> None:
        self.progress = progress
        self._wanted = wanted

    def needs(self, one: SealedVersion) -> bool:
        """Count a version; whether there is something to be done about it."""
        progress = self.progress
        sealed = one.encryption
        is_customers = sealed is not None and sealed.sse == CUSTOMER_KEY
        needs = not is_customers and not is_sealed_so(one, self._wanted)
        self.progress = progress._replace(
            looked_count=progress.looked_count + 1,
            customers_count=progress.customers_count + is_customers,
            rekeyed_count=progress.rekeyed_count
            + (needs and sealed is not None and bool(sealed.key_id)),
        )
        return needs

    def count(self, outcomes: Sequence[int | str]) -> None:
        """Count what came of some of them."""
        sizes = [size for size in outcomes if isinstance(size, int) and size >= 0]
        errors = [error for error in outcomes if isinstance(error, str)]
        progress = self.progress
        self.progress = progress._replace(
            resealed_count=progress.resealed_count + len(sizes),
            resealed_bytes=progress.resealed_bytes + sum(sizes),
            failed_count=progress.failed_count + len(errors),
            error=errors[-1] if errors else progress.error,
        )


async def plan(store: Store, bucket: BucketRecord, wanted: Encryption, now_ms: int) -> Progress:
    """Tell what there is to do in a bucket now; nothing is done."""
    tally = _Tally(Progress(now_ms), wanted)
    async for page in _pages(store, bucket):
        tally.count([one.size_bytes for one in page if tally.needs(one)])
    return tally.progress


async def _pages(store: Store, bucket: BucketRecord) -> AsyncIterator[list[SealedVersion]]:
    after: Position | None = None
    while page := await store.sealed_versions(bucket, after, PAGE_LIMIT):
        yield page
        after = page[-1].position


def _all_of(outcomes: Sequence[T | BaseException]) -> list[T]:
    """What came of work that was done together, once all of it has ended; raises what one did."""
    done = []
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
        done.append(outcome)
    return done


def _batches(versions: Sequence[SealedVersion]) -> Iterator[list[SealedVersion]]:
    """What is under way together."""
    batch: list[SealedVersion] = []
    for one in versions:
        batch.append(one)
        if len(batch) == AT_ONCE or sum(other.size_bytes for other in batch) > AT_ONCE_BYTES:
            yield batch
            batch = []
    if batch:
        yield batch
