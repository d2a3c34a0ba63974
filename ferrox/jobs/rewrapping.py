"""Rewrapping: data keys under former keys of the server come under the current one.

One task in one process. It works in small steps, each a short transaction, and remembers nothing:
what is left is what the index has under former keys, so a server that was killed goes on where it
was. A data key takes some 80 bytes, whatever it seals, so the objects themselves are not touched.

A former key is removed when nothing is under it and nothing can come under it any more: see
`storage.keys.server_keys` for how long that takes.
"""

import logging

from ferrox.clock import Clock
from ferrox.jobs import failures
from ferrox.jobs.rounds import Rounds
from ferrox.storage.keys.server_keys import ServerKeys
from ferrox.storage.store import Store

NAME = "rewrapping"

PAUSE_S = 60.0

log = logging.getLogger("ferrox.rewrapping")


class Rewrapping:
    """Brings what one store has sealed under the current key of its server."""

    def __init__(self, store: Store, keys: ServerKeys, clock: Clock) -> None:
        self._store = store
        self._keys = keys
        self._clock = clock
        self.rounds = Rounds(NAME, clock)

    async def run(self) -> None:
        """Work until cancelled."""
        await self.rounds.repeat(self.work_once, PAUSE_S)

    async def work_once(self) -> None:
        """Rewrap what there is, then remove the keys that are not needed any more."""
        with failures.survived(log, "rewrapping failed, to be tried again later"):
            await self._rewrap()
            await self._remove_unused()

    async def _rewrap(self) -> None:
        for kek_id in self._keys.former():
            former, rewrapped_count, total = self._keys.find(kek_id), 0, None
            while count := await self._store.rewrap(former, self._keys.current()):
                if total is None:  # rounds with nothing to do need not count
                    left = (await self._store.data_key_counts()).get(kek_id, 0)
                    total = count + left
                rewrapped_count += count
                self.rounds.advance(rewrapped_count, total, "data keys")
            if rewrapped_count:
                log.info("%d data keys are not under %s any more", rewrapped_count, kek_id)

    async def _remove_unused(self) -> None:
        now_ms = self._clock.now_ms()
        over = [one for one in self._keys.former() if not self._keys.is_kept(one, now_ms)]
        counts = await self._store.data_key_counts() if over else {}
        for kek_id in over:
            if kek_id not in counts:
                await self._keys.remove(kek_id)
                log.info("key %s is removed: nothing is under it", kek_id)
