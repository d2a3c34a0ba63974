"""The versioning rules, and what a key shows after each of them."""

import asyncio

import pytest

from ferrox.errors import DataCorrupted, NoSuchBucket, PreconditionFailed, SourceChanged
from ferrox.records import Deletion, Versioning, VersionRecord
from ferrox.storage.metadata import buckets, objects
from tests.storage.metadata.index import Index, blob

ENABLED, SUSPENDED = Versioning.ENABLED, Versioning.SUSPENDED


async def history(index: Index, key: str = "a") -> list[str]:
    """The versions of a key, oldest first: bytes, "marker", and "null:" before null versions."""
    rows = await index.rows(
        "SELECT version_id, is_delete_marker, data FROM versions"
        " LEFT JOIN inline_data USING (version) WHERE key = ? ORDER BY version",
        key,
    )
    return [
        ("null:" if version_id == "null" else "") + ("marker" if is_marker else data.decode())
        for version_id, is_marker, data in rows
    ]


async def inline_count(index: Index) -> int:
    ((count,),) = await index.rows("SELECT count(*) FROM inline_data")
    return int(count)


# Unversioned


async def test_a_put_in_an_unversioned_bucket_replaces_the_object(index: Index) -> None:
    first = await index.put("a", b"1")
    second = await index.put("a", b"2")

    assert ["null:2"] == await history(index)
    assert b"2" == index.data("a")
    assert ["null", "null"] == [first.version_id, second.version_id]
    assert 1 == await inline_count(index), "the bytes that were replaced are gone"


async def test_a_delete_in_an_unversioned_bucket_removes_the_object(index: Index) -> None:
    await index.put("a", b"1")

    deletion = await index.delete("a")

    assert Deletion(is_delete_marker=False, version_id=None) == deletion
    assert [] == await history(index)
    assert [] == index.names()
    assert 0 == await inline_count(index)


async def test_deleting_what_is_not_there_is_fine(index: Index) -> None:
    assert Deletion(is_delete_marker=False, version_id=None) == await index.delete("a")
    assert Deletion(False, "nope") == await index.delete("a", "nope")
    assert [] == await history(index)


async def test_the_null_version_can_be_named_in_an_unversioned_bucket(index: Index) -> None:
    await index.put("a", b"1")

    assert b"1" == index.data("a", "null")
    assert Deletion(is_delete_marker=False, version_id="null") == await index.delete("a", "null")
    assert [] == index.names()


# Enabled


async def test_a_put_in_an_enabled_bucket_adds_a_version(index: Index) -> None:
    await index.set_versioning(ENABLED)
    first = await index.put("a", b"1")
    second = await index.put("a", b"2")

    assert ["1", "2"] == await history(index)
    assert len({first.version_id, second.version_id, "null"}) == 3
    assert b"2" == index.data("a")
    assert b"1" == index.data("a", first.version_id)
    assert ["a"] == index.names()


async def test_enabling_versioning_keeps_the_null_version(index: Index) -> None:
    await index.put("a", b"0")
    await index.set_versioning(ENABLED)
    await index.put("a", b"1")

    assert ["null:0", "1"] == await history(index)
    assert b"0" == index.data("a", "null")


async def test_a_delete_in_an_enabled_bucket_adds_a_marker(index: Index) -> None:
    await index.set_versioning(ENABLED)
    await index.put("a", b"1")

    deletion = await index.delete("a")

    assert deletion.is_delete_marker
    assert deletion.version_id not in (None, "null")
    assert ["1", "marker"] == await history(index)
    assert [] == index.names()
    newest = index.find("a")
    assert newest is not None
    assert newest.is_delete_marker
    assert deletion.version_id == newest.version_id


async def test_a_delete_in_an_enabled_bucket_adds_a_marker_to_nothing(index: Index) -> None:
    await index.set_versioning(ENABLED)

    await index.delete("a")
    await index.delete("a")

    assert ["marker", "marker"] == await history(index)


async def test_deleting_the_marker_brings_the_object_back(index: Index) -> None:
    await index.set_versioning(ENABLED)
    await index.put("a", b"1", etag="one")
    marker = await index.delete("a")

    deletion = await index.delete("a", marker.version_id)

    assert Deletion(is_delete_marker=True, version_id=marker.version_id) == deletion
    assert b"1" == index.data("a")
    assert ["a"] == index.names()
    assert [("one",)] == await index.rows("SELECT etag FROM objects")


