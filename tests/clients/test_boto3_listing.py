"""boto3 as it is installed today: every listing, page by page."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.clients import witness
from tests.clients.witness import CROWD

TREE = ["a/1", "a/2", "a/b/3", "b", "c/4", "d", "ä/5"]


@pytest.fixture
def tree(s3: Any, bucket: str) -> str:
    """A bucket with a few keys that look like directories."""
    witness.put_all(s3, bucket, TREE)
    return bucket


def listed(s3: Any, paginator: str, bucket: str, page_size: int, **parameters: str) -> list[str]:
    """Keys and common prefixes in the order in which the pages bring them."""
    pages = s3.get_paginator(paginator).paginate(
        Bucket=bucket, PaginationConfig={"PageSize": page_size}, **parameters
    )
    found = []
    for page in pages:
        names = [entry["Key"] for entry in page.get("Contents", [])]
        names += [entry["Prefix"] for entry in page.get("CommonPrefixes", [])]
        assert len(names) <= page_size
        found += sorted(names, key=str.encode)
    return found


@pytest.mark.parametrize("paginator", ["list_objects", "list_objects_v2"])
@pytest.mark.parametrize("page_size", [1000, 333])
def test_more_than_a_page_of_keys(s3: Any, crowded: str, paginator: str, page_size: int) -> None:
    assert list(CROWD) == listed(s3, paginator, crowded, page_size)


@pytest.mark.parametrize("paginator", ["list_objects", "list_objects_v2"])
@pytest.mark.parametrize("page_size", [1, 2, 1000])
def test_prefixes_and_delimiters(s3: Any, tree: str, paginator: str, page_size: int) -> None:
    def names(**parameters: str) -> list[str]:
        return listed(s3, paginator, tree, page_size, **parameters)

    assert ["a/", "b", "c/", "d", "ä/"] == names(Delimiter="/")
    assert ["a/1", "a/2", "a/b/"] == names(Delimiter="/", Prefix="a/")
    assert ["a/1", "a/2", "a/b/3"] == names(Prefix="a/")
    assert ["a/1", "a/2", "a/b", "b", "c/4", "d", "ä/5"] == names(Delimiter="b")
    assert ["a/1", "a/2", "a/b/3"] == names(Delimiter="/3", Prefix="a/")
    assert ["ä/5"] == names(Prefix="ä")
    assert [] == names(Prefix="nothing")


def test_a_listing_says_what_it_is_about(s3: Any, tree: str) -> None:
    first = s3.list_objects_v2(Bucket=tree, MaxKeys=2, FetchOwner=True)
    second = s3.list_objects_v2(Bucket=tree, ContinuationToken=first["NextContinuationToken"])

    assert (True, 2, 2, tree) == tuple(
        first[x] for x in ("IsTruncated", "KeyCount", "MaxKeys", "Name")
    )
    entry = first["Contents"][0]
    assert ("a/1", 3, "STANDARD") == (entry["Key"], entry["Size"], entry["StorageClass"])
    assert entry["ETag"] == s3.head_object(Bucket=tree, Key="a/1")["ETag"]
    assert entry["Owner"]["ID"]
    assert (False, 5) == (second["IsTruncated"], second["KeyCount"])
    assert first["NextContinuationToken"] == second["ContinuationToken"]
    assert "Owner" not in second["Contents"][0]


def test_a_listing_starts_where_told(s3: Any, tree: str) -> None:
    after = s3.list_objects_v2(Bucket=tree, StartAfter="a/b/3")
    marked = s3.list_objects(Bucket=tree, Marker="c/")

    assert ["b", "c/4", "d", "ä/5"] == [entry["Key"] for entry in after["Contents"]]
    assert "a/b/3" == after["StartAfter"]
    assert ["c/4", "d", "ä/5"] == [entry["Key"] for entry in marked["Contents"]]
    assert "c/" == marked["Marker"]


def test_no_keys_at_all_may_be_asked_for(s3: Any, tree: str) -> None:
    answer = s3.list_objects_v2(Bucket=tree, MaxKeys=0)

    assert (0, False) == (answer["KeyCount"], answer["IsTruncated"])
    assert "Contents" not in answer


def test_a_foreign_continuation_token_is_refused(s3: Any, tree: str) -> None:
    with pytest.raises(ClientError) as refusal:
        s3.list_objects_v2(Bucket=tree, ContinuationToken="made up")

    assert "InvalidArgument" == refusal.value.response["Error"]["Code"]


def test_buckets_are_listed_page_by_page(s3: Any, bucket_name: str) -> None:
    names = [f"{bucket_name}-{letter}" for letter in "abc"]
    for name in names:
        s3.create_bucket(Bucket=name)

    pages = list(
        s3.get_paginator("list_buckets").paginate(
            Prefix=bucket_name, PaginationConfig={"PageSize": 2}
        )
    )

    assert [names[:2], names[2:]] == [[one["Name"] for one in page["Buckets"]] for page in pages]
    assert all(page["Owner"]["ID"] for page in pages)
