"""Renaming in the index: what both keys become, what is counted, and tokens."""

from typing import Any

import pytest

from ferrox.errors import AccessDenied, IdempotencyParameterMismatch, NoSuchKey
from ferrox.records import COMPLIANCE, Grant, Lock, Versioning, VersionRecord
from ferrox.storage.metadata import renaming
from ferrox.storage.metadata.renaming import USED_FOR_MS, Token
from tests.storage.metadata.index import Index, blob


def accept(source: VersionRecord | None, _: VersionRecord | None) -> VersionRecord:
    if source is None:
        raise NoSuchKey
    return source


async def rename(index: Index, source: str, key: str, **more: Any) -> None:
    await index.write(
        lambda tx: renaming.rename(
            tx,
            index.bucket,
            source,
            key,
            **{"check": accept, "token": None, "now_ms": index.now_ms} | more,
        )
    )


@pytest.mark.parametrize("extents", [(), (blob(1), blob(2))], ids=["inline", "blobs"])
async def test_an_object_gets_another_key_and_keeps_everything_else(
    index: Index, extents: tuple[Any, ...]
) -> None:
    before = await index.put(
        "old",
        b"data",
        extents=extents,
        user_metadata={"a": "1"},
        tags={"t": "1"},
        acl=[Grant("CanonicalUser", "somebody", "READ")],
    )
    await rename(index, "old", "new")
    after = index.find("new")

    assert index.find("old") is None
    assert after is not None
    assert (
        before._replace(
            key="new", version=after.version, inline=after.inline, extents=after.extents
        )
        == after
    )
    assert list(before.extents) == list(after.extents)
    assert ["new"] == index.names()
    assert dict.fromkeys((1, 2), 1) == await index.counts() if extents else True
    assert [] == await index.garbage()
    rows = await index.rows("SELECT modified_ms FROM objects")
    assert [(before.modified_ms,)] == rows
    rows = await index.rows("SELECT acl FROM versions")
    assert [('[["CanonicalUser","somebody","READ"]]',)] == rows


async def test_what_is_replaced_becomes_garbage(index: Index) -> None:
    await index.put("old", extents=(blob(1),))
    await index.put("new", extents=(blob(2),))

    await rename(index, "old", "new")

    assert {1: 1} == await index.counts()
    assert [2] == await index.garbage()


async def test_where_versions_are_kept_nothing_is_destroyed(index: Index) -> None:
    await index.set_versioning(Versioning.ENABLED)
    old = await index.put("old", b"old")
    new = await index.put("new", b"new")

    await rename(index, "old", "new")

    assert b"old" == index.data("new")
    assert b"old" == index.data("old", old.version_id)
    assert b"new" == index.data("new", new.version_id)
    marker = index.find("old")
    assert marker is not None
    assert marker.is_delete_marker
    shown = index.find("new")
    assert shown is not None
    assert marker.modified_ms == shown.modified_ms > new.modified_ms


async def test_suspended_versioning_replaces_null_versions_only(index: Index) -> None:
    await index.set_versioning(Versioning.ENABLED)
    kept = await index.put("old", b"kept")
    await index.set_versioning(Versioning.SUSPENDED)
    await index.put("new", b"gone")

    await rename(index, "old", "new")

    assert b"kept" == index.data("new", "null") == index.data("old", kept.version_id)
    assert ["new"] == index.names()
    marker = index.find("old")
    assert marker is not None
    assert ("null", True) == (marker.version_id, marker.is_delete_marker)


@pytest.mark.parametrize("locked", ["old", "new"])
async def test_a_locked_version_is_neither_renamed_away_nor_replaced(
    index: Index, locked: str
) -> None:
    for key in ("old", "new"):
        lock = Lock(COMPLIANCE, 10**9) if key == locked else Lock()
        await index.put(key, key.encode(), lock=lock)

    with pytest.raises(AccessDenied):
        await rename(index, "old", "new")

    assert (b"old", b"new") == (index.data("old"), index.data("new"))


async def test_a_refusal_changes_nothing(index: Index) -> None:
    await index.put("new", b"new")

    with pytest.raises(NoSuchKey):
        await rename(index, "old", "new", token=Token("t", "r"))

    assert b"new" == index.data("new")
    assert [] == await index.rows("SELECT * FROM client_tokens")


async def test_a_request_with_a_token_is_done_once(index: Index) -> None:
    token = Token("t", "old to new")
    await index.put("old", b"1")

    await rename(index, "old", "new", token=token)
    await index.put("old", b"2")
    await rename(index, "old", "new", token=token)

    assert (b"2", b"1") == (index.data("old"), index.data("new"))
    with pytest.raises(IdempotencyParameterMismatch):
        await rename(index, "old", "other", token=Token("t", "old to other"))


async def test_a_token_is_forgotten_after_a_day(index: Index) -> None:
    await index.put("old", b"1")
    await rename(index, "old", "new", token=Token("t", "r"))
    index.now_ms += USED_FOR_MS

    await index.write(lambda tx: renaming.forget_tokens(tx, index.now_ms))
    await index.put("old", b"2")
    await rename(index, "old", "other", token=Token("t", "another"))

    assert b"2" == index.data("other")
    assert [("another",)] == await index.rows("SELECT request FROM client_tokens")


async def test_renaming_needs_no_room_in_the_quota(index: Index) -> None:
    await index.put("old", b"data")
    await index.write(lambda tx: tx.execute("UPDATE buckets SET max_bytes = 4, max_objects = 1"))

    await rename(index, "old", "new")

    expected = [(1, 1, 4)]
    assert ["new"] == index.names()
    assert expected == await index.rows(
        "SELECT object_count, version_count, size_bytes FROM bucket_usage"
    )
