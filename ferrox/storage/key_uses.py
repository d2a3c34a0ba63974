"""When access keys were last used: noted in memory with each request, written down now and then.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccessKeyLastUsed.html

Each process writes what it noted; what others noted within the last minute it does not know. A
crash loses that minute.
"""

import asyncio
import logging

from ferrox.clock import Clock
from ferrox.errors import Fault
from ferrox.identity import KeyUse
from ferrox.storage.metadata import key_uses
from ferrox.storage.metadata.database import Database, Tx

FLUSH_S = 60.0
KEPT_MS = 400 * 24 * 60 * 60 * 1000
"""As long as IAM tells of a use."""

log = logging.getLogger("ferrox.key_uses")


class KeyUses:
    """The last use of each access key."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._noted: dict[str, KeyUse] = {}

    def note(self, access_key_id: str, service: str, region: str) -> None:
        """A key signs a request at this moment."""
        self._noted[access_key_id] = KeyUse(self._clock.now_ms(), service, region)

    def find(self, access_key_id: str) -> KeyUse | None:
        """The last use of a key, None if it was never used or long ago."""
        written = self._database.read(lambda reader: key_uses.find(reader, access_key_id))
        noted = self._noted.get(access_key_id)
        return max((use for use in (written, noted) if use is not None), default=None)

    async def run(self) -> None:
        """Write down what was noted until cancelled, then the rest."""
        try:
            while True:
                await asyncio.sleep(FLUSH_S)
                await self.flush()
        finally:
            await self.flush()

    async def flush(self) -> None:
        """Write down what was noted; what cannot be written is kept for the next time."""
        noted, self._noted = self._noted, {}
        if not noted:
            return

        def work(tx: Tx) -> None:
            key_uses.put(tx, noted)
            key_uses.forget(tx, self._clock.now_ms() - KEPT_MS)

        try:
            await self._database.write(work)
        except Fault as fault:
            log.warning("uses of access keys cannot be written down: %s", fault)
            self._noted = noted | self._noted
