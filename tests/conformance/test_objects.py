"""What PutObject, GetObject and HeadObject answer on AWS, case by case.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html
"""

import base64
import hashlib

import pytest

from tests.in_process import InProcess

BEFORE = "Mon, 21 Sep 2026 14:13:19 GMT"
THEN = "Mon, 21 Sep 2026 14:13:20 GMT"
LATER = "Mon, 21 Sep 2026 14:13:21 GMT"
FUTURE = "Fri, 21 Sep 2035 14:13:20 GMT"
MD5 = f'"{hashlib.md5(b"data").hexdigest()}"'
OTHER = '"d41d8cd98f00b204e9800998ecf8427e"'


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"if-match": MD5}, 200),
        ({"if-match": MD5.strip('"')}, 200),
        ({"if-match": "*"}, 200),
        ({"if-match": f"{OTHER}, {MD5}"}, 200),
        ({"if-match": OTHER}, 412),
        ({"if-none-match": OTHER}, 200),
        ({"if-none-match": MD5}, 304),
        ({"if-none-match": "*"}, 304),
        ({"if-none-match": f"W/{MD5}"}, 304),
        ({"if-modified-since": BEFORE}, 200),
        ({"if-modified-since": THEN}, 304),
        ({"if-modified-since": LATER}, 304),
        ({"if-modified-since": FUTURE}, 200),
        ({"if-modified-since": "Sat, 29 Oct 1994 19:43:31 GMT"}, 200),
        ({"if-modified-since": "yesterday"}, 200),
        ({"if-unmodified-since": BEFORE}, 412),
        ({"if-unmodified-since": THEN}, 200),
        ({"if-unmodified-since": "Tue, 29 Oct 2100 19:43:31 GMT"}, 200),
        ({"if-match": MD5, "if-unmodified-since": BEFORE}, 200),
        ({"if-match": OTHER, "if-unmodified-since": LATER}, 412),
        ({"if-none-match": OTHER, "if-modified-since": LATER}, 200),
        ({"if-none-match": MD5, "if-modified-since": BEFORE}, 304),
        ({"if-match": MD5, "if-none-match": MD5}, 304),
        ({"if-match": OTHER, "if-none-match": MD5}, 412),
    ],
)
async def test_conditions_of_a_read(
    bucket: InProcess, headers: dict[str, str], status: int
) -> None:
    await bucket.put("k")
    bucket.clock.advance(5)

    got = await bucket.get("k", headers=headers)
    head = await bucket.ask("HEAD", "/bucket/k", headers=headers)

    assert (status, status) == (got.status, head.status)
    assert b"" == head.body
    if status == 304:
        assert (b"", MD5, THEN) == (got.body, got.headers["etag"], got.headers["last-modified"])
        assert "content-type" not in got.headers


async def test_a_refused_read_of_what_is_not_there_is_no_such_key(bucket: InProcess) -> None:
    for headers in ({"if-match": "*"}, {"if-none-match": "*"}, {"if-match": MD5}):
        answer = await bucket.get("none", headers=headers)
        assert (404, "NoSuchKey") == (answer.status, answer.code)


@pytest.mark.parametrize(
    ("asked", "size", "status", "content_range"),
    [
        ("bytes=4-7", 10, 206, "bytes 4-7/10"),
        ("bytes=0-0", 10, 206, "bytes 0-0/10"),
        ("bytes=0-", 10, 206, "bytes 0-9/10"),
        ("bytes=4-", 10, 206, "bytes 4-9/10"),
        ("bytes=-7", 10, 206, "bytes 3-9/10"),
        ("bytes=-20", 10, 206, "bytes 0-9/10"),
        ("bytes=9-9999999999999", 10, 206, "bytes 9-9/10"),
        ("BYTES=4-7", 10, 206, "bytes 4-7/10"),
        ("bytes=40-50", 10, 416, "bytes */10"),
        ("bytes=10-", 10, 416, "bytes */10"),
        ("bytes=-0", 10, 416, "bytes */10"),
        ("bytes=40-50", 0, 416, "bytes */0"),
        ("bytes=0-", 0, 416, "bytes */0"),
        ("bytes=-1", 0, 416, "bytes */0"),
        ("bytes=7-4", 10, 200, None),
        ("bytes=0-1,3-4,6-9", 10, 200, None),
        ("bytes=-1-", 10, 200, None),
        ("bytes=-", 10, 200, None),
        ("0-1", 10, 200, None),
        ("bytes=a-b", 10, 200, None),
    ],
)
async def test_ranges(
    bucket: InProcess, asked: str, size: int, status: int, content_range: str | None
) -> None:
    await bucket.put("k", b"0123456789"[:size])

    got = await bucket.get("k", headers={"range": asked})
    head = await bucket.ask("HEAD", "/bucket/k", headers={"range": asked})

    assert (status, status) == (got.status, head.status)
    assert content_range == got.headers.get("content-range") == head.headers.get("content-range")
    if status == 416:
        assert ("InvalidRange", str(size), asked) == (
            got.code,
            got.document["ActualObjectSize"],
            got.document["RangeRequested"],
        )
    else:
        assert str(len(got.body)) == head.headers["content-length"]
        assert "bytes" == got.headers["accept-ranges"]


