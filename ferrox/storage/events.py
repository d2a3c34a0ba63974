"""Events: the verbs of the store on what happened, and on who has yet to be told; see `outbox`."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import NamedTuple

from ferrox.clock import Clock
from ferrox.records import (
    BucketRecord,
    Delivery,
    Event,
    Occasion,
)
from ferrox.storage.documents import DocumentCache
from ferrox.storage.metadata import buckets, outbox
from ferrox.storage.metadata.buckets import Document
from ferrox.storage.metadata.database import Database, Tx
from ferrox.storage.metadata.outbox import Announcement, Rule

RULES_LIMIT = 1024
"""Buckets whose rules are kept as they are matched: those that were changed last."""

AT_ONCE = 1000
"""Events that one transaction removes or gives up: others wait for it."""


class Failure(NamedTuple):
    """A delivery that did not succeed, why, and when it is tried again."""

    delivery: Delivery
    reason: str
    due_ms: int


class Rules:
    """The notification documents of buckets as rules, each made once for as long as it is current.

    The cache of documents hands out the same object until a document changes.
    """

    def __init__(self, documents: DocumentCache) -> None:
        self._documents = documents
        self._made: OrderedDict[int, tuple[Document, tuple[Rule, ...]]] = OrderedDict()

    def of(self, bucket: BucketRecord) -> tuple[Rule, ...]:
        """Return who is told of what happens in a bucket."""
        document = self._documents.find(bucket, outbox.DOCUMENT)
        if document is None:
            return ()
        made = self._made.get(bucket.bucket_id)
        if made is None or made[0] is not document:
            made = document, outbox.rules_of(document)
        self._made[bucket.bucket_id] = made
        self._made.move_to_end(bucket.bucket_id)
        if len(self._made) > RULES_LIMIT:
            self._made.popitem(last=False)
        return made[1]


class Events:
    """The outbox of a store.

    keeps_all_events  whether what nobody has to be told of is written down, too
    """

    _database: Database
    _clock: Clock
    _rules: Rules
    keeps_all_events = False

    def _announcement(
        self, bucket: BucketRecord | None, occasion: Occasion | None
    ) -> Announcement | None:
        """Return what a change on this occasion is written down with; None if nobody asks."""
        if occasion is None or bucket is None:
            return None
        rules = self._rules.of(bucket)
        if not rules and not self.keeps_all_events:
            return None
        return Announcement(bucket, occasion, rules, self.keeps_all_events)

    def _announcement_by_id(self, bucket_id: int, occasion: Occasion | None) -> Announcement | None:
        """Return the same for a bucket of which only the number is known."""
        if occasion is None:
            return None
        bucket = self._database.read(lambda reader: buckets.find_by_id(reader, bucket_id))
        return self._announcement(bucket, occasion)

    async def put_notification(
        self, bucket: BucketRecord, document: Document, test: Occasion | None
    ) -> BucketRecord:
        """Configure who is told of what happens in a bucket.

        test  on what occasion each of them is sent word that they will be; None: they are not
        """

        def work(tx: Tx) -> BucketRecord:
            revised = buckets.put_document(tx, bucket, outbox.DOCUMENT, document)
            if test is not None:
                announcement = Announcement(revised, test, outbox.rules_of(document), False)
                outbox.record_test(tx, announcement, self._clock.now_ms())
            return revised

        return await self._database.write(work)

    # What happened

    async def events(self, after: int, limit: int, bucket: str | None = None) -> list[Event]:
        """Return events in order, of one bucket or of all, whose numbers are greater than `after`.

        Who has seen a number has seen all before it that are still kept.
        """
        return await self._database.read_long(
            lambda reader: outbox.page(reader, after, limit, bucket)
        )

    def last_event(self) -> int:
        """Return the number of the newest event, 0 if there has been none."""
        return self._database.read(outbox.last_number)

    # Who has to be told

    def due_deliveries(self, target: str, limit: int) -> list[Delivery]:
        """Return what a target can be told now: of each key the oldest."""
        now_ms = self._clock.now_ms()
        return self._database.read(lambda reader: outbox.due(reader, target, now_ms, limit))

    async def note_deliveries(
        self, delivered: Sequence[Delivery], failed: Sequence[Failure]
    ) -> None:
        """Note what targets have been told, and what they could not be told."""

        def work(tx: Tx) -> None:
            now_ms = self._clock.now_ms()
            for delivery in delivered:
                outbox.delivered(tx, delivery, now_ms)
            for delivery, reason, due_ms in failed:
                outbox.failed(tx, delivery, reason, due_ms)

        await self._database.write(work, frees_room=True)

    async def awaited_targets(self) -> list[str]:
        """Return the names of targets that have yet to be told of something."""
        return await self._database.read_long(outbox.targets)

    async def backlog(self) -> dict[str, tuple[int, int]]:
        """Return of how many events each target has yet to be told, and how many were given up."""
        return await self._database.read_long(outbox.backlog)

    async def give_up_deliveries(self, cutoff_ms: int) -> list[Delivery]:
        """Make dead letters of what has waited since before an instant; return some of them.

        Nothing is left to be given up when nothing is returned.
        """
        now_ms = self._clock.now_ms()
        return await self._database.write(
            lambda tx: outbox.bury_old(tx, cutoff_ms, now_ms, AT_ONCE), frees_room=True
        )

    async def dead_letters(self, after: int, limit: int) -> list[Delivery]:
        """Return what was given up, of events whose numbers are greater than `after`."""
        return await self._database.read_long(lambda reader: outbox.dead(reader, after, limit))

    async def revive_dead_letters(self, letters: Sequence[Delivery]) -> int:
        """Try again what was given up; return how many."""
        now_ms = self._clock.now_ms()
        return await self._database.write(lambda tx: outbox.revive(tx, letters, now_ms))

    async def discard_dead_letters(self, letters: Sequence[Delivery]) -> int:
        """Forget what was given up; return how many."""
        return await self._database.write(lambda tx: outbox.discard(tx, letters), frees_room=True)

    # What nobody needs any more

    async def prune_events(self, cutoff_ms: int, dead_cutoff_ms: int) -> int:
        """Forget old dead letters, and old events that nobody has to be told of; return how many.

        Some at a time; nothing is left when 0 is returned.
        """

        def work(tx: Tx) -> int:
            outbox.forget_dead(tx, dead_cutoff_ms)
            return outbox.prune(tx, cutoff_ms, AT_ONCE)

        return await self._database.write(work, frees_room=True)

    async def bound_events(self, most: int) -> tuple[int, int]:
        """Forget the oldest events beyond so many; return how many, and how many of them untold."""
        dropped_count = untold_count = 0
        too_many = await self._database.read_long(outbox.count) - most
        while dropped_count < too_many:
            limit = min(too_many - dropped_count, AT_ONCE)
            untold_count += await self._drop_oldest(limit)
            dropped_count += limit
        return dropped_count, untold_count

    async def _drop_oldest(self, limit: int) -> int:
        return await self._database.write(lambda tx: outbox.drop_oldest(tx, limit), frees_room=True)
