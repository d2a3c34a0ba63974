"""The feed of events: what has happened since a number, at once or as it happens; dead letters.

    GET    /_ferrox/v1/events?after=N&limit=&bucket=    a page, as JSON
    GET    /_ferrox/v1/events/stream?after=N&bucket=    server-sent events, until somebody stops
    GET    /_ferrox/v1/dead-letters?after=N&limit=      what targets were not told, as JSON
    POST   /_ferrox/v1/dead-letters?target=&event=      tell them once more
    DELETE /_ferrox/v1/dead-letters?target=&event=      forget it

https://html.spec.whatwg.org/multipage/server-sent-events.html

No bucket can be called `_ferrox`. Who may ask, the caller of `answer` has made sure. Events have
numbers that grow with every commit, and who has seen one has seen all before it, so following is
asking for what comes after the last one; Last-Event-ID is how a browser asks for that.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

from ferrox.errors import InvalidArgument, MethodNotAllowed, NoSuchKey, SlowDown
from ferrox.protocol import events
from ferrox.protocol.address import Object
from ferrox.protocol.message import Request, Response
from ferrox.records import Delivery, Event
from ferrox.storage.store import Store

SEGMENT = "_ferrox"
"""Where a bucket's name stands in other requests."""

MOST_EVENTS = 1000
"""On one page."""

MOST_STREAMS = 64
"""That one process sends."""

LOOK_INTERVAL_S = 0.5
SILENCE_S = 15.0
"""After so long without an event a comment is sent: it shows whether anybody still listens."""


class EventFeed:
    """Answers requests for events."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._stream_count = 0
        self._ended = asyncio.Event()
        self._answers: dict[tuple[str, str], Callable[[Request], Awaitable[Response]]] = {
            ("v1/events", "GET"): self._page,
            ("v1/events/stream", "GET"): self._follow,
            ("v1/dead-letters", "GET"): self._dead_letters,
            ("v1/dead-letters", "POST"): self._revive,
            ("v1/dead-letters", "DELETE"): self._discard,
        }

    async def answer(self, request: Request, target: Object) -> Response:
        """Answer a request whose bucket is SEGMENT."""
        request.facts["operation"] = "Events"
        answer = self._answers.get((target.key, request.method))
        if answer is not None:
            return await answer(request)
        if target.key in {path for path, _ in self._answers}:
            raise MethodNotAllowed(Method=request.method)
        raise NoSuchKey(Key=target.key)

    def end(self) -> None:
        """End all streams: the server is about to stop, and who follows comes back elsewhere."""
        self._ended.set()

    async def _page(self, request: Request) -> Response:
        after = _number(request, "after", 0)
        found = await self._store.events(after, _limit(request), request.query.get("bucket"))
        shown = [{"id": event.number, **events.record(event, "")} for event in found]
        return _document({"events": shown, "last": found[-1].number if found else after})

    async def _follow(self, request: Request) -> Response:
        if self._stream_count >= MOST_STREAMS:
            raise SlowDown
        given = request.headers.get("last-event-id") or request.query.get("after")
        after = self._store.last_event() if given is None else _whole("after", given)
        headers = {"content-type": "text/event-stream", "cache-control": "no-store"}
        return Response(200, headers, self._stream(after, request.query.get("bucket")))

    async def _stream(self, after: int, bucket: str | None) -> AsyncIterator[bytes]:
        self._stream_count += 1
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
            self._stream_count -= 1

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

    async def _dead_letters(self, request: Request) -> Response:
        after = _number(request, "after", 0)
        letters = await self._store.dead_letters(after, _limit(request))
        last = letters[-1].event.number if letters else after
        return _document({"deadLetters": list(map(_shown, letters)), "last": last})

    async def _revive(self, request: Request) -> Response:
        return await self._for_each(request, self._store.revive_dead_letters)

    async def _discard(self, request: Request) -> Response:
        return await self._for_each(request, self._store.discard_dead_letters)

    async def _for_each(
        self, request: Request, act: Callable[[Sequence[Delivery]], Awaitable[int]]
    ) -> Response:
        """Do something with the dead letters of one target or event, or with all of them."""
        number, target = _number(request, "event", 0), request.query.get("target")
        after, done_count = max(number - 1, 0), 0
        while letters := await self._store.dead_letters(after, MOST_EVENTS):
            after = letters[-1].event.number
            chosen = [
                letter
                for letter in letters
                if target in {None, letter.target} and number in {0, letter.event.number}
            ]
            done_count += await act(chosen)
            if number:
                break
        return _document({"count": done_count})


def _sent(event: Event) -> bytes:
    data = json.dumps(events.record(event, ""), separators=(",", ":"))
    return f"id: {event.number}\nevent: {event.name}\ndata: {data}\n\n".encode()


def _shown(letter: Delivery) -> dict[str, Any]:
    return {
        "id": letter.event.number,
        "target": letter.target,
        "attempts": letter.attempts,
        "failure": letter.failure,
        "givenUp": None if letter.dead_ms is None else events.instant(letter.dead_ms),
        "message": events.message(letter.event, letter.configuration_id),
    }


def _document(content: dict[str, Any]) -> Response:
    headers = {"content-type": "application/json", "cache-control": "no-store"}
    return Response(200, headers, json.dumps(content).encode() + b"\n")


def _limit(request: Request) -> int:
    limit = _number(request, "limit", MOST_EVENTS)
    return min(max(limit, 1), MOST_EVENTS)


def _number(request: Request, name: str, default: int) -> int:
    given = request.query.get(name)
    return default if given is None else _whole(name, given)


def _whole(name: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 18):
        raise InvalidArgument(
            f"{name} is not a whole number", ArgumentName=name, ArgumentValue=text
        )
    return int(text)
