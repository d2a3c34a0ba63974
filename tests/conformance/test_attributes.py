"""What GetObjectAttributes answers on AWS, case by case.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAttributes.html
"""

import base64
import hashlib
from typing import Any

import pytest

from ferrox.operations import completion
from ferrox.records import Versioning
from tests.callers import add_user, policy
from tests.in_process import Answer, InProcess

ALL = "ETag,Checksum,ObjectParts,StorageClass,ObjectSize"


async def ask(s3: InProcess, wanted: str | None = ALL, key: str = "k", **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if wanted is not None:
        named["x-amz-object-attributes"] = wanted
    return await s3.ask("GET", f"/bucket/{key}", {"attributes": ""}, headers=named)


def sha256(data: bytes) -> str:
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


async def test_everything_is_told_of_a_plain_object(bucket: InProcess) -> None:
    await bucket.put("k", headers={"x-amz-checksum-sha256": sha256(b"data")})

    answer = await ask(bucket)

    assert b"<GetObjectAttributesResponse xmlns=" in answer.body
    assert {
        "@xmlns": "http://s3.amazonaws.com/doc/2006-03-01/",
        "ETag": "8d777f385d3dfec8815d20f7496026dc",
        "Checksum": {"ChecksumSHA256": sha256(b"data"), "ChecksumType": "FULL_OBJECT"},
        "StorageClass": "STANDARD",
        "ObjectSize": "4",
    } == answer.document
    assert "Mon, 21 Sep 2026 14:13:20 GMT" == answer.headers["last-modified"]
    assert "x-amz-version-id" not in answer.headers
    assert "etag" not in answer.headers


@pytest.mark.parametrize("wanted", ["ObjectSize", "ETag, ObjectSize", "StorageClass"])
async def test_only_what_was_asked_for_is_told(bucket: InProcess, wanted: str) -> None:
    await bucket.put("k")

    answer = await ask(bucket, wanted)

    names = {name.strip() for name in wanted.split(",")}
    assert names == answer.document.keys() - {"@xmlns"}


@pytest.mark.parametrize(
    ("wanted", "value"), [("", None), ("etag", "etag"), ("ETag,Nothing", "Nothing")]
)
async def test_a_name_that_is_no_attribute(
    bucket: InProcess, wanted: str, value: str | None
) -> None:
    await bucket.put("k")

    answer = await ask(bucket, wanted)

    assert (400, "InvalidArgument", "Invalid attribute name specified.") == (
        answer.status, answer.code, answer.document["Message"],
    )  # fmt: skip
    assert ("x-amz-object-attributes", value) == (
        answer.document["ArgumentName"], answer.document["ArgumentValue"],
    )  # fmt: skip


async def test_something_must_be_asked_for(bucket: InProcess) -> None:
    await bucket.put("k")

    answer = await ask(bucket, None)

    assert (400, "InvalidRequest") == (answer.status, answer.code)
    assert "x-amz-object-attributes" in answer.document["Message"]


async def test_the_attributes_of_a_former_version(bucket: InProcess) -> None:
    found = bucket.store.bucket("bucket")
    assert found is not None
    await bucket.store.set_versioning(found, Versioning.ENABLED)
    former = (await bucket.put("k", b"former")).headers["x-amz-version-id"]
    await bucket.put("k", b"now")
    headers = {"x-amz-object-attributes": "ObjectSize"}

    answer = await bucket.ask(
        "GET", "/bucket/k", {"attributes": "", "versionId": former}, headers=headers
    )

    assert ("6", former) == (answer.document["ObjectSize"], answer.headers["x-amz-version-id"])


async def test_a_delete_marker_has_no_attributes(bucket: InProcess) -> None:
    found = bucket.store.bucket("bucket")
    assert found is not None
    await bucket.store.set_versioning(found, Versioning.ENABLED)
    marker = (await bucket.ask("DELETE", "/bucket/k")).headers["x-amz-version-id"]
    headers = {"x-amz-object-attributes": "ETag"}

    by_key = await ask(bucket)
    by_id = await bucket.ask(
        "GET", "/bucket/k", {"attributes": "", "versionId": marker}, headers=headers
    )

    assert (404, "NoSuchKey") == (by_key.status, by_key.code)
    assert (405, "MethodNotAllowed") == (by_id.status, by_id.code)
    assert "true" == by_key.headers["x-amz-delete-marker"] == by_id.headers["x-amz-delete-marker"]


async def test_what_is_not_there_has_no_attributes(bucket: InProcess) -> None:
    answer = await ask(bucket)

    assert (404, "NoSuchKey", "k") == (answer.status, answer.code, answer.document["Key"])


async def test_both_permissions_are_needed(bucket: InProcess) -> None:
    await bucket.put("k")

    answer = await bucket.ask(
        "GET", "/bucket/k", {"attributes": ""},
        headers={"x-amz-object-attributes": "ETag"},
        access_key=add_user(bucket, "ada", policy("s3:GetObject")),
    )  # fmt: skip

    assert (403, "AccessDenied") == (answer.status, answer.code)
    assert "s3:GetObjectAttributes" in answer.document["Message"]


@pytest.fixture
async def in_parts(bucket: InProcess, monkeypatch: pytest.MonkeyPatch) -> InProcess:
    """An object of the parts 2, 3 and 7."""
    monkeypatch.setattr(completion, "MIN_PART_BYTES", 1)
    begun = await bucket.ask(
        "POST", "/bucket/k", {"uploads": ""}, headers={"x-amz-checksum-algorithm": "SHA256"}
    )
    query = {"uploadId": begun.document["UploadId"]}
    rows = ""
    for number in (2, 3, 7):
        body = b"x" * number
        part = await bucket.ask(
            "PUT", "/bucket/k", {**query, "partNumber": str(number)}, body=body,
            headers={"x-amz-checksum-sha256": sha256(body)},
        )  # fmt: skip
        rows += (
            f"<Part><PartNumber>{number}</PartNumber><ETag>{part.headers['etag']}</ETag>"
            f"<ChecksumSHA256>{sha256(body)}</ChecksumSHA256></Part>"
        )
    done = await bucket.ask(
        "POST", "/bucket/k", query,
        body=f"<CompleteMultipartUpload>{rows}</CompleteMultipartUpload>".encode(),
    )  # fmt: skip
    assert 200 == done.status, done.body
    return bucket


def part(number: int) -> dict[str, Any]:
    return {
        "PartNumber": str(number), "Size": str(number), "ChecksumSHA256": sha256(b"x" * number),
    }  # fmt: skip


async def test_the_parts_of_an_object(in_parts: InProcess) -> None:
    answer = await ask(in_parts)

    assert {
        "PartsCount": "3", "PartNumberMarker": "0", "NextPartNumberMarker": "7",
        "MaxParts": "1000", "IsTruncated": "false", "Part": [part(2), part(3), part(7)],
    } == answer.document["ObjectParts"]  # fmt: skip
    assert "COMPOSITE" == answer.document["Checksum"]["ChecksumType"]
    assert answer.document["Checksum"]["ChecksumSHA256"].endswith("-3")
    assert answer.document["ETag"].endswith("-3")


async def test_parts_come_in_pages(in_parts: InProcess) -> None:
    first = (await ask(in_parts, x_amz_max_parts="2")).document["ObjectParts"]
    second = (
        await ask(
            in_parts, x_amz_max_parts="2", x_amz_part_number_marker=first["NextPartNumberMarker"]
        )
    ).document["ObjectParts"]
    none = (await ask(in_parts, x_amz_max_parts="0")).document["ObjectParts"]

    assert ("true", "3", "2", [part(2), part(3)]) == (
        first["IsTruncated"], first["NextPartNumberMarker"], first["MaxParts"], first["Part"],
    )  # fmt: skip
    assert ("false", "3", "7", part(7)) == (
        second["IsTruncated"], second["PartNumberMarker"], second["NextPartNumberMarker"],
        second["Part"],
    )  # fmt: skip
    assert ("3", "false") == (none["PartsCount"], none["IsTruncated"])
    assert "Part" not in none


@pytest.mark.parametrize("name", ["x_amz_max_parts", "x_amz_part_number_marker"])
@pytest.mark.parametrize("value", ["-1", "x", "1.5"])
async def test_numbers_that_are_none(in_parts: InProcess, name: str, value: str) -> None:
    answer = await ask(in_parts, **{name: value})

    assert (400, "InvalidArgument") == (answer.status, answer.code)
