"""Events through the verbs of a store: an event is there exactly if its change is."""

import sqlite3

import pytest

from ferrox.clock import SettableClock
from ferrox.errors import PreconditionFailed
from ferrox.records import BucketRecord, Occasion, VersionDraft, Versioning, VersionRecord
from ferrox.storage.events import Failure
from ferrox.storage.metadata import outbox
from ferrox.storage.store import Store
from tests.storage.verbs import add_part, assemble, put

PUT = Occasion("ObjectCreated:Put", "AKIA", "192.0.2.1", "REQUEST", "HOST")
DELETE = Occasion("ObjectRemoved:Delete")
DOCUMENT = {
    "QueueConfiguration": [
        {
            "Id": "all",
            "Queue": "arn:ferrox:sqs::here:webhook",
            "Event": ["s3:ObjectCreated:*", "s3:ObjectRemoved:*", "s3:ObjectTagging:*"],
        }
    ]
}


@pytest.fixture
async def told(store: Store, bucket: BucketRecord) -> BucketRecord:
    """A bucket that tells somebody of everything."""
    return await store.put_notification(bucket, DOCUMENT, None)


async def happened(store: Store) -> list[tuple[str, str]]:
    return [(event.name, event.key) for event in await store.events(0, 100)]


def refuse(_: VersionRecord | None) -> None:
    raise PreconditionFailed


async def test_a_bucket_that_tells_nobody_writes_nothing_down(
    store: Store, bucket: BucketRecord
) -> None:
    await put(store, bucket, "a", b"1", occasion=PUT)

    assert [] == await store.events(0, 10)
    assert 0 == store.last_event()


async def test_all_events_are_kept_on_demand(store: Store, bucket: BucketRecord) -> None:
    store.keeps_all_events = True

    await put(store, bucket, "a", b"1", occasion=PUT)

    assert [("ObjectCreated:Put", "a")] == await happened(store)


async def test_an_event_has_the_circumstances_of_its_change(
    store: Store, told: BucketRecord
) -> None:
    version = await put(store, told, "a", b"123", occasion=PUT)

    (event,) = await store.events(0, 10)

    assert PUT[1:] == (event.principal_id, event.source_ip, event.request_id, event.host_id)
    assert (3, version.etag, None) == (event.size_bytes, event.etag, event.version_id)
    assert (told.owner_id, told.region) == (event.owner_id, event.region)
    assert version.modified_ms == event.occurred_ms


async def test_what_is_refused_has_not_happened(store: Store, told: BucketRecord) -> None:
    with pytest.raises(PreconditionFailed):
        await put(store, told, "a", b"1", check=refuse, occasion=PUT)
    with pytest.raises(PreconditionFailed):
        await store.delete_object(told, "a", None, check=refuse, occasion=DELETE)

    assert [] == await happened(store)