async def test_deleting_the_newest_version_shows_the_one_before(index: Index) -> None:
    await index.set_versioning(ENABLED)
    first = await index.put("a", b"1", etag="one")
    second = await index.put("a", b"2", etag="two")

    deletion = await index.delete("a", second.version_id)

    assert Deletion(is_delete_marker=False, version_id=second.version_id) == deletion
    assert ["1"] == await history(index)
    assert [("one", first.version)] == await index.rows("SELECT etag, version FROM objects")


async def test_deleting_an_old_version_leaves_what_is_shown(index: Index) -> None:
    await index.set_versioning(ENABLED)
    first = await index.put("a", b"1")
    await index.put("a", b"2")

    await index.delete("a", first.version_id)

    assert ["2"] == await history(index)
    assert b"2" == index.data("a")
    assert ["a"] == index.names()


async def test_deleting_a_version_below_a_marker_keeps_the_key_hidden(index: Index) -> None:
    await index.set_versioning(ENABLED)
    first = await index.put("a", b"1")
    await index.delete("a")

    await index.delete("a", first.version_id)

    assert ["marker"] == await history(index)
    assert [] == index.names()


# Suspended


async def test_a_put_in_a_suspended_bucket_replaces_the_null_version_only(index: Index) -> None:
    await index.put("a", b"0")
    await index.set_versioning(ENABLED)
    await index.put("a", b"1")
    await index.set_versioning(SUSPENDED)

    version = await index.put("a", b"2")

    assert "null" == version.version_id
    assert ["1", "null:2"] == await history(index)
    assert b"2" == index.data("a")


async def test_a_delete_in_a_suspended_bucket_replaces_the_null_version_by_a_marker(
    index: Index,
) -> None:
    await index.put("a", b"0")
    await index.set_versioning(ENABLED)
    await index.put("a", b"1")
    await index.set_versioning(SUSPENDED)

    deletion = await index.delete("a")

    assert Deletion(is_delete_marker=True, version_id="null") == deletion
    assert ["1", "null:marker"] == await history(index)
    assert [] == index.names()
    await index.delete("a")
    assert ["1", "null:marker"] == await history(index)
    await index.put("a", b"2")
    assert ["1", "null:2"] == await history(index)


async def test_deleting_the_null_marker_shows_the_version_below(index: Index) -> None:
    await index.set_versioning(ENABLED)
    await index.put("a", b"1")
    await index.set_versioning(SUSPENDED)
    await index.delete("a")

    await index.delete("a", "null")

    assert b"1" == index.data("a")
    assert ["a"] == index.names()


# Conditions


async def test_a_check_sees_what_the_key_shows(index: Index) -> None:
    seen: list[VersionRecord | None] = []
    await index.set_versioning(ENABLED)
    first = await index.put("a", check=seen.append)
    await index.put("a", check=seen.append)
    await index.delete("a")
    await index.put("a", check=seen.append)

    assert [None, first, None] == seen


async def test_a_check_that_raises_leaves_everything_as_it_was(index: Index) -> None:
    await index.put("a", b"1")

    def refuse(_: VersionRecord | None) -> None:
        raise PreconditionFailed

    with pytest.raises(PreconditionFailed):
        await index.put("a", b"2", check=refuse)
    with pytest.raises(PreconditionFailed):
        await index.write(
            lambda tx: objects.delete_object(tx, index.bucket, "a", None, now_ms=9, check=refuse)
        )

    assert ["null:1"] == await history(index)


async def test_one_of_a_hundred_racing_writers_wins(index: Index) -> None:
    def require_absent(current: VersionRecord | None) -> None:
        if current is not None:
            raise PreconditionFailed

    results = await asyncio.gather(
        *(index.put("a", b"%d" % n, check=require_absent) for n in range(100)),
        return_exceptions=True,
    )

    winners = [n for n, result in enumerate(results) if isinstance(result, VersionRecord)]
    assert 1 == len(winners)
    assert 99 == sum(isinstance(result, PreconditionFailed) for result in results)
    assert b"%d" % winners[0] == index.data("a")


