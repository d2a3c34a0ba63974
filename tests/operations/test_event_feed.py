"""operations/event_feed.py: events since a number, at once or as they happen; dead letters."""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import pytest

from ferrox.clock import SettableClock
from ferrox.errors import SlowDown
from ferrox.operations import event_feed
from ferrox.operations.event_feed import EventFeed
from ferrox.protocol.address import Object
from ferrox.protocol.message import Request
from tests.in_process import OTHER_ACCESS_KEY, ROOT, InProcess
from tests.operations.configured import put

EVENTS = "/_ferrox/v1/events"
DEAD_LETTERS = "/_ferrox/v1/dead-letters"
CONFIGURATION = (
    "<NotificationConfiguration><QueueConfiguration><Id>all</Id>"
    "<Queue>arn:ferrox:sqs::here:webhook</Queue><Event>s3:ObjectRemoved:*</Event>"
    "</QueueConfiguration></NotificationConfiguration>"
)


@pytest.fixture
async def s3(s3: InProcess, monkeypatch: pytest.MonkeyPatch) -> InProcess:
    """A server whose operator wants to know everything."""
    monkeypatch.setattr(event_feed, "LOOK_INTERVAL_S", 0.001)
    s3.services.is_operator = ROOT.__eq__
    s3.services.is_event_target = lambda _: True
    s3.store.keeps_all_events = True
    await s3.make_bucket()
    return s3


async def asked(s3: InProcess, path: str = EVENTS, method: str = "GET", **query: str) -> Any:
    answer = await s3.ask(method, path, query)
    assert answer.status == 200, answer.body
    assert "application/json" == answer.headers["content-type"]
    return json.loads(answer.body)


def keys(page: Any) -> list[str]:
    return [event["s3"]["object"]["key"] for event in page["events"]]


async def following(
    feed: EventFeed, query: str = "", headers: dict[str, str] | None = None
) -> AsyncGenerator[bytes, None]:
    request = Request("GET", f"{EVENTS}/stream", query, headers or {})
    response = await feed.answer(request, Object("_ferrox", "v1/events/stream"))
    assert "text/event-stream" == response.headers["content-type"]
    assert isinstance(response.body, AsyncGenerator)
    return response.body


async def read_until(stream: AsyncGenerator[bytes, None], word: bytes) -> bytes:
    text = b""
    while word not in text:
        text += await anext(stream)
    return text


async def test_events_are_paged(s3: InProcess) -> None:
    for key in "abc":
        await s3.put(key)

    first = await asked(s3, limit="2")
    rest = await asked(s3, after=str(first["last"]))
    none = await asked(s3, after=str(rest["last"]))

    assert (["a", "b"], ["c"], []) == (keys(first), keys(rest), keys(none))
    assert rest["last"] == none["last"] == rest["events"][0]["id"]
    assert "ObjectCreated:Put" == rest["events"][0]["eventName"]


async def test_events_of_one_bucket(s3: InProcess) -> None:
    await s3.make_bucket("other")
    await s3.put("a")
    await s3.put("b", bucket="other")

    assert ["b"] == keys(await asked(s3, bucket="other"))


@pytest.mark.parametrize("name", ["after", "limit"])
@pytest.mark.parametrize("value", ["", "-1", "x", "1" * 19, "\u0661"])
async def test_what_is_no_number_is_refused(s3: InProcess, name: str, value: str) -> None:
    answer = await s3.ask("GET", EVENTS, {name: value})

    assert (400, "InvalidArgument") == (answer.status, answer.code)


@pytest.mark.parametrize("path", [EVENTS, f"{EVENTS}/stream", DEAD_LETTERS, "/_ferrox/else"])
@pytest.mark.parametrize("caller", [{"is_signed": False}, {"access_key": OTHER_ACCESS_KEY}])
async def test_only_the_operator_may_ask(s3: InProcess, path: str, caller: Any) -> None:
    answer = await s3.ask("GET", path, **caller)

    assert (403, "AccessDenied") == (answer.status, answer.code)


@pytest.mark.parametrize(
    ("method", "path", "refusal"),
    [
        ("GET", "/_ferrox/v1/else", (404, "NoSuchKey")),
        ("PUT", EVENTS, (405, "MethodNotAllowed")),
        ("DELETE", f"{EVENTS}/stream", (405, "MethodNotAllowed")),
    ],
)
async def test_what_is_not_there_is_refused(
    s3: InProcess, method: str, path: str, refusal: tuple[int, str]
) -> None:
    answer = await s3.ask(method, path)

    assert refusal == (answer.status, answer.code)


