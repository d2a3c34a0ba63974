"""Data keys in the index: found by blob and by KEK, and changed only if nobody changed them."""

from ferrox.records import Encryption, VersionDraft, WrappedKey
from ferrox.storage.metadata import data_keys, objects, references, versions
from ferrox.storage.metadata.database import Tx
from ferrox.storage.sealing import seal_inline
from tests.storage.metadata.index import Index, blob, names
from tests.storage.test_sealing import KEK

FIRST, SECOND, PLAIN = names(1, 2, 3)


async def introduce(index: Index) -> None:
    def work(tx: Tx) -> None:
        references.introduce(tx, [blob(1)], WrappedKey("s3/1", b"one"))
        references.introduce(tx, [blob(2)], WrappedKey("s3/1", b"two"))
        references.introduce(tx, [blob(3)])

    await index.write(work)


async def found(index: Index) -> dict[bytes, WrappedKey]:
    return await index.database.read_long(lambda reader: data_keys.find(reader, names(1, 2, 3, 4)))


async def test_sealed_blobs_have_keys_and_others_have_none(index: Index) -> None:
    await introduce(index)

    keys = {FIRST: WrappedKey("s3/1", b"one"), SECOND: WrappedKey("s3/1", b"two")}
    assert keys == await found(index)


async def test_keys_are_found_by_what_they_are_under(index: Index) -> None:
    await introduce(index)

    database = index.database
    all_of_it = await database.read_long(lambda reader: data_keys.of_blobs(reader, "s3/1", 9))
    one = await database.read_long(lambda reader: data_keys.of_blobs(reader, "s3/1", 1))
    none = await database.read_long(lambda reader: data_keys.of_blobs(reader, "s3/2", 9))

    assert [(FIRST, b"one"), (SECOND, b"two")] == sorted(all_of_it)
    assert 1 == len(one)
    assert none == []


async def test_a_key_is_replaced_only_if_it_is_still_what_it_was(index: Index) -> None:
    await introduce(index)
    changes = [(FIRST, b"one", b"new"), (SECOND, b"stale", b"new"), (PLAIN, b"", b"new")]

    await index.write(lambda tx: data_keys.rewrap_blobs(tx, "s3/2", changes))

    keys = {FIRST: WrappedKey("s3/2", b"new"), SECOND: WrappedKey("s3/1", b"two")}
    assert keys == await found(index)


async def test_inline_data_is_found_and_replaced_with_its_checksum(index: Index) -> None:
    sealed, newer = seal_inline(b"data", KEK), seal_inline(b"data", KEK)
    draft = VersionDraft("a", "etag", "owner", encryption=Encryption("AES256"))
    body = versions.Body(4, sealed)
    record = await index.write(
        lambda tx: objects.add_version(tx, index.bucket, draft, body, now_ms=1, check=None)
    )
    database = index.database

    look = await database.read_long(lambda reader: data_keys.of_inline_data(reader, "s3:1", 9))
    changes = [(record.version, sealed, newer), (99, sealed, newer)]
    await index.write(lambda tx: data_keys.rewrap_inline_data(tx, "s3:2", changes))

    assert [(record.version, sealed)] == look
    stored = await database.read_long(lambda reader: versions.inline_data(reader, record.version))
    assert newer == stored
    assert [] == await database.read_long(
        lambda reader: data_keys.of_inline_data(reader, "s3:1", 9)
    )


async def test_what_is_under_a_key_is_looked_up_and_not_searched_for(index: Index) -> None:
    for select in (data_keys._BLOBS, data_keys._INLINE):
        plan = await index.rows(f"EXPLAIN QUERY PLAN {select}", "s3/1", 9)

        assert "_by_kek" in plan[0][3]
