"""Listings: order, roll-up, pages, and what they cost."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ferrox.records import Checksum, CommonPrefix, Listing, ObjectSummary, Versioning
from ferrox.storage.metadata import listing
from ferrox.storage.metadata.database import Reader
from tests.storage.metadata.index import Index


async def fill(index: Index, *keys: str) -> None:
    """Put keys, in one transaction."""
    rows = [(index.bucket.bucket_id, key) for key in keys]
    insert = "INSERT INTO objects VALUES (?, ?, 1, 0, 0, '', '', '', NULL, NULL)"
    await index.write(lambda tx: tx.executemany(insert, rows))


def steps(index: Index, **arguments: str | int) -> int:
    """How many steps SQLite's machine takes for a listing."""
    return steps_of(index, lambda: index.names(**arguments))


def steps_of(index: Index, look_up: Callable[[], object]) -> int:
    """How many steps it takes for something that is looked up."""
    count = 0

    def tick() -> int:
        nonlocal count
        count += 1
        return 0

    index.database.read(lambda reader: reader.set_progress_handler(tick, 1))
    look_up()
    index.database.read(lambda reader: reader.set_progress_handler(None, 0))
    return count


async def test_an_entry_shows_the_compact_row(index: Index) -> None:
    await index.put(
        "a", b"123", etag="e", storage_class="GLACIER", checksum=Checksum("CRC32", "AAAAAA==")
    )

    page = index.database.read(
        lambda reader: listing.objects(
            reader, index.bucket, prefix="", delimiter="", after="", limit=10
        )
    )

    expected = ObjectSummary("a", 3, 1, "e", "GLACIER", "owner", "CRC32", "FULL_OBJECT")
    assert ([expected], False, "") == page


async def test_keys_are_listed_in_the_order_of_their_utf8(index: Index) -> None:
    keys = ["a", "a\0", "a\0b", "a ", "a!", "a/", "a//", "b", "é", "\ue000", "\uffff", "\U00010000"]
    await fill(index, *reversed(keys))

    assert keys == index.names()
    assert keys == sorted(keys, key=str.encode)


async def test_other_buckets_are_not_listed(index: Index) -> None:
    await fill(index, "a")
    await index.write(
        lambda tx: tx.execute("UPDATE objects SET bucket_id = ?", (index.bucket.bucket_id + 1,))
    )

    assert [] == index.names()


async def test_hidden_keys_are_not_listed(index: Index) -> None:
    await index.set_versioning(Versioning.ENABLED)
    for key in ("a", "b", "c"):
        await index.put(key)
    await index.delete("b")

    assert ["a", "c"] == index.names()
    assert ["a", "…"] == index.names(limit=1)


async def test_a_prefix_limits_what_is_listed(index: Index) -> None:
    await fill(index, "a", "ab", "abc", "abd", "ac", "b")

    assert ["ab", "abc", "abd"] == index.names(prefix="ab")
    assert ["abd"] == index.names(prefix="ab", after="abc")
    assert ["ab", "abc", "abd"] == index.names(prefix="ab", after="aa")
    assert [] == index.names(prefix="ab", after="b")
    assert [] == index.names(prefix="x")


async def test_a_delimiter_rolls_keys_up(index: Index) -> None:
    await fill(index, "a", "b/", "b/1", "b/2/3", "c", "c/1", "d//e")

    assert ["a", "b/", "c", "c/", "d/"] == index.names(delimiter="/")
    assert ["b/", "b/1", "b/2/"] == index.names(prefix="b/", delimiter="/")
    assert ["d//"] == index.names(prefix="d/", delimiter="/")
    assert ["b/"] == index.names(prefix="b", delimiter="/")


@pytest.mark.parametrize("delimiter", ["--", "ü", "🦀", "\0", "x--"])
async def test_any_string_is_a_delimiter(index: Index, delimiter: str) -> None:
    await fill(index, f"x{delimiter}1", f"x{delimiter}2", "y-")

    expected = {"x--": ["xx--", "y-"]}.get(delimiter, [f"x{delimiter}", "y-"])
    assert sorted(expected) == index.names(delimiter=delimiter)


