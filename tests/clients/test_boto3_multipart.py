"""boto3 as it is installed today: uploads in parts, and every checksum that S3 knows."""

import base64
import hashlib
import struct
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import anycrc
import pytest
from botocore.exceptions import ClientError

from tests.clients import witness
from tests.clients.payloads import filled, sha256

PART = 5 << 20  # the least that S3 takes for all parts but the last
BODIES = [filled(PART, seed="part 1"), filled(PART + 3, seed="part 2"), filled(17, seed="part 3")]
WHOLE = b"".join(BODIES)

DIGESTS: dict[str, Callable[[bytes], bytes]] = {
    "CRC32": lambda data: struct.pack(">I", zlib.crc32(data)),
    "CRC32C": lambda data: struct.pack(">I", anycrc.Model("CRC32-ISCSI").calc(data)),
    "CRC64NVME": lambda data: struct.pack(">Q", anycrc.Model("CRC64-NVME").calc(data)),
    "SHA1": lambda data: hashlib.sha1(data).digest(),
    "SHA256": lambda data: hashlib.sha256(data).digest(),
}
TYPES = [
    ("CRC32", "FULL_OBJECT"), ("CRC32", "COMPOSITE"),
    ("CRC32C", "FULL_OBJECT"), ("CRC32C", "COMPOSITE"),
    ("CRC64NVME", "FULL_OBJECT"),
    ("SHA1", "COMPOSITE"), ("SHA256", "COMPOSITE"),
]  # fmt: skip


def text(algorithm: str, data: bytes) -> str:
    """The checksum as it goes over the wire."""
    return base64.b64encode(DIGESTS[algorithm](data)).decode()


def expected_checksum(algorithm: str, checksum_type: str) -> str:
    """What the whole object's checksum must be."""
    if checksum_type == "FULL_OBJECT":
        return text(algorithm, WHOLE)
    digest = DIGESTS[algorithm]
    return f"{text(algorithm, b''.join(map(digest, BODIES)))}-{len(BODIES)}"


def begin(s3: Any, bucket: str, key: str = "k", **parameters: Any) -> dict[str, Any]:
    """Start an upload; what it returns is what every later call needs."""
    answer = s3.create_multipart_upload(Bucket=bucket, Key=key, **parameters)
    return {"Bucket": bucket, "Key": key, "UploadId": answer["UploadId"]}


def send(s3: Any, upload: dict[str, Any], *bodies: bytes) -> list[dict[str, Any]]:
    """Upload these bodies as parts 1, 2, 3 …; what to complete with."""
    parts = []
    for number, body in enumerate(bodies, start=1):
        etag = s3.upload_part(PartNumber=number, Body=body, **upload)["ETag"]
        parts.append({"PartNumber": number, "ETag": etag})
    return parts


@pytest.mark.parametrize(("algorithm", "checksum_type"), TYPES)
def test_every_checksum_of_an_object_in_parts(
    s3: Any, bucket: str, algorithm: str, checksum_type: str
) -> None:
    name = f"Checksum{algorithm}"
    upload = begin(s3, bucket, ChecksumAlgorithm=algorithm, ChecksumType=checksum_type)
    parts = []
    for number, body in enumerate(BODIES, start=1):
        value = {name: text(algorithm, body)}
        sent = s3.upload_part(PartNumber=number, Body=body, **value, **upload)
        assert value[name] == sent[name]
        parts.append({"PartNumber": number, "ETag": sent["ETag"], **value})

    listed = s3.list_parts(**upload)
    done = s3.complete_multipart_upload(MultipartUpload={"Parts": parts}, **upload)

    expected = expected_checksum(algorithm, checksum_type)
    assert (algorithm, checksum_type) == (listed["ChecksumAlgorithm"], listed["ChecksumType"])
    assert [part[name] for part in parts] == [part[name] for part in listed["Parts"]]
    assert (expected, checksum_type) == (done[name], done["ChecksumType"])
    found = s3.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert (expected, checksum_type) == (found[name], found["ChecksumType"])
    assert sha256(WHOLE) == sha256(found["Body"].read())
    head = s3.head_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert (expected, checksum_type) == (head[name], head["ChecksumType"])