async def test_a_chain_of_racing_updates_loses_none(index: Index) -> None:
    await index.put("a", b"0", etag="0")

    async def increment() -> None:
        while True:
            seen = index.find("a")
            assert seen is not None

            def unchanged(current: VersionRecord | None, etag: str = seen.etag) -> None:
                if current is None or current.etag != etag:
                    raise PreconditionFailed

            try:
                await index.put("a", etag=str(int(seen.etag) + 1), check=unchanged)
            except PreconditionFailed:
                continue
            return

    await asyncio.gather(*(increment() for _ in range(20)))

    found = index.find("a")
    assert found is not None
    assert "20" == found.etag


async def test_nothing_is_written_to_a_bucket_that_is_gone(index: Index) -> None:
    await index.write(lambda tx: buckets.remove(tx, index.bucket))

    with pytest.raises(NoSuchBucket):
        await index.put("a")
    with pytest.raises(NoSuchBucket):
        await index.delete("a")


async def test_versioning_is_the_bucket_s_not_the_record_s(index: Index) -> None:
    stale = index.bucket
    await index.set_versioning(ENABLED)
    index.bucket = stale

    await index.put("a", b"1")
    await index.put("a", b"2")

    assert ["1", "2"] == await history(index)


# Copies


async def test_a_copy_of_inline_bytes_has_its_own(index: Index) -> None:
    source = await index.put("a", b"1")

    copy = await index.copy(source, "b")
    await index.delete("a")

    assert (1, "copied", "b") == (copy.size_bytes, copy.etag, copy.key)
    assert b"1" == index.data("b")


async def test_a_copy_of_blobs_shares_them(index: Index) -> None:
    source = await index.put("a", extents=(blob(1), blob(2), blob(1, offset_bytes=50)))

    copy = await index.copy(source, "b")

    assert source.extents == copy.extents
    assert {1: 4, 2: 2} == await index.counts()
    await index.delete("a")
    assert {1: 2, 2: 1} == await index.counts()
    assert [] == await index.garbage()
    await index.delete("b")
    assert {} == await index.counts()
    assert [1, 2] == await index.garbage()


@pytest.mark.parametrize("is_inline", [True, False])
async def test_an_object_can_be_copied_onto_itself(index: Index, *, is_inline: bool) -> None:
    source = await index.put("a", b"1", extents=() if is_inline else (blob(1),))

    await index.copy(source, "a")

    found = index.find("a")
    assert found is not None
    assert ("copied", source.extents) == (found.etag, found.extents)
    assert (b"1" if is_inline else None) == found.inline
    assert ({} if is_inline else {1: 1}) == await index.counts()
    assert [] == await index.garbage()


async def test_damage_is_not_copied(index: Index) -> None:
    source = await index.put("source", b"abc")
    await index.write(lambda tx: tx.execute("DELETE FROM inline_data").rowcount)

    with pytest.raises(DataCorrupted):
        await index.copy(source, "copy")

    assert index.find("copy") is None


async def test_a_version_that_is_gone_is_not_copied(index: Index) -> None:
    source = await index.put("a", extents=(blob(1),))
    await index.put("a", b"2")

    with pytest.raises(SourceChanged):
        await index.copy(source, "b")

    assert [1] == await index.garbage()
    assert ["a"] == index.names()


async def test_replacing_blobs_by_inline_bytes_and_back_leaves_nothing(index: Index) -> None:
    await index.put("a", extents=(blob(1),))
    await index.put("a", b"inline")
    await index.put("a", extents=(blob(2),))

    assert {2: 1} == await index.counts()
    assert [1] == await index.garbage()
    assert 0 == await inline_count(index)


async def test_a_batch_of_writers_of_one_key_leaves_one_whole(index: Index) -> None:
    await asyncio.gather(*(index.put("a", extents=(blob(number),)) for number in range(1, 21)))

    counts = await index.counts()
    found = index.find("a")
    assert found is not None
    assert [1] == list(counts.values())
    assert sorted({*range(1, 21)} - counts.keys()) == await index.garbage()
    assert int.from_bytes(found.extents[0].blob_name, "big") in counts
