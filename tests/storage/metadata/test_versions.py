"""Rows of versions."""

import pytest

from ferrox.errors import DataCorrupted
from ferrox.records import Checksum, Versioning, VersionRecord
from ferrox.storage.metadata import versions
from tests.storage.metadata.index import Index, blob


async def test_a_record_comes_back_as_it_was_written(index: Index) -> None:
    written = await index.put(
        "schlüssel/\0/\U0010ffff",
        b"abc",
        etag="0" * 32,
        storage_class="GLACIER_IR",
        headers={"content-type": "text/plain"},
        user_metadata={"who": "Jürgen"},
        tags={"a": "1", "b": ""},
        checksum=Checksum("CRC32", "AAAAAA==", "COMPOSITE"),
    )

    found = index.find("schlüssel/\0/\U0010ffff")

    expected = VersionRecord(
        version=written.version,
        bucket_id=index.bucket.bucket_id,
        key="schlüssel/\0/\U0010ffff",
        version_id="null",
        is_delete_marker=False,
        size_bytes=3,
        modified_ms=1,
        etag="0" * 32,
        storage_class="GLACIER_IR",
        owner_id="owner",
        headers={"content-type": "text/plain"},
        user_metadata={"who": "Jürgen"},
        tags={"a": "1", "b": ""},
        checksum=Checksum("CRC32", "AAAAAA==", "COMPOSITE"),
        parts=(),
        extents=(),
    )
    assert expected == written
    assert expected._replace(inline=b"abc") == found


async def test_a_version_without_facts_has_none(index: Index) -> None:
    await index.put("a")

    found = index.find("a")

    assert found is not None
    assert ({}, {}, {}, None) == (
        found.headers,
        found.user_metadata,
        found.tags,
        found.checksum,
    )


async def test_extents_come_back_in_order(index: Index) -> None:
    await index.put("a", extents=(blob(2, 5), blob(1, 7)))

    found = index.find("a")

    assert found is not None
    assert (12, (blob(2, 5), blob(1, 7)), None) == (found.size_bytes, found.extents, found.inline)


async def test_keys_that_differ_by_a_nul_are_different(index: Index) -> None:
    for key in ("a", "a\0", "a\0b", "a\0c"):
        await index.put(key, key.encode())

    assert [b"a", b"a\0", b"a\0b", b"a\0c", None] == [
        index.data(key) for key in ("a", "a\0", "a\0b", "a\0c", "a\0d")
    ]


async def test_inline_bytes_are_brought_only_when_asked_for(index: Index) -> None:
    version = await index.put("a", b"abc")

    found = index.database.read(
        lambda reader: versions.find(reader, index.bucket.bucket_id, "a", None)
    )

    assert found is not None
    assert found.inline is None
    assert b"abc" == index.database.read(lambda r: versions.inline_data(r, version.version))


async def test_empty_content_has_no_row_of_its_own(index: Index) -> None:
    version = await index.put("a", b"")

    assert index.database.read(lambda r: versions.inline_data(r, version.version)) is None
    assert b"" == index.data("a")


async def test_inline_bytes_that_rotted_are_not_returned(index: Index) -> None:
    version = await index.put("a", b"abc")
    await index.write(lambda tx: tx.execute("UPDATE inline_data SET data = x'616264'"))

    with pytest.raises(DataCorrupted):
        index.find("a")
    with pytest.raises(DataCorrupted):
        index.database.read(lambda r: versions.inline_data(r, version.version))


async def test_numbers_of_versions_are_never_used_again(index: Index) -> None:
    first = await index.put("a")
    await index.delete("a")

    second = await index.put("a")

    assert second.version > first.version
    assert not index.database.read(lambda r: versions.is_unchanged(r, first))
    assert index.database.read(lambda r: versions.is_unchanged(r, second))


async def test_one_id_among_many_versions_is_found_in_the_index(index: Index) -> None:
    await index.set_versioning(Versioning.ENABLED)
    wanted = await index.put("a", b"wanted")
    for _ in range(100):
        await index.put("a", b"other")

    plan = await index.rows(
        "EXPLAIN QUERY PLAN SELECT etag FROM versions"
        " WHERE bucket_id = 1 AND key = 'a' AND version_id = 'x'"
    )

    assert b"wanted" == index.data("a", wanted.version_id)
    assert "USING INDEX versions_by_key" in plan[0][3]


async def test_a_version_that_takes_the_place_of_another_keeps_nothing_of_it(index: Index) -> None:
    await index.put("a", b"1", tags={"t": "1"}, headers={"content-type": "x/y"})
    columns = [name for (_, name, *_) in await index.rows("PRAGMA table_info(versions)")]
    filled = {"acl": "'[]'", "encryption": "'{}'", "legal_hold": "2", "retain_until_ms": "1"}
    assignments = ", ".join(f"{name} = {text}" for name, text in filled.items())
    await index.write(lambda tx: tx.execute(f"UPDATE versions SET {assignments}").rowcount)

    await index.put("a", b"2")
    await index.put("b", b"2")

    one, other = await index.rows("SELECT * FROM versions ORDER BY key")
    differing = {name for name, a, b in zip(columns, one, other, strict=True) if a != b}
    assert {"version", "key", "modified_ms"} == differing
