"""What any request may have or lack, whatever it asks for, as AWS takes or refuses it.

https://docs.aws.amazon.com/AmazonS3/latest/API/RESTCommonRequestHeaders.html
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

import pytest

from ferrox.records import Versioning
from tests.conformance.test_deletion import delete_many
from tests.conformance.test_versions import switch
from tests.in_process import OTHER_ACCESS_KEY, InProcess


async def test_an_error_tells_the_ids_of_its_headers(bucket: InProcess) -> None:
    answer = await bucket.get("absent")

    assert answer.headers["x-amz-request-id"] == answer.document["RequestId"]
    assert answer.headers["x-amz-id-2"] == answer.document["HostId"]
    assert "/bucket/absent" == answer.document.get("Resource", "/bucket/absent")
    assert "absent" == answer.document["Key"]


@pytest.mark.parametrize("name", ["content-type", "cache-control", "content-encoding", "expires"])
async def test_an_empty_header_is_as_good_as_none(bucket: InProcess, name: str) -> None:
    await bucket.put("plain")
    await bucket.put("k", headers={name: ""})

    plain, answer = await bucket.get("plain"), await bucket.get("k")

    assert b"data" == answer.body
    assert plain.headers.get(name) == answer.headers.get(name)


async def test_an_expires_that_is_no_date_comes_back_as_it_was(bucket: InProcess) -> None:
    await bucket.put("k", headers={"expires": "tomorrow or so"})

    assert "tomorrow or so" == (await bucket.get("k")).headers["expires"]


async def test_a_list_of_more_than_a_thousand_keys_is_malformed(bucket: InProcess) -> None:
    rows = "".join(f"<Object><Key>{number}</Key></Object>" for number in range(1001))

    answer = await delete_many(bucket, rows)

    assert (400, "MalformedXML") == (answer.status, answer.code)


async def test_a_name_that_another_has_taken(bucket: InProcess) -> None:
    mine = await bucket.ask("PUT", "/bucket")
    theirs = await bucket.ask("PUT", "/bucket", access_key=OTHER_ACCESS_KEY)

    assert 200 == mine.status
    assert (409, "BucketAlreadyExists") == (theirs.status, theirs.code)


@pytest.mark.parametrize("path", ["/open", "/open/k"])
async def test_a_canned_list_of_no_such_name(s3: InProcess, path: str) -> None:
    await s3.ask("PUT", "/open", headers={"x-amz-object-ownership": "ObjectWriter"})
    await s3.put("k", bucket="open")

    answer = await s3.ask("PUT", path, {"acl": ""}, headers={"x-amz-acl": "public-ready"})

    assert (400, "InvalidArgument") == (answer.status, answer.code)


async def test_markers_alone_keep_a_bucket(bucket: InProcess) -> None:
    await switch(bucket, Versioning.ENABLED)
    marker = await bucket.ask("DELETE", "/bucket/never-there")

    refused = await bucket.ask("DELETE", "/bucket")
    await bucket.ask(
        "DELETE", "/bucket/never-there", {"versionId": marker.headers["x-amz-version-id"]}
    )

    assert "true" == marker.headers["x-amz-delete-marker"]
    assert (409, "BucketNotEmpty") == (refused.status, refused.code)
    assert 204 == (await bucket.ask("DELETE", "/bucket")).status


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_read_counts_the_tags(bucket: InProcess, method: str) -> None:
    await bucket.put("k", headers={"x-amz-tagging": "a=1&b=2"})
    await bucket.put("none")

    counted = await bucket.ask(method, "/bucket/k")
    none = await bucket.ask(method, "/bucket/none")

    assert "2" == counted.headers["x-amz-tagging-count"]
    assert "x-amz-tagging-count" not in none.headers


async def test_what_is_not_ones_own_is_no_source_of_a_copy(bucket: InProcess) -> None:
    await bucket.put("k")
    await bucket.ask("PUT", "/theirs", access_key=OTHER_ACCESS_KEY)

    answer = await bucket.ask(
        "PUT", "/theirs/k", headers={"x-amz-copy-source": "/bucket/k"}, access_key=OTHER_ACCESS_KEY
    )

    assert (403, "AccessDenied") == (answer.status, answer.code)


UPLOAD = "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{}</ETag></Part>{}"


async def test_a_part_sent_again_replaces_the_first(bucket: InProcess) -> None:
    started = await bucket.ask("POST", "/bucket/k", {"uploads": ""})
    upload = {"uploadId": started.document["UploadId"]}
    first, second = [
        await bucket.ask("PUT", "/bucket/k", upload | {"partNumber": "1"}, body=body)
        for body in (b"first", b"second")
    ]

    async def complete(etag: str) -> tuple[int, str]:
        body = UPLOAD.format(etag, "</CompleteMultipartUpload>").encode()
        answer = await bucket.ask("POST", "/bucket/k", upload, body=body)
        return answer.status, answer.document.get("Code", "")

    assert (400, "InvalidPart") == await complete(first.headers["etag"])
    assert (200, "") == await complete(second.headers["etag"])
    assert (200, "") == await complete(second.headers["etag"])  # an answer may have been lost
    assert b"second" == (await bucket.get("k")).body
