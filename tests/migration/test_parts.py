"""parts.py: where objects are cut, and what the cuts add up to."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferrox.migration import parts
from ferrox.migration.parts import MIB, Part, PieceDigests


def _md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


@given(st.lists(st.binary(min_size=1, max_size=20), max_size=6), st.integers(1, 7))
def test_each_piece_has_its_own_digest_however_the_bytes_come(
    pieces: list[bytes], step: int
) -> None:
    digests, whole = PieceDigests([len(piece) for piece in pieces]), b"".join(pieces)

    for start in range(0, len(whole), step):
        digests.update(whole[start : start + step])

    assert [_md5(piece) for piece in pieces] == digests.digests


def test_without_pieces_nothing_is_summed() -> None:
    digests = PieceDigests(())

    digests.update(b"data")

    assert [] == digests.digests


@pytest.mark.parametrize(
    ("tag", "count"),
    [
        ("0f312f56837d380760ad3dee7f2aa4d7-3", 3),
        ("abc-10000", 10_000),
        ("abc-10001", None),
        ("abc-0", None),
        ("0f312f56837d380760ad3dee7f2aa4d7", None),
        ("a-b", None),
        ("", None),
    ],
)
def test_an_etag_tells_of_how_many_parts(tag: str, count: int | None) -> None:
    assert count == parts.part_count(tag)


def test_an_etag_that_may_be_an_md5() -> None:
    assert parts.is_md5("0f312f56837d380760ad3dee7f2aa4d7")
    assert not any(map(parts.is_md5, ("", "0f312f56837d380760ad3dee7f2aa4d7-3", "g" * 32)))


def test_parts_of_equal_size_end_with_a_smaller_one() -> None:
    assert [8, 8, 4] == parts.equal_sizes(20, 3, 8)
    assert [8, 8, 8] == parts.equal_sizes(24, 3, 8)
    assert [7] == parts.equal_sizes(7, 1, 7)
    assert None is parts.equal_sizes(25, 3, 8)
    assert None is parts.equal_sizes(16, 3, 8)


def test_usual_sizes_are_tried_first() -> None:
    guesses = list(parts.guessed_sizes(20 * MIB, 3))

    assert [8 * MIB, 8 * MIB, 4 * MIB] == guesses[0]
    assert [10 * MIB, 10 * MIB] not in guesses
    assert all(20 * MIB == sum(guess) and 3 == len(guess) for guess in guesses)


def test_small_parts_are_sent_together() -> None:
    assert [
        Part(1, 0, 6 * MIB, (6 * MIB,)),
        Part(2, 6 * MIB, 5 * MIB, (1 * MIB, 4 * MIB)),
        Part(3, 11 * MIB, 1 * MIB, (1 * MIB,)),
    ] == parts.parts_of([6 * MIB, 1 * MIB, 4 * MIB, 1 * MIB])


@given(st.lists(st.integers(1, 12 * MIB), min_size=1, max_size=40))
def test_parts_are_all_of_the_object_and_large_enough(sizes: list[int]) -> None:
    made = parts.parts_of(sizes)

    assert sizes == [size for part in made for size in part.pieces]
    assert [part.start for part in made] == [
        sum(one.size_bytes for one in made[:number]) for number in range(len(made))
    ]
    assert all(part.size_bytes >= parts.LEAST_PART_BYTES for part in made[:-1])


@given(st.integers(1, 5 * 1024**4))
def test_what_was_never_cut_is_cut_into_few_enough(size_bytes: int) -> None:
    sizes = parts.cut(size_bytes)

    assert size_bytes == sum(sizes)
    assert len(sizes) <= parts.MOST_PARTS


def test_the_whole_etag_is_made_of_the_pieces_of_all_parts() -> None:
    pieces = [[_md5(b"a"), _md5(b"b")], [_md5(b"c")]]
    joined = bytes.fromhex("".join(digest for of_part in pieces for digest in of_part))

    assert f"{_md5(joined)}-3" == parts.whole_etag(pieces)
