"""How lists of versions are stored, found and changed."""

import pytest

from ferrox.errors import NoSuchBucket, NoSuchKey
from ferrox.records import Grant, VersionAcl, Versioning
from ferrox.storage.metadata import acls, buckets
from tests.storage.metadata.index import Index

READERS = [Grant("CanonicalUser", "a" * 64, "READ")]
WRITERS = [Grant("Group", "http://x", "WRITE"), *READERS]


def find(index: Index, key: str, version_id: str | None = None) -> VersionAcl | None:
    """The list of a version of a key."""
    return index.database.read(
        lambda reader: acls.find(reader, index.bucket.bucket_id, key, version_id)
    )


@pytest.mark.parametrize("grants", [None, [], READERS, WRITERS])
def test_lists_come_back(grants: list[Grant] | None) -> None:
    assert grants == acls.decode(acls.encode(grants))


async def test_a_version_is_written_with_its_list(index: Index) -> None:
    await index.put("a", acl=READERS)

    found = find(index, "a")
    assert found
    assert ("null", "owner", False, READERS) == found[1:]
    assert found == find(index, "a", "null")
    assert find(index, "b") is None
    assert find(index, "a", "other") is None


async def test_a_version_that_replaces_another_one_does_not_get_its_list(index: Index) -> None:
    await index.put("a", acl=READERS)
    await index.put("a")

    found = find(index, "a")
    assert found
    assert found.grants is None


async def test_the_list_of_one_version_is_changed(index: Index) -> None:
    await index.set_versioning(Versioning.ENABLED)
    old = await index.put("a")
    await index.put("a", acl=READERS)

    await index.write(
        lambda tx: acls.change(tx, index.bucket, "a", old.version_id, lambda _: WRITERS)
    )

    lists = [find(index, "a", version_id) for version_id in (old.version_id, None)]
    assert [WRITERS, READERS] == [found.grants for found in lists if found]


async def test_a_change_that_is_refused_changes_nothing(index: Index) -> None:
    await index.put("a", acl=READERS)

    def refuse(found: VersionAcl | None) -> list[Grant]:
        raise NoSuchKey

    with pytest.raises(NoSuchKey):
        await index.write(lambda tx: acls.change(tx, index.bucket, "a", None, refuse))

    found = find(index, "a")
    assert found
    assert READERS == found.grants


async def test_in_a_bucket_that_is_gone_nothing_is_changed(index: Index) -> None:
    await index.write(lambda tx: buckets.remove(tx, index.bucket))

    with pytest.raises(NoSuchBucket):
        await index.write(lambda tx: acls.change(tx, index.bucket, "a", None, lambda _: None))