async def test_a_common_prefix_of_the_last_code_point_ends_the_listing(index: Index) -> None:
    last = "\U0010ffff"
    await fill(index, "a", last + last, last + last + "x")

    assert ["a", last] == index.names(delimiter=last)
    assert ["a", "…"] == index.names(delimiter=last, limit=1)
    assert [] == index.names(delimiter=last, after=last)


async def test_pages_tell_whether_there_is_more(index: Index) -> None:
    await fill(index, "a", "b", "c")

    assert ["a", "b", "…"] == index.names(limit=2)
    assert ["a", "b", "c"] == index.names(limit=3)
    assert ["c"] == index.names(limit=2, after="b")
    assert [] == index.names(limit=0)


async def test_a_page_goes_on_behind_its_common_prefix(index: Index) -> None:
    await fill(index, "a/1", "a/2", "b", "c/1")

    assert ["a/", "…"] == index.names(delimiter="/", limit=1)
    assert ["b", "…"] == index.names(delimiter="/", limit=1, after="a/")
    assert ["c/"] == index.names(delimiter="/", limit=1, after="b")


async def test_a_marker_inside_a_common_prefix_passes_over_it(index: Index) -> None:
    await fill(index, "a/1", "a/2", "b/1")

    assert ["b/"] == index.names(delimiter="/", after="a/")
    assert ["b/"] == index.names(delimiter="/", after="a/1")
    assert ["a/", "b/"] == index.names(delimiter="/", after="a")
    assert ["a/2"] == index.names(prefix="a/", delimiter="/", after="a/1")


async def test_the_cost_of_a_page_does_not_depend_on_the_number_of_keys(index: Index) -> None:
    await fill(index, *(f"{n:05}" for n in range(100)))
    cost_of_few = steps(index, limit=50)
    await fill(index, *(f"{n:05}" for n in range(100, 10_000)))

    assert cost_of_few == steps(index, limit=50)
    assert steps(index, limit=50, after="09000", prefix="09") == cost_of_few


async def test_the_cost_of_common_prefixes_does_not_depend_on_the_keys_below(index: Index) -> None:
    await fill(index, *(f"{n % 10}/{n:05}" for n in range(100)))
    cost_of_few = steps(index, delimiter="/")
    await fill(index, *(f"{n % 10}/{n:05}" for n in range(100, 10_000)))

    assert [f"{n}/" for n in range(10)] == index.names(delimiter="/")
    assert cost_of_few == steps(index, delimiter="/")


async def test_the_cost_of_a_page_does_not_depend_on_old_versions(index: Index) -> None:
    await index.set_versioning(Versioning.ENABLED)
    for key in ("a", "b"):
        await index.put(key)
    cost_of_few = steps(index)
    for _ in range(50):
        await index.put("a")
        await index.put("c")
        await index.delete("c")

    assert cost_of_few == steps(index)


LETTERS = st.sampled_from("ab/-\0\ue000\U0010ffff")
KEYS = st.text(LETTERS, min_size=1, max_size=5)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    keys=st.sets(KEYS, max_size=12),
    prefix=st.text(LETTERS, max_size=2),
    delimiter=st.text(LETTERS, max_size=2),
    limit=st.integers(1, 4),
)
async def test_pages_one_after_the_other_are_the_whole(
    index: Index, keys: set[str], prefix: str, delimiter: str, limit: int
) -> None:
    await index.write(lambda tx: tx.execute("DELETE FROM objects"))
    await fill(index, *keys)
    after = ""
    found: list[ObjectSummary | CommonPrefix] = []

    while True:
        start = after

        def page(reader: Reader, start: str = start) -> Listing:
            return listing.objects(
                reader,
                index.bucket,
                prefix=prefix,
                delimiter=delimiter,
                after=start,
                limit=limit,
            )

        entries, is_truncated, after = index.database.read(page)
        found += entries
        assert len(entries) == limit or not is_truncated
        if not is_truncated:
            break

    assert naively(keys, prefix, delimiter) == [listing.name_of(entry) for entry in found]


def naively(keys: set[str], prefix: str, delimiter: str) -> list[str]:
    """What a listing shows, said as S3's documentation says it."""
    shown = set()
    for key in keys:
        if key.startswith(prefix):
            head, found, _ = key[len(prefix) :].partition(delimiter or "\n")
            shown.add(prefix + head + found if found else key)
    return sorted(shown)
