"""The verbs on what expires: what they refuse, and what they tell others."""

import pytest

from ferrox.clock import SettableClock
from ferrox.lifecycle_records import LifecycleAction, LifecycleVerdict, VersionState
from ferrox.records import BucketRecord, Lock, Versioning
from ferrox.storage.metadata import expiring
from ferrox.storage.metadata.expiring import Candidate
from ferrox.storage.store import Store
from tests.storage.verbs import put


def everything(state: VersionState) -> LifecycleVerdict:
    action = LifecycleAction.EXPIRE
    if state.noncurrent_ms is not None:
        action = LifecycleAction.REMOVE_NONCURRENT
    elif state.is_delete_marker:
        action = LifecycleAction.REMOVE_MARKER
    return LifecycleVerdict(action, "rule")


async def found(store: Store, bucket: BucketRecord, clock: SettableClock) -> list[Candidate]:
    page = await store.expiring_versions(bucket, "", None, everything, clock.now_ms())
    return page.candidates


async def test_buckets_are_found_by_their_documents(store: Store, bucket: BucketRecord) -> None:
    other, _ = await store.create_bucket("a-second", "another owner", "r")
    await store.create_bucket("third", "owner", "r")
    for one in (bucket, other):
        await store.put_bucket_document(one, "lifecycle", {})
    await store.put_bucket_document(bucket, "cors", {})

    listed = await store.buckets_with_document("lifecycle")

    assert ["a-second", "bucket"] == [one.name for one in listed]


async def test_nothing_is_done_in_a_bucket_that_was_configured_since(
    store: Store, bucket: BucketRecord, clock: SettableClock
) -> None:
    await put(store, bucket, "k", b"data")
    candidates = await found(store, bucket, clock)
    revised = await store.put_bucket_document(bucket, "lifecycle", {})

    stale = await store.take_away(bucket, candidates, everything)
    uploads = await store.abort_expired(bucket, [])
    fresh = await store.take_away(revised, candidates, everything)

    assert (None, None, candidates) == (stale, uploads, fresh)
    assert store.version(bucket, "k") is None


@pytest.mark.parametrize("versioning", [Versioning.UNVERSIONED, Versioning.ENABLED])
async def test_whoever_follows_events_learns_what_expired(
    store: Store, bucket: BucketRecord, clock: SettableClock, versioning: Versioning
) -> None:
    store.keeps_all_events = True
    if versioning is Versioning.ENABLED:
        bucket = await store.set_versioning(bucket, versioning)
    await put(store, bucket, "k", b"data")

    for _ in range(3):
        await store.take_away(bucket, await found(store, bucket, clock), everything)

    names = [event.name for event in await store.events(0, 10)]
    removed = "LifecycleExpiration:Delete"
    marked = "LifecycleExpiration:DeleteMarkerCreated"
    expected = [removed] if versioning is Versioning.UNVERSIONED else [marked, removed, removed]
    assert expected == names


async def test_a_lock_that_the_look_overlooked_is_not_overlooked_by_the_removal(
    store: Store, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket, _ = await store.create_bucket("locks", "owner", "r", is_object_lock_enabled=True)
    locked = await put(store, bucket, "k", b"locked", lock=Lock(legal_hold=True))
    await put(store, bucket, "k", b"free")
    await put(store, bucket, "k", b"current")
    monkeypatch.setattr(expiring, "_is_locked", lambda *_: False)

    candidates = (await found(store, bucket, clock))[:2]
    done = await store.take_away(bucket, candidates, everything)

    assert [False, False] == [one.is_locked for one in candidates]
    assert [True, False] == [one.is_locked for one in done or ()]
    assert store.version(bucket, "k", locked.version_id) == locked
    assert 2 == store.usage(bucket).version_count
