"""What the operations on multipart uploads answer on AWS, case by case.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
"""

import base64
import hashlib
import zlib
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest

from ferrox.operations import completion
from tests.in_process import Answer, InProcess

PIECE = 1024
FIRST, LAST = b"a" * PIECE, b"b"


def crc32(data: bytes) -> str:
    return base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()


def sha256(data: bytes) -> str:
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


DIGESTS: dict[str, Callable[[bytes], str]] = {"CRC32": crc32, "SHA256": sha256}
BAD = {"CRC32": "AAAAAA==", "SHA256": base64.b64encode(bytes(32)).decode()}


@pytest.fixture(autouse=True)
async def _small_parts(bucket: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bucket, and a smallest part that tests can afford."""
    monkeypatch.setattr(completion, "MIN_PART_BYTES", PIECE)


class Listed(NamedTuple):
    """One row of the list that completes an upload."""

    number: int | None
    etag: str | None
    checksums: Mapping[str, str] = MappingProxyType({})

    def __str__(self) -> str:
        fields = {"PartNumber": self.number, "ETag": self.etag, **self.checksums}
        return "".join(f"<{tag}>{v}</{tag}>" for tag, v in fields.items() if v is not None)


class Upload:
    """An upload under way."""

    def __init__(self, s3: InProcess, key: str, answer: Answer) -> None:
        self.s3, self.key, self.begun = s3, key, answer
        self.upload_id = str(answer.document["UploadId"])

    async def put(self, number: int, data: bytes, **headers: str) -> Answer:
        query = {"partNumber": str(number), "uploadId": self.upload_id}
        return await self.s3.ask(
            "PUT", f"/bucket/{self.key}", query, body=data, headers=dashed(headers)
        )

    async def complete(self, *parts: Listed, **headers: str) -> Answer:
        rows = "".join(f"<Part>{part}</Part>" for part in parts)
        return await self.post(
            f"<CompleteMultipartUpload>{rows}</CompleteMultipartUpload>", **headers
        )

    async def post(self, body: str, **headers: str) -> Answer:
        query = {"uploadId": self.upload_id}
        return await self.s3.ask(
            "POST", f"/bucket/{self.key}", query, body=body.encode(), headers=dashed(headers)
        )

    async def parts(self, **query: str) -> Any:
        found = await self.s3.ask(
            "GET", f"/bucket/{self.key}", {"uploadId": self.upload_id, **dashed(query)}
        )
        assert found.status == 200, found.body
        return found.document


def dashed(names: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in names.items()}


async def begin(s3: InProcess, key: str = "k", **headers: str) -> Upload:
    answer = await s3.ask("POST", f"/bucket/{key}", {"uploads": ""}, headers=dashed(headers))
    assert answer.status == 200, answer.body
    return Upload(s3, key, answer)


async def composite(s3: InProcess, algorithm: str) -> tuple[Upload, list[Listed]]:
    """A COMPOSITE upload with two parts, and how they have to be listed."""
    upload = await begin(s3, x_amz_checksum_algorithm=algorithm)
    listed = []
    for number, data in ((1, FIRST), (2, LAST)):
        value = DIGESTS[algorithm](data)
        part = await upload.put(number, data, **{f"x-amz-checksum-{algorithm.lower()}": value})
        assert part.status == 200, part.body
        listed.append(Listed(number, part.headers["etag"], {f"Checksum{algorithm}": value}))
    return upload, listed


def composite_value(algorithm: str) -> str:
    digest = DIGESTS[algorithm]
    return digest(b"".join(base64.b64decode(digest(data)) for data in (FIRST, LAST)))


async def test_beginning_tells_bucket_key_and_id(bucket: InProcess) -> None:
    upload = await begin(bucket, "a/ü")

    assert ("bucket", "a/ü") == (upload.begun.document["Bucket"], upload.begun.document["Key"])
    assert b"<InitiateMultipartUploadResult xmlns=" in upload.begun.body
    assert not any(name.startswith("x-amz-checksum") for name in upload.begun.headers)


@pytest.mark.parametrize(
    ("algorithm", "asked", "expected"),
    [
        ("CRC32", None, "COMPOSITE"),
        ("CRC32C", "FULL_OBJECT", "FULL_OBJECT"),
        ("CRC64NVME", None, "FULL_OBJECT"),
        ("sha1", None, "COMPOSITE"),
        ("SHA256", "COMPOSITE", "COMPOSITE"),
    ],
)
async def test_the_type_of_an_uploads_checksum(
    bucket: InProcess, algorithm: str, asked: str | None, expected: str
) -> None:
    headers = {"x-amz-checksum-algorithm": algorithm}

    upload = await begin(bucket, **headers, **({"x-amz-checksum-type": asked} if asked else {}))
    open_ones = (await bucket.ask("GET", "/bucket", {"uploads": ""})).document["Upload"]
    parts = await upload.parts()

    told = upload.begun.headers
    assert (algorithm.upper(), expected) == (
        told["x-amz-checksum-algorithm"],
        told["x-amz-checksum-type"],
    )
    for document in (open_ones, parts):
        assert (algorithm.upper(), expected) == (
            document["ChecksumAlgorithm"],
            document["ChecksumType"],
        )


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        (
            {"x-amz-checksum-type": "FULL_OBJECT"},
            "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm "
            "header.",
        ),
        (
            {"x-amz-checksum-algorithm": "CRC32", "x-amz-checksum-type": "BAD"},
            "Value for x-amz-checksum-type header is invalid.",
        ),
        (
            {"x-amz-checksum-algorithm": "CRC64NVME", "x-amz-checksum-type": "COMPOSITE"},
            "The COMPOSITE checksum type cannot be used with the crc64nvme checksum algorithm.",
        ),
        (
            {"x-amz-checksum-algorithm": "SHA256", "x-amz-checksum-type": "FULL_OBJECT"},
            "The FULL_OBJECT checksum type cannot be used with the sha256 checksum algorithm.",
        ),
        (
            {"x-amz-checksum-algorithm": "nope"},
            "Checksum algorithm provided is unsupported. Please try again with any of the valid "
            "types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]",
        ),
    ],
)
async def test_checksums_that_an_upload_cannot_have(
    bucket: InProcess, headers: dict[str, str], message: str
) -> None:
    answer = await bucket.ask("POST", "/bucket/k", {"uploads": ""}, headers=headers)

    assert (400, "InvalidRequest", message) == (
        answer.status,
        answer.code,
        answer.document["Message"],
    )


async def test_everything_about_an_upload_that_is_not_there(bucket: InProcess) -> None:
    upload = await begin(bucket, "other")
    part = {"partNumber": "1"}

    for upload_id in ("nope", "", upload.upload_id):
        for method, query in (("PUT", part), ("GET", {}), ("DELETE", {}), ("POST", {})):
            body = b"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>x</ETag></Part>"
            answer = await bucket.ask(
                method,
                "/bucket/k",
                {"uploadId": upload_id, **query},
                body=body + b"</CompleteMultipartUpload>",
            )
            if method == "PUT" and not upload_id:  # a part of no upload
                assert (400, "InvalidArgument") == (answer.status, answer.code)
                continue
            assert (404, "NoSuchUpload") == (answer.status, answer.code), (method, upload_id)
            assert (upload_id or None) == answer.document["UploadId"]


@pytest.mark.parametrize("number", ["0", "10001", "-1", "one", ""])
async def test_part_numbers_go_from_1_to_10000(bucket: InProcess, number: str) -> None:
    upload = await begin(bucket)

    answer = await bucket.ask(
        "PUT", "/bucket/k", {"partNumber": number, "uploadId": upload.upload_id}, body=b"x"
    )

    assert (400, "InvalidArgument", "partNumber") == (
        answer.status,
        answer.code,
        answer.document["ArgumentName"],
    )
    assert (
        "Part number must be an integer between 1 and 10000, inclusive"
        == (answer.document["Message"])
    )


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([], "MalformedXML"),
        ([Listed(None, "x")], "MalformedXML"),
        ([Listed(1, None)], "MalformedXML"),
        ([Listed(0, "x")], "InvalidArgument"),
        ([Listed(-1, "x")], "InvalidArgument"),
        ([Listed(1, "x")], "InvalidPart"),
        ([Listed(9999, "x")], "InvalidPart"),
        ([Listed(2, "x"), Listed(1, "x")], "InvalidPartOrder"),
    ],
)
async def test_lists_of_parts_that_complete_nothing(
    bucket: InProcess, rows: list[Listed], code: str
) -> None:
    upload = await begin(bucket)
    await upload.put(1, FIRST)

    answer = await upload.complete(*rows)

    assert (400, code) == (answer.status, answer.code)
    assert "1" == (await upload.parts())["Part"]["PartNumber"]
    if code == "InvalidPart":
        assert {"UploadId": upload.upload_id, "PartNumber": str(rows[0].number), "ETag": "x"} == {
            tag: answer.document[tag] for tag in ("UploadId", "PartNumber", "ETag")
        }
        assert "could not be found.  The part" in answer.document["Message"]  # AWS's two spaces


async def test_a_size_that_is_no_number(bucket: InProcess) -> None:
    upload = await begin(bucket, "k")
    query, headers = {"uploadId": upload.upload_id}, {"x-amz-mp-object-size": "bad"}

    answer = await bucket.ask("POST", "/bucket/k", query, headers=headers)

    assert (400, "InvalidRequest", "Value for x-amz-mp-object-size header is invalid: 'bad'") == (
        answer.status, answer.code, answer.document["Message"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("body", "code"), [("", "InvalidRequest"), ("<Other/>", "MalformedXML"), ("<", "MalformedXML")]
)
async def test_a_completion_without_a_list(bucket: InProcess, body: str, code: str) -> None:
    upload = await begin(bucket)

    answer = await upload.post(body)

    assert (400, code) == (answer.status, answer.code)
    assert code != "InvalidRequest" or answer.document["Message"].startswith("You must specify at")


async def test_a_part_that_is_too_small_is_named(bucket: InProcess) -> None:
    upload = await begin(bucket)
    small = (await upload.put(1, b"small")).headers["etag"]
    last = (await upload.put(2, LAST)).headers["etag"]

    answer = await upload.complete(Listed(1, small), Listed(2, last))

    assert (400, "EntityTooSmall") == (answer.status, answer.code)
    assert (
        "Your proposed upload is smaller than the minimum allowed size"
        == (answer.document["Message"])
    )
    assert ("5", str(PIECE), "1", small.strip('"')) == tuple(
        answer.document[tag] for tag in ("ProposedSize", "MinSizeAllowed", "PartNumber", "ETag")
    )


async def test_completing_tells_where_the_object_is(bucket: InProcess) -> None:
    upload = await begin(bucket, "a b+c/ü")
    etag = (await upload.put(1, b"data")).headers["etag"]

    done = await upload.complete(Listed(1, etag.strip('"')))
    again = await upload.complete(Listed(1, etag))

    assert (200, "bucket", "a b+c/ü") == (
        done.status,
        done.document["Bucket"],
        done.document["Key"],
    )
    assert "http://127.0.0.1:9000/bucket/a%20b%2Bc%2F%C3%BC" == done.document["Location"]
    assert done.document["ETag"].endswith('-1"')
    assert ("CRC64NVME" in done.body.decode(), "FULL_OBJECT") == (
        True,
        done.document["ChecksumType"],
    )
    assert (200, done.document) == (again.status, again.document)
    assert b"data" == (await bucket.get("a b+c/ü")).body


async def test_parts_that_are_not_listed_are_left_out(bucket: InProcess) -> None:
    upload = await begin(bucket)
    first = (await upload.put(3, FIRST)).headers["etag"]
    await upload.put(5, b"forgotten")
    last = (await upload.put(7, LAST)).headers["etag"]

    done = await upload.complete(Listed(3, first), Listed(7, last))

    assert 200 == done.status
    assert FIRST + LAST == (await bucket.get("k")).body


async def test_what_was_said_at_the_beginning_is_what_the_object_is(bucket: InProcess) -> None:
    described = {
        "content-type": "x/y",
        "cache-control": "public",
        "x-amz-meta-a": "1",
        "x-amz-storage-class": "STANDARD_IA",
        "x-amz-website-redirect-location": "/there",
    }
    await bucket.put("k", headers={"x-amz-meta-old": "1"})
    upload = await begin(bucket, **described, **{"content-encoding": "aws-chunked,gzip"})
    etag = (await upload.put(1, b"data", content_type="ignored/ignored")).headers["etag"]
    await upload.complete(Listed(1, etag))

    got = await bucket.get("k")

    assert {**described, "content-encoding": "gzip"}.items() <= got.headers.items()
    assert "x-amz-meta-old" not in got.headers


@pytest.mark.parametrize("algorithm", DIGESTS)
async def test_a_composite_upload_from_beginning_to_end(bucket: InProcess, algorithm: str) -> None:
    upload, listed = await composite(bucket, algorithm)
    header, value = f"x-amz-checksum-{algorithm.lower()}", f"{composite_value(algorithm)}-2"

    rows = (await upload.parts())["Part"]
    done = await upload.complete(*listed)
    whole = await bucket.get("k", headers={"x-amz-checksum-mode": "ENABLED"})
    part = await bucket.ask(
        "GET", "/bucket/k", {"partNumber": "2"}, headers={"x-amz-checksum-mode": "ENABLED"}
    )

    assert [row.checksums[f"Checksum{algorithm}"] for row in listed] == [
        row[f"Checksum{algorithm}"] for row in rows
    ]
    assert (value, "COMPOSITE") == (
        done.document[f"Checksum{algorithm}"],
        done.document["ChecksumType"],
    )
    assert (value, "COMPOSITE") == (whole.headers[header], whole.headers["x-amz-checksum-type"])
    assert (206, LAST, DIGESTS[algorithm](LAST), "2") == (
        part.status,
        part.body,
        part.headers[header],
        part.headers["x-amz-mp-parts-count"],
    )


async def test_the_only_part_of_an_upload_has_its_own_checksum(bucket: InProcess) -> None:
    upload = await begin(bucket, x_amz_checksum_algorithm="SHA256")
    value = sha256(b"data")
    etag = (await upload.put(1, b"data", **{"x-amz-checksum-sha256": value})).headers["etag"]
    await upload.complete(Listed(1, etag, {"ChecksumSHA256": value}))

    for method in ("GET", "HEAD"):
        part = await bucket.ask(
            method, "/bucket/k", {"partNumber": "1"}, headers={"x-amz-checksum-mode": "ENABLED"}
        )
        assert (206, value) == (part.status, part.headers["x-amz-checksum-sha256"])


async def test_an_empty_part_is_an_object_too(bucket: InProcess) -> None:
    upload = await begin(bucket)
    etag = (await upload.put(1, b"")).headers["etag"]
    await upload.complete(Listed(1, etag))

    part = await bucket.ask("GET", "/bucket/k", {"partNumber": "1"})

    assert (200, b"", "1") == (part.status, part.body, part.headers["x-amz-mp-parts-count"])


@pytest.mark.parametrize(
    ("headers", "actual"),
    [({}, "null"), ({"x-amz-checksum-crc32": crc32(b"data")}, "crc32")],
)
async def test_parts_of_a_composite_upload_bring_its_checksum(
    bucket: InProcess, headers: dict[str, str], actual: str
) -> None:
    upload = await begin(bucket, x_amz_checksum_algorithm="SHA256")

    answer = await upload.put(1, b"data", **headers)

    assert (400, "InvalidRequest") == (answer.status, answer.code)
    assert (
        "Checksum Type mismatch occurred, expected checksum Type: sha256, actual checksum Type: "
        f"{actual}"
    ) == answer.document["Message"]


async def test_parts_of_an_upload_without_checksum_may_bring_any(bucket: InProcess) -> None:
    upload = await begin(bucket)

    for number, algorithm in enumerate(DIGESTS, start=1):
        header = f"x-amz-checksum-{algorithm.lower()}"
        good = await upload.put(number, b"data", **{header: DIGESTS[algorithm](b"data")})
        bad = await upload.put(number, b"data", **{header: BAD[algorithm]})

        assert (200, DIGESTS[algorithm](b"data")) == (good.status, good.headers[header])
        assert (400, "BadDigest") == (bad.status, bad.code)
    assert not any(tag.startswith("Checksum") for tag in (await upload.parts())["Part"][0])


@pytest.mark.parametrize(
    ("given", "code", "message"),
    [
        ({}, "InvalidRequest", "The upload was created using a sha256 checksum. The complete "),
        ({"ChecksumSHA256": BAD["SHA256"]}, "InvalidPart", ""),
        ({"ChecksumCRC32": crc32(FIRST)}, "BadDigest", "The crc32 you specified for part 1 did "),
        ({"ChecksumSHA256": "short"}, "InvalidArgument", "Invalid Base64 or multiple checksums"),
        (
            {"ChecksumSHA256": sha256(FIRST), "ChecksumCRC32": crc32(FIRST)},
            "InvalidArgument",
            "Invalid Base64 or multiple checksums present in request",
        ),
    ],
)
async def test_parts_of_a_composite_upload_are_listed_with_their_checksum(
    bucket: InProcess, given: dict[str, str], code: str, message: str
) -> None:
    upload, listed = await composite(bucket, "SHA256")

    answer = await upload.complete(listed[0]._replace(checksums=given), listed[1])

    assert (400, code) == (answer.status, answer.code)
    assert answer.document["Message"].startswith(message)
    assert 404 == (await bucket.get("k")).status


async def test_an_upload_without_checksum_knows_none_of_its_parts(bucket: InProcess) -> None:
    upload = await begin(bucket)
    etag = (await upload.put(1, FIRST)).headers["etag"]

    answer = await upload.complete(Listed(1, etag, {"ChecksumCRC32": crc32(FIRST)}))

    assert (400, "InvalidPart") == (answer.status, answer.code)


@pytest.mark.parametrize(
    ("suffix", "status", "code"),
    [
        ("", 200, ""),
        ("-2", 200, ""),
        ("-3", 400, "BadDigest"),
        ("-a", 400, "InvalidRequest"),
        ("-", 400, "InvalidRequest"),
    ],
)
async def test_the_composite_checksum_may_say_of_how_many_parts_it_is(
    bucket: InProcess, suffix: str, status: int, code: str
) -> None:
    upload, listed = await composite(bucket, "SHA256")

    answer = await upload.complete(
        *listed, **{"x-amz-checksum-sha256": composite_value("SHA256") + suffix}
    )

    assert status == answer.status
    assert not code or code == answer.code


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"x-amz-checksum-crc32": crc32(FIRST + LAST)}, 200, ""),
        ({"x-amz-checksum-crc32": BAD["CRC32"]}, 400, "BadDigest"),
        ({"x-amz-checksum-crc32": "short"}, 400, "InvalidRequest"),
        ({"x-amz-checksum-crc32": crc32(FIRST + LAST) + "-2"}, 400, "InvalidRequest"),
        ({"x-amz-checksum-type": "FULL_OBJECT"}, 200, ""),
        ({"x-amz-checksum-type": "COMPOSITE"}, 400, "InvalidRequest"),
        ({"x-amz-mp-object-size": str(PIECE + 1)}, 200, ""),
        ({"x-amz-mp-object-size": "1"}, 400, "InvalidRequest"),
    ],
)
async def test_a_whole_of_which_the_checksum_is_known(
    bucket: InProcess, headers: dict[str, str], status: int, code: str
) -> None:
    upload = await begin(
        bucket, x_amz_checksum_algorithm="CRC32", x_amz_checksum_type="FULL_OBJECT"
    )
    listed = [
        Listed(number, (await upload.put(number, data)).headers["etag"])
        for number, data in ((1, FIRST), (2, LAST))
    ]

    answer = await upload.complete(*listed, **headers)

    assert status == answer.status
    if code:
        assert code == answer.code
    else:
        assert crc32(FIRST + LAST) == answer.document["ChecksumCRC32"]


async def test_conditions_of_a_completion(bucket: InProcess) -> None:
    etag = (await bucket.put("k")).headers["etag"]
    bucket.clock.advance(1)
    upload = await begin(bucket)
    part = Listed(1, (await upload.put(1, b"new")).headers["etag"])

    refusals = {
        (412, "PreconditionFailed"): [{"if-none-match": "*"}, {"if-match": '"0"'}],
        (501, "NotImplemented"): [
            {"if-match": "*"},
            {"if-none-match": etag},
            {"if-match": etag, "if-none-match": "*"},
        ],
    }
    for expected, several in refusals.items():
        for headers in several:
            answer = await upload.complete(part, **headers)
            assert expected == (answer.status, answer.code), headers
    done = await upload.complete(part, **{"if-match": etag})

    assert 200 == done.status
    assert b"new" == (await bucket.get("k")).body


async def test_a_completion_if_match_conflicts_with_a_put_since_the_beginning(
    bucket: InProcess,
) -> None:
    upload = await begin(bucket)
    part = Listed(1, (await upload.put(1, b"new")).headers["etag"])
    absent = await upload.complete(part, **{"if-match": '"0"'})
    bucket.clock.advance(1)
    etag = (await bucket.put("k")).headers["etag"]

    answer = await upload.complete(part, **{"if-match": etag})

    assert (404, "NoSuchKey", "k") == (absent.status, absent.code, absent.document["Key"])
    assert (409, "ConditionalRequestConflict") == (answer.status, answer.code)
    assert ("If-Match", "k") == (answer.document["Condition"], answer.document["Key"])
    assert b"data" == (await bucket.get("k")).body


async def test_pages_of_parts(bucket: InProcess) -> None:
    upload = await begin(bucket)
    nothing = await upload.parts()
    for number in (1, 2):
        await upload.put(number, b"data")

    def told(document: Any) -> tuple[str, str, str, str]:
        return (
            document["IsTruncated"],
            document["MaxParts"],
            document["PartNumberMarker"],
            document["NextPartNumberMarker"],
        )

    assert ("false", "1000", "0", "0") == told(nothing)
    assert ("false", "1000", "0", "2") == told(await upload.parts())
    assert ("true", "1", "0", "1") == told(await upload.parts(max_parts="1"))
    assert ("false", "1", "1", "2") == told(
        await upload.parts(max_parts="1", part_number_marker="1")
    )
    assert ("false", "1", "10", "0") == told(
        await upload.parts(max_parts="1", part_number_marker="10")
    )
    assert ("false", "1000", "0", "2") == told(
        await upload.parts(max_parts="", part_number_marker="")
    )
    assert not {"ChecksumAlgorithm", "ChecksumType"} & nothing.keys()
    assert ("bucket", "k", "STANDARD") == (
        nothing["Bucket"],
        nothing["Key"],
        nothing["StorageClass"],
    )
    assert "c" * 64 == nothing["Owner"]["ID"] == nothing["Initiator"]["ID"]


async def uploads(s3: InProcess, **query: str) -> Any:
    answer = await s3.ask("GET", "/bucket", {"uploads": "", **dashed(query)})
    assert answer.status == 200, answer.body
    return answer.document


async def test_a_bucket_without_uploads_lists_none(bucket: InProcess) -> None:
    found = await uploads(bucket)

    told = {tag: text for tag, text in found.items() if tag[0] != "@"}
    assert {
        "Bucket": "bucket",
        "KeyMarker": None,
        "UploadIdMarker": None,
        "NextKeyMarker": None,
        "NextUploadIdMarker": None,
        "MaxUploads": "1000",
        "IsTruncated": "false",
    } == told


async def test_pages_of_uploads(bucket: InProcess) -> None:
    ids: dict[str, list[str]] = {"a": [], "b": [], "c": []}
    for key in "cbaaa":
        ids[key].append((await begin(bucket, key)).upload_id)
        bucket.clock.advance(1)

    def told(found: Any) -> tuple[str, str | None, str | None, str | None]:
        return (
            found["IsTruncated"],
            found["NextKeyMarker"],
            found["NextUploadIdMarker"],
            found["UploadIdMarker"],
        )

    one = {"max_uploads": "1"}
    first, second, third = ids["a"]
    assert ("false", "c", ids["c"][0], None) == told(await uploads(bucket))
    assert ("true", "a", first, None) == told(await uploads(bucket, **one))
    assert ("true", "b", ids["b"][0], None) == told(await uploads(bucket, key_marker="a", **one))
    assert ("false", None, None, None) == told(await uploads(bucket, key_marker="c", **one))
    assert ("true", "a", first, None) == told(await uploads(bucket, upload_id_marker=second, **one))
    assert ("true", "a", second, first) == told(
        await uploads(bucket, key_marker="a", upload_id_marker=first, **one)
    )
    assert ("true", "b", ids["b"][0], third) == told(
        await uploads(bucket, key_marker="a", upload_id_marker=third, **one)
    )


async def test_a_marker_is_an_upload_of_its_key(bucket: InProcess) -> None:
    here, there = [await begin(bucket, key) for key in ("a", "b")]

    async def page(upload_id: str) -> Answer:
        query = {"uploads": "", "key-marker": "a", "upload-id-marker": upload_id}
        return await bucket.ask("GET", "/bucket", query)

    for marker in (there.upload_id, "nope"):
        refused = await page(marker)
        assert (400, "InvalidArgument", "Invalid uploadId marker") == (
            refused.status, refused.code, refused.document["Message"],
        )  # fmt: skip
        assert ("upload-id-marker", marker) == (
            refused.document["ArgumentName"], refused.document["ArgumentValue"],
        )  # fmt: skip
    await bucket.ask("DELETE", "/bucket/a", {"uploadId": here.upload_id})
    passed = await page(here.upload_id)

    assert (200, there.upload_id) == (passed.status, passed.document["Upload"]["UploadId"])


async def test_uploads_are_rolled_up_like_keys(bucket: InProcess) -> None:
    for key in ("folder/sub/1", "folder/sub/2", "folder/file 1", "folder/file2"):
        await begin(bucket, key)
    query = {"prefix": "folder/", "delimiter": "/"}

    found = await uploads(bucket, **query, encoding_type="url")
    passed = await uploads(bucket, **query, key_marker="folder/sub/1")

    assert ["folder/file+1", "folder/file2"] == [row["Key"] for row in found["Upload"]]
    assert "folder/sub/" == found["CommonPrefixes"]["Prefix"]
    assert ("folder/", "/", "url") == (
        found["Prefix"],
        found["Delimiter"],
        found["EncodingType"],
    )
    assert not {"Upload", "CommonPrefixes"} & passed.keys()


async def test_an_uploads_row_tells_all_about_it(bucket: InProcess) -> None:
    await begin(bucket, "k", x_amz_storage_class="GLACIER_IR")

    row = (await uploads(bucket))["Upload"]

    assert ("k", "GLACIER_IR", "2026-09-21T14:13:20.000Z") == (
        row["Key"],
        row["StorageClass"],
        row["Initiated"],
    )
    assert "c" * 64 == row["Owner"]["ID"] == row["Initiator"]["ID"]
    assert not {"ChecksumAlgorithm", "ChecksumType"} & row.keys()


async def test_an_aborted_upload_is_gone(bucket: InProcess) -> None:
    upload = await begin(bucket)
    await upload.put(1, b"data")

    aborted = await bucket.ask("DELETE", "/bucket/k", {"uploadId": upload.upload_id})
    again = await bucket.ask("DELETE", "/bucket/k", {"uploadId": upload.upload_id})
    late = await upload.complete(Listed(1, "x"))

    assert (204, b"") == (aborted.status, aborted.body)
    assert (404, "NoSuchUpload") == (again.status, again.code) == (late.status, late.code)
    assert "Upload" not in await uploads(bucket)
