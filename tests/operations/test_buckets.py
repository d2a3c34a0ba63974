from typing import Any

import pytest

from ferrox.protocol.shapes.buckets import BUCKET_REGION
from tests.in_process import OTHER, OTHER_ACCESS_KEY, ROOT, InProcess


async def test_a_bucket_is_created_listed_found_and_removed(s3: InProcess) -> None:
    created = await s3.ask("PUT", "/photos")
    listed = await s3.ask("GET", "/")
    found = await s3.ask("HEAD", "/photos")
    removed = await s3.ask("DELETE", "/photos")
    gone = await s3.ask("HEAD", "/photos")

    assert (200, "/photos") == (created.status, created.headers["location"])
    assert "photos" == listed.document["Buckets"]["Bucket"]["Name"]
    assert ROOT.canonical_id == listed.document["Owner"]["ID"]
    assert (200, "us-east-1") == (found.status, found.headers[BUCKET_REGION])
    assert 204 == removed.status
    assert (404, b"") == (gone.status, gone.body)


@pytest.mark.parametrize(
    "refused",
    [
        {"access_key": OTHER_ACCESS_KEY},
        {"access_key": "AKIANOBODY"},
        {"is_signed": False},
        {"headers": {"x-amz-expected-bucket-owner": OTHER.account_id}},
    ],
)
async def test_where_a_bucket_is_even_those_are_told_who_may_not_reach_it(
    s3: InProcess, refused: dict[str, Any]
) -> None:
    await s3.make_bucket("photos")

    found = await s3.ask("HEAD", "/photos", **refused)
    gone = await s3.ask("HEAD", "/nowhere", **refused)

    assert (403, "us-east-1", b"") == (found.status, found.headers[BUCKET_REGION], found.body)
    assert BUCKET_REGION not in gone.headers


async def test_a_caller_who_signs_for_another_region_learns_the_right_one(s3: InProcess) -> None:
    ireland = InProcess(s3.store, s3.clock, region="eu-west-1")
    await ireland.make_bucket("photos")
    ireland.region = "us-east-1"

    answer = await ireland.ask("HEAD", "/photos")

    assert (400, "eu-west-1") == (answer.status, answer.headers[BUCKET_REGION])


async def test_creating_ones_own_bucket_again_is_no_error_in_us_east_1(s3: InProcess) -> None:
    await s3.make_bucket("photos")

    again = await s3.ask("PUT", "/photos")

    assert 200 == again.status


async def test_creating_ones_own_bucket_again_is_an_error_in_other_regions(s3: InProcess) -> None:
    elsewhere = InProcess(s3.store, s3.clock, region="eu-west-1")
    await elsewhere.make_bucket("photos")

    for server in (elsewhere, s3):
        again = await server.ask("PUT", "/photos")

        assert (409, "BucketAlreadyOwnedByYou") == (again.status, again.code)


async def test_the_name_of_somebody_elses_bucket_is_taken(s3: InProcess) -> None:
    await s3.make_bucket("photos")

    answer = await s3.ask("PUT", "/photos", access_key=OTHER_ACCESS_KEY)

    assert (409, "BucketAlreadyExists") == (answer.status, answer.code)


async def test_a_bucket_of_another_account_is_closed_and_not_listed(s3: InProcess) -> None:
    await s3.make_bucket("photos")
    await s3.put("k", bucket="photos")

    read = await s3.ask("GET", "/photos/k", access_key=OTHER_ACCESS_KEY)
    listed = await s3.ask("GET", "/", access_key=OTHER_ACCESS_KEY)

    assert (403, "AccessDenied") == (read.status, read.code)
    assert not listed.document["Buckets"]


async def test_nobody_has_buckets_or_makes_them(s3: InProcess) -> None:
    listed = await s3.ask("GET", "/", is_signed=False)
    made = await s3.ask("PUT", "/photos", is_signed=False)

    assert [(403, "AccessDenied")] * 2 == [(one.status, one.code) for one in (listed, made)]
    assert s3.store.bucket("photos") is None


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_that_there_is_no_bucket_everybody_is_told(s3: InProcess, method: str) -> None:
    answer = await s3.ask(method, "/photos/k", is_signed=False)

    assert (404, "NoSuchBucket") == (answer.status, answer.code)


async def test_a_name_that_breaks_the_rules_is_refused(s3: InProcess) -> None:
    for name in ("ab", "Photos", "a..b", "192.168.1.1", "health", "metrics", "minio"):
        answer = await s3.ask("PUT", f"/{name}")

        assert (400, "InvalidBucketName") == (answer.status, answer.code), name


async def test_a_location_other_than_this_servers_is_refused(s3: InProcess) -> None:
    body = (
        b"<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint>"
        b"</CreateBucketConfiguration>"
    )

    answer = await s3.ask("PUT", "/photos", body=body)

    assert (400, "IllegalLocationConstraintException") == (answer.status, answer.code)


async def test_the_location_of_a_bucket_is_told_as_aws_tells_it(s3: InProcess) -> None:
    await s3.make_bucket("virginia")
    ireland = InProcess(s3.store, s3.clock, region="eu-west-1")
    body = (
        b'<CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        b"<LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>"
    )
    await ireland.ask("PUT", "/ireland", body=body)

    virginia = await s3.ask("GET", "/virginia", {"location": ""})
    cork = await ireland.ask("GET", "/ireland", {"location": ""})

    assert b"></LocationConstraint>" in virginia.body
    assert b">eu-west-1</LocationConstraint>" in cork.body


async def test_a_bucket_with_objects_is_not_removed(s3: InProcess) -> None:
    await s3.make_bucket()
    await s3.put("k")

    answer = await s3.ask("DELETE", "/bucket")

    assert (409, "BucketNotEmpty") == (answer.status, answer.code)


async def test_buckets_are_listed_page_by_page(s3: InProcess) -> None:
    names = [f"bucket-{number}" for number in range(5)]
    for name in (*names, "other"):
        await s3.make_bucket(name)

    seen, token = [], ""
    while True:
        query = {"max-buckets": "2", "prefix": "bucket-"}
        page = await s3.ask("GET", "/", query | ({"continuation-token": token} if token else {}))
        found = page.document["Buckets"]["Bucket"]
        seen += [bucket["Name"] for bucket in (found if isinstance(found, list) else [found])]
        token = page.document.get("ContinuationToken", "")
        if not token:
            break

    assert names == seen


async def test_acls_that_would_open_a_bucket_are_refused(s3: InProcess) -> None:
    answer = await s3.ask("PUT", "/photos", headers={"x-amz-acl": "public-read"})

    assert (400, "InvalidBucketAclWithObjectOwnership") == (answer.status, answer.code)
