"""Sequences that are decoded when they are looked at."""

from ferrox.records import Extent, PartFacts
from ferrox.storage.metadata import manifest, versions
from ferrox.storage.metadata.deferred import Deferred
from tests.storage.metadata.index import Index, blob


def test_nothing_is_decoded_before_it_is_looked_at_and_then_once() -> None:
    decodings: list[None] = []

    def decode() -> list[int]:
        decodings.append(None)
        return [1, 2, 3]

    deferred = Deferred(decode)

    assert [] == decodings
    assert ([1, 2, 3], 3, 2, [2, 3], True) == (
        list(deferred),
        len(deferred),
        deferred[1],
        deferred[1:],
        3 in deferred,
    )
    assert [None] == decodings


async def test_an_object_of_many_parts_comes_back_whole(index: Index) -> None:
    extents = tuple(blob(number) for number in range(1, 1001))
    await index.put("a", extents=extents)

    found = index.find("a")

    assert found is not None
    assert isinstance(found.extents, Deferred)
    assert extents == tuple(found.extents)
    await index.copy(found, "b")
    await index.delete("a")
    await index.delete("b")
    assert list(range(1, 1001)) == await index.garbage()


def test_long_manifests_and_part_lists_are_deferred() -> None:
    extents = [Extent(bytes(16), number, 1) for number in range(1000)]
    parts = [PartFacts(number, 5, "checksum") for number in range(1, 1001)]

    unpacked = manifest.unpack(manifest.pack(extents))
    decoded = versions.decode_parts(versions.encode_json(parts))

    assert (Deferred, Deferred) == (type(unpacked), type(decoded))
    assert (extents, parts) == (list(unpacked), list(decoded))
