"""Lifecycle: do what the rules of buckets say, and tell what they would do.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lifecycle-mgmt.html

A run goes through a bucket in small steps: it looks at a page of the index on a thread, then takes
away what was found in transactions of some milliseconds, each of which decides again. Nothing
is remembered between the steps: a run that is cut short is begun anew, and finds less to do.

Which buckets are due is read off their last reports, which lie in the index. A bucket that gets its
first rules is looked at within a minute. When a bucket is configured anew in the middle of a run,
the run begins anew with what the bucket says then.
"""

import logging
from bisect import insort
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from functools import partial
from typing import Any, Protocol

from ferrox.clock import Clock
from ferrox.errors import Fault, S3Error
from ferrox.jobs import failures
from ferrox.jobs.rounds import Rounds
from ferrox.lifecycle_records import LifecycleReport, LifecycleStep
from ferrox.protocol.lifecycle import DAY_MS, Lifecycle
from ferrox.protocol.plain import from_plain
from ferrox.protocol.shapes.lifecycle import BucketLifecycleConfiguration
from ferrox.records import BucketRecord
from ferrox.storage.expiring import REMOVED_AT_ONCE
from ferrox.storage.metadata.expiring import Candidate, Decide, DecideUpload, Page
from ferrox.storage.store import Store

DOCUMENT = BucketLifecycleConfiguration.stored_as

FIRST_COUNT = 20
"""How many steps a report tells one by one, those of the first keys."""

LOOK_INTERVAL_S = 60.0
"""How often buckets are looked for that are due."""

REMOVED_BYTES_AT_ONCE = 4 * 1024**3
"""Bytes in one transaction: parts have 5 MiB as a rule, and each costs a row or two."""

log = logging.getLogger("ferrox.lifecycle")


class Source(Protocol):
    """Where to look: a store, or an index that is only read."""

    async def expiring_versions(
        self,
        bucket: BucketRecord,
        prefix: str,
        position: tuple[str, int] | None,
        decide: Decide,
        now_ms: int,
    ) -> Page:
        """Return what is to be done about some versions."""
        ...

    async def expiring_uploads(
        self,
        bucket: BucketRecord,
        prefix: str,
        position: tuple[str, str] | None,
        decide: DecideUpload,
    ) -> Page:
        """Return what is to be done about some uploads."""
        ...


class Tally:
    """What was done, or would be."""

    def __init__(self, started_ms: int) -> None:
        self.locked_count = 0
        self.errors: list[str] = []
        self._started_ms = started_ms
        self._counts: Counter[str] = Counter()
        self._rule_counts: Counter[str] = Counter()
        self._size_bytes = 0
        self._first: list[LifecycleStep] = []

    def add(self, candidate: Candidate) -> None:
        """Count one step, or one lock that keeps it from being done."""
        if candidate.is_locked:
            self.locked_count += 1
            return
        step = candidate.step
        self._counts[step.action.value] += 1
        self._rule_counts[step.rule_id] += 1
        self._size_bytes += step.size_bytes
        insort(self._first, step, key=lambda one: (one.key, one.name))
        del self._first[FIRST_COUNT:]

    def report(self, ended_ms: int) -> LifecycleReport:
        """Return what has come together."""
        return LifecycleReport(
            self._started_ms,
            ended_ms,
            dict(self._counts),
            dict(self._rule_counts),
            self._size_bytes,
            self.locked_count,
            self.errors,
            self._first,
        )


async def plan(
    source: Source, bucket: BucketRecord, rules: Lifecycle, now_ms: int
) -> LifecycleReport:
    """Tell what the rules of a bucket would do now."""
    tally = Tally(now_ms)
    async for found in _versions(source, bucket, rules, now_ms):
        for candidate in found:
            tally.add(candidate)
    async for found in _uploads(source, bucket, rules, now_ms):
        for candidate in found:
            tally.add(candidate)
    return tally.report(now_ms)


def rules_of(document: dict[str, Any], day_s: float = DAY_MS / 1000) -> Lifecycle:
    """The rules of a bucket, for days of so many seconds."""
    return Lifecycle(from_plain(BucketLifecycleConfiguration, document), round(day_s * 1000))


def _told_nobody(_bucket: BucketRecord, _done: Sequence[Candidate]) -> None:
    """Who wants to know nothing of what is done."""


