import base64
import hashlib
import zlib
from typing import Any

import pytest

from ferrox.operations import completion
from tests.in_process import Answer, InProcess

PIECE = 1024


@pytest.fixture(autouse=True)
async def _bucket(s3: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bucket, and a smallest part that tests can afford."""
    monkeypatch.setattr(completion, "MIN_PART_BYTES", PIECE)
    await s3.make_bucket()


async def begin(s3: InProcess, key: str = "k", **headers: str) -> str:
    answer = await s3.ask("POST", f"/bucket/{key}", {"uploads": ""}, headers=headers)
    assert answer.status == 200, answer.body
    return str(answer.document["UploadId"])


async def put_part(
    s3: InProcess, upload_id: str, number: int, data: bytes, key: str = "k", **headers: str
) -> Answer:
    query = {"partNumber": str(number), "uploadId": upload_id}
    return await s3.ask("PUT", f"/bucket/{key}", query, body=data, headers=headers)


async def complete(
    s3: InProcess, upload_id: str, parts: list[tuple[int, str]], key: str = "k", **headers: str
) -> Answer:
    rows = "".join(
        f"<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>"
        for number, etag in parts
    )
    body = f"<CompleteMultipartUpload>{rows}</CompleteMultipartUpload>".encode()
    return await s3.ask(
        "POST", f"/bucket/{key}", {"uploadId": upload_id}, body=body, headers=headers
    )


async def upload(s3: InProcess, pieces: dict[int, bytes], **headers: str) -> tuple[str, Answer]:
    upload_id = await begin(s3, **headers)
    parts = []
    for number, data in pieces.items():
        answer = await put_part(s3, upload_id, number, data)
        parts.append((number, answer.headers["etag"]))
    return upload_id, await complete(s3, upload_id, parts)


THREE = {1: b"a" * PIECE, 2: b"b" * PIECE, 5: b"c"}


async def test_parts_become_one_object(s3: InProcess) -> None:
    _, done = await upload(s3, THREE, **{"content-type": "x/y", "x-amz-meta-a": "1"})
    got = await s3.get("k")

    digests = b"".join(hashlib.md5(data).digest() for data in THREE.values())
    etag = f'"{hashlib.md5(digests).hexdigest()}-3"'
    assert (200, etag) == (done.status, done.document["ETag"])
    assert b"".join(THREE.values()) == got.body
    assert ("x/y", "1", etag) == (
        got.headers["content-type"],
        got.headers["x-amz-meta-a"],
        got.headers["etag"],
    )


async def test_a_part_of_the_object_is_found_by_its_number(s3: InProcess) -> None:
    await upload(s3, THREE)

    second = await s3.ask("GET", "/bucket/k", {"partNumber": "2"})
    absent = await s3.ask("GET", "/bucket/k", {"partNumber": "9"})

    assert (206, THREE[2], "3") == (
        second.status,
        second.body,
        second.headers["x-amz-mp-parts-count"],
    )
    assert f"bytes {PIECE}-{2 * PIECE - 1}/{2 * PIECE + 1}" == second.headers["content-range"]
    assert (416, "InvalidPartNumber") == (absent.status, absent.code)


async def test_nothing_is_visible_before_completion_or_after_abortion(s3: InProcess) -> None:
    upload_id = await begin(s3)
    await put_part(s3, upload_id, 1, b"data")

    before = await s3.get("k")
    aborted = await s3.ask("DELETE", "/bucket/k", {"uploadId": upload_id})
    late = await put_part(s3, upload_id, 2, b"data")
    again = await s3.ask("DELETE", "/bucket/k", {"uploadId": upload_id})

    assert (404, 204) == (before.status, aborted.status)
    assert (404, "NoSuchUpload") == (late.status, late.code)
    assert (404, "NoSuchUpload") == (again.status, again.code)


async def test_who_aborts_what_is_complete_is_not_refused(s3: InProcess) -> None:
    upload_id, _ = await upload(s3, {1: b"data"})

    aborted = await s3.ask("DELETE", "/bucket/k", {"uploadId": upload_id})
    of_another_key = await s3.ask("DELETE", "/bucket/other", {"uploadId": upload_id})

    assert (204, b"") == (aborted.status, aborted.body)
    assert b"data" == (await s3.get("k")).body
    assert (404, "NoSuchUpload") == (of_another_key.status, of_another_key.code)


async def test_a_retry_of_the_completion_gets_the_same_answer(s3: InProcess) -> None:
    upload_id, first = await upload(s3, {1: b"data"})
    await s3.put("k", b"replaced")

    second = await complete(s3, upload_id, [(1, "ignored")])

    assert (200, first.document) == (second.status, second.document)
    assert b"replaced" == (await s3.get("k")).body


async def test_a_part_that_came_again_replaces_the_first(s3: InProcess) -> None:
    upload_id = await begin(s3)
    old = await put_part(s3, upload_id, 1, b"old")
    new = await put_part(s3, upload_id, 1, b"new")

    stale = await complete(s3, upload_id, [(1, old.headers["etag"])])
    done = await complete(s3, upload_id, [(1, new.headers["etag"])])

    assert (400, "InvalidPart") == (stale.status, stale.code)
    assert 200 == done.status
    assert b"new" == (await s3.get("k")).body


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ([(2, "b"), (1, "a")], "InvalidPartOrder"),
        ([(1, "a"), (1, "a")], "InvalidPartOrder"),
        ([(1, "a"), (3, "a")], "InvalidPart"),
        ([(1, "b")], "InvalidPart"),
        ([(1, "a"), (2, "b")], "EntityTooSmall"),
        ([], "MalformedXML"),
    ],
)
async def test_a_list_of_parts_that_does_not_fit_is_refused(
    s3: InProcess, parts: list[tuple[int, str]], code: str
) -> None:
    upload_id = await begin(s3)
    etags = {
        "a": (await put_part(s3, upload_id, 1, b"a")).headers["etag"],
        "b": (await put_part(s3, upload_id, 2, b"b")).headers["etag"],
    }

    answer = await complete(s3, upload_id, [(number, etags[name]) for number, name in parts])

    assert (400, code) == (answer.status, answer.code)
    assert 404 == (await s3.get("k")).status


async def test_a_part_number_is_from_1_to_10000(s3: InProcess) -> None:
    upload_id = await begin(s3)

    for number in (0, 10_001):
        answer = await put_part(s3, upload_id, number, b"x")
        assert (400, "InvalidArgument") == (answer.status, answer.code)
    assert 200 == (await put_part(s3, upload_id, 10_000, b"x")).status


async def test_parts_are_listed_by_number_and_by_page(s3: InProcess) -> None:
    upload_id = await begin(s3, **{"x-amz-storage-class": "STANDARD_IA"})
    for number in (3, 1, 2):
        await put_part(s3, upload_id, number, bytes(number))

    query = {"uploadId": upload_id, "max-parts": "2"}
    first = (await s3.ask("GET", "/bucket/k", query)).document
    rest = (await s3.ask("GET", "/bucket/k", query | {"part-number-marker": "2"})).document

    assert ["1", "2"] == [part["PartNumber"] for part in first["Part"]]
    assert ("true", "2", "STANDARD_IA") == (
        first["IsTruncated"],
        first["NextPartNumberMarker"],
        first["StorageClass"],
    )
    assert ("3", "3", "false") == (
        rest["Part"]["PartNumber"],
        rest["Part"]["Size"],
        rest["IsTruncated"],
    )


async def test_uploads_are_listed_by_key_then_time(s3: InProcess) -> None:
    ids = []
    for key in ("b", "a", "a", "dir/x", "dir/y"):
        ids.append(await begin(s3, key))
        s3.clock.advance(1)

    everything = (await s3.ask("GET", "/bucket", {"uploads": "", "delimiter": "/"})).document
    page = (await s3.ask("GET", "/bucket", {"uploads": "", "max-uploads": "1"})).document
    markers = {"key-marker": page["NextKeyMarker"], "upload-id-marker": page["NextUploadIdMarker"]}
    rest = (await s3.ask("GET", "/bucket", {"uploads": "", **markers})).document

    assert [ids[1], ids[2], ids[0]] == [found["UploadId"] for found in everything["Upload"]]
    assert "dir/" == everything["CommonPrefixes"]["Prefix"]
    assert ids[1] == page["Upload"]["UploadId"]
    assert [ids[2], ids[0], ids[3], ids[4]] == [found["UploadId"] for found in rest["Upload"]]


def crc32(data: bytes) -> str:
    return base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()


async def test_a_full_object_checksum_is_that_of_all_bytes(s3: InProcess) -> None:
    whole = b"".join(THREE.values())
    _, done = await upload(
        s3,
        THREE,
        **{"x-amz-checksum-algorithm": "CRC32", "x-amz-checksum-type": "FULL_OBJECT"},
    )
    got = await s3.get("k", headers={"x-amz-checksum-mode": "ENABLED"})

    assert crc32(whole) == done.document["ChecksumCRC32"] == got.headers["x-amz-checksum-crc32"]
    assert "FULL_OBJECT" == got.headers["x-amz-checksum-type"]


async def test_a_composite_checksum_is_that_of_the_parts_checksums(s3: InProcess) -> None:
    upload_id = await begin(s3, **{"x-amz-checksum-algorithm": "SHA256"})
    rows = ""
    for number, data in THREE.items():
        sha256 = base64.b64encode(hashlib.sha256(data).digest()).decode()
        part = await put_part(s3, upload_id, number, data, **{"x-amz-checksum-sha256": sha256})
        rows += (
            f"<Part><PartNumber>{number}</PartNumber><ETag>{part.headers['etag']}</ETag>"
            f"<ChecksumSHA256>{sha256}</ChecksumSHA256></Part>"
        )
    body = f"<CompleteMultipartUpload>{rows}</CompleteMultipartUpload>".encode()
    done = await s3.ask("POST", "/bucket/k", {"uploadId": upload_id}, body=body)
    part = await s3.ask(
        "GET", "/bucket/k", {"partNumber": "2"}, headers={"x-amz-checksum-mode": "ENABLED"}
    )

    digests = b"".join(hashlib.sha256(data).digest() for data in THREE.values())
    composite = base64.b64encode(hashlib.sha256(digests).digest()).decode() + "-3"
    assert (composite, "COMPOSITE") == (
        done.document["ChecksumSHA256"],
        done.document["ChecksumType"],
    )
    of_part = base64.b64encode(hashlib.sha256(THREE[2]).digest()).decode()
    assert of_part == part.headers["x-amz-checksum-sha256"]


async def test_a_completion_that_expects_another_whole_is_refused(s3: InProcess) -> None:
    upload_id = await begin(
        s3, **{"x-amz-checksum-algorithm": "CRC32", "x-amz-checksum-type": "FULL_OBJECT"}
    )
    etag = (await put_part(s3, upload_id, 1, b"data")).headers["etag"]

    wrong_crc = await complete(s3, upload_id, [(1, etag)], **{"x-amz-checksum-crc32": "AAAAAA=="})
    wrong_size = await complete(s3, upload_id, [(1, etag)], **{"x-amz-mp-object-size": "5"})
    right = await complete(
        s3,
        upload_id,
        [(1, etag)],
        **{"x-amz-checksum-crc32": crc32(b"data"), "x-amz-mp-object-size": "4"},
    )

    assert (400, "BadDigest") == (wrong_crc.status, wrong_crc.code)
    assert (400, "InvalidRequest") == (wrong_size.status, wrong_size.code)
    assert 200 == right.status


async def test_a_part_in_another_algorithm_than_the_uploads_is_refused(s3: InProcess) -> None:
    upload_id = await begin(s3, **{"x-amz-checksum-algorithm": "SHA256"})

    answer = await put_part(s3, upload_id, 1, b"data", **{"x-amz-checksum-crc32": crc32(b"data")})

    assert (400, "InvalidRequest") == (answer.status, answer.code)


async def test_a_completion_may_be_forbidden_to_replace(s3: InProcess) -> None:
    await s3.put("k")
    upload_id = await begin(s3)
    etag = (await put_part(s3, upload_id, 1, b"new")).headers["etag"]

    refused = await complete(s3, upload_id, [(1, etag)], **{"if-none-match": "*"})
    allowed = await complete(s3, upload_id, [(1, etag)])

    assert (412, "PreconditionFailed") == (refused.status, refused.code)
    assert 200 == allowed.status


async def test_an_empty_condition_of_a_completion_is_refused(s3: InProcess) -> None:
    upload_id = await begin(s3)
    etag = (await put_part(s3, upload_id, 1, b"new")).headers["etag"]

    differ = await complete(s3, upload_id, [(1, etag)], **{"if-none-match": ""})
    match = await complete(s3, upload_id, [(1, etag)], **{"if-match": ""})

    assert (501, "NotImplemented") == (differ.status, differ.code)
    assert (400, "InvalidArgument") == (match.status, match.code)
    assert (
        "The value provided for the If-Match query parameter cannot be empty for this API."
        == match.document["Message"]
    )
    assert "If-Match" == match.document["ArgumentName"]
    assert "ArgumentValue" not in match.document


async def test_an_upload_that_may_not_replace_is_not_begun_where_an_object_is(
    s3: InProcess,
) -> None:
    await s3.put("k")
    query, header = {"uploads": ""}, "if-none-match"

    taken = await s3.ask("POST", "/bucket/k", query, headers={header: "*"})
    unknown = await s3.ask("POST", "/bucket/k", query, headers={header: '"abc"'})

    assert (412, "PreconditionFailed") == (taken.status, taken.code)
    assert (501, "NotImplemented") == (unknown.status, unknown.code)


async def test_an_upload_that_was_begun_so_as_not_to_replace_does_not(s3: InProcess) -> None:
    upload_id = await begin(s3, **{"if-none-match": "*"})
    etag = (await put_part(s3, upload_id, 1, b"new")).headers["etag"]
    await s3.put("k", b"precious")

    refused = await complete(s3, upload_id, [(1, etag)])
    await s3.ask("DELETE", "/bucket/k")
    allowed = await complete(s3, upload_id, [(1, etag)])

    assert (412, "PreconditionFailed") == (refused.status, refused.code)
    assert 200 == allowed.status


async def test_an_upload_that_was_begun_to_replace_one_object_replaces_no_other(
    s3: InProcess,
) -> None:
    first = (await s3.put("k", b"first")).headers["etag"]
    upload_id = await begin(s3, **{"if-match": first})
    etag = (await put_part(s3, upload_id, 1, b"new")).headers["etag"]
    await s3.put("k", b"second")

    wrong = await s3.ask("POST", "/bucket/k", {"uploads": ""}, headers={"if-match": first})
    refused = await complete(s3, upload_id, [(1, etag)])

    assert (412, "PreconditionFailed") == (wrong.status, wrong.code)
    assert (412, "PreconditionFailed") == (refused.status, refused.code)
    assert b"second" == (await s3.get("k")).body


async def test_an_upload_belongs_to_its_key(s3: InProcess) -> None:
    upload_id = await begin(s3, "k")

    answer = await put_part(s3, upload_id, 1, b"x", key="another")

    assert (404, "NoSuchUpload") == (answer.status, answer.code)


async def test_a_part_put_without_its_number_does_not_overwrite_the_object(s3: InProcess) -> None:
    await s3.put("k", b"precious")
    upload_id = await begin(s3)

    answer: Any = await s3.ask("PUT", "/bucket/k", {"uploadId": upload_id}, body=b"x")

    assert 405 == answer.status
    assert b"precious" == (await s3.get("k")).body
