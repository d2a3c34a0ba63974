"""What the operations on tags of objects answer on AWS, case by case.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectTagging.html
"""

from typing import Any

import pytest

from ferrox.records import Versioning
from tests.conformance.documents import put_document
from tests.in_process import OTHER_ACCESS_KEY, Answer, InProcess

TAGGING = {"tagging": ""}


def tagging(*pairs: tuple[str, str]) -> str:
    tags = "".join(f"<Tag><Key>{key}</Key><Value>{value}</Value></Tag>" for key, value in pairs)
    return f"<Tagging><TagSet>{tags}</TagSet></Tagging>"


async def put(s3: InProcess, document: str, **query: str) -> Answer:
    return await put_document(s3, "/bucket/k", {**TAGGING, **query}, document)


async def tags(s3: InProcess, **query: str) -> dict[str, str | None]:
    answer = await s3.ask("GET", "/bucket/k", {**TAGGING, **query})
    assert 200 == answer.status, answer.body
    found: Any = (answer.document["TagSet"] or {}).get("Tag", [])
    rows = found if isinstance(found, list) else [found]
    return {row["Key"]: row["Value"] for row in rows}


async def test_tags_are_put_replaced_and_taken_away(bucket: InProcess) -> None:
    await bucket.put("k")

    first = await put(bucket, tagging(("a", "1"), ("b", "")))
    shown = await tags(bucket)
    await put(bucket, tagging(("c", "ü +-=._:/@")))
    replaced = await tags(bucket)
    removed = await bucket.ask("DELETE", "/bucket/k", TAGGING)

    assert (200, b"") == (first.status, first.body)
    assert {"a": "1", "b": None} == shown
    assert {"c": "ü +-=._:/@"} == replaced
    assert (204, {}) == (removed.status, await tags(bucket))
    assert "x-amz-version-id" not in first.headers


async def test_tags_change_neither_bytes_nor_date_nor_etag(bucket: InProcess) -> None:
    await bucket.put("k", headers={"x-amz-meta-a": "1", "x-amz-tagging": "a=1&b=2"})
    before = await bucket.get("k")
    bucket.clock.advance(60)

    await put(bucket, tagging(("c", "3")))
    after = await bucket.get("k")

    assert ("2", "1") == (
        before.headers.pop("x-amz-tagging-count"), after.headers.pop("x-amz-tagging-count"),
    )  # fmt: skip
    del before.headers["x-amz-request-id"], after.headers["x-amz-request-id"]
    assert before == after


async def test_an_empty_tag_set_takes_the_tags_away(bucket: InProcess) -> None:
    await bucket.put("k", headers={"x-amz-tagging": "a=1"})

    answer = await put(bucket, "<Tagging><TagSet/></Tagging>")

    assert (200, {}) == (answer.status, await tags(bucket))
    assert "x-amz-tagging-count" not in (await bucket.get("k")).headers


async def test_each_version_has_tags_of_its_own(bucket: InProcess) -> None:
    found = bucket.store.bucket("bucket")
    assert found is not None
    await bucket.store.set_versioning(found, Versioning.ENABLED)
    one = (await bucket.put("k")).headers["x-amz-version-id"]
    two = (await bucket.put("k")).headers["x-amz-version-id"]

    named = await put(bucket, tagging(("v", "1")), versionId=one)
    current = await put(bucket, tagging(("v", "2")))

    assert (one, two) == (named.headers["x-amz-version-id"], current.headers["x-amz-version-id"])
    assert {"v": "1"} == await tags(bucket, versionId=one)
    assert {"v": "2"} == await tags(bucket, versionId=two) == await tags(bucket)


async def test_a_delete_marker_has_no_tags(bucket: InProcess) -> None:
    found = bucket.store.bucket("bucket")
    assert found is not None
    await bucket.store.set_versioning(found, Versioning.ENABLED)
    await bucket.put("k")
    marker = (await bucket.ask("DELETE", "/bucket/k")).headers["x-amz-version-id"]

    got = await bucket.ask("GET", "/bucket/k", TAGGING)
    changed = [
        await put(bucket, tagging(("a", "1"))),
        await put(bucket, tagging(("a", "1")), versionId=marker),
        await bucket.ask("DELETE", "/bucket/k", TAGGING),
        await bucket.ask("GET", "/bucket/k", {**TAGGING, "versionId": marker}),
    ]

    assert (404, "NoSuchKey", "true") == (
        got.status, got.code, got.headers["x-amz-delete-marker"],
    )  # fmt: skip
    assert [(405, "MethodNotAllowed", "DELETE")] * 4 == [
        (answer.status, answer.code, answer.headers["allow"]) for answer in changed
    ]


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_nothing_has_no_tags(bucket: InProcess, method: str) -> None:
    answer = await bucket.ask(method, "/bucket/none", TAGGING)

    assert (404, "NoSuchKey", "none") == (answer.status, answer.code, answer.document["Key"])


