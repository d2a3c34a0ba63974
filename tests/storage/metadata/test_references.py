"""Reference counts and the garbage list."""

from ferrox.storage.metadata import references
from tests.storage.metadata.index import Index, blob, names


async def test_a_blob_counts_each_extent_that_names_it(index: Index) -> None:
    await index.write(lambda tx: references.introduce(tx, [blob(1), blob(2)]))
    await index.write(lambda tx: references.share(tx, [blob(1), blob(1)]))

    assert {1: 3, 2: 1} == await index.counts()


async def test_the_last_reference_makes_garbage(index: Index) -> None:
    await index.write(lambda tx: references.introduce(tx, [blob(1), blob(1)]))

    await index.write(lambda tx: references.drop(tx, [blob(1)], 7))
    assert ({1: 1}, []) == (await index.counts(), await index.garbage())

    await index.write(lambda tx: references.drop(tx, [blob(1)], 8))
    assert ({}, [1]) == (await index.counts(), await index.garbage())
    assert [(8,)] == await index.rows("SELECT dropped_ms FROM garbage")


async def test_garbage_comes_in_pages_and_is_forgotten(index: Index) -> None:
    extents = [blob(number) for number in range(1, 6)]
    await index.write(lambda tx: references.introduce(tx, extents))
    await index.write(lambda tx: references.drop(tx, extents, 1))

    first = index.database.read(lambda reader: references.garbage(reader, b"", 3))
    second = index.database.read(lambda reader: references.garbage(reader, first[-1], 3))
    await index.write(lambda tx: references.forget(tx, second))

    assert (names(1, 2, 3), names(4, 5)) == (first, second)
    assert [1, 2, 3] == await index.garbage()


async def test_unnamed_is_what_neither_table_knows(index: Index) -> None:
    await index.write(lambda tx: references.introduce(tx, [blob(1), blob(2)]))
    await index.write(lambda tx: references.drop(tx, [blob(2)], 1))

    found = index.database.read(lambda reader: references.unnamed(reader, names(1, 2, 3, 4)))

    assert names(3, 4) == found
