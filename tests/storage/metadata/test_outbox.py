"""The outbox: who is told of what, and what can be sent when."""

from typing import Any

import pytest

from ferrox.records import Delivery, Occasion, VersionRecord
from ferrox.storage.metadata import outbox
from ferrox.storage.metadata.outbox import Announcement, Rule
from tests.storage.metadata.index import Index

ALL = Rule("all", "here", ("s3:ObjectCreated:*",), "", "")
FOREVER_MS = 1 << 50


async def happen(index: Index, key: str, *rules: Rule, keeps_all: bool = False) -> VersionRecord:
    version = await index.put(key)
    announcement = Announcement(index.bucket, Occasion("ObjectCreated:Put"), rules, keeps_all)
    await index.write(
        lambda tx: outbox.record_version(tx, announcement, version, version.modified_ms)
    )
    return version


def due(index: Index, target: str = "here", now_ms: int = FOREVER_MS) -> list[Delivery]:
    return index.database.read(lambda reader: outbox.due(reader, target, now_ms, 10))


def keys(index: Index, **arguments: Any) -> list[tuple[str, int]]:
    return [(one.event.key, one.event.number) for one in due(index, **arguments)]


@pytest.mark.parametrize(
    ("arn", "name"),
    [
        ("arn:ferrox:sqs::orders:webhook", "orders"),
        ("arn:minio:sqs::orders:webhook", "orders"),
        ("arn:aws:sqs:us-east-1:123456789012:orders", "orders"),
        ("arn:aws:sns:eu-west-1:123456789012:orders", "orders"),
        ("arn:aws:lambda:us-east-1:123456789012:function:orders", "orders"),
    ],
)
def test_an_arn_names_a_target(arn: str, name: str) -> None:
    assert name == outbox.target_name(arn)


@pytest.mark.parametrize(
    ("event", "key", "is_covered"),
    [
        ("ObjectCreated:Put", "a/b.jpg", True),
        ("ObjectCreated:Copy", "a/.jpg", True),
        ("ObjectTagging:Put", "a/b.jpg", True),
        ("ObjectTagging:Delete", "a/b.jpg", False),
        ("ObjectRemoved:Delete", "a/b.jpg", False),
        ("ObjectCreated:Put", "b/b.jpg", False),
        ("ObjectCreated:Put", "a/b.png", False),
    ],
)
def test_a_rule_covers_events_of_keys(event: str, key: str, is_covered: bool) -> None:
    document = {
        "QueueConfiguration": [
            {
                "Id": "one",
                "Queue": "arn:aws:sqs:us-east-1:1:orders",
                "Event": ["s3:ObjectCreated:*", "s3:ObjectTagging:Put"],
                "Filter": {
                    "S3Key": {
                        "FilterRule": [
                            {"Name": "Prefix", "Value": "a/"},
                            {"Name": "suffix", "Value": ".jpg"},
                        ]
                    }
                },
            }
        ]
    }

    (rule,) = outbox.rules_of(document)

    assert ("one", "orders") == (rule.configuration_id, rule.target)
    assert is_covered == rule.covers(event, key)


async def test_what_nobody_asked_for_is_not_written_down(index: Index) -> None:
    await happen(index, "a", Rule("r", "here", ("s3:ObjectRemoved:*",), "", ""))
    await happen(index, "b", Rule("r", "here", ("s3:ObjectCreated:*",), "x", ""))

    assert 0 == index.database.read(outbox.count)


async def test_everything_is_written_down_where_that_is_wanted(index: Index) -> None:
    await happen(index, "a", keeps_all=True)

    assert 1 == index.database.read(outbox.count)
    assert [] == due(index)


async def test_an_event_says_what_it_is_about(index: Index) -> None:
    version = await happen(index, "a", ALL)

    (delivery,) = due(index)

    event = delivery.event
    assert ("ObjectCreated:Put", "bucket", "a", None) == (
        event.name, event.bucket, event.key, event.version_id,
    )  # fmt: skip
    assert (version.size_bytes, version.etag) == (event.size_bytes, event.etag)
    assert ("all", 0, None) == (delivery.configuration_id, delivery.attempts, delivery.dead_ms)


async def test_of_each_key_the_oldest_is_due(index: Index) -> None:
    for key in ("a", "b", "a", "a"):
        await happen(index, key, ALL)

    before = keys(index)
    await index.write(lambda tx: outbox.delivered(tx, due(index)[0], 5))
    after = keys(index)

    assert [("a", 1), ("b", 2)] == before
    assert [("b", 2), ("a", 3)] == sorted(after, key=lambda one: one[1])


async def test_a_failure_holds_up_its_key_and_no_other(index: Index) -> None:
    for key in ("a", "b", "a"):
        await happen(index, key, ALL)
    first = due(index)[0]

    await index.write(lambda tx: outbox.failed(tx, first, "no route", 1000))

    assert [("b", 2)] == keys(index, now_ms=999)
    (_, again) = due(index, now_ms=1000)
    assert ("a", 1, "no route") == (again.event.key, again.attempts, again.failure)