@pytest.mark.parametrize(
    ("headers", "exists", "status", "code"),
    [
        ({"if-none-match": "*"}, False, 200, ""),
        ({"if-none-match": "*"}, True, 412, "PreconditionFailed"),
        ({"if-none-match": MD5}, True, 501, "NotImplemented"),
        ({"if-none-match": MD5}, False, 501, "NotImplemented"),
        ({"if-match": MD5}, True, 200, ""),
        ({"if-match": MD5.strip('"')}, True, 200, ""),
        ({"if-match": OTHER}, True, 412, "PreconditionFailed"),
        ({"if-match": "ABCORZ"}, True, 412, "PreconditionFailed"),
        ({"if-match": MD5}, False, 404, "NoSuchKey"),
        ({"if-match": "*"}, True, 501, "NotImplemented"),
        ({"if-match": "*"}, False, 501, "NotImplemented"),
        ({"if-match": MD5, "if-none-match": "*"}, True, 501, "NotImplemented"),
    ],
)
async def test_conditions_of_a_put(
    bucket: InProcess, headers: dict[str, str], exists: bool, status: int, code: str
) -> None:
    if exists:
        await bucket.put("k")

    answer = await bucket.ask("PUT", "/bucket/k", body=b"new", headers=headers)
    got = await bucket.get("k")

    assert status == answer.status
    if not code:
        assert b"new" == got.body
        return
    assert code == answer.code
    assert (200, b"data") == (got.status, got.body) if exists else got.status == 404
    if code == "PreconditionFailed":
        assert list(headers) == [answer.document["Condition"].lower()]
    if code == "NoSuchKey":
        assert "k" == answer.document["Key"]
    if code == "NotImplemented":
        assert (
            "A header you provided implies functionality that is not implemented"
            == (answer.document["Message"])
        )
        assert list(headers) == answer.document["Header"].lower().split(",")


async def test_a_put_tells_tag_and_checksum_and_no_more(bucket: InProcess) -> None:
    answer = await bucket.put("k")

    assert b"" == answer.body
    told = {name for name in answer.headers if not name.startswith("x-amz-id")}
    assert {
        "etag", "x-amz-request-id", "x-amz-checksum-crc64nvme", "x-amz-checksum-type",
    } == told  # fmt: skip


async def test_a_get_tells_what_was_put_and_no_more(bucket: InProcess) -> None:
    await bucket.put("k")

    got = await bucket.get("k")
    head = await bucket.ask("HEAD", "/bucket/k")

    assert got.headers.keys() == head.headers.keys()
    assert {
        "accept-ranges", "content-length", "content-type", "etag", "last-modified",
        "x-amz-id-2", "x-amz-request-id",
    } == got.headers.keys()  # fmt: skip


async def test_a_second_put_leaves_nothing_of_the_first(bucket: InProcess) -> None:
    await bucket.put("k", headers={"x-amz-meta-a": "1", "cache-control": "no-cache"})
    await bucket.put("k", headers={"x-amz-meta-b": "2"})

    got = await bucket.get("k")

    assert "2" == got.headers["x-amz-meta-b"]
    assert not {"x-amz-meta-a", "cache-control"} & got.headers.keys()


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ("mymeta", "mymeta"),
        ("", ""),
        ("a, b", "a, b"),
        ("=?UTF-8?Q?caf=C3=A9?=", "=?UTF-8?Q?caf=C3=A9?="),
        ("=?UTF-8?Q?=C3=A9=C3=A8?=", "=?UTF-8?B?w6nDqA==?="),
    ],
)
async def test_metadata_comes_back(bucket: InProcess, sent: str, told: str) -> None:
    await bucket.put("k", headers={"x-amz-meta-one": "before"})
    await bucket.put("k", headers={"x-amz-meta-one": sent})

    assert told == (await bucket.ask("HEAD", "/bucket/k")).headers["x-amz-meta-one"]


