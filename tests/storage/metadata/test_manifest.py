"""Manifests."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferrox.errors import DataCorrupted
from ferrox.records import Extent
from ferrox.storage.metadata.manifest import cut, pack, unpack
from tests.storage.metadata.index import blob

U64 = st.integers(0, 2**64 - 1)
EXTENTS = st.lists(st.builds(Extent, st.binary(min_size=16, max_size=16), U64, U64)).map(tuple)


@given(EXTENTS)
def test_a_manifest_comes_back_as_it_was(extents: tuple[Extent, ...]) -> None:
    assert extents == unpack(pack(extents))


def test_an_extent_is_32_bytes_as_documented() -> None:
    packed = pack([Extent(bytes(range(16)), 1, 2)])

    assert packed is not None
    assert bytes(range(16)) + b"\x01" + bytes(7) + b"\x02" + bytes(7) == packed[:-4]


def test_no_extents_make_no_manifest() -> None:
    assert pack([]) is None
    assert () == unpack(None)


@pytest.mark.parametrize("extent_count", [1, 1000])
def test_a_manifest_that_was_damaged_is_not_read(extent_count: int) -> None:
    packed = pack([Extent(bytes(16), number, 5) for number in range(extent_count)])
    assert packed is not None
    damaged = [packed[:-1], packed[1:], packed[:-32], packed + b"\0", b"\0"]
    damaged += [
        packed[:at] + bytes([packed[at] ^ 1]) + packed[at + 1 :]
        for at in (0, 16, 24, len(packed) - 1)
    ]

    for manifest in damaged:
        with pytest.raises(DataCorrupted):
            tuple(unpack(manifest))


def test_a_range_takes_only_the_extents_it_touches() -> None:
    extents = (blob(1, 10), blob(2, 10, offset_bytes=5), blob(3, 10))

    assert (blob(1, 3, 7), blob(2, 10, 5), blob(3, 1)) == cut(extents, 7, 14)
    assert (blob(2, 10, 5),) == cut(extents, 10, 10)
    assert () == cut(extents, 5, 0)


def test_a_range_beyond_the_end_is_refused() -> None:
    with pytest.raises(ValueError, match="beyond"):
        cut((blob(1, 10),), 5, 6)
