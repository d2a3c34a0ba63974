"""The lists of versions, through the store."""

from collections.abc import Sequence

from ferrox.records import BucketRecord, Grant, VersionAcl
from ferrox.storage.store import Store
from tests.storage.verbs import put

PUBLIC = [Grant("Group", "http://acs.amazonaws.com/groups/global/AllUsers", "READ")]


async def test_a_list_is_set_and_found(store: Store, bucket: BucketRecord) -> None:
    version = await put(store, bucket, "a", b"x")
    asked: list[VersionAcl | None] = []

    def change(found: VersionAcl | None) -> Sequence[Grant]:
        asked.append(found)
        return PUBLIC

    before = store.version_acl(bucket, "a")
    changed = await store.change_version_acl(bucket, "a", None, change)

    assert VersionAcl(version.version, "null", version.owner_id, False, None) == before
    assert [before] == asked
    assert changed == store.version_acl(bucket, "a", "null")
    assert changed
    assert PUBLIC == changed.grants


async def test_what_is_not_there_has_no_list(store: Store, bucket: BucketRecord) -> None:
    assert store.version_acl(bucket, "a") is None
    assert await store.change_version_acl(bucket, "a", None, lambda _: PUBLIC) is None


async def test_versions_are_counted_that_grant_something_to_somebody(
    store: Store, bucket: BucketRecord
) -> None:
    for key in "cba":
        await put(store, bucket, key, b"x")
    other = await put(store, (await store.create_bucket("other", "owner", "r"))[0], "a", b"x")
    none = await store.count_versions_granting(bucket, PUBLIC[0].grantee)
    for key in "cb":
        await store.change_version_acl(bucket, key, None, lambda _: PUBLIC)

    found = await store.count_versions_granting(bucket, PUBLIC[0].grantee)
    shorter = await store.count_versions_granting(bucket, PUBLIC[0].grantee[:-1])

    assert other.version_id == "null"
    assert [(0, ""), (2, "b"), (0, "")] == [none, found, shorter]
