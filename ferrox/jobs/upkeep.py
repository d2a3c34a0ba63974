"""Upkeep: unlink garbage, abort multipart uploads that nobody finished, forget old events.

One task in one process. Each round is short; whatever goes wrong in one is logged, and the next
round tries anew.
"""

import logging
from collections import Counter
from collections.abc import Coroutine, Sequence
from typing import Any

from ferrox.clock import Clock
from ferrox.jobs import failures, lifecycle
from ferrox.jobs.rounds import Rounds
from ferrox.records import BucketRecord
from ferrox.storage.store import Store

DEAD_LETTERS_FOR_MS = 14 * 24 * 60 * 60 * 1000
"""How long what was given up can be looked at."""

MOST_EVENTS = 1_000_000
"""Above that the oldest are forgotten, whoever has not been told of them."""

DAY_S = 24 * 60 * 60.0

log = logging.getLogger("ferrox.upkeep")


class Upkeep:
    """The recurring work of one store."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        upload_expiry_s: float,
        interval_s: float,
        event_retention_s: float = DAY_S,
        event_targets: Sequence[str] = (),
    ) -> None:
        self._store = store
        self._clock = clock
        self._upload_expiry_ms = round(upload_expiry_s * 1000)
        self._interval_s = interval_s
        self._event_retention_ms = round(event_retention_s * 1000)
        self._event_targets = frozenset(event_targets)
        self._missed_targets: frozenset[str] = frozenset()
        self._may_be_orphans = True
        self.rounds = Rounds("upkeep", clock)

    async def run(self) -> None:
        """Work until cancelled."""
        await self.rounds.repeat(self.work_once, self._interval_s)

    async def work_once(self) -> None:
        """One round."""
        if self._may_be_orphans:
            await self._remove_orphans()
        cutoff_ms = self._clock.now_ms() - self._upload_expiry_ms
        abortion = self._store.abort_uploads_older_than(cutoff_ms, self._has_rule_of_its_own)
        if aborted := await _attempt("aborting old uploads", abortion):
            log.info("aborted %d multipart uploads that nobody finished", aborted)
        if reaped := await _attempt("removing garbage", self._store.reap()):
            log.debug("removed %d blobs that nothing names", reaped)
        await _attempt("tidying up events", self._tidy_events())

    def _has_rule_of_its_own(self, bucket: BucketRecord, key: str) -> bool:
        """Whether the lifecycle rules of a bucket say when an upload of this key is aborted."""
        document = self._store.bucket_document(bucket, lifecycle.DOCUMENT)
        return document is not None and lifecycle.rules_of(document).abort(key, 0) is not None

    def note_crash(self) -> None:
        """A process has ended that may have left blobs without a name: look for them now."""
        self._may_be_orphans = True
        self.rounds.ask()

    async def _tidy_events(self) -> int:
        """Give up what waits for too long, forget what is old, and say what that means."""
        now_ms = self._clock.now_ms()
        cutoff_ms = now_ms - self._event_retention_ms
        given_up: Counter[str] = Counter()
        while buried := await self._store.give_up_deliveries(cutoff_ms):
            given_up.update(delivery.target for delivery in buried)
        for name, count in given_up.items():
            log.warning("target %s was not told of %d events; they are dead letters", name, count)
        while await self._store.prune_events(cutoff_ms, now_ms - DEAD_LETTERS_FOR_MS):
            pass
        dropped, untold = await self._store.bound_events(MOST_EVENTS)
        if dropped:
            log.warning(
                "more than %d events: the %d oldest are forgotten, %d of them untold",
                MOST_EVENTS, dropped, untold,
            )  # fmt: skip
        missed = frozenset(await self._store.awaited_targets()) - self._event_targets
        for name in sorted(missed - self._missed_targets):
            log.warning("buckets tell target %s of events, but it is not configured", name)
        self._missed_targets = missed
        return sum(given_up.values())

    async def _remove_orphans(self) -> None:
        self._may_be_orphans = False
        removed = await _attempt("removing orphans", self._store.remove_orphans())
        if removed is None:
            self._may_be_orphans = True
        elif removed:
            log.info("removed %d blobs that a crash had left without a name", removed)


async def _attempt(purpose: str, work: Coroutine[Any, Any, int]) -> int | None:
    """Do one piece of work, of which the others do not depend; return how much, or None."""
    with failures.survived(log, f"{purpose} failed, to be tried again later"):
        return await work
    return None
