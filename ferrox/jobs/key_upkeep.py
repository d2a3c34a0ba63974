"""Key upkeep: keys of KMS are rotated and deleted when it is time.

One task in one process. What is due stands in the keys themselves, so a server that was stopped
for a while does in its first round what it missed.
"""

import logging

from ferrox.clock import Clock
from ferrox.errors import Fault
from ferrox.jobs.rounds import Rounds
from ferrox.storage.keys.kms_keys import KmsKeys

NAME = "keys"

PAUSE_S = 600.0
"""Between rounds; what counts in keys are days."""

log = logging.getLogger("ferrox.keys")


class KeyUpkeep:
    """The recurring work on the keys of one server."""

    def __init__(self, keys: KmsKeys, clock: Clock) -> None:
        self._keys = keys
        self._clock = clock
        self.rounds = Rounds(NAME, clock)

    async def run(self) -> None:
        """Work until cancelled."""
        await self.rounds.repeat(self.work_once, PAUSE_S)

    async def work_once(self) -> None:
        """One round."""
        try:
            rotated, deleted = await self._keys.do_what_is_due(self._clock.now_ms())
        except Fault as fault:
            log.error("keys of KMS are left as they are: %s", fault)  # noqa: TRY400 - no defect
            return
        for key_id in rotated:
            log.info("key %s is rotated: it was time", key_id)
        for key_id in deleted:
            log.warning("key %s is deleted, and with it all that it sealed", key_id)
