"""The verbs on versions: what may change of one, and that nothing removes a locked one."""

from collections.abc import Awaitable, Callable

import pytest

from ferrox.clock import SettableClock
from ferrox.errors import AccessDenied, BucketNotEmpty, InvalidBucketState, NoSuchKey
from ferrox.records import (
    COMPLIANCE,
    GOVERNANCE,
    NULL_VERSION,
    UNLOCKED,
    BucketRecord,
    Lock,
    VersionDraft,
    Versioning,
    VersionRecord,
)
from ferrox.storage.store import Store
from tests.storage.verbs import add_part, assemble, put, read, shown

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


def tagged(**tags: str) -> Callable[[VersionRecord | None], VersionRecord]:
    """A change of tags; refuses where there is nothing."""

    def change(found: VersionRecord | None) -> VersionRecord:
        if found is None:
            raise NoSuchKey
        return found._replace(tags=tags)

    return change


def locked(lock: Lock) -> Callable[[VersionRecord | None], VersionRecord]:
    """A change of the lock."""

    def change(found: VersionRecord | None) -> VersionRecord:
        assert found is not None
        return found._replace(lock=lock)

    return change


async def test_tags_change_and_nothing_else(store: Store, bucket: BucketRecord) -> None:
    before = await put(store, bucket, "k", b"data")

    amended = await store.amend_version(bucket, "k", None, tagged(a="1", b="ä"))
    after = shown(store, bucket, "k")
    await store.amend_version(bucket, "k", NULL_VERSION, tagged())

    assert before._replace(tags={"a": "1", "b": "ä"}) == amended._replace(inline=None) == after
    assert {} == shown(store, bucket, "k").tags


async def test_what_refuses_a_change_leaves_everything_as_it_was(
    store: Store, bucket: BucketRecord
) -> None:
    with pytest.raises(NoSuchKey):
        await store.amend_version(bucket, "k", None, tagged(a="1"))

    assert store.version(bucket, "k") is None


async def test_a_delete_marker_has_nothing_to_change(store: Store, bucket: BucketRecord) -> None:
    bucket = await store.set_versioning(bucket, Versioning.ENABLED)
    await store.delete_object(bucket, "k", None)

    with pytest.raises(ValueError, match="delete marker"):
        await store.amend_version(bucket, "k", None, tagged(a="1"))


async def test_a_lock_is_kept_from_put_to_look_up(
    store: Store, bucket: BucketRecord, clock: SettableClock
) -> None:
    lock = Lock(COMPLIANCE, clock.now_ms() + HOUR_MS, False)

    await put(store, bucket, "k", b"data", lock=lock)

    assert lock == shown(store, bucket, "k").lock


async def test_a_lock_waits_in_the_draft_of_an_upload(
    store: Store, bucket: BucketRecord, clock: SettableClock
) -> None:
    lock = Lock(GOVERNANCE, clock.now_ms() + HOUR_MS, True)
    draft = VersionDraft("k", "", "owner", lock=lock)

    upload = await store.create_upload(bucket, draft, None, None)
    await add_part(store, upload, 1, b"part")
    found = store.upload(bucket, "k", upload.upload_id)
    assert found is not None
    await store.complete_upload(found, [1], assemble(found))

    assert lock == shown(store, bucket, "k").lock


async def test_a_lock_bucket_gives_its_retention_to_whatever_makes_a_version(
    store: Store, clock: SettableClock
) -> None:
    bucket, _ = await store.create_bucket("locks", "owner", "r", is_object_lock_enabled=True)
    await store.put_bucket_document(
        bucket,
        "object-lock",
        {"Rule": {"DefaultRetention": {"Mode": GOVERNANCE, "Days": 1}}},
    )
    expected = Lock(GOVERNANCE, clock.now_ms() + DAY_MS)

    first = await put(store, bucket, "put", b"data")
    copied = await store.copy_version(bucket, VersionDraft("copy", "e", "owner"), first)
    upload = await store.create_upload(bucket, VersionDraft("mpu", "", "owner"), None, None)
    await add_part(store, upload, 1, b"part")
    completed = await store.complete_upload(upload, [1], assemble(upload))

    assert [expected] * 3 == [first.lock, copied.lock, completed.lock]
    assert expected == shown(store, bucket, "mpu").lock


@pytest.mark.parametrize("versioning", [Versioning.UNVERSIONED, Versioning.SUSPENDED])
async def test_versions_cannot_be_turned_off_where_objects_are_locked(
    store: Store, versioning: Versioning
) -> None:
    bucket, _ = await store.create_bucket("locks", "owner", "r", is_object_lock_enabled=True)

    with pytest.raises(InvalidBucketState):
        await store.set_versioning(bucket, versioning)

    again = store.bucket("locks")
    assert again is not None
    assert Versioning.ENABLED is again.versioning


Removal = Callable[[Store, BucketRecord, VersionRecord], Awaitable[object]]


async def _complete(store: Store, bucket: BucketRecord, _: VersionRecord) -> None:
    upload = await store.create_upload(bucket, VersionDraft("k", "", "owner"), None, None)
    await add_part(store, upload, 1, b"part")
    await store.complete_upload(upload, [1], assemble(upload))


async def _copy(store: Store, bucket: BucketRecord, _: VersionRecord) -> None:
    other = await put(store, bucket, "other", b"other")
    await store.copy_version(bucket, VersionDraft("k", "e", "owner"), other)


