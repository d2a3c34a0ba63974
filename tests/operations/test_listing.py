"""ListObjects and ListObjectsV2: what a page shows, where it begins and where the next one does."""

from typing import Any

import pytest

from tests.in_process import InProcess

KEYS = ("a/1", "a/2", "b", "c d/é", "z")


@pytest.fixture
async def bucket(s3: InProcess) -> InProcess:
    """A bucket with some keys."""
    await s3.make_bucket()
    for key in KEYS:
        await s3.put(key, key.encode())
    return s3


async def page(s3: InProcess, **query: str) -> dict[str, Any]:
    """The document of one page; `max_keys` stands for max-keys."""
    named = {name.replace("_", "-"): value for name, value in query.items()}
    answer = await s3.ask("GET", "/bucket", named)
    assert 200 == answer.status, answer.body
    document: dict[str, Any] = answer.document
    return document


def keys(document: dict[str, Any]) -> list[str]:
    """The keys on a page."""
    rows = document.get("Contents", [])
    return [row["Key"] for row in (rows if isinstance(rows, list) else [rows])]


def prefixes(document: dict[str, Any]) -> list[str]:
    """The common prefixes on a page."""
    rows = document.get("CommonPrefixes", [])
    return [row["Prefix"] for row in (rows if isinstance(rows, list) else [rows])]


@pytest.mark.parametrize("start", [{"list_type": "2", "start_after": "a/1"}, {"marker": "a/1"}])
async def test_a_start_inside_a_common_prefix_passes_over_all_of_it(
    bucket: InProcess, start: dict[str, str]
) -> None:
    """Version 2 used to show `a/` again: it is less than `a/1`, hence AWS filters it out."""
    document = await page(bucket, delimiter="/", **start)

    assert (["b", "z"], ["c d/"]) == (keys(document), prefixes(document))


@pytest.mark.parametrize("version", [{"list_type": "2"}, {}])
async def test_a_page_shows_what_a_key_is(bucket: InProcess, version: dict[str, str]) -> None:
    document = await page(bucket, prefix="b", **version)

    shown = document["Contents"]
    assert isinstance(shown, dict)
    assert ("b", "1", "STANDARD", "CRC64NVME", "FULL_OBJECT") == (
        shown["Key"],
        shown["Size"],
        shown["StorageClass"],
        shown["ChecksumAlgorithm"],
        shown["ChecksumType"],
    )
    assert ("Owner" in shown) == (version == {})


async def test_version_2_tells_the_owner_when_asked(bucket: InProcess) -> None:
    document = await page(bucket, list_type="2", prefix="b", fetch_owner="true")

    shown = document["Contents"]
    assert isinstance(shown, dict)
    assert "ID" in shown["Owner"]


async def test_version_1_goes_on_at_the_last_key_or_the_next_marker(bucket: InProcess) -> None:
    plain = await page(bucket, max_keys="2")
    rolled_up = await page(bucket, max_keys="1", delimiter="/")
    following = await page(bucket, marker="a/", delimiter="/")

    assert ("true", None) == (plain["IsTruncated"], plain.get("NextMarker"))
    assert ("true", "a/") == (rolled_up["IsTruncated"], rolled_up["NextMarker"])
    assert (["b", "z"], ["c d/"]) == (keys(following), prefixes(following))


async def test_version_2_goes_on_at_its_token(bucket: InProcess) -> None:
    first = await page(bucket, list_type="2", max_keys="2", delimiter="/")
    token = str(first["NextContinuationToken"])
    second = await page(bucket, list_type="2", delimiter="/", continuation_token=token)

    assert (["b"], ["a/"], "2") == (keys(first), prefixes(first), first["KeyCount"])
    assert (["z"], ["c d/"], token) == (
        keys(second),
        prefixes(second),
        second["ContinuationToken"],
    )
    assert "NextContinuationToken" not in second


@pytest.mark.parametrize("version", [{"list_type": "2"}, {}])
async def test_a_page_of_no_keys_is_the_whole_listing(
    bucket: InProcess, version: dict[str, str]
) -> None:
    document = await page(bucket, max_keys="0", **version)

    assert ([], "false", "0") == (keys(document), document["IsTruncated"], document["MaxKeys"])


@pytest.mark.parametrize("version", [{"list_type": "2"}, {}])
async def test_names_are_escaped_on_request(bucket: InProcess, version: dict[str, str]) -> None:
    document = await page(bucket, prefix="c ", delimiter="é", encoding_type="url", **version)

    assert ("c+", "%C3%A9", "url") == (
        document["Prefix"],
        document["Delimiter"],
        document["EncodingType"],
    )
    assert ["c+d/%C3%A9"] == prefixes(document)


async def test_another_encoding_is_refused(bucket: InProcess) -> None:
    answer = await bucket.ask("GET", "/bucket", {"encoding-type": "rot13"})

    assert (400, "InvalidArgument") == (answer.status, answer.code)