async def test_no_bucket_is_hidden(s3: InProcess) -> None:
    answer = await s3.ask("PUT", "/_ferrox")

    assert (400, "InvalidBucketName") == (answer.status, answer.code)


async def test_a_stream_shows_what_happens_from_now_on(s3: InProcess) -> None:
    await s3.put("before")
    async with aclosing(await following(EventFeed(s3.store))) as stream:
        assert b"retry: 1000\n\n" == await anext(stream)
        await s3.put("after")
        text = (await read_until(stream, b"data")).decode()

    number, name, data, *ends = text.split("\n")
    assert ("id: 2", "event: ObjectCreated:Put", ["", ""]) == (number, name, ends)
    record = json.loads(data.removeprefix("data: "))
    assert "after" == record["s3"]["object"]["key"]


@pytest.mark.parametrize(
    ("query", "headers"),
    [("after=1", {}), ("", {"last-event-id": "1"}), ("after=9", {"last-event-id": "1"})],
)
async def test_a_stream_goes_on_where_it_ended(
    s3: InProcess, query: str, headers: dict[str, str]
) -> None:
    for key in "abc":
        await s3.put(key)

    async with aclosing(await following(EventFeed(s3.store), query, headers)) as stream:
        text = await read_until(stream, b"data")

    assert [b"id: 2", b"id: 3"] == [line for line in text.split(b"\n") if line[:2] == b"id"]


async def test_a_stream_of_one_bucket_passes_over_others(s3: InProcess) -> None:
    await s3.make_bucket("other")
    async with aclosing(await following(EventFeed(s3.store), "bucket=other")) as stream:
        await anext(stream)
        await s3.put("a")
        await s3.put("b", bucket="other")
        text = await read_until(stream, b"data")

    assert b"id: 2\n" in text
    assert b"id: 1\n" not in text


async def test_a_silent_stream_shows_that_it_is_there(
    s3: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_feed, "SILENCE_S", 0.0)
    async with aclosing(await following(EventFeed(s3.store))) as stream:
        await anext(stream)

        assert b":\n\n" == await anext(stream)


async def test_a_stream_ends_when_the_server_stops(s3: InProcess) -> None:
    feed = EventFeed(s3.store)
    stream = await following(feed)
    await anext(stream)

    feed.end()

    assert [] == [block async for block in stream]


async def test_streams_are_limited(s3: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_feed, "MOST_STREAMS", 1)
    feed = EventFeed(s3.store)
    async with aclosing(await following(feed)) as stream:
        await anext(stream)
        with pytest.raises(SlowDown):
            await following(feed)
    async with aclosing(await following(feed)) as stream:
        assert b"retry: 1000\n\n" == await anext(stream)


async def test_dead_letters_are_shown_told_again_and_forgotten(
    s3: InProcess, clock: SettableClock
) -> None:
    skipped = {"x-amz-skip-destination-validation": "true"}
    await put(s3, "notification", CONFIGURATION, is_protected=False, headers=skipped)
    for key in "ab":
        await s3.put(key)
        await s3.ask("DELETE", f"/bucket/{key}")
    await s3.store.give_up_deliveries(clock.now_ms() + 1)

    shown = (await asked(s3, DEAD_LETTERS))["deadLetters"]
    elsewhere = await asked(s3, DEAD_LETTERS, "POST", target="there")
    revived = await asked(s3, DEAD_LETTERS, "POST", event=str(shown[0]["id"]))
    discarded = await asked(s3, DEAD_LETTERS, "DELETE", target="here")
    left = await asked(s3, DEAD_LETTERS)

    assert [("here", 0, "it was never tried")] * 2 == [
        (letter["target"], letter["attempts"], letter["failure"]) for letter in shown
    ]
    assert "2026-09-21T14:13:20.000Z" == shown[0]["givenUp"]
    assert "all" == shown[0]["message"]["Records"][0]["s3"]["configurationId"]
    assert [0, 1, 1] == [elsewhere["count"], revived["count"], discarded["count"]]
    assert [] == left["deadLetters"]
    assert ["a"] == [delivery.event.key for delivery in s3.store.due_deliveries("here", 10)]
