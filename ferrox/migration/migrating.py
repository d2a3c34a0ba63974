"""A migration from beginning to end: buckets one after another, keys of a bucket side by side.

Theory of operation. Both listings of a bucket are walked through together (`listing`), what is to
be done about each key is decided by comparison alone (`plan`), and workers do it, of which each has
one key at a time, so that versions of a key come in order. Between listing and workers there is a
short queue: the listing goes on when there is room in it, so memory stays as it is however many
keys there are. What fails is told in the report and left for the next run.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import NamedTuple, Protocol

from ferrox.migration import listing, plan
from ferrox.migration.buckets import Buckets, Found
from ferrox.migration.copying import Copying
from ferrox.migration.entries import Entry
from ferrox.migration.faults import Halt, Hindrance, Refused
from ferrox.migration.listing import Both
from ferrox.migration.plan import NEWER_AT_TARGET, OUT_OF_ORDER, KeyPlan
from ferrox.migration.report import BucketReport, Report
from ferrox.migration.sides import Pair, Sides
from ferrox.migration.verification import Verification
from ferrox.protocol.etag import quote
from ferrox.protocol.operations import DeleteObject, ListBuckets
from ferrox.protocol.shapes.buckets import ListBucketsInput
from ferrox.protocol.shapes.deletion import DeleteObjectInput
from ferrox.records import Versioning

_CONFLICTS = {
    NEWER_AT_TARGET: "the target has a newer version of its own, which is left alone",
    OUT_OF_ORDER: "it belongs below versions that are at the target already, and by its time above"
    " them: delete these at the target and run again",
}
_STAYS = "it was written at the target, and is newer than what was copied, which lies below it"
_QUEUED = 4
"""Keys that wait for each worker."""

_GONE = "NoSuchKey"

_HOPELESS = 2
"""After so many failures of each worker in a row it is taken that a side has gone."""


class Order(NamedTuple):
    """What is asked for.

    buckets     these only; () for all
    excluded    not these
    renamed     names at the target, by name at the source
    is_current  only what keys show now
    removes     what only the target has is removed there
    verifies    both sides are compared afterwards; "bytes" reads all objects, too
    """

    buckets: tuple[str, ...] = ()
    excluded: frozenset[str] = frozenset()
    renamed: dict[str, str] = {}  # noqa: RUF012 - a value, never changed
    prefix: str = ""
    is_current: bool = False
    is_dry_run: bool = False
    removes: bool = False
    with_documents: bool = True
    with_acls: bool = False
    verifies: str = ""


class Progress(Protocol):
    """Who is told how far it is."""

    def begin(self, bucket: str) -> None:
        """A bucket has its turn."""

    def pass_by(self, versions: int, size_bytes: int) -> None:
        """So many versions are done; the bytes are those that need not be copied."""


class Migrating:
    """One migration."""

    def __init__(
        self,
        order: Order,
        sides: Sides,
        report: Report,
        *,
        workers: int,
        progress: Progress,
    ) -> None:
        self._order = order
        self._sides = sides
        self._report = report
        self._workers = workers
        self._progress = progress
        self._buckets = Buckets(sides.source, sides.target)
        self._unreachable = 0
        self._copying = Copying(sides, with_acls=order.with_acls)

    async def run(self) -> None:
        """Copy everything that is asked for, and say in the report what came of it."""
        try:
            for name in await chosen(self._sides, self._order):
                pair = Pair(name, self._order.renamed.get(name, name))
                bucket = BucketReport(pair.source, pair.target)
                self._report.buckets.append(bucket)
                self._progress.begin(pair.source)
                try:
                    await self._migrate(pair, bucket)
                except (Refused, OSError) as error:
                    code = error.code if isinstance(error, Refused) else "Unreachable"
                    bucket.problem("the bucket", "", code, str(error) or type(error).__name__)
        except Halt as halt:
            self._report.halted = str(halt)
        except (Refused, OSError) as error:
            self._report.halted = f"the source does not list its buckets: {error}"
        self._report.tried_again = self._sides.source.tried_again + self._sides.target.tried_again

    async def _migrate(self, pair: Pair, report: BucketReport) -> None:
        found = await self._buckets.look(pair.source)
        if self._order.is_dry_run:
            exists = await self._buckets.exists(pair.target)
        else:
            await self._buckets.prepare(
                pair,
                found,
                report,
                with_documents=self._order.with_documents,
                with_acls=self._order.with_acls,
            )
            exists = True
        await self._copy_keys(pair, found, report, is_there=exists)
        if self._order.is_dry_run:
            return
        await self._buckets.settle(pair, found)
        if self._order.with_documents:
            await self._buckets.finish(pair, report)
        if self._order.verifies:
            verification = Verification(self._sides, report, self._workers)
            both = self._both(pair, found, is_there=True)
            await verification.run(
                pair, both, self._plan(found), reads=self._order.verifies == "bytes"
            )

    def _both(self, pair: Pair, found: Found, *, is_there: bool) -> AsyncIterator[Both]:
        source = listing.keys(
            self._sides.source,
            pair.source,
            self._order.prefix,
            with_versions=self._has_versions(found),
        )
        target = nothing()
        if is_there:
            target = listing.keys(
                self._sides.target, pair.target, self._order.prefix, with_versions=True
            )
        return listing.together(source, target)

    def _has_versions(self, found: Found) -> bool:
        return found.versioning is not Versioning.UNVERSIONED and not self._order.is_current

    def _plan(self, found: Found) -> Callable[[Sequence[Entry], Sequence[Entry]], KeyPlan]:
        return plan.plan_versions if self._has_versions(found) else plan.plan_current

    async def _copy_keys(
        self, pair: Pair, found: Found, report: BucketReport, *, is_there: bool
    ) -> None:
        """Have the workers do what is to be done about each key."""
        queue: asyncio.Queue[tuple[str, KeyPlan]] = asyncio.Queue(self._workers * _QUEUED)
        decide = self._plan(found)
        try:
            async with asyncio.TaskGroup() as group:
                workers = [
                    group.create_task(self._work(pair, report, queue)) for _ in range(self._workers)
                ]
                async for both in self._both(pair, found, is_there=is_there):
                    planned = decide(both.source, both.target)
                    self._count(report, planned)
                    if planned.copy or planned.extra:
                        await queue.put((both.key, planned))
                await queue.join()
                for worker in workers:
                    worker.cancel()
        except BaseExceptionGroup as failures:
            raise failures.exceptions[0] from None

    def _count(self, report: BucketReport, planned: KeyPlan) -> None:
        report.present += len(planned.present)
        report.present_bytes += sum(entry.size_bytes for entry in planned.present)
        report.extra += len(planned.extra)
        self._progress.pass_by(
            len(planned.present), sum(entry.size_bytes for entry in planned.present)
        )

    async def _work(
        self, pair: Pair, report: BucketReport, queue: "asyncio.Queue[tuple[str, KeyPlan]]"
    ) -> None:
        while True:
            key, planned = await queue.get()
            await self._do(pair, report, key, planned)
            queue.task_done()

    async def _do(self, pair: Pair, report: BucketReport, key: str, planned: KeyPlan) -> None:
        if planned.conflict:
            for entry in planned.copy:
                report.problem(
                    key, entry.version_id, planned.conflict, _CONFLICTS[planned.conflict]
                )
        else:
            for entry in planned.copy:
                await self._copy(pair, report, entry, planned.replaced)
        if planned.newer is not None:
            report.problem(key, planned.newer.version_id, NEWER_AT_TARGET, _STAYS)
        elif self._order.removes and planned.conflict != NEWER_AT_TARGET:
            for entry in planned.extra:
                await self._remove(pair, report, entry)

    async def _copy(
        self, pair: Pair, report: BucketReport, entry: Entry, replaced: str | None
    ) -> None:
        try:
            if not self._order.is_dry_run:
                await self._copying.copy(pair, entry, replaced)
        except Halt:
            raise
        except (Hindrance, OSError) as error:
            code = error.code if isinstance(error, Hindrance) else "Unreachable"
            message = str(error) or type(error).__name__
            report.problem(entry.key, entry.version_id, code, message)
            self._unreachable += isinstance(error, OSError)
            if self._unreachable >= self._workers * _HOPELESS:
                raise Halt(f"one side cannot be reached any more: {message}") from error
        else:
            self._unreachable = 0
            report.markers += entry.is_marker
            report.objects += not entry.is_marker
            report.bytes += entry.size_bytes
            self._progress.pass_by(1, 0)

    async def _remove(self, pair: Pair, report: BucketReport, entry: Entry) -> None:
        version_id = entry.version_id or None
        args = DeleteObjectInput(bucket=pair.target, key=entry.key, version_id=version_id)
        if version_id is None:  # what the key shows, if it is still what was seen there
            args.if_match = quote(entry.etag)
        try:
            if not self._order.is_dry_run:
                await self._sides.target.ask(DeleteObject, args)
        except (Refused, OSError) as error:
            code = error.code if isinstance(error, Refused) else "Unreachable"
            if code == _GONE:  # an answer was lost, or somebody else has removed it
                report.removed += 1
                return
            report.problem(entry.key, entry.version_id, code, f"not removed: {error}")
        else:
            report.removed += 1


async def chosen(sides: Sides, order: Order) -> list[str]:
    """The buckets of the source that are asked for. Refused, OSError"""
    if order.buckets:
        return [name for name in dict.fromkeys(order.buckets) if name not in order.excluded]
    names: list[str] = []
    args = ListBucketsInput()
    while True:
        page = await sides.source.ask(ListBuckets, args)
        names += [bucket.name or "" for bucket in page.buckets]
        if not page.continuation_token:
            return [name for name in names if name not in order.excluded]
        args.continuation_token = page.continuation_token


async def nothing() -> AsyncIterator[listing.Key]:
    """The keys of a bucket that is not there."""
    return
    yield
