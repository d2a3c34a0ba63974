"""Restoring in the index: which version a key showed, and what becomes of it."""

import pytest

from ferrox.records import NULL_VERSION, Restoration, Versioning
from ferrox.storage.metadata import restoring
from tests.storage.metadata.index import Index, blob


async def restore(index: Index, key: str, at_ms: int) -> Restoration | None:
    when = index.database.read(lambda reader: restoring.instant(reader, at_ms))
    done: Restoration | None = await index.write(
        lambda tx: restoring.restore(tx, index.bucket, key, when, index.now_ms)
    )
    return done


@pytest.fixture
async def versioned(index: Index) -> Index:
    """A bucket that keeps versions."""
    await index.set_versioning(Versioning.ENABLED)
    return index


async def test_a_former_version_is_published_once_more(versioned: Index) -> None:
    first = await versioned.put("k", b"first", extents=(blob(1),), tags={"t": "1"})
    then = versioned.now_ms
    await versioned.put("k", b"second", extents=(blob(2),))

    done = await restore(versioned, "k", then)
    shown = versioned.find("k")

    assert Restoration("k", first.version_id, first.size_bytes) == done
    assert shown is not None
    assert shown.version_id != first.version_id
    assert (list(first.extents), {"t": "1"}) == (list(shown.extents), shown.tags)
    assert {1: 2, 2: 1} == await versioned.counts()
    assert [(3,)] == await versioned.rows("SELECT count(*) FROM versions")


async def test_what_was_deleted_since_comes_back(versioned: Index) -> None:
    await versioned.put("k", b"data")
    then = versioned.now_ms
    await versioned.delete("k")

    await restore(versioned, "k", then)

    assert b"data" == versioned.data("k")
    assert ["k"] == versioned.names()


async def test_what_was_not_there_is_hidden(versioned: Index) -> None:
    before = versioned.now_ms
    kept = await versioned.put("k", b"data")

    done = await restore(versioned, "k", before)

    assert Restoration("k", None, 0) == done
    assert [] == versioned.names()
    assert b"data" == versioned.data("k", kept.version_id)


async def test_what_was_hidden_then_is_hidden_again(versioned: Index) -> None:
    await versioned.put("k", b"1")
    await versioned.delete("k")
    then = versioned.now_ms
    await versioned.put("k", b"2")

    assert Restoration("k", None, 0) == await restore(versioned, "k", then)
    assert [] == versioned.names()


@pytest.mark.parametrize("is_hidden", [False, True])
async def test_what_shows_what_it_showed_is_not_touched(versioned: Index, is_hidden: bool) -> None:
    await versioned.put("k", b"1")
    if is_hidden:
        await versioned.delete("k")
    then = versioned.now_ms
    await versioned.put("k", b"2")
    await restore(versioned, "k", then)

    assert await restore(versioned, "k", then) is None
    assert await restore(versioned, "k", versioned.now_ms) is None
    assert await restore(versioned, "never", then) is None


async def test_what_was_made_since_restoring_began_is_left_alone(versioned: Index) -> None:
    await versioned.put("k", b"1")
    then = versioned.now_ms
    await versioned.put("k", b"2")
    when = versioned.database.read(lambda reader: restoring.instant(reader, then))
    await versioned.put("k", b"3")

    done = await versioned.write(
        lambda tx: restoring.restore(tx, versioned.bucket, "k", when, versioned.now_ms)
    )

    assert (None, b"3") == (done, versioned.data("k"))


async def test_suspended_versioning_loses_no_null_version(versioned: Index) -> None:
    await versioned.put("k", b"kept")
    then = versioned.now_ms
    await versioned.set_versioning(Versioning.SUSPENDED)
    await versioned.put("k", b"null")
    await versioned.put("new", b"new")

    for key in ("k", "new"):
        await restore(versioned, key, then)

    assert (b"kept", None) == (versioned.data("k"), versioned.data("new"))
    assert [b"null", b"new"] == [versioned.data(key, NULL_VERSION) for key in ("k", "new")]


async def test_a_full_bucket_can_be_restored(versioned: Index) -> None:
    await versioned.put("k", b"1")
    then = versioned.now_ms
    await versioned.delete("k")
    await versioned.write(lambda tx: tx.execute("UPDATE buckets SET max_bytes = 1"))

    await restore(versioned, "k", then)

    assert b"1" == versioned.data("k")


async def test_keys_come_in_order_and_once(versioned: Index) -> None:
    for key in ("b", "a", "b", "c", "\U0010ffff"):
        await versioned.put(key)
    await versioned.delete("c")

    first = versioned.database.read(lambda reader: restoring.keys(reader, versioned.bucket, "", 2))
    rest = versioned.database.read(
        lambda reader: restoring.keys(reader, versioned.bucket, first[-1], 10)
    )

    assert (["a", "b"], ["c", "\U0010ffff"]) == (first, rest)
