"""jobs/notifications.py: targets are told at least once, in order per key."""

import asyncio
import hashlib
import hmac
import json
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest

from ferrox import metrics
from ferrox.clock import SettableClock
from ferrox.event_targets import Target
from ferrox.jobs.notifications import MOST_REST_S, Notifier
from ferrox.jobs.upkeep import Upkeep
from ferrox.storage.store import Store
from tests.counted import counting
from tests.in_process import InProcess
from tests.operations.configured import put
from tests.receiver import Receiver, Told, receiving

CONFIGURATION = (
    "<NotificationConfiguration><QueueConfiguration><Id>all</Id>"
    "<Queue>arn:ferrox:sqs::here:webhook</Queue>"
    "<Event>s3:ObjectCreated:*</Event><Event>s3:ObjectRemoved:*</Event>"
    "</QueueConfiguration></NotificationConfiguration>"
)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as opened:
        yield opened


@pytest.fixture
async def s3(s3: InProcess) -> InProcess:
    """A server with a bucket that tells a target of everything; it was told that it will be."""
    s3.services.is_event_target = lambda _: True
    await s3.make_bucket()
    skipped = {"x-amz-skip-destination-validation": "true"}
    await put(s3, "notification", CONFIGURATION, is_protected=False, headers=skipped)
    return s3


def notifier(s3: InProcess, receiver: Receiver, **more: Any) -> Notifier:
    target = Target("here", receiver.url, **more)
    return Notifier(s3.store, s3.clock, target, jitter=lambda: 1.0)


async def tell_all(notifier: Notifier) -> None:
    while await notifier.work_once():
        pass


async def test_a_webhook_is_told_what_happened(s3: InProcess, receiver: Receiver) -> None:
    answer = await s3.put("a b", b"123")

    await tell_all(notifier(s3, receiver))

    (told,) = receiver.told
    message = told.message
    (record,) = message["Records"]
    assert ("s3:ObjectCreated:Put", "bucket/a b") == (message["EventName"], message["Key"])
    assert ("ObjectCreated:Put", "all") == (record["eventName"], record["s3"]["configurationId"])
    sizes_and_keys = record["s3"]["object"]["key"], record["s3"]["object"]["size"]
    assert ("a+b", 3) == sizes_and_keys
    names = {name: answer.headers[name] for name in ("x-amz-request-id", "x-amz-id-2")}
    assert names == record["responseElements"]
    assert "application/json" == told.headers["content-type"]


async def test_nothing_is_told_twice_once_it_has_arrived(s3: InProcess, receiver: Receiver) -> None:
    await s3.put("a")
    telling = notifier(s3, receiver)

    assert (1, 0) == (await telling.work_once(), await telling.work_once())


async def test_a_body_is_signed_and_the_sender_known(s3: InProcess, receiver: Receiver) -> None:
    await s3.put("a")

    await tell_all(notifier(s3, receiver, token="bearer", signing_key="key"))

    (told,) = receiver.told
    digest = hmac.new(b"key", told.body, hashlib.sha256).hexdigest()
    assert f"sha256={digest}" == told.headers["x-ferrox-signature-256"]
    assert "Bearer bearer" == told.headers["authorization"]


async def test_sns_has_an_envelope(s3: InProcess, receiver: Receiver) -> None:
    await s3.put("a")

    await tell_all(notifier(s3, receiver, format="sns"))

    (told,) = receiver.told
    envelope = told.message
    assert ("Notification", "Amazon S3 Notification") == (envelope["Type"], envelope["Subject"])
    assert envelope["MessageId"] == told.headers["x-amz-sns-message-id"]
    assert envelope["TopicArn"] == told.headers["x-amz-sns-topic-arn"]
    (record,) = json.loads(envelope["Message"])["Records"]
    assert "ObjectCreated:Put" == record["eventName"]


async def test_a_key_is_told_of_in_order_however_often_it_fails(
    s3: InProcess, receiver: Receiver, clock: SettableClock
) -> None:
    for _ in range(3):
        await s3.put("a")
    await s3.ask("DELETE", "/bucket/a")
    statuses = iter([500, 200, 404, 503, 200, 200, 200])
    receiver.answer = lambda _: next(statuses)
    telling = notifier(s3, receiver)

    for _ in range(7):
        await telling.work_once()
        clock.advance(1000)

    attempts = [told.message["Records"][0]["s3"]["object"]["sequencer"] for told in receiver.told]
    assert attempts == sorted(attempts)
    assert [2, 3, 1, 1] == [attempts.count(one) for one in dict.fromkeys(attempts)]
    identities = [told.headers["x-ferrox-delivery"] for told in receiver.told]
    assert 4 == len(set(identities))
    assert not await telling.work_once()


async def test_a_key_that_fails_holds_up_no_other(s3: InProcess, receiver: Receiver) -> None:
    for key in ("bad", "good", "bad", "good"):
        await s3.put(key)
    receiver.answer = lambda told: 400 if told.key == "bad" else 200

    with counting() as counts:
        await tell_all(notifier(s3, receiver))

    assert ["bad", "good", "good"] == sorted(told.key for told in receiver.told)
    outcomes = counts[metrics.NOTIFICATIONS].items()
    assert {"told": [2], "failed": [1]} == {outcome: count for (_, outcome), count in outcomes}


async def test_pauses_double_up_to_a_limit(
    s3: InProcess, receiver: Receiver, clock: SettableClock
) -> None:
    await s3.put("a")
    receiver.answer = lambda _: 400
    telling = notifier(s3, receiver)
    pauses = []

    for _ in range(11):
        await telling.work_once()
        waited = 0
        while not s3.store.due_deliveries("here", 1):
            clock.advance(1)
            waited += 1
        pauses.append(waited)

    assert [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300] == pauses


