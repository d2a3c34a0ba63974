"""Upkeep: unlink garbage, and abort multipart uploads that nobody finished.

One task in one process. Each round is short; whatever goes wrong in one is logged, and the next
round tries anew.
"""

import asyncio
import contextlib
import logging
from collections.abc import Coroutine
from typing import Any

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
        self._may_be_orphans = True
        self._crash = asyncio.Event()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            self._crash.clear()
            await self.work_once()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._interval_s):
                    await self._crash.wait()

    async def work_once(self) -> None:
        """One round."""
        if self._may_be_orphans:
            await self._remove_orphans()
        cutoff_ms = self._clock.now_ms() - self._upload_expiry_ms
        abortion = self._store.abort_uploads_older_than(cutoff_ms)
        if aborted := await _attempt("aborting old uploads", abortion):
            log.info("aborted %d multipart uploads that nobody finished", aborted)
        if reaped := await _attempt("removing garbage", self._store.reap()):
            log.debug("removed %d blobs that nothing names", reaped)

    def note_crash(self) -> None:
        """A process has ended that may have left blobs without a name: look for them now."""
        self._may_be_orphans = True
        self._crash.set()

    async def _remove_orphans(self) -> None:
        self._may_be_orphans = False
        removed = await _attempt("removing orphans", self._store.remove_orphans())
        if removed is None:
            self._may_be_orphans = True
        elif removed:
            log.info("removed %d blobs that a crash had left without a name", removed)


async def _attempt(purpose: str, work: Coroutine[Any, Any, int]) -> int | None:
    """Do one piece of work, of which the others do not depend; return how much, or None."""
    try:
        return await work
    except (Fault, OSError) as fault:
        log.warning("%s failed, to be tried again later: %s", purpose, fault)
    except Exception:
        log.exception("%s failed, to be tried again later", purpose)
    return None