@pytest.mark.parametrize(
    ("document", "code", "message"),
    [
        (
            tagging(*((f"k{number}", "v") for number in range(11))),
            "BadRequest",
            "Object tags cannot be greater than 10",
        ),
        (
            tagging(("a", "1"), ("a", "2")),
            "InvalidTag",
            "Cannot provide multiple Tags with the same key",
        ),
        (tagging(("aws:a", "1")), "InvalidTag", "Your TagKey cannot be prefixed with aws:"),
        (tagging(("k" * 129, "1")), "InvalidTag", "The TagKey you have provided is invalid"),
        (tagging(("", "1")), "InvalidTag", "The TagKey you have provided is invalid"),
        (tagging(("a;", "1")), "InvalidTag", "The TagKey you have provided is invalid"),
        (tagging(("a", "v" * 257)), "InvalidTag", "The TagValue you have provided is invalid"),
        (tagging(("a", "{}")), "InvalidTag", "The TagValue you have provided is invalid"),
        ("<Tagging><TagSet><Tag><Key>a</Key></Tag></TagSet></Tagging>", "MalformedXML", ""),
        ("<Tagging/>", "MalformedXML", ""),
        ("<Tags/>", "MalformedXML", ""),
        ("", "MissingRequestBodyError", "Request Body is empty"),
    ],
)
async def test_documents_that_are_refused(
    bucket: InProcess, document: str, code: str, message: str
) -> None:
    await bucket.put("k", headers={"x-amz-tagging": "kept=1"})

    answer = await put(bucket, document)

    assert (400, code) == (answer.status, answer.code)
    assert not message or message == answer.document["Message"]
    assert {"kept": "1"} == await tags(bucket)


async def test_the_longest_tags_are_taken(bucket: InProcess) -> None:
    await bucket.put("k")
    longest = {f"{number:0128}": "ü" * 256 for number in range(10)}

    answer = await put(bucket, tagging(*longest.items()))

    assert (200, longest) == (answer.status, await tags(bucket))


async def test_a_document_must_come_with_a_digest(bucket: InProcess) -> None:
    await bucket.put("k")

    answer = await bucket.ask("PUT", "/bucket/k", TAGGING, body=tagging(("a", "1")).encode())

    assert (400, "InvalidRequest") == (answer.status, answer.code)
    assert (
        "Missing required header for this request: Content-MD5 OR x-amz-checksum-*"
        == answer.document["Message"]
    )


@pytest.mark.parametrize(
    ("directive", "expected"),
    [(None, {"a": "1"}), ("COPY", {"a": "1"}), ("REPLACE", {"b": "2"})],
)
async def test_a_copy_takes_the_tags_along_unless_told_otherwise(
    bucket: InProcess, directive: str | None, expected: dict[str, str]
) -> None:
    await bucket.put("source", headers={"x-amz-tagging": "a=1"})
    headers = {"x-amz-copy-source": "bucket/source", "x-amz-tagging": "b=2"}
    if directive:
        headers["x-amz-tagging-directive"] = directive

    answer = await bucket.ask("PUT", "/bucket/k", headers=headers)

    assert (200, expected) == (answer.status, await tags(bucket))


async def test_parts_make_an_object_with_the_tags_of_their_upload(bucket: InProcess) -> None:
    begun = await bucket.ask(
        "POST", "/bucket/k", {"uploads": ""}, headers={"x-amz-tagging": "a=%C3%BC"}
    )
    query = {"uploadId": begun.document["UploadId"]}
    part = await bucket.ask("PUT", "/bucket/k", {**query, "partNumber": "1"}, body=b"data")
    await bucket.ask(
        "POST", "/bucket/k", query,
        body=(
            "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber>"
            f"<ETag>{part.headers['etag']}</ETag></Part></CompleteMultipartUpload>"
        ).encode(),
    )  # fmt: skip

    assert {"a": "ü"} == await tags(bucket)


@pytest.mark.parametrize(
    ("method", "query", "action"),
    [
        ("GET", {}, "s3:GetObjectTagging"),
        ("GET", {"versionId": "null"}, "s3:GetObjectVersionTagging"),
        ("PUT", {}, "s3:PutObjectTagging"),
        ("PUT", {"versionId": "null"}, "s3:PutObjectVersionTagging"),
        ("DELETE", {}, "s3:DeleteObjectTagging"),
        ("DELETE", {"versionId": "null"}, "s3:DeleteObjectVersionTagging"),
    ],
)
async def test_each_operation_asks_for_its_own_permission(
    bucket: InProcess, method: str, query: dict[str, str], action: str
) -> None:
    await bucket.put("k")

    answer = await bucket.ask(
        method, "/bucket/k", {**TAGGING, **query}, access_key=OTHER_ACCESS_KEY
    )

    assert (403, "AccessDenied") == (answer.status, answer.code)
    assert action == bucket.refused_action
