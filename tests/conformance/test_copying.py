"""What CopyObject and UploadPartCopy answer on AWS, case by case.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html
"""

import hashlib
from urllib.parse import quote

import pytest

from tests.in_process import OTHER_ACCESS_KEY, Answer, InProcess

BEFORE = "Mon, 21 Sep 2026 14:13:19 GMT"
THEN = "Mon, 21 Sep 2026 14:13:20 GMT"
FUTURE = "Fri, 21 Sep 2035 14:13:20 GMT"
MD5 = f'"{hashlib.md5(b"data").hexdigest()}"'
OTHER = '"d41d8cd98f00b204e9800998ecf8427e"'


async def copy(s3: InProcess, key: str, source: str = "/bucket/k", **headers: str) -> Answer:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return await s3.ask(
        "PUT", f"/bucket/{key}", headers={"x-amz-copy-source": source, **names}
    )  # fmt: skip


async def test_a_copy_tells_tag_time_and_checksum(bucket: InProcess) -> None:
    await bucket.put("k", headers={"x-amz-checksum-crc32": "rfPzYw=="})
    bucket.clock.advance(60)

    answer = await copy(bucket, "copy")

    assert 200 == answer.status
    assert b"<CopyObjectResult xmlns=" in answer.body
    told = {tag: text for tag, text in answer.document.items() if tag[0] != "@"}
    assert {
        "ETag": MD5,
        "LastModified": "2026-09-21T14:14:20.000Z",
        "ChecksumCRC32": "rfPzYw==",
        "ChecksumType": "FULL_OBJECT",
    } == told
    assert "x-amz-copy-source-version-id" not in answer.headers


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("if-match", MD5, 200),
        ("if-match", MD5.strip('"'), 200),
        ("if-match", OTHER, 412),
        ("if-none-match", OTHER, 200),
        ("if-none-match", MD5, 412),
        ("if-none-match", MD5.strip('"'), 412),
        ("if-modified-since", BEFORE, 200),
        ("if-modified-since", THEN, 412),
        ("if-modified-since", FUTURE, 200),
        ("if-unmodified-since", BEFORE, 412),
        ("if-unmodified-since", THEN, 200),
        ("if-unmodified-since", FUTURE, 200),
    ],
)
async def test_conditions_on_the_source(
    bucket: InProcess, name: str, value: str, status: int
) -> None:
    await bucket.put("k")
    begun = await bucket.ask("POST", "/bucket/part", {"uploads": ""})
    part = {"partNumber": "1", "uploadId": begun.document["UploadId"]}
    headers = {"x-amz-copy-source": "/bucket/k", f"x-amz-copy-source-{name}": value}

    for key, query in (("copy", {}), ("part", part)):
        answer = await bucket.ask("PUT", f"/bucket/{key}", query, headers=headers)

        assert status == answer.status
        if status == 412:
            assert "PreconditionFailed" == answer.code
            assert f"x-amz-copy-source-{name}" == answer.document["Condition"].lower()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 400),
        ({"x-amz-metadata-directive": "COPY"}, 400),
        ({"x-amz-metadata-directive": "COPY", "x-amz-meta-a": "1"}, 400),
        ({"content-type": "x/y"}, 400),
        ({"x-amz-tagging-directive": "REPLACE", "x-amz-tagging": "a=1"}, 400),
        ({"x-amz-checksum-algorithm": "SHA256"}, 400),
        ({"x-amz-metadata-directive": "REPLACE"}, 200),
        ({"x-amz-storage-class": "STANDARD_IA"}, 200),
        ({"x-amz-storage-class": "STANDARD"}, 200),
        ({"x-amz-website-redirect-location": "/there"}, 200),
    ],
)
async def test_a_copy_onto_itself_must_say_what_is_to_change(
    bucket: InProcess, headers: dict[str, str], status: int
) -> None:
    await bucket.put("k", headers={"x-amz-meta-kept": "yes"})

    answer = await copy(bucket, "k", **headers)
    got = await bucket.get("k")

    assert status == answer.status
    assert status == 200 or answer.code == "InvalidRequest"
    assert b"data" == got.body
    assert ("x-amz-meta-kept" in got.headers) == ("REPLACE" not in headers.values() or status > 200)


async def test_what_a_copy_takes_along(bucket: InProcess) -> None:
    described = {
        "content-type": "x/y",
        "content-encoding": "gzip",
        "content-language": "de",
        "content-disposition": "inline",
        "cache-control": "public",
        "expires": "Thu, 01 Dec 2033 16:00:00 GMT",
        "x-amz-meta-a": "1",
    }
    await bucket.put(
        "k",
        headers={
            **described,
            "x-amz-storage-class": "STANDARD_IA",
            "x-amz-website-redirect-location": "/there",
        },
    )

    await copy(bucket, "copied", content_type="ignored/ignored", **{"x-amz-meta-b": "ignored"})
    await copy(bucket, "replaced", **{"x-amz-metadata-directive": "REPLACE", "x-amz-meta-b": "2"})
    copied = (await bucket.get("copied")).headers
    replaced = (await bucket.get("replaced")).headers

    assert described.items() <= copied.items()
    never = {"x-amz-meta-b", "x-amz-storage-class", "x-amz-website-redirect-location"}
    assert not never & copied.keys()
    assert ("2", "binary/octet-stream") == (replaced["x-amz-meta-b"], replaced["content-type"])
    assert not (described.keys() - {"content-type"}) & replaced.keys()