async def test_two_kilobytes_of_metadata_are_the_most(bucket: InProcess) -> None:
    fits = await bucket.ask("PUT", "/bucket/k", headers={"x-amz-meta-a": "v" * 2047})
    over = await bucket.ask("PUT", "/bucket/k", headers={"x-amz-meta-a": "v" * 2048})
    words = base64.b64encode("ü".encode() * 20).decode()
    several = {f"x-amz-meta-{n:02}": f"=?UTF-8?B?{words}?=" for n in range(49)}
    counted = await bucket.ask("PUT", "/bucket/k", headers=several)

    assert 200 == fits.status
    assert (400, "MetadataTooLarge", "2048") == (
        over.status,
        over.code,
        over.document["MaxSizeAllowed"],
    )
    assert (400, "MetadataTooLarge") == (counted.status, counted.code)


@pytest.mark.parametrize(
    "key",
    [
        " ", '"', "$", "%", "&", "'", "<", ">", "_", "_ ", "_ _", "__", "+", "#", "?", ";", ":",
        "@", "=", ",", "\\", "^", "`", "{}", "|", "[]", "a\tb", "a\nb", "\x01", "%00", "%2e%2e",
        "//", "/", "./a", "../a", "a/.", "\u202e", "\ufffd", "\U0001f600",
    ],
)  # fmt: skip
async def test_any_character_may_be_in_a_key(bucket: InProcess, key: str) -> None:
    put = await bucket.ask("PUT", "/bucket/" + key, body=b"x")
    got = await bucket.get(key)
    removed = await bucket.ask("DELETE", "/bucket/" + key)
    listed = await bucket.ask("GET", "/bucket", {"encoding-type": "url"})

    assert (200, b"x", 204) == (put.status, got.body, removed.status)
    assert "Contents" not in listed.document


async def test_a_key_that_is_too_long_is_refused_whatever_is_asked(bucket: InProcess) -> None:
    for method, query in (
        ("PUT", {}),
        ("GET", {}),
        ("DELETE", {}),
        ("POST", {"uploads": ""}),
    ):
        answer = await bucket.ask(method, "/bucket/" + "k" * 1025, query)
        assert (400, "KeyTooLongError") == (answer.status, answer.code), method
        assert ("1025", "1024") == (answer.document["Size"], answer.document["MaxSizeAllowed"])


async def test_every_response_header_can_be_replaced(bucket: InProcess) -> None:
    await bucket.put("k", headers={"content-type": "x/y", "cache-control": "public"})
    query = {
        "response-cache-control": "no-cache",
        "response-content-disposition": "bla",
        "response-content-encoding": "aaa",
        "response-content-language": "esperanto",
        "response-content-type": "foo/bar",
        "response-expires": "123",
    }

    for method in ("GET", "HEAD"):
        answer = await bucket.ask(method, "/bucket/k", query)
        told = {name: answer.headers[name.removeprefix("response-")] for name in query}
        assert (200, query) == (answer.status, told)
    assert "x/y" == (await bucket.get("k")).headers["content-type"]


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("STANDARD", None), ("REDUCED_REDUNDANCY", "REDUCED_REDUNDANCY"),
        ("STANDARD_IA", "STANDARD_IA"), ("ONEZONE_IA", "ONEZONE_IA"),
        ("INTELLIGENT_TIERING", "INTELLIGENT_TIERING"), ("GLACIER_IR", "GLACIER_IR"),
    ],
)  # fmt: skip
async def test_storage_classes_are_labels(bucket: InProcess, label: str, shown: str | None) -> None:
    await bucket.put("k", headers={"x-amz-storage-class": label})

    assert shown == (await bucket.get("k")).headers.get("x-amz-storage-class")


async def test_storage_classes_that_a_bucket_has_not_are_refused(bucket: InProcess) -> None:
    for label in ("OUTPOSTS", "SNOW", "EXPRESS_ONEZONE", "standard", ""):
        answer = await bucket.ask("PUT", "/bucket/k", headers={"x-amz-storage-class": label})
        assert (400, "InvalidStorageClass") == (answer.status, answer.code), label


@pytest.mark.parametrize("size", [0, 4])
async def test_the_only_part_of_an_object_put_whole(bucket: InProcess, size: int) -> None:
    await bucket.put("k", b"data"[:size])

    for method in ("GET", "HEAD"):
        answer = await bucket.ask(method, "/bucket/k", {"partNumber": "1"})

        assert (206 if size else 200) == answer.status
        assert ("bytes 0-3/4" if size else None) == answer.headers.get("content-range")
        assert str(size) == answer.headers["content-length"]
        assert "x-amz-mp-parts-count" not in answer.headers


@pytest.mark.parametrize(
    ("number", "status", "code"),
    [
        ("2", 416, "InvalidPartNumber"),
        ("0", 400, "InvalidArgument"),
        ("10001", 400, "InvalidArgument"),
        ("x", 400, "InvalidArgument"),
    ],
)
async def test_a_part_that_is_not_there(
    bucket: InProcess, number: str, status: int, code: str
) -> None:
    await bucket.put("k")

    answer = await bucket.ask("GET", "/bucket/k", {"partNumber": number})

    assert (status, code) == (answer.status, answer.code)


