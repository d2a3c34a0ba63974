"""What has happened, and whom somebody could not be told of it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from urllib.parse import urlsplit

from ferrox.admin.backstage import AdminCall
from ferrox.admin.errors import InvalidRequest
from ferrox.admin.registry import answers
from ferrox.admin.schema import Instant
from ferrox.admin.shapes.paging import Nothing
from ferrox.admin.shapes.server import (
    MOST_NUMBER,
    Count,
    EventPage,
    EventsAfter,
    EventsFrom,
    LetterPage,
    LettersAfter,
    LetterView,
    Targets,
    TargetView,
    WhichLetters,
)
from ferrox.event_targets import Target
from ferrox.protocol import events
from ferrox.records import Delivery

AT_ONCE = 1000


@answers("ListEvents")
async def list_events(call: AdminCall, args: EventsAfter) -> EventPage:
    """Return what happened after a number."""
    found = await call.services.store.events(args.after, args.limit, args.bucket)
    shown = tuple({"id": event.number, **events.record(event, "")} for event in found)
    return EventPage(events=shown, last=found[-1].number if found else args.after)


@answers("FollowEvents")
async def follow_events(call: AdminCall, args: EventsFrom) -> AsyncIterator[bytes]:
    """Return a stream of what happens."""
    seen = call.request.headers.get("last-event-id")
    after = args.after if seen is None else _number(seen)
    return call.backstage.streams.follow(after, args.bucket)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text[:19]) <= MOST_NUMBER):
        raise InvalidRequest("Last-Event-ID is not the number of an event")
    return int(text)


@answers("ListTargets")
async def list_targets(call: AdminCall, _args: Nothing) -> Targets:
    """Return those who are configured, and those who have yet to be told of something."""
    store = call.services.store
    configured = {target.name: target for target in call.backstage.config.event_targets}
    backlog = await store.backlog()
    names = sorted(configured.keys() | backlog.keys())
    shown = (_target(name, configured.get(name), *backlog.get(name, (0, 0))) for name in names)
    return Targets(targets=tuple(shown))


def _target(name: str, target: Target | None, waiting: int, dead: int) -> TargetView:
    """Of the address only the host: the rest of it may be a secret."""
    return TargetView(
        name=name,
        arn=f"arn:ferrox:sqs::{name}:webhook",
        format=target.format if target else "",
        host=urlsplit(target.url).hostname or "" if target else "",
        waiting=waiting,
        dead=dead,
        configured=target is not None,
    )


@answers("ListDeadLetters")
async def list_dead_letters(call: AdminCall, args: LettersAfter) -> LetterPage:
    """Return what was given up."""
    letters = await call.services.store.dead_letters(args.after, args.limit)
    last = letters[-1].event.number if letters else args.after
    return LetterPage(letters=tuple(map(_shown, letters)), last=last)


@answers("RetryDeadLetters")
async def retry_dead_letters(call: AdminCall, args: WhichLetters) -> Count:
    """Have them told once more."""
    return await _for_each(call, args, call.services.store.revive_dead_letters)


@answers("DropDeadLetters")
async def drop_dead_letters(call: AdminCall, args: WhichLetters) -> Count:
    """Forget them."""
    return await _for_each(call, args, call.services.store.discard_dead_letters)


async def _for_each(
    call: AdminCall, args: WhichLetters, act: Callable[[Sequence[Delivery]], Awaitable[int]]
) -> Count:
    count = 0
    async for letters in _letters(call, args.event):
        chosen = [
            letter
            for letter in letters
            if args.target in {None, letter.target} and args.event in {None, letter.event.number}
        ]
        count += await act(chosen)
    return Count(count=count)


async def _letters(call: AdminCall, event: int | None = None) -> AsyncIterator[list[Delivery]]:
    """Dead letters, some at a time; of one event, all are among the first."""
    after = max((event or 0) - 1, 0)
    while letters := await call.services.store.dead_letters(after, AT_ONCE):
        yield letters
        after = letters[-1].event.number
        if event is not None:
            return


def _shown(letter: Delivery) -> LetterView:
    given_up = None if letter.dead_ms is None else Instant(events.instant(letter.dead_ms))
    return LetterView(
        id=letter.event.number,
        target=letter.target,
        attempts=letter.attempts,
        failure=letter.failure or "",
        given_up=given_up,
        message=events.message(letter.event, letter.configuration_id),
    )