@pytest.mark.parametrize("directive", ["x-amz-metadata-directive", "x-amz-tagging-directive"])
async def test_a_directive_is_copy_or_replace(bucket: InProcess, directive: str) -> None:
    await bucket.put("k")

    answer = await copy(bucket, "copy", **{directive: "KEEP"})

    assert (400, "InvalidArgument") == (answer.status, answer.code)
    assert directive == answer.document["ArgumentName"]


@pytest.mark.parametrize(
    ("source", "status", "code"),
    [
        ("bucket/k", 200, ""),
        ("/bucket/k", 200, ""),
        ("bucket%2Fk", 200, ""),
        ("/bucket/k?versionId=null", 200, ""),
        ("/bucket/none", 404, "NoSuchKey"),
        ("/bucket-none/k", 404, "NoSuchBucket"),
        ("k", 400, "InvalidArgument"),
        ("", 400, "InvalidArgument"),
        ("/", 400, "InvalidArgument"),
        ("/bucket/", 400, "InvalidArgument"),
        ("/bucket/k?versionId=HPniJFCxqTsMuIH9KX8K8wEjNUgmABCD", 400, "InvalidArgument"),
    ],
)
async def test_the_source_of_a_copy(bucket: InProcess, source: str, status: int, code: str) -> None:
    await bucket.put("k")

    answer = await copy(bucket, "copy", source)

    assert status == answer.status
    assert not code or code == answer.code


@pytest.mark.parametrize("key", [" ", "_", "__", "?versionId", "a+b", "%", "ü", "/x", "x/"])
async def test_any_key_can_be_the_source(bucket: InProcess, key: str) -> None:
    await bucket.put(key, b"special")

    answer = await copy(bucket, "copy", f"/bucket/{quote(key)}")

    assert 200 == answer.status
    assert b"special" == (await bucket.get("copy")).body


async def test_ones_own_bucket_and_ones_own_source(bucket: InProcess) -> None:
    await bucket.put("k")
    await bucket.ask("PUT", "/theirs", access_key=OTHER_ACCESS_KEY)
    headers = {"x-amz-copy-source": "/bucket/k"}

    into = await bucket.ask("PUT", "/theirs/k", headers=headers)
    out_of = await bucket.ask("PUT", "/theirs/k", headers=headers, access_key=OTHER_ACCESS_KEY)

    assert ("AccessDenied", "AccessDenied") == (into.code, out_of.code)


@pytest.mark.parametrize(
    ("asked", "code", "message"),
    [
        *[
            (asked, "InvalidArgument", "The x-amz-copy-source-range value must be of the form")
            for asked in (
                "0-8", "bytes=1-0", "bytes=-1-", "bytes=0--1", "bytes=0-1,3-4,7-9", "bytes=-",
                "bytes=-0", "bytes=1-", "bytes=-2", "bytes=-15", "bytes=0", "bytes=hello-world",
            )
        ],
        ("bytes=0-100", "InvalidArgument", "Range specified is not valid for source object of"),
        ("bytes=100-200", "InvalidRequest", "The specified copy range is invalid for the source"),
    ],
)  # fmt: skip
async def test_a_range_of_the_source_that_cannot_be_copied(
    bucket: InProcess, asked: str, code: str, message: str
) -> None:
    await bucket.put("k", b"0123456789")
    begun = await bucket.ask("POST", "/bucket/whole", {"uploads": ""})

    answer = await bucket.ask(
        "PUT",
        "/bucket/whole",
        {"partNumber": "1", "uploadId": begun.document["UploadId"]},
        headers={"x-amz-copy-source": "/bucket/k", "x-amz-copy-source-range": asked},
    )

    assert (400, code) == (answer.status, answer.code)
    assert answer.document["Message"].startswith(message)


async def test_a_copied_part_tells_its_tag_and_the_uploads_checksum(bucket: InProcess) -> None:
    await bucket.put("k")
    begun = await bucket.ask(
        "POST", "/bucket/whole", {"uploads": ""}, headers={"x-amz-checksum-algorithm": "CRC32"}
    )
    query = {"partNumber": "1", "uploadId": begun.document["UploadId"]}

    part = await bucket.ask(
        "PUT", "/bucket/whole", query, headers={"x-amz-copy-source": "/bucket/k"}
    )
    row = (await bucket.ask("GET", "/bucket/whole", {"uploadId": query["uploadId"]})).document

    assert b"<CopyPartResult xmlns=" in part.body
    assert (MD5, "rfPzYw==") == (part.document["ETag"], part.document["ChecksumCRC32"])
    assert (MD5, "4", "rfPzYw==") == (
        row["Part"]["ETag"],
        row["Part"]["Size"],
        row["Part"]["ChecksumCRC32"],
    )


async def test_a_part_of_an_upload_that_is_not_there_cannot_be_copied(bucket: InProcess) -> None:
    await bucket.put("k")

    answer = await bucket.ask(
        "PUT",
        "/bucket/whole",
        {"partNumber": "1", "uploadId": "nope"},
        headers={"x-amz-copy-source": "/bucket/k"},
    )

    assert (404, "NoSuchUpload", "nope") == (
        answer.status,
        answer.code,
        answer.document["UploadId"],
    )


async def test_a_copy_is_guarded_by_what_it_would_replace(bucket: InProcess) -> None:
    await bucket.put("k")
    await bucket.put("copy", b"there")

    exists = await copy(bucket, "copy", **{"if-none-match": "*"})
    differs = await copy(bucket, "copy", **{"if-match": MD5})
    absent = await copy(bucket, "none", **{"if-match": MD5})

    assert [(412, "PreconditionFailed"), (412, "PreconditionFailed"), (404, "NoSuchKey")] == [
        (answer.status, answer.code) for answer in (exists, differs, absent)
    ]
    assert b"there" == (await bucket.get("copy")).body