async def test_a_target_that_is_down_is_tried_with_one_message_after_a_rest(
    s3: InProcess, receiver: Receiver, clock: SettableClock, caplog: pytest.LogCaptureFixture
) -> None:
    for key in "abc":
        await s3.put(key)
    receiver.answer = lambda _: 503
    telling = notifier(s3, receiver)
    rests = [telling.rest_s]
    with caplog.at_level(logging.INFO, "ferrox.notifications"):
        await telling.work_once()
        first_count = len(receiver.told)
        for key in "defghijklm":
            await s3.put(key)
            await telling.work_once()
            rests.append(telling.rest_s)
        receiver.answer = lambda _: 200
        clock.advance(10)
        while await telling.work_once():
            pass

    keys = [told.key for told in receiver.told]
    assert 3 == first_count
    assert sorted(keys[3:13]) == list("defghijklm")  # those who failed before are not due yet
    assert rests[:3] == [0.5, 2.0, 4.0]
    assert MOST_REST_S == rests[-1]
    said = [record.getMessage() for record in caplog.records]
    assert said == [
        "target here cannot be told of events: the answer was 503",
        "target here can be told of events again",
    ]


async def test_nobody_there_slows_no_request_and_loses_nothing(
    s3: InProcess, clock: SettableClock
) -> None:
    async with receiving() as gone:
        pass
    telling = notifier(s3, gone)
    await s3.put("a")

    assert 0 == await telling.work_once()
    await s3.put("b")
    clock.advance(10)
    async with receiving() as back:
        telling = notifier(s3, back)
        await tell_all(telling)

    assert ["a", "b"] == sorted(told.key for told in back.told)


async def test_an_event_is_told_again_if_the_word_of_it_was_lost(
    s3: InProcess, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    await s3.put("a")
    telling = notifier(s3, receiver)

    async def fail(*_: object) -> None:
        raise OSError("the disk is gone")

    with monkeypatch.context() as patch:
        patch.setattr(s3.store, "note_deliveries", fail)
        with pytest.raises(OSError, match="disk"):
            await telling.work_once()
    await telling.work_once()

    first, second = receiver.told
    assert first == second


async def test_what_is_not_told_in_time_is_a_dead_letter(
    s3: InProcess, receiver: Receiver, clock: SettableClock, caplog: pytest.LogCaptureFixture
) -> None:
    await s3.put("a")
    receiver.answer = lambda _: 500
    await notifier(s3, receiver).work_once()
    clock.advance(3601)
    await s3.put("a")
    caplog.clear()
    upkeep = Upkeep(
        s3.store, clock, upload_expiry_s=3600, interval_s=1, event_retention_s=3600,
        event_targets=["here"],
    )  # fmt: skip

    with caplog.at_level(logging.WARNING, "ferrox.upkeep"):
        await upkeep.work_once()
    receiver.answer = lambda _: 200
    await tell_all(notifier(s3, receiver))

    (letter,) = await s3.store.dead_letters(0, 10)
    assert (1, "the answer was 500") == (letter.attempts, letter.failure)
    assert 2 == len(receiver.told)
    assert ["target here was not told of 1 events; they are dead letters"] == [
        record.getMessage() for record in caplog.records
    ]
    await s3.store.revive_dead_letters([letter])
    await tell_all(notifier(s3, receiver))
    assert receiver.told[0].body == receiver.told[2].body


async def test_dead_letters_and_old_events_are_forgotten(
    s3: InProcess, clock: SettableClock
) -> None:
    await s3.put("a")
    upkeep = Upkeep(s3.store, clock, upload_expiry_s=3600, interval_s=1, event_retention_s=60)

    clock.advance(61)
    await upkeep.work_once()
    kept = await s3.store.dead_letters(0, 10)
    clock.advance(15 * 24 * 3600)
    await upkeep.work_once()

    assert 1 == len(kept)
    assert [] == await s3.store.dead_letters(0, 10)
    assert [] == await s3.store.events(0, 10)


async def test_a_target_that_is_not_configured_any_more_is_named_once(
    s3: InProcess, clock: SettableClock, caplog: pytest.LogCaptureFixture
) -> None:
    await s3.put("a")
    upkeep = Upkeep(s3.store, clock, upload_expiry_s=3600, interval_s=1)

    with caplog.at_level(logging.WARNING, "ferrox.upkeep"):
        await upkeep.work_once()
        await upkeep.work_once()

    assert ["buckets tell target here of events, but it is not configured"] == [
        record.getMessage() for record in caplog.records
    ]


async def test_the_job_goes_on_after_a_fault(
    s3: InProcess, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    await s3.put("a")
    telling = notifier(s3, receiver)
    find = Store.due_deliveries
    looks = 0

    def look(store: Store, target: str, limit: int) -> object:
        nonlocal looks
        looks += 1
        if looks == 1:
            raise RuntimeError("once")
        return find(store, target, limit)

    monkeypatch.setattr(Store, "due_deliveries", look)
    monkeypatch.setattr("ferrox.jobs.notifications.MOST_REST_S", 0.001)
    task = asyncio.get_running_loop().create_task(telling.run())
    await receiver.until(1)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    assert ["a"] == [told.key for told in receiver.told]


def test_what_was_told_can_be_read() -> None:
    told = Told("/", {}, b'{"Event": "s3:TestEvent"}')

    assert "s3:TestEvent" == told.event
