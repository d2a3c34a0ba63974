"""Upkeep: unlink garbage, and abort multipart uploads that nobody finished.

One task in one process. Each round is short; a fault in one is logged
and the next round tries anew.
"""

import asyncio
import logging

from ferrox.clock import Clock
from ferrox.errors import Fault
from ferrox.storage.store import Store

log = logging.getLogger("ferrox.upkeep")


class Upkeep:
    """The recurring work of one store."""

    def __init__(
        self, store: Store, clock: Clock, *, upload_expiry_s: float, interval_s: float
    ) -> None:
        self._store = store
        self._clock = clock
        self._upload_expiry_ms = round(upload_expiry_s * 1000)
        self._interval_s = interval_s

    async def run(self) -> None:
        """Work until cancelled."""
        await self._attempt_orphans()
        while True:
            await self.work_once()
            await asyncio.sleep(self._interval_s)

    async def work_once(self) -> None:
        """One round."""
        try:
            cutoff_ms = self._clock.now_ms() - self._upload_expiry_ms
            aborted = await self._store.abort_uploads_older_than(cutoff_ms)
            reaped = await self._store.reap()
        except (Fault, OSError) as fault:
            log.warning("upkeep failed, to be tried again: %s", fault)
            return
        if aborted:
            log.info("aborted %d multipart uploads that nobody finished", aborted)
        if reaped:
            log.debug("removed %d blobs that nothing names", reaped)

    async def _attempt_orphans(self) -> None:
        """What a crash left behind: bytes that never got a name."""
        try:
            removed = await self._store.remove_orphans()
        except (Fault, OSError) as fault:
            log.warning("orphan removal failed, to be tried at the next start: %s", fault)
            return
        if removed:
            log.info("removed %d blobs that a crash had left without a name", removed)