@pytest.mark.parametrize("algorithm", DIGESTS)
def test_every_checksum_of_an_object_in_one_piece(s3: Any, bucket: str, algorithm: str) -> None:
    name, body = f"Checksum{algorithm}", BODIES[1]
    value = {name: text(algorithm, body)}

    sent = s3.put_object(Bucket=bucket, Key="k", Body=body, **value)

    assert value[name] == sent[name]
    found = s3.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert (value[name], "FULL_OBJECT") == (found[name], found["ChecksumType"])
    assert sha256(body) == sha256(found["Body"].read())
    copied = s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "k"})
    assert value[name] == copied["CopyObjectResult"][name]
    with pytest.raises(ClientError) as refusal:
        s3.put_object(Bucket=bucket, Key="bad", Body=body, **{name: text(algorithm, b"other")})
    assert "BadDigest" == refusal.value.response["Error"]["Code"]
    assert ["copy", "k"] == witness.keys(s3, bucket)


def test_an_unasked_for_checksum_is_crc32_and_stays_silent(s3: Any, bucket: str) -> None:
    """boto3 sends a CRC32 by itself; who does not ask to see it does not."""
    s3.put_object(Bucket=bucket, Key="k", Body=b"data")

    asked = s3.head_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    plain = s3.head_object(Bucket=bucket, Key="k")

    assert text("CRC32", b"data") == asked["ChecksumCRC32"]
    assert "ChecksumCRC32" not in plain


def test_one_part_of_a_finished_object_can_be_read(s3: Any, bucket: str) -> None:
    upload = begin(s3, bucket)
    parts = send(s3, upload, *BODIES)
    s3.complete_multipart_upload(MultipartUpload={"Parts": parts}, **upload)

    second = s3.get_object(Bucket=bucket, Key="k", PartNumber=2)

    assert 3 == second["PartsCount"]
    assert f"bytes {PART}-{2 * PART + 2}/{len(WHOLE)}" == second["ContentRange"]
    assert sha256(BODIES[1]) == sha256(second["Body"].read())
    with pytest.raises(ClientError) as refusal:
        s3.get_object(Bucket=bucket, Key="k", PartNumber=4)
    assert "InvalidPart" in refusal.value.response["Error"]["Code"]


def test_the_upload_decides_metadata_and_its_etag_counts_the_parts(s3: Any, bucket: str) -> None:
    upload = begin(s3, bucket, ContentType="text/odd", Metadata={"a": "1"})
    parts = send(s3, upload, *BODIES)

    done = s3.complete_multipart_upload(MultipartUpload={"Parts": parts}, **upload)

    of_parts = b"".join(hashlib.md5(body).digest() for body in BODIES)
    assert f'"{hashlib.md5(of_parts).hexdigest()}-3"' == done["ETag"]
    head = s3.head_object(Bucket=bucket, Key="k")
    assert ("text/odd", {"a": "1"}) == (head["ContentType"], head["Metadata"])
    assert done["ETag"] == head["ETag"]


def test_parts_may_come_in_any_order_and_more_than_once(s3: Any, bucket: str) -> None:
    upload = begin(s3, bucket)
    s3.upload_part(PartNumber=7, Body=b"replaced", **upload)
    s3.upload_part(PartNumber=5, Body=b"never named", **upload)
    last = s3.upload_part(PartNumber=7, Body=BODIES[2], **upload)["ETag"]
    first = s3.upload_part(PartNumber=3, Body=BODIES[0], **upload)["ETag"]

    chosen = [{"PartNumber": 3, "ETag": first}, {"PartNumber": 7, "ETag": last}]
    s3.complete_multipart_upload(MultipartUpload={"Parts": chosen}, **upload)

    assert sha256(BODIES[0] + BODIES[2]) == sha256(witness.read(s3, bucket, "k"))


def test_completing_twice_answers_the_same(s3: Any, bucket: str) -> None:
    upload = begin(s3, bucket)
    parts = {"Parts": send(s3, upload, b"only")}

    first = s3.complete_multipart_upload(MultipartUpload=parts, **upload)
    again = s3.complete_multipart_upload(MultipartUpload=parts, **upload)

    assert first["ETag"] == again["ETag"]
    assert b"only" == witness.read(s3, bucket, "k")


def test_mistakes_in_the_list_of_parts_are_named(s3: Any, bucket: str) -> None:
    upload = begin(s3, bucket)
    one, two = send(s3, upload, b"too small", b"the last")

    def outcome(*parts: dict[str, Any]) -> str:
        with pytest.raises(ClientError) as refusal:
            s3.complete_multipart_upload(MultipartUpload={"Parts": list(parts)}, **upload)
        return str(refusal.value.response["Error"]["Code"])

    assert "EntityTooSmall" == outcome(one, two)
    assert "InvalidPartOrder" == outcome(two, one)
    assert "InvalidPart" == outcome({**one, "ETag": two["ETag"]})
    assert "InvalidPart" == outcome({**one, "PartNumber": 9})
    assert "MalformedXML" == outcome()
    s3.complete_multipart_upload(MultipartUpload={"Parts": [two]}, **upload)
    assert b"the last" == witness.read(s3, bucket, "k")