class LifecycleJob:
    """What the rules of all buckets of a store say, done in time.

    noted       is told of what was done in a bucket, or kept from being done by a lock
    interval_s  how often the rules of a bucket are obeyed; once in each day of `day_s` at least
                where that is shorter than a real one
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        interval_s: float,
        day_s: float,
        noted: Callable[[BucketRecord, Sequence[Candidate]], None] = _told_nobody,
    ) -> None:
        self._store = store
        self._clock = clock
        self._noted = noted
        self._day_s = day_s
        is_real_day = round(day_s * 1000) == DAY_MS
        self._interval_s = interval_s if is_real_day else min(interval_s, day_s)
        self.rounds = Rounds("lifecycle", clock)

    async def run(self) -> None:
        """Work until cancelled."""
        is_asked = False
        while True:
            with self.rounds.round():
                await self.work_once(everything=is_asked)
            is_asked = await self.rounds.rest(min(self._interval_s, LOOK_INTERVAL_S))

    async def work_once(self, *, everything: bool = False) -> None:
        """Obey the rules of the buckets that are due, or of all."""
        with failures.survived(log, "obeying lifecycle rules failed, to be tried again later"):
            found = await self._store.buckets_with_document(DOCUMENT)
            due = [bucket for bucket in found if everything or self._is_due(bucket)]
            for count, bucket in enumerate(due):
                self.rounds.advance(count, len(due), "buckets")
                await self.run_bucket(bucket)

    async def run_bucket(self, bucket: BucketRecord) -> LifecycleReport:
        """Obey the rules of one bucket now; keep the report, and return it."""
        tally = Tally(self._clock.now_ms())
        try:
            await self._obey(bucket, tally)
        except (Fault, S3Error, OSError) as error:
            log.warning("lifecycle of bucket %s: %s", bucket.name, error)
            tally.errors.append(str(error))
        except Exception as error:
            log.exception("lifecycle of bucket %s", bucket.name)
            tally.errors.append(repr(error))
        report = tally.report(self._clock.now_ms())
        await self._store.keep_lifecycle_report(bucket, report)
        if report.counts:
            log.info("lifecycle of bucket %s: %s", bucket.name, report.counts)
        return report

    def _is_due(self, bucket: BucketRecord) -> bool:
        latest_ms = self._store.latest_lifecycle_run_ms(bucket)
        if latest_ms is None:
            return True
        # A run that has yet to come is one of a clock that was set back since.
        return not 0 <= self._clock.now_ms() - latest_ms < self._interval_s * 1000

    async def _obey(self, bucket: BucketRecord, tally: Tally) -> None:
        now_ms = self._clock.now_ms()
        found: BucketRecord | None = bucket
        while found is not None and found.bucket_id == bucket.bucket_id:
            document = self._store.bucket_document(found, DOCUMENT)
            if document is None:
                return
            tally.locked_count = 0
            if await self._go_through(found, rules_of(document, self._day_s), now_ms, tally):
                return
            found = self._store.bucket(bucket.name)  # it was configured anew

    async def _go_through(
        self, bucket: BucketRecord, rules: Lifecycle, now_ms: int, tally: Tally
    ) -> bool:
        """Obey these rules; whether they were those of the bucket up to the end."""
        decide = partial(rules.verdict, now_ms=now_ms)
        async for found in _versions(self._store, bucket, rules, now_ms):
            for candidate in found:
                if candidate.is_locked:
                    tally.add(candidate)
            for batch in _batches([one for one in found if not one.is_locked]):
                done = await self._store.take_away(bucket, batch, decide)
                self._noted(bucket, done or ())
                if not _count(tally, done):
                    return False
        async for found in _uploads(self._store, bucket, rules, now_ms):
            for candidate in found:  # one at a time, as each may have ten thousand parts
                done = await self._store.abort_expired(bucket, [candidate])
                self._noted(bucket, done or ())
                if not _count(tally, done):
                    return False
        return True


def _count(tally: Tally, done: list[Candidate] | None) -> bool:
    for candidate in done or ():
        tally.add(candidate)
    return done is not None


def _batches(candidates: Sequence[Candidate]) -> Iterator[list[Candidate]]:
    """What goes into one transaction."""
    batch: list[Candidate] = []
    size_bytes = 0
    for candidate in candidates:
        batch.append(candidate)
        size_bytes += candidate.step.size_bytes
        if len(batch) == REMOVED_AT_ONCE or size_bytes > REMOVED_BYTES_AT_ONCE:
            yield batch
            batch, size_bytes = [], 0
    if batch:
        yield batch


async def _versions(
    source: Source, bucket: BucketRecord, rules: Lifecycle, now_ms: int
) -> AsyncIterator[list[Candidate]]:
    decide = partial(rules.verdict, now_ms=now_ms)
    for prefix in rules.prefixes:
        position: tuple[str, int] | None = None
        while True:
            page = await source.expiring_versions(bucket, prefix, position, decide, now_ms)
            yield page.candidates
            position = page.position
            if position is None:
                break


async def _uploads(
    source: Source, bucket: BucketRecord, rules: Lifecycle, now_ms: int
) -> AsyncIterator[list[Candidate]]:
    decide = partial(rules.upload_verdict, now_ms=now_ms)
    for prefix in rules.upload_prefixes:
        position: tuple[str, str] | None = None
        while True:
            page = await source.expiring_uploads(bucket, prefix, position, decide)
            yield page.candidates
            position = page.position
            if position is None:
                break