@pytest.mark.parametrize(
    ("version_id", "status", "code"),
    [
        ("null", 200, ""),
        ("", 400, "InvalidArgument"),
        ("HPniJFCxqTsMuIH9KX8K8wEjNUgmABCD", 400, "InvalidArgument"),
        ("x", 400, "InvalidArgument"),
    ],
)
async def test_versions_of_a_bucket_without_versions(
    bucket: InProcess, version_id: str, status: int, code: str
) -> None:
    await bucket.put("k")

    got = await bucket.ask("GET", "/bucket/k", {"versionId": version_id})
    head = await bucket.ask("HEAD", "/bucket/k", {"versionId": version_id})

    assert (status, status) == (got.status, head.status)
    assert "x-amz-version-id" not in got.headers
    assert not code or (code, version_id or None) == (got.code, got.document["ArgumentValue"])


ALGORITHMS = {
    "crc32": "rfPzYw==",
    "sha1": base64.b64encode(hashlib.sha1(b"data").digest()).decode(),
    "sha256": base64.b64encode(hashlib.sha256(b"data").digest()).decode(),
}


@pytest.mark.parametrize("algorithm", ALGORITHMS)
async def test_a_checksum_is_told_to_who_asks(bucket: InProcess, algorithm: str) -> None:
    header, value = f"x-amz-checksum-{algorithm}", ALGORITHMS[algorithm]

    put = await bucket.put("k", headers={header: value})
    plain = await bucket.get("k")
    told = [
        await bucket.ask(method, "/bucket/k", headers={"x-amz-checksum-mode": mode, **more})
        for method in ("GET", "HEAD")
        for mode in ("ENABLED", "enabled")
        for more in ({}, {"range": "bytes=0-3"})
    ]
    part = await bucket.get("k", headers={"x-amz-checksum-mode": "ENABLED", "range": "bytes=0-2"})

    assert (value, "FULL_OBJECT") == (put.headers[header], put.headers["x-amz-checksum-type"])
    assert {(value, "FULL_OBJECT")} == {
        (answer.headers[header], answer.headers["x-amz-checksum-type"]) for answer in told
    }
    assert not {header, "x-amz-checksum-type"} & (plain.headers.keys() | part.headers.keys())


async def test_a_checksum_mode_that_is_none_is_refused(bucket: InProcess) -> None:
    await bucket.put("k")

    got = await bucket.get("k", headers={"x-amz-checksum-mode": "INVALID"})
    head = await bucket.ask("HEAD", "/bucket/k", headers={"x-amz-checksum-mode": "INVALID"})

    assert (400, "InvalidRequest") == (got.status, got.code)
    assert "Value for x-amz-checksum-mode header is invalid." == got.document["Message"]
    assert (400, b"") == (head.status, head.body)


@pytest.mark.parametrize(
    ("headers", "code", "message"),
    [
        (
            {"x-amz-checksum-crc32": "rfPzYw==", "x-amz-checksum-sha1": ALGORITHMS["sha1"]},
            "InvalidRequest",
            "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
        ),
        (
            {"x-amz-checksum-crc32": "rfPzYw==", "x-amz-sdk-checksum-algorithm": "SHA1"},
            "InvalidRequest",
            "Value for x-amz-sdk-checksum-algorithm header is invalid.",
        ),
        (
            {"x-amz-sdk-checksum-algorithm": "CRC32"},
            "InvalidRequest",
            "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or "
            "x-amz-trailer headers were found.",
        ),
        (
            {"x-amz-checksum-crc32": "AAAAAA=="},
            "BadDigest",
            "The CRC32 you specified did not match the calculated checksum.",
        ),
        *[
            (
                {"x-amz-checksum-crc32": value},
                "InvalidRequest",
                "Value for x-amz-checksum-crc32 header is invalid.",
            )
            for value in ("short===", "shrt", "toolong=", "^^^^^^==", "y^/^Q5^J^g==", "y/Q5Jh==")
        ],
        ({"content-md5": "YWJyYWNhZGFicmE="}, "InvalidDigest", ""),
        ({"content-md5": ""}, "InvalidDigest", ""),
        ({"content-md5": base64.b64encode(bytes(16)).decode()}, "BadDigest", ""),
    ],
)
async def test_a_digest_that_does_not_fit_is_refused(
    bucket: InProcess, headers: dict[str, str], code: str, message: str
) -> None:
    answer = await bucket.ask("PUT", "/bucket/k", body=b"data", headers=headers)

    assert (400, code) == (answer.status, answer.code)
    assert not message or message == answer.document["Message"]
    assert 404 == (await bucket.get("k")).status