def test_completion_can_demand_that_nothing_is_there(s3: Any, bucket: str) -> None:
    upload = begin(s3, bucket)
    parts = {"Parts": send(s3, upload, b"late")}
    s3.put_object(Bucket=bucket, Key="k", Body=b"early")

    with pytest.raises(ClientError) as refusal:
        s3.complete_multipart_upload(MultipartUpload=parts, IfNoneMatch="*", **upload)

    assert "PreconditionFailed" == refusal.value.response["Error"]["Code"]
    assert b"early" == witness.read(s3, bucket, "k")


def test_an_aborted_upload_is_gone(s3: Any, bucket: str) -> None:
    upload = begin(s3, bucket)
    send(s3, upload, b"in vain")

    s3.abort_multipart_upload(**upload)

    with pytest.raises(s3.exceptions.NoSuchUpload):
        s3.list_parts(**upload)
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)
    assert [] == witness.keys(s3, bucket)


def test_parts_are_listed_page_by_page(s3: Any, bucket: str) -> None:
    upload = begin(s3, bucket, StorageClass="STANDARD_IA")
    sent = send(s3, upload, *(f"part {n}".encode() for n in range(5)))

    pages = list(
        s3.get_paginator("list_parts").paginate(PaginationConfig={"PageSize": 2}, **upload)
    )

    assert [2, 2, 1] == [len(page["Parts"]) for page in pages]
    parts = [part for page in pages for part in page["Parts"]]
    assert sent == [{name: part[name] for name in ("PartNumber", "ETag")} for part in parts]
    assert [6] * 5 == [part["Size"] for part in parts]
    assert "STANDARD_IA" == pages[0]["StorageClass"]
    assert pages[0]["Owner"]["ID"] == pages[0]["Initiator"]["ID"]
    assert all(abs(datetime.now(UTC) - part["LastModified"]).seconds < 300 for part in parts)


def test_uploads_are_listed_page_by_page(s3: Any, bucket: str) -> None:
    keys = ["a/1", "a/2", "a/2", "b", "c/1 &+ü"]
    begun = [(upload["Key"], upload["UploadId"]) for upload in (begin(s3, bucket, k) for k in keys)]

    def listed(**parameters: Any) -> list[tuple[str, str]]:
        paginator = s3.get_paginator("list_multipart_uploads")
        pages = paginator.paginate(Bucket=bucket, PaginationConfig={"PageSize": 2}, **parameters)
        return [(one["Key"], one["UploadId"]) for page in pages for one in page.get("Uploads", [])]

    assert sorted(begun) == sorted(listed())
    assert keys == [key for key, _ in listed()]
    assert sorted(begun[:3]) == sorted(listed(Prefix="a/"))
    page = s3.list_multipart_uploads(Bucket=bucket, Delimiter="/")
    assert ["a/", "c/"] == [prefix["Prefix"] for prefix in page["CommonPrefixes"]]
    assert ["b"] == [upload["Key"] for upload in page["Uploads"]]


def test_parts_are_copied_by_range(s3: Any, bucket: str) -> None:
    source = {"Bucket": bucket, "Key": "source ü+"}
    s3.put_object(Body=WHOLE, **source)
    upload = begin(s3, bucket)
    parts = []
    for number, asked in enumerate(("bytes=1-5242885", f"bytes=5242886-{len(WHOLE) - 1}"), start=1):
        answer = s3.upload_part_copy(
            PartNumber=number, CopySource=source, CopySourceRange=asked, **upload
        )
        parts.append({"PartNumber": number, "ETag": answer["CopyPartResult"]["ETag"]})

    s3.complete_multipart_upload(MultipartUpload={"Parts": parts}, **upload)

    assert sha256(WHOLE[1:]) == sha256(witness.read(s3, bucket, "k"))


def test_a_range_outside_the_source_is_not_copied(s3: Any, bucket: str) -> None:
    source = {"Bucket": bucket, "Key": "source"}
    s3.put_object(Body=b"data", **source)
    upload = begin(s3, bucket)

    with pytest.raises(ClientError) as refusal:
        s3.upload_part_copy(PartNumber=1, CopySource=source, CopySourceRange="bytes=0-4", **upload)

    assert refusal.value.response["Error"]["Code"] in ("InvalidArgument", "InvalidRange")
