"""What happens in a bucket that others may write to, where access control lists are in force.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html
"""

import pytest

from tests.in_process import OTHER, OTHER_ACCESS_KEY, ROOT, InProcess
from tests.signing import ACCESS_KEY


@pytest.fixture
async def open_bucket(s3: InProcess) -> InProcess:
    """The server, with a bucket that everybody may read and write."""
    made = await s3.ask("PUT", "/bucket", headers={"x-amz-object-ownership": "ObjectWriter"})
    await s3.ask("DELETE", "/bucket", {"publicAccessBlock": ""})
    opened = await s3.ask("PUT", "/bucket", {"acl": ""}, headers={"x-amz-acl": "public-read-write"})
    assert (200, 200) == (made.status, opened.status)
    return s3


async def test_each_upload_is_shown_as_that_of_who_began_it(open_bucket: InProcess) -> None:
    await open_bucket.ask("POST", "/bucket/mine", {"uploads": ""})
    await open_bucket.ask("POST", "/bucket/theirs", {"uploads": ""}, access_key=OTHER_ACCESS_KEY)

    mine = await open_bucket.ask("GET", "/bucket", {"uploads": ""})
    theirs = await open_bucket.ask("GET", "/bucket", {"uploads": ""}, access_key=OTHER_ACCESS_KEY)

    expected = [("mine", ROOT.canonical_id), ("theirs", OTHER.canonical_id)]
    uploads = mine.document["Upload"]
    assert expected == [(one["Key"], one["Initiator"]["ID"]) for one in uploads]
    assert expected == [(one["Key"], one["Owner"]["ID"]) for one in uploads]
    assert mine.document == theirs.document


async def test_who_writes_owns_what_the_owner_may_only_delete(open_bucket: InProcess) -> None:
    await open_bucket.put("k", access_key=OTHER_ACCESS_KEY)

    listed = await open_bucket.ask("GET", "/bucket")
    read = await open_bucket.get("k")
    deleted = await open_bucket.ask("DELETE", "/bucket/k")

    assert OTHER.canonical_id == listed.document["Contents"]["Owner"]["ID"]
    assert (403, "AccessDenied") == (read.status, read.code)
    assert 204 == deleted.status


async def test_the_owner_is_given_what_the_writer_gives(open_bucket: InProcess) -> None:
    await open_bucket.put(
        "k", headers={"x-amz-acl": "bucket-owner-full-control"}, access_key=OTHER_ACCESS_KEY
    )

    assert 200 == (await open_bucket.get("k")).status


async def test_who_may_list_is_told_what_is_not_there(open_bucket: InProcess) -> None:
    told = await open_bucket.get("absent", is_signed=False)
    await open_bucket.ask("PUT", "/bucket", {"acl": ""}, headers={"x-amz-acl": "private"})
    untold = await open_bucket.get("absent", is_signed=False)

    assert (404, "NoSuchKey") == (told.status, told.code)
    assert (403, "AccessDenied") == (untold.status, untold.code)


@pytest.mark.parametrize(("is_signed", "access_key"), [(False, ""), (True, OTHER_ACCESS_KEY)])
async def test_an_upload_is_neither_ended_nor_shown_by_strangers(
    open_bucket: InProcess, is_signed: bool, access_key: str
) -> None:
    begun = await open_bucket.ask("POST", "/bucket/k", {"uploads": ""})
    query = {"uploadId": begun.document["UploadId"]}
    who = {"is_signed": is_signed, "access_key": access_key}

    ended = await open_bucket.ask("DELETE", "/bucket/k", query, **who)  # type: ignore[arg-type]
    shown = await open_bucket.ask("GET", "/bucket/k", query, **who)  # type: ignore[arg-type]

    assert (403, "AccessDenied") == (ended.status, ended.code)
    assert (403, "AccessDenied") == (shown.status, shown.code)
    assert 200 == (await open_bucket.ask("GET", "/bucket/k", query)).status


async def test_an_upload_is_ended_by_who_began_it_and_by_the_owner(open_bucket: InProcess) -> None:
    statuses = []
    for ender in (OTHER_ACCESS_KEY, ACCESS_KEY):
        begun = await open_bucket.ask(
            "POST", "/bucket/k", {"uploads": ""}, access_key=OTHER_ACCESS_KEY
        )
        query = {"uploadId": begun.document["UploadId"]}
        ended = await open_bucket.ask("DELETE", "/bucket/k", query, access_key=ender)
        statuses.append(ended.status)

    assert [204, 204] == statuses