async def test_targets_do_not_wait_for_each_other(index: Index) -> None:
    elsewhere = ALL._replace(target="there")
    await happen(index, "a", ALL, elsewhere)
    await index.write(lambda tx: outbox.failed(tx, due(index)[0], "no route", 1000))

    assert [] == keys(index, now_ms=10)
    assert [("a", 1)] == keys(index, target="there", now_ms=10)
    assert ["here", "there"] == sorted(index.database.read(outbox.targets))


async def test_what_is_given_up_makes_room_for_the_next_of_its_key(index: Index) -> None:
    await happen(index, "a", ALL)
    await index.write(lambda tx: outbox.failed(tx, due(index)[0], "no route", FOREVER_MS))
    await happen(index, "a", ALL)
    (first,) = due(index)

    buried = await index.write(lambda tx: outbox.bury_old(tx, first.since_ms + 1, 50, 10))

    assert [1] == [one.event.number for one in buried]
    assert [("a", 2)] == keys(index)
    (letter,) = index.database.read(lambda reader: outbox.dead(reader, 0, 10))
    assert (1, "no route", 50) == (letter.event.number, letter.failure, letter.dead_ms)


async def test_a_dead_letter_that_is_revived_takes_its_old_place(index: Index) -> None:
    await happen(index, "a", ALL)
    await index.write(lambda tx: outbox.bury_old(tx, FOREVER_MS, 50, 10))
    await happen(index, "a", ALL)
    letters = index.database.read(lambda reader: outbox.dead(reader, 0, 10))

    revived = await index.write(lambda tx: outbox.revive(tx, letters, 60))
    again = await index.write(lambda tx: outbox.revive(tx, letters, 60))

    assert (1, 0) == (revived, again)
    assert [("a", 1)] == keys(index)
    await index.write(lambda tx: outbox.delivered(tx, due(index)[0], 70))
    assert [("a", 2)] == keys(index)


async def test_a_failure_that_is_noted_late_gives_no_place_back(index: Index) -> None:
    await happen(index, "a", ALL)
    (in_flight,) = due(index)
    await index.write(lambda tx: outbox.bury_old(tx, FOREVER_MS, 50, 10))

    await index.write(lambda tx: outbox.failed(tx, in_flight, "too late", 60))

    assert [] == due(index)


async def test_dead_letters_are_discarded_one_by_one_or_by_age(index: Index) -> None:
    for key in ("a", "b"):
        await happen(index, key, ALL)
    await index.write(lambda tx: outbox.bury_old(tx, FOREVER_MS, 50, 10))
    letters = index.database.read(lambda reader: outbox.dead(reader, 0, 10))

    discarded = await index.write(lambda tx: outbox.discard(tx, letters[:1]))
    young = await index.write(lambda tx: outbox.forget_dead(tx, 50))
    old = await index.write(lambda tx: outbox.forget_dead(tx, 51))

    assert (1, 0, 1) == (discarded, young, old)


async def test_old_events_are_forgotten_once_everybody_was_told(index: Index) -> None:
    for key in ("a", "b"):
        await happen(index, key, ALL)
    await index.write(lambda tx: outbox.delivered(tx, due(index)[0], 5))

    assert 1 == await index.write(lambda tx: outbox.prune(tx, FOREVER_MS, 10))
    assert [("b", 2)] == keys(index)


async def test_numbers_are_not_used_twice(index: Index) -> None:
    await happen(index, "a", keeps_all=True)
    await index.write(lambda tx: outbox.prune(tx, FOREVER_MS, 10))
    await happen(index, "b", keeps_all=True)

    (event,) = index.database.read(lambda reader: outbox.page(reader, 0, 10, None))
    assert 2 == event.number


async def test_too_many_events_lose_the_oldest(index: Index) -> None:
    for key in ("a", "a", "b"):
        await happen(index, key, ALL)

    untold = await index.write(lambda tx: outbox.drop_oldest(tx, 1))

    assert 1 == untold
    assert [("a", 2), ("b", 3)] == sorted(keys(index))
    assert ["events", "deliveries"] == [
        table
        for table in ("events", "deliveries")
        if await index.rows(f"SELECT count(*) FROM {table}") == [(2,)]
    ]


async def test_events_are_paged_for_one_bucket_or_all(index: Index) -> None:
    for key in ("a", "b", "c"):
        await happen(index, key, keeps_all=True)
    test = Announcement(index.bucket, Occasion(""), (ALL,), False)
    await index.write(lambda tx: outbox.record_test(tx, test, 1))

    def page(after: int, limit: int, bucket: str | None) -> list[int]:
        found = index.database.read(lambda reader: outbox.page(reader, after, limit, bucket))
        return [event.number for event in found]

    assert ([2, 3], [1, 2], []) == (page(1, 10, None), page(0, 2, "bucket"), page(0, 9, "other"))
    assert 4 == index.database.read(outbox.last_number)
    assert ["TestEvent"] == [one.event.name for one in due(index)]