async def test_what_is_undone_has_not_happened(
    store: Store, told: BucketRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(store, told, "before", b"1", occasion=PUT)
    with monkeypatch.context() as patch:
        patch.setattr(outbox, "_ADD", "INSERT INTO nowhere VALUES (1)")  # after all the rest
        with pytest.raises(sqlite3.OperationalError, match="nowhere"):
            await put(store, told, "a", b"1", occasion=PUT)

    assert store.version(told, "a") is None
    assert [("ObjectCreated:Put", "before")] == await happened(store)


async def test_deleting_what_is_not_there_is_no_event(store: Store, told: BucketRecord) -> None:
    await store.delete_object(told, "a", None, occasion=DELETE)
    await store.delete_object(told, "a", "null", occasion=DELETE)

    assert [] == await happened(store)


async def test_a_delete_marker_is_an_event_of_its_own(store: Store, told: BucketRecord) -> None:
    told = await store.set_versioning(told, Versioning.ENABLED)
    await put(store, told, "a", b"1", occasion=PUT)
    marker = await store.delete_object(told, "a", None, occasion=DELETE)
    await store.delete_object(told, "a", marker.version_id, occasion=DELETE)

    events = (await store.events(0, 10))[1:]

    assert ["ObjectRemoved:DeleteMarkerCreated", "ObjectRemoved:Delete"] == [
        event.name for event in events
    ]
    assert {marker.version_id} == {event.version_id for event in events}


async def test_an_upload_that_is_completed_again_is_no_event(
    store: Store, told: BucketRecord
) -> None:
    draft = VersionDraft("a", "", "owner")
    upload = await store.create_upload(told, draft, None, None)
    await add_part(store, upload, 1, b"part")
    done = Occasion("ObjectCreated:CompleteMultipartUpload")

    for _ in range(2):
        await store.complete_upload(upload, [1], assemble(upload), occasion=done)

    assert [(done.event, "a")] == await happened(store)


async def test_a_rename_is_a_copy_and_a_removal(store: Store, told: BucketRecord) -> None:
    await put(store, told, "old", b"1")

    def check(source: VersionRecord | None, _: VersionRecord | None) -> VersionRecord:
        assert source is not None
        return source

    await store.rename_object(
        told, "old", "new", check=check, occasion=Occasion("ObjectCreated:Copy")
    )

    assert [("ObjectCreated:Copy", "new"), ("ObjectRemoved:Delete", "old")] == await happened(store)


async def test_a_restoring_tells_of_what_it_brings_back(
    store: Store, told: BucketRecord, clock: SettableClock
) -> None:
    told = await store.set_versioning(told, Versioning.ENABLED)
    await put(store, told, "a", b"1")
    at_ms = clock.now_ms()
    clock.advance(1)
    await store.delete_object(told, "a", None)
    await put(store, told, "b", b"2")

    await store.restore_bucket(told, at_ms, dry_run=False)

    expected = [("ObjectCreated:Copy", "a"), ("ObjectRemoved:DeleteMarkerCreated", "b")]
    assert expected == await happened(store)


async def test_a_change_of_the_document_counts_from_the_next_look_at_the_bucket(
    store: Store, told: BucketRecord
) -> None:
    later = await store.delete_bucket_document(told, "notification")

    await put(store, later, "a", b"1", occasion=PUT)

    assert [] == await happened(store)


async def test_targets_are_sent_a_test_when_they_are_configured(
    store: Store, bucket: BucketRecord
) -> None:
    await store.put_notification(bucket, DOCUMENT, PUT)

    (delivery,) = store.due_deliveries("here", 10)

    assert ("TestEvent", "bucket", "") == delivery.event[1:2] + delivery.event[4:6]
    assert ["here"] == await store.awaited_targets()


async def test_deliveries_are_noted_and_given_up(
    store: Store, told: BucketRecord, clock: SettableClock
) -> None:
    for key in ("a", "b"):
        await put(store, told, key, b"1", occasion=PUT)
    first, second = store.due_deliveries("here", 10)

    await store.note_deliveries([first], [Failure(second, "no route", clock.now_ms() + 1000)])
    waiting = store.due_deliveries("here", 10)
    given_up = await store.give_up_deliveries(clock.now_ms() + 1)

    assert ([], ["b"]) == (waiting, [one.event.key for one in given_up])
    (letter,) = await store.dead_letters(0, 10)
    assert ("b", 1, "no route") == (letter.event.key, letter.attempts, letter.failure)
    assert 1 == await store.revive_dead_letters([letter])
    assert ["b"] == [one.event.key for one in store.due_deliveries("here", 10)]
    assert 0 == await store.discard_dead_letters([letter])


async def test_events_are_pruned_by_age_and_bound_by_number(
    store: Store, bucket: BucketRecord, clock: SettableClock
) -> None:
    store.keeps_all_events = True
    for key in "abcd":
        await put(store, bucket, key, b"1", occasion=PUT)
        clock.advance(1)

    pruned = await store.prune_events(clock.now_ms() - 3500, 0)
    bounded = await store.bound_events(2)
    again = await store.bound_events(2)

    assert (1, (1, 0), (0, 0)) == (pruned, bounded, again)
    assert ["c", "d"] == [event.key for event in await store.events(0, 10)]


async def test_the_backlog_tells_who_waits_and_what_was_given_up(
    store: Store, bucket: BucketRecord, clock: SettableClock
) -> None:
    assert {} == await store.backlog()

    await store.put_notification(bucket, DOCUMENT, PUT)
    waiting = await store.backlog()
    await store.give_up_deliveries(clock.now_ms() + 1)

    assert {"here": (1, 0)} == waiting
    assert {"here": (0, 1)} == await store.backlog()
