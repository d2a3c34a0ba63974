"""listing.py: pages become keys, and both sides are walked through together."""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferrox.migration import listing
from ferrox.migration.entries import Entry
from ferrox.migration.faults import Halt, Refused
from ferrox.migration.listing import Key
from tests.migration.s3_stage import Asked, answer, asking


def _version(key: str, version_id: str, *, is_latest: bool) -> str:
    latest = str(is_latest).lower()
    return (
        f"<Version><Key>{key}</Key><VersionId>{version_id}</VersionId><IsLatest>{latest}</IsLatest>"
        "<LastModified>2024-01-01T00:00:00Z</LastModified><Size>1</Size></Version>"
    )


def _page(*versions: str, marker: tuple[str, str] | None = None) -> bytes:
    truncated = "<IsTruncated>false</IsTruncated>"
    if marker is not None:
        truncated = (
            f"<IsTruncated>true</IsTruncated><NextKeyMarker>{marker[0]}</NextKeyMarker>"
            f"<NextVersionIdMarker>{marker[1]}</NextVersionIdMarker>"
        )
    body = f"<ListVersionsResult>{truncated}{''.join(versions)}</ListVersionsResult>"
    return answer(body.encode())


async def test_the_versions_of_a_key_come_together_from_two_pages() -> None:
    def answers(asked: Asked) -> bytes:
        query = parse_qs(urlsplit(asked.target).query, keep_blank_values=True)
        if "key-marker" not in query:
            assert ["p"] == query["prefix"]
            newest = _version("b", "v3", is_latest=True)
            return _page(_version("a", "v1", is_latest=True), newest, marker=("b", "v3"))
        assert (["b"], ["v3"]) == (query["key-marker"], query["version-id-marker"])
        return _page(_version("b", "v2", is_latest=False))

    async with asking(answers) as (s3, _):
        found = [key async for key in listing.keys(s3, "bucket", "p", with_versions=True)]

    assert [("a", ["v1"]), ("b", ["v2", "v3"])] == [
        (key.key, [entry.version_id for entry in key.entries]) for key in found
    ]


async def test_without_versions_objects_are_listed() -> None:
    def answers(asked: Asked) -> bytes:
        query = parse_qs(urlsplit(asked.target).query)
        assert ["2"] == query["list-type"]
        key, more = ("b", "") if query.get("continuation-token") == ["t"] else (
            "a", "<IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>"
        )  # fmt: skip
        body = f"<ListBucketResult>{more}<Contents><Key>{key}</Key></Contents></ListBucketResult>"
        return answer(body.encode())

    async with asking(answers) as (s3, _):
        found = [key async for key in listing.keys(s3, "bucket", "", with_versions=False)]

    assert ["a", "b"] == [key.key for key in found]


async def test_a_listing_that_cannot_be_read_is_refused() -> None:
    async with asking(lambda _: answer(b"<html>")) as (s3, _):
        with pytest.raises(Refused, match="cannot be read"):
            async for _key in listing.keys(s3, "bucket", "", with_versions=True):
                pass


async def test_a_listing_that_goes_on_but_does_not_say_where_is_not_taken_for_its_beginning() -> (
    None
):
    """Servers that know no ListObjectsV2 answer so: keys beyond the first page were passed over.

    With --remove they were even removed at the target.
    """
    first = b"<Contents><Key>a</Key></Contents><NextMarker>a</NextMarker>"
    body = b"<ListBucketResult><IsTruncated>true</IsTruncated>%s</ListBucketResult>" % first

    async with asking(lambda _: answer(body)) as (s3, _):
        with pytest.raises(Refused, match="cannot be read"):
            async for _key in listing.keys(s3, "bucket", "", with_versions=False):
                pass


async def test_a_listing_out_of_order_cannot_be_compared() -> None:
    versions = [_version(key, "v", is_latest=True) for key in ("b", "a", "c")]

    async with asking(lambda _: _page(*versions)) as (s3, _):
        with pytest.raises(Halt, match="not in the order"):
            async for _key in listing.keys(s3, "bucket", "", with_versions=True):
                pass


async def _keys(names: list[str]) -> AsyncIterator[Key]:
    for name in names:
        yield Key(name, [Entry(name, "v", False, 1, 0, "e")])


@given(st.sets(st.text(max_size=3)), st.sets(st.text(max_size=3)))
def test_both_sides_are_walked_through_together(left: set[str], right: set[str]) -> None:
    def ordered(names: set[str]) -> list[str]:
        return sorted(names, key=lambda name: name.encode("utf-8", "surrogatepass"))

    async def walk() -> list[tuple[str, bool, bool]]:
        together = listing.together(_keys(ordered(left)), _keys(ordered(right)))
        return [(both.key, bool(both.source), bool(both.target)) async for both in together]

    expected = [(name, name in left, name in right) for name in ordered(left | right)]
    assert expected == asyncio.run(walk())