REMOVALS: dict[str, Removal] = {
    "delete the version": lambda s, b, v: s.delete_object(b, "k", v.version_id),
    "delete the key": lambda s, b, _: s.delete_object(b, "k", None),
    "put over it": lambda s, b, _: put(s, b, "k", b"new"),
    "copy over it": _copy,
    "complete an upload over it": _complete,
    "delete the bucket": lambda s, b, _: s.delete_bucket(b),
    "take the lock away": lambda s, b, v: s.amend_version(b, "k", v.version_id, locked(UNLOCKED)),
}


@pytest.mark.parametrize("removal", REMOVALS.values(), ids=REMOVALS.keys())
@pytest.mark.parametrize("versioning", list(Versioning))
@pytest.mark.parametrize("size_bytes", [4, 100_000])
async def test_nothing_removes_a_locked_version(
    store: Store,
    bucket: BucketRecord,
    clock: SettableClock,
    versioning: Versioning,
    removal: Removal,
    size_bytes: int,
) -> None:
    """The null version stays even where versions are not kept, whatever replaces it there."""
    data = b"x" * size_bytes
    lock = Lock(COMPLIANCE, clock.now_ms() + HOUR_MS)
    if versioning is Versioning.ENABLED:
        bucket = await store.set_versioning(bucket, versioning)
    version = await put(store, bucket, "k", data, lock=lock)
    if versioning is Versioning.SUSPENDED:
        bucket = await store.set_versioning(bucket, versioning)

    is_hidden_only = versioning is Versioning.ENABLED and removal in (
        REMOVALS["delete the key"],
        REMOVALS["put over it"],
        REMOVALS["copy over it"],
        REMOVALS["complete an upload over it"],
    )
    if is_hidden_only:
        await removal(store, bucket, version)
    else:
        with pytest.raises((AccessDenied, BucketNotEmpty)):
            await removal(store, bucket, version)
    clock.advance(60)
    await store.reap()

    kept = store.version(bucket, "k", version.version_id)
    assert kept is not None
    assert lock == kept.lock
    assert data == await read(store, kept)


@pytest.mark.parametrize("lock", [Lock(legal_hold=True), Lock(COMPLIANCE, 2**60)])
async def test_who_may_bypass_governance_may_not_bypass_more(
    store: Store, bucket: BucketRecord, lock: Lock
) -> None:
    await put(store, bucket, "k", b"data", lock=lock)

    with pytest.raises(AccessDenied):
        await store.delete_object(bucket, "k", NULL_VERSION, bypass=True)

    assert lock == shown(store, bucket, "k").lock


async def test_governance_is_bypassed_by_who_may_and_ends_with_time(
    store: Store, bucket: BucketRecord, clock: SettableClock
) -> None:
    lock = Lock(GOVERNANCE, clock.now_ms() + HOUR_MS)
    for key in ("bypassed", "over"):
        await put(store, bucket, key, b"data", lock=lock)

    await store.delete_object(bucket, "bypassed", NULL_VERSION, bypass=True)
    clock.advance(3600)
    await store.delete_object(bucket, "over", None)

    assert [None, None] == [store.version(bucket, key) for key in ("bypassed", "over")]


async def test_a_bucket_shows_again_what_it_showed(
    store: Store, bucket: BucketRecord, clock: SettableClock
) -> None:
    """More keys than one transaction takes, put, replaced, deleted and made over a month."""
    bucket = await store.set_versioning(bucket, Versioning.ENABLED)
    expected = {f"{number:03}": b"%d" % number for number in range(230)}
    for key, data in expected.items():
        await put(store, bucket, key, data)
    then_ms = clock.now_ms()
    clock.advance(30 * DAY_MS // 1000)
    for number in range(0, 230, 2):
        await put(store, bucket, f"{number:03}", b"new" * 50_000)
    for number in range(0, 230, 3):
        await store.delete_object(bucket, f"{number:03}", None)
    await put(store, bucket, "later", b"later")

    planned = await store.restore_bucket(bucket, then_ms, dry_run=True)
    untouched = await contents(store, bucket)
    done = await store.restore_bucket(bucket, then_ms, dry_run=False)
    again = await store.restore_bucket(bucket, then_ms, dry_run=False)

    assert planned == done
    assert b"later" == untouched["later"]
    assert expected == await contents(store, bucket)
    changed = [number for number in range(230) if number % 2 == 0 or number % 3 == 0]
    size_bytes = sum(len(b"%d" % number) for number in changed)
    assert (len(changed), size_bytes, 1) == done[:3]
    assert 20 == len(done.first)
    assert (0, 0, 0, []) == again


async def contents(store: Store, bucket: BucketRecord) -> dict[str, bytes]:
    """Everything that a bucket shows."""
    page = await store.list_objects(bucket, prefix="", delimiter="", after="", limit=1000)
    keys = [getattr(entry, "key", "") for entry in page.entries]
    return {key: await read(store, shown(store, bucket, key)) for key in keys}


async def test_a_bucket_without_versions_cannot_be_restored(
    store: Store, bucket: BucketRecord
) -> None:
    with pytest.raises(InvalidBucketState, match="keeps no versions"):
        await store.restore_bucket(bucket, 0, dry_run=False)
