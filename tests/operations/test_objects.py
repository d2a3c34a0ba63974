import asyncio
import base64
import contextlib
import hashlib
import zlib

import pytest

from ferrox.records import Versioning
from ferrox.storage.blobs.files import FileBlobStore
from tests.in_process import InProcess


@pytest.fixture(autouse=True)
async def _bucket(s3: InProcess) -> None:
    await s3.make_bucket()


@pytest.mark.parametrize("size", [0, 1, 4096, 65_536, 65_537, 3_000_000])
async def test_what_was_put_comes_back(s3: InProcess, size: int) -> None:
    data = bytes(range(256)) * (size // 256) + bytes(size % 256)

    put = await s3.put("k", data)
    got = await s3.get("k")

    assert (200, data) == (got.status, got.body)
    assert f'"{hashlib.md5(data).hexdigest()}"' == put.headers["etag"] == got.headers["etag"]
    assert str(size) == got.headers["content-length"]


async def test_system_headers_and_metadata_come_back(s3: InProcess) -> None:
    sent = {
        "content-type": "text/plain; charset=utf-8",
        "content-language": "de",
        "content-disposition": 'attachment; filename="a.txt"',
        "cache-control": "max-age=60",
        "expires": "Thu, 01 Dec 2033 16:00:00 GMT",
        "x-amz-meta-colour": "blue",
        "x-amz-website-redirect-location": "/elsewhere",
        "x-amz-storage-class": "STANDARD_IA",
    }
    await s3.put("k", headers={**sent, "content-encoding": "aws-chunked,gzip"})

    got = await s3.ask("HEAD", "/bucket/k")

    assert {**sent, "content-encoding": "gzip"}.items() <= got.headers.items()


async def test_a_plain_object_has_the_default_type_and_shows_no_storage_class(
    s3: InProcess,
) -> None:
    await s3.put("k", headers={"content-encoding": "aws-chunked"})

    got = await s3.get("k")

    assert "binary/octet-stream" == got.headers["content-type"]
    assert not {"x-amz-storage-class", "content-encoding", "x-amz-version-id"} & got.headers.keys()


@pytest.mark.parametrize(
    ("asked", "status", "body", "content_range"),
    [
        ("bytes=2-4", 206, b"234", "bytes 2-4/10"),
        ("bytes=7-", 206, b"789", "bytes 7-9/10"),
        ("bytes=-3", 206, b"789", "bytes 7-9/10"),
        ("bytes=5-99", 206, b"56789", "bytes 5-9/10"),
        ("bytes=0-0,2-3", 200, b"0123456789", None),
        ("lines=1-2", 200, b"0123456789", None),
    ],
)
async def test_a_range_is_answered_as_aws_answers_it(
    s3: InProcess, asked: str, status: int, body: bytes, content_range: str | None
) -> None:
    await s3.put("k", b"0123456789")

    got = await s3.get("k", headers={"range": asked})

    assert (status, body, content_range) == (
        got.status,
        got.body,
        got.headers.get("content-range"),
    )


async def test_a_range_beyond_the_end_is_refused_with_the_size(s3: InProcess) -> None:
    await s3.put("k", b"0123456789")

    got = await s3.get("k", headers={"range": "bytes=10-"})

    assert (416, "InvalidRange") == (got.status, got.code)
    assert "10" == got.document["ActualObjectSize"]


async def test_ranges_of_a_large_object_start_and_end_anywhere(s3: InProcess) -> None:
    data = hashlib.shake_128(b"x").digest(2_500_000)
    await s3.put("k", data)

    for start, end in ((0, 0), (262_143, 262_144), (1_048_575, 2_097_153), (2_499_999, 2_499_999)):
        got = await s3.get("k", headers={"range": f"bytes={start}-{end}"})
        assert data[start : end + 1] == got.body


async def test_a_get_that_is_not_modified_has_no_body(s3: InProcess) -> None:
    etag = (await s3.put("k")).headers["etag"]

    got = await s3.get("k", headers={"if-none-match": etag})

    assert (304, b"", etag) == (got.status, got.body, got.headers["etag"])


async def test_a_get_whose_precondition_fails_says_which(s3: InProcess) -> None:
    await s3.put("k")

    got = await s3.get("k", headers={"if-match": '"0"'})

    assert (412, "PreconditionFailed", "If-Match") == (
        got.status,
        got.code,
        got.document["Condition"],
    )


async def test_response_headers_can_be_replaced_by_the_query(s3: InProcess) -> None:
    await s3.put("k")

    query = {"response-content-type": "x/y", "response-content-disposition": "inline"}
    got = await s3.ask("GET", "/bucket/k", query)

    assert ("x/y", "inline") == (
        got.headers["content-type"],
        got.headers["content-disposition"],
    )


async def test_a_replaced_response_header_cannot_smuggle_another(s3: InProcess) -> None:
    await s3.put("k")

    got = await s3.ask("GET", "/bucket/k", {"response-content-type": "x\r\nset-cookie: a"})

    assert (400, "InvalidArgument") == (got.status, got.code)


async def test_a_missing_key_is_no_such_key(s3: InProcess) -> None:
    got = await s3.get("nothing")
    head = await s3.ask("HEAD", "/bucket/nothing")

    assert (404, "NoSuchKey", "nothing") == (got.status, got.code, got.document["Key"])
    assert (404, b"") == (head.status, head.body)


async def test_a_version_id_is_refused_where_there_are_no_versions(s3: InProcess) -> None:
    await s3.put("k")

    got = await s3.ask("GET", "/bucket/k", {"versionId": "nope"})
    empty = await s3.ask("GET", "/bucket/k", {"versionId": ""})
    null = await s3.ask("GET", "/bucket/k", {"versionId": "null"})

    assert "InvalidArgument" == got.code
    assert "InvalidArgument" == empty.code
    assert b"data" == null.body


SHORT_VERSION_ID = "nonexistent-version-id-12345"


async def _keep_versions(s3: InProcess) -> None:
    bucket = s3.store.bucket("bucket")
    assert bucket is not None
    await s3.store.set_versioning(bucket, Versioning.ENABLED)


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_a_version_id_that_is_too_short_is_refused(s3: InProcess, method: str) -> None:
    await _keep_versions(s3)
    await s3.put("k")

    answer = await s3.ask(method, "/bucket/k", {"versionId": SHORT_VERSION_ID})

    assert (400, "InvalidArgument", "Invalid version id specified", SHORT_VERSION_ID) == (
        answer.status,
        answer.code,
        answer.document["Message"],
        answer.document["ArgumentValue"],
    )


async def test_a_short_version_id_that_was_brought_names_its_version(s3: InProcess) -> None:
    s3.services.is_operator = lambda principal: True
    await _keep_versions(s3)
    brought = {"ferrox-modified": "2019-03-04T05:06:07.089Z", "ferrox-version-id": SHORT_VERSION_ID}
    await s3.ask("PUT", "/bucket/k", brought, body=b"data")

    got = await s3.ask("GET", "/bucket/k", {"versionId": SHORT_VERSION_ID})
    deleted = await s3.ask("DELETE", "/bucket/k", {"versionId": SHORT_VERSION_ID})

    assert (200, b"data", 204) == (got.status, got.body, deleted.status)


async def test_a_checksum_is_verified_stored_and_returned_when_asked_for(s3: InProcess) -> None:
    crc = base64.b64encode(zlib.crc32(b"data").to_bytes(4, "big")).decode()

    put = await s3.put("k", headers={"x-amz-checksum-crc32": crc})
    plain = await s3.get("k")
    asked = await s3.get("k", headers={"x-amz-checksum-mode": "ENABLED"})
    part = await s3.get("k", headers={"x-amz-checksum-mode": "ENABLED", "range": "bytes=0-1"})

    assert crc == put.headers["x-amz-checksum-crc32"] == asked.headers["x-amz-checksum-crc32"]
    assert "FULL_OBJECT" == asked.headers["x-amz-checksum-type"]
    assert not any(name.startswith("x-amz-checksum") for name in plain.headers)
    assert not any(name.startswith("x-amz-checksum") for name in part.headers)


@pytest.mark.parametrize(
    ("header", "value", "code"),
    [
        ("content-md5", base64.b64encode(bytes(16)).decode(), "BadDigest"),
        ("content-md5", "nonsense", "InvalidDigest"),
        ("x-amz-checksum-crc32", "AAAAAA==", "BadDigest"),
        ("x-amz-checksum-sha256", "AAAA", "InvalidRequest"),
    ],
)
async def test_a_body_that_is_not_what_was_promised_is_not_stored(
    s3: InProcess, header: str, value: str, code: str
) -> None:
    for body in (b"data", b"d" * 200_000):
        answer = await s3.ask("PUT", "/bucket/k", body=body, headers={header: value})

        assert (400, code) == (answer.status, answer.code)
        assert 404 == (await s3.get("k")).status


async def test_a_body_with_another_hash_than_the_signed_one_is_not_stored(s3: InProcess) -> None:
    answer = await s3.ask("PUT", "/bucket/k", body=b"data", content_sha256="0" * 64)

    assert (400, "XAmzContentSHA256Mismatch") == (answer.status, answer.code)
    assert 404 == (await s3.get("k")).status


async def test_an_unsigned_body_with_trailer_is_stored_without_the_trailer(s3: InProcess) -> None:
    crc = base64.b64encode(zlib.crc32(b"data").to_bytes(4, "big")).decode()
    framed = b"4\r\ndata\r\n0\r\nx-amz-checksum-crc32:" + crc.encode() + b"\r\n\r\n"
    headers = {
        "x-amz-decoded-content-length": "4",
        "x-amz-trailer": "x-amz-checksum-crc32",
        "content-encoding": "aws-chunked",
    }

    put = await s3.put(
        "k",
        framed,
        headers=headers,
        content_sha256="STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    )
    got = await s3.get("k")

    assert crc == put.headers["x-amz-checksum-crc32"]
    assert b"data" == got.body
    assert "content-encoding" not in got.headers


async def test_a_wrong_trailer_is_refused_and_nothing_is_stored(s3: InProcess) -> None:
    framed = b"4\r\ndata\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n"
    headers = {"x-amz-decoded-content-length": "4", "x-amz-trailer": "x-amz-checksum-crc32"}

    answer = await s3.ask(
        "PUT",
        "/bucket/k",
        body=framed,
        headers=headers,
        content_sha256="STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    )

    assert (400, "BadDigest") == (answer.status, answer.code)
    assert 404 == (await s3.get("k")).status


async def test_a_put_that_may_not_replace_is_refused_before_its_body_is_read(
    s3: InProcess,
) -> None:
    await s3.put("k")
    s3.bytes_asked_for = 0

    answer = await s3.ask("PUT", "/bucket/k", body=b"new", headers={"if-none-match": "*"})

    assert (412, "PreconditionFailed") == (answer.status, answer.code)
    assert 0 == s3.bytes_asked_for


async def test_exactly_one_of_a_hundred_racing_writers_wins(s3: InProcess) -> None:
    bodies = [str(number).encode() for number in range(100)]

    answers = await asyncio.gather(
        *(s3.ask("PUT", "/bucket/k", body=body, headers={"if-none-match": "*"}) for body in bodies)
    )

    winners = [body for body, answer in zip(bodies, answers, strict=True) if answer.status == 200]
    assert [(await s3.get("k")).body] == winners
    assert 99 == sum(answer.status == 412 for answer in answers)


async def test_a_put_if_match_replaces_only_what_it_knows(s3: InProcess) -> None:
    etag = (await s3.put("k", b"one")).headers["etag"]

    first = await s3.ask("PUT", "/bucket/k", body=b"two", headers={"if-match": etag})
    second = await s3.ask("PUT", "/bucket/k", body=b"three", headers={"if-match": etag})
    absent = await s3.ask("PUT", "/bucket/none", body=b"x", headers={"if-match": etag})

    assert (200, 412, 404) == (first.status, second.status, absent.status)
    assert b"two" == (await s3.get("k")).body


async def test_a_put_without_any_length_is_refused(s3: InProcess) -> None:
    answer = await s3.ask("PUT", "/bucket/k", body=b"x", is_length_announced=False)

    assert (411, "MissingContentLength") == (answer.status, answer.code)
    assert 404 == (await s3.get("k")).status


async def test_a_chunked_body_needs_no_length(s3: InProcess) -> None:
    headers = {"transfer-encoding": "chunked"}

    await s3.put("k", b"data", headers=headers, is_length_announced=False)

    assert b"data" == (await s3.get("k")).body


async def test_a_body_larger_than_s3_takes_is_refused_before_it_is_read(s3: InProcess) -> None:
    headers = {"content-length": str(5 * 1024**3 + 1)}

    answer = await s3.ask("PUT", "/bucket/k", body=b"x", headers=headers)

    assert (400, "EntityTooLarge") == (answer.status, answer.code)
    assert 0 == s3.bytes_asked_for


@pytest.mark.parametrize(
    "key",
    [
        "a b+c%2F=&?.txt", "dir//x", "/lead", "trail/", ".", "..", "a/../b", "~", "ü/日本", "%",
        "'\"<>&", "\U0010ffff",
    ],
)  # fmt: skip
async def test_a_key_is_no_path(s3: InProcess, key: str) -> None:
    await s3.put(key, key.encode())

    got = await s3.get(key)
    listed = await s3.ask("GET", "/bucket", {"list-type": "2"})

    assert key.encode() == got.body
    assert key == listed.document["Contents"]["Key"]


async def test_a_key_longer_than_1024_bytes_is_refused(s3: InProcess) -> None:
    fits = await s3.ask("PUT", "/bucket/" + "ü" * 512, body=b"x")
    too_long = await s3.ask("PUT", "/bucket/" + "ü" * 512 + "x", body=b"x")

    assert 200 == fits.status
    assert (400, "KeyTooLongError") == (too_long.status, too_long.code)


async def test_what_would_not_be_done_is_refused_not_ignored(s3: InProcess) -> None:
    refusals = {
        "x-amz-server-side-encryption": ("AES256", 400, "InvalidRequest"),
        "x-amz-server-side-encryption-customer-algorithm": ("AES256", 400, "InvalidArgument"),
        "x-amz-object-lock-legal-hold": ("ON", 400, "InvalidRequest"),
        "x-amz-acl": ("public-read", 400, "AccessControlListNotSupported"),
        "x-amz-grant-read": ("id=1", 400, "AccessControlListNotSupported"),
        "x-amz-storage-class": ("GOLD", 400, "InvalidStorageClass"),
        "x-amz-website-redirect-location": ("elsewhere", 400, "InvalidArgument"),
    }
    for header, (value, status, code) in refusals.items():
        answer = await s3.ask("PUT", "/bucket/k", body=b"x", headers={header: value})

        assert (status, code) == (answer.status, answer.code), header
    assert 404 == (await s3.get("k")).status


async def test_an_object_that_was_not_made_of_parts_is_its_own_first_part(s3: InProcess) -> None:
    await s3.put("k", b"data")

    first = await s3.ask("GET", "/bucket/k", {"partNumber": "1"})
    second = await s3.ask("GET", "/bucket/k", {"partNumber": "2"})
    both = await s3.ask("GET", "/bucket/k", {"partNumber": "1"}, headers={"range": "bytes=0-1"})

    assert (206, b"data") == (first.status, first.body)
    assert (416, "InvalidPartNumber") == (second.status, second.code)
    assert (400, "InvalidRequest") == (both.status, both.code)


@pytest.mark.parametrize("versioning", [Versioning.UNVERSIONED, Versioning.ENABLED])
async def test_a_blob_carries_what_it_takes_to_name_it_again(
    s3: InProcess, versioning: Versioning
) -> None:
    bucket = s3.store.bucket("bucket")
    assert bucket is not None
    await s3.store.set_versioning(bucket, versioning)

    headers = {"content-type": "x/y", "x-amz-meta-a": "1", "x-amz-tagging": "t=1"}
    put = await s3.put("k", b"x" * 100_000, headers=headers)

    (path,) = (path for path in s3.store.data_dir.blobs_path.rglob("*") if path.is_file())
    blobs = FileBlobStore(s3.store.data_dir.blobs_path)
    with contextlib.closing(blobs.open(bytes.fromhex(path.name))) as blob:
        record = blob.record()
    assert ("bucket", "k") == (record.bucket, record.key)
    assert put.headers.get("x-amz-version-id", "null") == record.version_id
    assert {"content-type": "x/y"} == record.facts["headers"]
    assert ({"a": "1"}, {"t": "1"}) == (record.facts["user_metadata"], record.facts["tags"])
