"""brought.py: where versions go that were made elsewhere, and what becomes of those above them."""

from typing import Any

import pytest

from ferrox.errors import PreconditionFailed
from ferrox.records import Deletion, Versioning, VersionRecord
from ferrox.storage.metadata import findings, objects
from tests.storage.metadata.index import Index, blob

OLD, LATER = "old-version-of-another", "later-version-of-another"
NOW_MS = 1000


@pytest.fixture
async def kept(index: Index) -> Index:
    """An index whose bucket keeps versions; what is made here is made from NOW_MS on."""
    await index.set_versioning(Versioning.ENABLED)
    index.now_ms = NOW_MS
    return index


async def _bring(
    index: Index, data: bytes, modified_ms: int, version_id: str = OLD, **facts: Any
) -> VersionRecord:
    return await index.put("a", data, modified_ms=modified_ms, version_id=version_id, **facts)


async def _bring_marker(
    index: Index, modified_ms: int, version_id: str = OLD, follows: str = ""
) -> Deletion:
    deletion: Deletion = await index.write(
        lambda tx: objects.bring_delete_marker(
            tx,
            index.bucket,
            "a",
            version_id,
            modified_ms=modified_ms,
            follows=follows,
            now_ms=index.now_ms,
        )
    )
    return deletion


async def _history(index: Index) -> list[str]:
    """What the versions of the key hold, oldest first."""
    rows = await index.rows(
        "SELECT is_delete_marker, data FROM versions LEFT JOIN inline_data USING (version)"
        " WHERE key = 'a' ORDER BY version"
    )
    return ["marker" if is_marker else data.decode() for is_marker, data in rows]


async def _usage(index: Index) -> tuple[int, int]:
    ((object_count, version_count),) = await index.rows(
        "SELECT object_count, version_count FROM bucket_usage"
    )
    return object_count, version_count


async def test_what_was_written_here_since_stays_what_the_key_shows(kept: Index) -> None:
    await kept.put("a", b"own", tags={"kept": "yes"})
    await kept.put("a", b"newest")

    await _bring(kept, b"brought", 5)

    assert ["brought", "own", "newest"] == await _history(kept)
    assert b"newest" == kept.data("a")
    assert b"brought" == kept.data("a", OLD)
    assert ["a"] == kept.names()
    assert (1, 3) == await _usage(kept)


async def test_what_is_brought_in_order_stays_in_order(kept: Index) -> None:
    for number, modified_ms in enumerate([5, 6, 6, 7]):
        await _bring(kept, b"%d" % number, modified_ms, f"version-of-another-{number}")

    assert ["0", "1", "2", "3"] == await _history(kept)
    assert b"3" == kept.data("a")


async def test_what_comes_late_goes_between_those_that_came_before(kept: Index) -> None:
    await _bring(kept, b"1", 5, "first-version-of-another")
    await _bring(kept, b"3", 7, LATER)

    await _bring(kept, b"2", 6)

    assert ["1", "2", "3"] == await _history(kept)


async def test_what_came_after_a_younger_one_goes_above_it(kept: Index) -> None:
    """AWS dates an object that is made of parts by when its upload was begun."""
    await _bring(kept, b"put", 6, LATER)
    await kept.put("a", b"own")

    await _bring(kept, b"in parts", 5, follows=LATER)

    assert ["put", "in parts", "own"] == await _history(kept)


async def test_a_marker_hides_nothing_that_is_newer(kept: Index) -> None:
    await kept.put("a", b"own")

    deletion = await _bring_marker(kept, 5)

    assert Deletion(is_delete_marker=True, version_id=OLD) == deletion
    assert ["marker", "own"] == await _history(kept)
    assert ["a"] == kept.names()
    assert (1, 2) == await _usage(kept)


async def test_a_marker_that_came_after_a_younger_version_hides_it(kept: Index) -> None:
    await _bring(kept, b"put", 6, LATER)

    await _bring_marker(kept, 5, follows=LATER)

    assert ["put", "marker"] == await _history(kept)
    assert [] == kept.names()
    assert (0, 2) == await _usage(kept)


async def test_what_was_deleted_here_since_stays_hidden(kept: Index) -> None:
    await kept.delete("a")

    await _bring(kept, b"brought", 5)

    assert ["brought", "marker"] == await _history(kept)
    assert [] == kept.names()
    assert (0, 2) == await _usage(kept)


async def test_what_is_to_be_shown_is_not_brought_below_something_newer(kept: Index) -> None:
    """It was made anew by every run of a migration that copies current objects only."""
    await kept.put("a", b"own")

    with pytest.raises(PreconditionFailed) as refused:
        await _bring(kept, b"brought", 5, check=lambda _: None)

    assert "ferrox-modified" == refused.value.details["Condition"]
    assert ["own"] == await _history(kept)


async def test_what_is_lifted_keeps_its_bytes_and_what_was_found_of_it(kept: Index) -> None:
    await kept.put("a", extents=(blob(1),))
    own = await kept.put("a", b"own")
    found = [(findings.INLINE, own.version, "damaged"), (findings.VERSION, own.version, "too")]
    await kept.write(lambda tx: findings.note(tx, found, 1, 0))

    await _bring(kept, b"brought", 5)

    lifted = kept.find("a")
    assert lifted is not None
    assert (own._replace(version=lifted.version), b"own") == (
        lifted._replace(inline=None),
        lifted.inline,
    )
    page = kept.database.read(lambda reader: findings.page(reader, ("", ""), 10))
    assert [lifted.version] * 2 == [finding.name for finding in page]
    assert {1: 1} == await kept.counts()
    assert 2 == len(await kept.rows("SELECT 1 FROM inline_data"))


async def test_the_null_version_takes_the_place_that_its_time_has(kept: Index) -> None:
    await _bring(kept, b"null", 5, "null")
    await kept.put("a", b"own")

    await _bring(kept, b"another null", 6, "null")

    assert ["another null", "own"] == await _history(kept)
    assert b"own" == kept.data("a")


@pytest.mark.parametrize("versioning", [*Versioning])
async def test_a_newer_null_version_is_never_replaced(index: Index, versioning: Versioning) -> None:
    index.now_ms = NOW_MS
    await index.put("a", b"own")
    if versioning is not Versioning.UNVERSIONED:
        await index.set_versioning(versioning)

    with pytest.raises(PreconditionFailed) as refused:
        await _bring(index, b"brought", 5, "null")

    assert "ferrox-modified" == refused.value.details["Condition"]
    assert ["own"] == await _history(index)


async def test_nor_is_it_by_a_marker(kept: Index) -> None:
    await kept.set_versioning(Versioning.SUSPENDED)
    await kept.put("a", b"own")

    with pytest.raises(PreconditionFailed):
        await _bring_marker(kept, 5, "null")

    assert ["own"] == await _history(kept)


async def test_what_is_brought_again_replaces_itself(kept: Index) -> None:
    await _bring(kept, b"null", 5, "null")

    await _bring(kept, b"null", 5, "null")

    assert ["null"] == await _history(kept)
