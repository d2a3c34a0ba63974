"""admin/handlers/events.py: events by pages and as they happen, targets, dead letters."""

import dataclasses
from typing import Any

import pytest

from ferrox.clock import SettableClock
from ferrox.event_targets import Target
from tests.admin.operator import Operator
from tests.in_process import InProcess
from tests.operations.configured import put

CONFIGURATION = (
    "<NotificationConfiguration><QueueConfiguration><Id>all</Id>"
    "<Queue>arn:ferrox:sqs::here:webhook</Queue><Event>s3:ObjectRemoved:*</Event>"
    "</QueueConfiguration></NotificationConfiguration>"
)
TARGET = Target("here", "https://user-token.example.com/secret?token=secret", token="secret")


@pytest.fixture
async def s3(s3: InProcess) -> InProcess:
    """A server that writes every event down."""
    s3.services.is_event_target = lambda _: True
    s3.store.keeps_all_events = True
    await s3.make_bucket()
    return s3


@pytest.fixture
async def letters(s3: InProcess, clock: SettableClock, operator: Operator) -> list[Any]:
    """Two dead letters."""
    skipped = {"x-amz-skip-destination-validation": "true"}
    await put(s3, "notification", CONFIGURATION, is_protected=False, headers=skipped)
    for key in "ab":
        await s3.put(key)
        await s3.ask("DELETE", f"/bucket/{key}")
    await s3.store.give_up_deliveries(clock.now_ms() + 1)
    return list((await operator.get("/dead-letters"))["letters"])


def keys(page: Any) -> list[str]:
    return [event["s3"]["object"]["key"] for event in page["events"]]


async def test_events_are_paged(s3: InProcess, operator: Operator) -> None:
    for key in "abc":
        await s3.put(key)

    first = await operator.get("/events", limit="2")
    rest = await operator.get("/events", after=str(first["last"]))
    none = await operator.get("/events", after=str(rest["last"]))

    assert (["a", "b"], ["c"], []) == (keys(first), keys(rest), keys(none))
    assert rest["last"] == none["last"] == rest["events"][0]["id"]
    assert "ObjectCreated:Put" == rest["events"][0]["eventName"]


async def test_events_of_one_bucket(s3: InProcess, operator: Operator) -> None:
    await s3.make_bucket("other")
    await s3.put("a")
    await s3.put("b", bucket="other")

    assert ["b"] == keys(await operator.get("/events", bucket="other"))


@pytest.mark.parametrize("after", [{"after": "1"}, {}])
async def test_events_are_followed(s3: InProcess, operator: Operator, after: Any) -> None:
    for key in "ab":
        await s3.put(key)
    operator.backstage.streams.end()  # so that the answer has an end

    seen = {} if after else {"last-event-id": "1"}
    answer = await operator.ask("GET", "/events/stream", query=after, headers=seen)

    assert (200, "text/event-stream") == (answer.status, answer.headers["content-type"])
    assert answer.body.startswith(b"retry: 1000\n\n")


@pytest.mark.parametrize("seen", ["", "x", "-1", "1" * 19, "\u0661"])
async def test_what_is_no_number_of_an_event_is_refused(operator: Operator, seen: str) -> None:
    answer = await operator.ask("GET", "/events/stream", headers={"last-event-id": seen})

    assert (400, "InvalidRequest") == (answer.status, answer.code)


async def test_dead_letters_are_shown(letters: list[Any]) -> None:
    assert [("here", 0, "it was never tried")] * 2 == [
        (letter["target"], letter["attempts"], letter["failure"]) for letter in letters
    ]
    assert "2026-09-21T14:13:20.000Z" == letters[0]["given_up"]
    assert "all" == letters[0]["message"]["Records"][0]["s3"]["configurationId"]


async def test_dead_letters_are_told_again_and_forgotten(
    letters: list[Any], operator: Operator, s3: InProcess
) -> None:
    elsewhere = await operator.order("POST", "/dead-letters/retry", target="there")
    revived = await operator.order("POST", "/dead-letters/retry", event=letters[0]["id"])
    dropped = await operator.order("DELETE", "/dead-letters", target="here")
    left = await operator.get("/dead-letters")

    assert [{"count": 0}, {"count": 1}, {"count": 1}] == [elsewhere, revived, dropped]
    assert [] == left["letters"]
    assert ["a"] == [delivery.event.key for delivery in s3.store.due_deliveries("here", 10)]


async def test_all_dead_letters_are_meant_where_nothing_is_said(
    letters: list[Any], operator: Operator
) -> None:
    answer = await operator.ask("POST", "/dead-letters/retry")

    assert {"count": len(letters)} == answer.document


async def test_targets_are_shown_without_their_secrets(
    letters: list[Any], operator: Operator
) -> None:
    config = dataclasses.replace(
        operator.backstage.config, event_targets=(TARGET, TARGET._replace(name="idle"))
    )
    operator.backstage.config = config
    answer = await operator.ask("GET", "/targets")

    here, idle = answer.document["targets"]
    assert b"secret" not in answer.body
    assert ("here", "user-token.example.com", 0, len(letters), True) == (
        here["name"], here["host"], here["waiting"], here["dead"], here["configured"],
    )  # fmt: skip
    assert ("idle", 0, 0) == (idle["name"], idle["waiting"], idle["dead"])


async def test_a_target_that_is_not_configured_any_more_is_shown_as_that(
    letters: list[Any], operator: Operator
) -> None:
    (here,) = (await operator.get("/targets"))["targets"]

    assert (False, "", len(letters)) == (here["configured"], here["host"], here["dead"])
