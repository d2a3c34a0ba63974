"""Streams: events as they happen, until the one who follows or the server stops.

https://html.spec.whatwg.org/multipage/server-sent-events.html

Events have numbers that grow with every commit, and who has seen one has seen all before it, so
following is asking for what comes after the last one; Last-Event-ID is how a browser asks for that.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress

from ferrox.admin.errors import TooMany
from ferrox.protocol import events
from ferrox.records import Event
from ferrox.storage.store import Store

MOST_EVENTS = 1000
"""That are looked for at once."""

MOST_STREAMS = 64

LOOK_INTERVAL_S = 0.5
SILENCE_S = 15.0
"""After so long without an event a comment is sent: it shows whether anybody still listens."""


class Streams:
    """All that are open."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._count = 0
        self._ended = asyncio.Event()

    def end(self) -> None:
        """End all of them: who follows comes back elsewhere."""
        self._ended.set()

    def follow(self, after: int | None, bucket: str | None) -> AsyncIterator[bytes]:
        """Server-sent events after a number; from now on if there is none. TooMany."""
        if self._count >= MOST_STREAMS:
            raise TooMany("There are too many streams already.")
        return self._stream(self._store.last_event() if after is None else after, bucket)

    async def _stream(self, after: int, bucket: str | None) -> AsyncIterator[bytes]:
        self._count += 1
        try:
            yield b"retry: 1000\n\n"
            loop = asyncio.get_running_loop()
            spoke_s = loop.time()
            while not self._ended.is_set():
                page, after = await self._news(after, bucket)
                if page:
                    yield b"".join(map(_sent, page))
                elif loop.time() - spoke_s < SILENCE_S:
                    await self._rest()
                    continue
                else:
                    yield b":\n\n"
                spoke_s = loop.time()
        finally:
            self._count -= 1

    async def _news(self, after: int, bucket: str | None) -> tuple[Sequence[Event], int]:
        """What happened after a number, and the number up to which that is all."""
        newest = self._store.last_event()
        if newest <= after:
            return (), after
        page = await self._store.events(after, MOST_EVENTS, bucket)
        if len(page) == MOST_EVENTS:
            return page, page[-1].number
        return page, max([newest, *(event.number for event in page[-1:])])

    async def _rest(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_INTERVAL_S):
                await self._ended.wait()


def _sent(event: Event) -> bytes:
    data = json.dumps(events.record(event, ""), separators=(",", ":"))
    return f"id: {event.number}\nevent: {event.name}\ndata: {data}\n\n".encode()
