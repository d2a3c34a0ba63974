"""Listings of versions: order, pages, markers, and what they cost."""

import pytest

from ferrox.records import Checksum, CommonPrefix, Versioning, VersionListing, VersionSummary
from ferrox.storage.metadata import history
from tests.storage.metadata.index import Index
from tests.storage.metadata.test_listing import steps_of


def page(index: Index, **arguments: str | int) -> VersionListing:
    """A page of the index's bucket."""
    asked = {
        "prefix": "",
        "delimiter": "",
        "key_marker": "",
        "version_id_marker": "",
        "limit": 1000,
        **arguments,
    }
    return index.database.read(
        lambda reader: history.page(reader, index.bucket, **asked)  # type: ignore[arg-type]
    )


def shown(found: VersionListing) -> list[str]:
    """Entries as `key:version id`, `!` for the latest, `x` for a delete marker."""
    return [
        entry.prefix
        if isinstance(entry, CommonPrefix)
        else f"{entry.key}:{entry.version_id}"
        f"{'!' if entry.is_latest else ''}{'x' if entry.is_delete_marker else ''}"
        for entry in found.entries
    ]


async def walk(index: Index, **arguments: str | int) -> list[str]:
    """All pages, one after the other."""
    entries: list[str] = []
    markers = {"key_marker": "", "version_id_marker": ""}
    while True:
        found = page(index, **{**arguments, **markers})
        entries += shown(found)
        if not found.is_truncated:
            assert ("", "") == (found.next_key_marker, found.next_version_id_marker)
            return entries
        markers = {
            "key_marker": found.next_key_marker,
            "version_id_marker": found.next_version_id_marker,
        }


async def fill(index: Index) -> list[str]:
    """Versions of several keys, in the order in which they are listed."""
    await index.put("a")
    await index.set_versioning(Versioning.ENABLED)
    ids: dict[str, list[str]] = {}
    for key in ("b", "a/x", "a/x", "c", "a/y"):
        ids[key] = [*ids.get(key, []), (await index.put(key)).version_id]
    marker = (await index.delete("b")).version_id
    two, one = reversed(ids["a/x"])
    return [
        "a:null!",
        *(f"a/x:{two}!", f"a/x:{one}"),
        f"a/y:{ids['a/y'][0]}!",
        *(f"b:{marker}!x", f"b:{ids['b'][0]}"),
        f"c:{ids['c'][0]}!",
    ]


async def test_versions_are_listed_by_key_and_then_by_age(index: Index) -> None:
    expected = await fill(index)

    assert expected == shown(page(index))


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 100])
async def test_pages_join_without_gap_or_overlap(index: Index, limit: int) -> None:
    expected = await fill(index)

    assert expected == await walk(index, limit=limit)
    assert [entry for entry in expected if entry.startswith("a/")] == await walk(
        index, limit=limit, prefix="a/"
    )


@pytest.mark.parametrize("limit", [1, 2, 100])
async def test_a_delimiter_rolls_up_versions_and_markers_alike(index: Index, limit: int) -> None:
    expected = await fill(index)

    rolled_up = [expected[0], "a/", *expected[4:]]
    assert rolled_up == await walk(index, limit=limit, delimiter="/")


async def test_no_entry_is_asked_for(index: Index) -> None:
    await fill(index)

    assert VersionListing([], False, "", "") == page(index, limit=0)


async def test_a_key_marker_alone_passes_its_key(index: Index) -> None:
    expected = await fill(index)

    assert expected[4:] == shown(page(index, key_marker="a/y"))
    assert expected[3:] == shown(page(index, key_marker="a/x"))
    assert expected[1:] == shown(page(index, key_marker="a.", version_id_marker="null"))


async def test_a_marker_below_a_common_prefix_passes_all_of_it(index: Index) -> None:
    expected = await fill(index)
    two = expected[1].partition(":")[2].rstrip("!")

    for markers in ({"key_marker": "a/"}, {"key_marker": "a/x", "version_id_marker": two}):
        assert expected[4:] == shown(page(index, delimiter="/", **markers))


async def test_a_version_marker_that_is_gone_loses_nothing(index: Index) -> None:
    """A client removes each page before it asks for the next one."""
    await index.set_versioning(Versioning.ENABLED)
    for _ in range(7):
        await index.put("k")
    await index.delete("k")
    removed = []
    markers = {"key_marker": "", "version_id_marker": ""}
    while True:
        found = page(index, limit=3, **markers)
        for entry in found.entries:
            assert isinstance(entry, VersionSummary)
            await index.delete("k", entry.version_id)
            removed.append(entry.version_id)
        if not found.is_truncated:
            break
        markers = {"key_marker": "k", "version_id_marker": found.next_version_id_marker}

    assert 8 == len(set(removed)) == len(removed)
    assert [] == shown(page(index))


async def test_a_summary_says_what_the_version_is(index: Index) -> None:
    await index.put("k", b"123", etag="e", checksum=Checksum("CRC32", "AAAAAA==", "COMPOSITE"))

    expected = VersionSummary(
        *("k", "null", True, False, 3, 1, "e", "STANDARD", "owner", "CRC32", "COMPOSITE")
    )
    assert [expected] == page(index).entries


async def test_a_page_costs_what_it_shows(index: Index) -> None:
    """However many versions the keys before it have, or are below a prefix, or come after."""
    await index.set_versioning(Versioning.ENABLED)
    few = [(await index.put("a")).version_id for _ in range(4)]
    await index.put("p/a")
    await index.put("z")
    at_first = {
        "page": steps_of(index, lambda: page(index, limit=2)),
        "older": steps_of(
            index, lambda: page(index, limit=2, key_marker="a", version_id_marker=few[2])
        ),
        "rolled up": steps_of(index, lambda: page(index, delimiter="/", prefix="p")),
    }
    for number in range(200):
        await index.put("a")
        await index.put(f"p/{number}")
    later = {
        "page": steps_of(index, lambda: page(index, limit=2)),
        "older": steps_of(
            index, lambda: page(index, limit=2, key_marker="a", version_id_marker=few[2])
        ),
        "rolled up": steps_of(index, lambda: page(index, delimiter="/", prefix="p")),
    }

    assert at_first["page"] + 20 > later["page"]
    assert at_first["rolled up"] + 20 > later["rolled up"]
    # The marker itself is looked for among the ids of its key, in the index.
    assert at_first["older"] + 5 * 200 > later["older"]


async def test_listing_objects_costs_nothing_for_what_is_not_shown(index: Index) -> None:
    await index.set_versioning(Versioning.ENABLED)
    for key in "abc":
        await index.put(key)
    at_first = steps_of(index, index.names)
    for key in "abc" * 50:
        await index.put(key)
    for number in range(200):
        await index.put(f"b{number}")
        await index.delete(f"b{number}")

    assert ["a", "b", "c"] == index.names()
    assert at_first == steps_of(index, index.names)
