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
