"""boto3 as it is installed today: versions, delete markers, tags, attributes, renames."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.clients import payloads, witness
from tests.clients.payloads import payload, sha256
from tests.clients.witness import code


@pytest.fixture
def versioned(s3: Any, bucket: str) -> str:
    """An empty bucket that keeps versions."""
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    assert "Enabled" == s3.get_bucket_versioning(Bucket=bucket)["Status"]
    return bucket


def put(s3: Any, bucket: str, key: str, body: bytes) -> str:
    return str(s3.put_object(Bucket=bucket, Key=key, Body=body)["VersionId"])


def listed(s3: Any, bucket: str, **parameters: Any) -> list[tuple[str, str, bool]]:
    """Every version and marker, page by page: key, id, and whether it is a marker."""
    found = []
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, **parameters):
        rows = [(row, False) for row in page.get("Versions", [])]
        rows += [(row, True) for row in page.get("DeleteMarkers", [])]
        found += [(row["Key"], row["VersionId"], is_marker) for row, is_marker in rows]
    return found


def test_every_version_is_kept_and_read(s3: Any, versioned: str) -> None:
    ids = {
        body: put(s3, versioned, "k", body) for body in (b"1", b"2", payload(payloads.MULTIPART))
    }

    for body, version_id in ids.items():
        answer = s3.get_object(Bucket=versioned, Key="k", VersionId=version_id)
        assert (version_id, sha256(body)) == (answer["VersionId"], sha256(answer["Body"].read()))
    head = s3.head_object(Bucket=versioned, Key="k")
    assert list(ids.values())[-1] == head["VersionId"]


def test_a_deleted_object_comes_back_when_its_marker_goes(s3: Any, versioned: str) -> None:
    put(s3, versioned, "k", b"data")
    deleted = s3.delete_object(Bucket=versioned, Key="k")

    with pytest.raises(ClientError) as gone:
        s3.get_object(Bucket=versioned, Key="k")
    with pytest.raises(ClientError) as marker:
        s3.get_object(Bucket=versioned, Key="k", VersionId=deleted["VersionId"])
    s3.delete_object(Bucket=versioned, Key="k", VersionId=deleted["VersionId"])

    assert deleted["DeleteMarker"]
    assert (404, "NoSuchKey") == code(gone)
    assert (405, "MethodNotAllowed") == code(marker)
    assert b"data" == witness.read(s3, versioned, "k")


@pytest.mark.parametrize("page_size", [1, 2, 1000])
def test_versions_are_listed_page_by_page(s3: Any, versioned: str, page_size: int) -> None:
    keys = ["a", "a b+c%2F", "dir/x", "dir/y", "é"]
    expected = [(key, put(s3, versioned, key, b"%d" % n), False) for key in keys for n in range(3)]
    marker = s3.delete_object(Bucket=versioned, Key="dir/x")["VersionId"]

    found = listed(s3, versioned, PaginationConfig={"PageSize": page_size})
    rolled_up = s3.list_object_versions(Bucket=versioned, Delimiter="/")

    assert sorted([*expected, ("dir/x", marker, True)]) == sorted(found)
    assert keys == list(dict.fromkeys(key for key, _, is_marker in found if not is_marker))
    assert ["dir/"] == [row["Prefix"] for row in rolled_up["CommonPrefixes"]]
    latest = [row["Key"] for row in rolled_up["Versions"] if row["IsLatest"]]
    assert ["a", "a b+c%2F", "é"] == latest


def test_a_bucket_is_emptied_as_scripts_do_it(s3: Any, versioned: str) -> None:
    """Page by page, what is on the page removed before the next one is asked for."""
    for number in range(25):
        put(s3, versioned, f"k{number % 3}", b"x")
    s3.delete_object(Bucket=versioned, Key="k1")
    pages = s3.get_paginator("list_object_versions").paginate(
        Bucket=versioned, PaginationConfig={"PageSize": 4}
    )
    for page in pages:
        rows = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        doomed = [{"Key": row["Key"], "VersionId": row["VersionId"]} for row in rows]
        answer = s3.delete_objects(Bucket=versioned, Delete={"Objects": doomed})
        assert len(doomed) == len(answer["Deleted"])

    s3.delete_bucket(Bucket=versioned)


def test_suspended_versioning_has_one_null_version(s3: Any, versioned: str) -> None:
    kept = put(s3, versioned, "k", b"kept")
    s3.put_bucket_versioning(Bucket=versioned, VersioningConfiguration={"Status": "Suspended"})

    answers = [s3.put_object(Bucket=versioned, Key="k", Body=body) for body in (b"1", b"2")]

    assert not [answer for answer in answers if "VersionId" in answer]
    assert [("k", "null", False), ("k", kept, False)] == listed(s3, versioned)


def test_a_former_version_is_copied(s3: Any, versioned: str) -> None:
    former = put(s3, versioned, "k", b"former")
    put(s3, versioned, "k", b"now")

    copied = s3.copy_object(
        Bucket=versioned,
        Key="k",
        CopySource={"Bucket": versioned, "Key": "k", "VersionId": former},
    )

    assert former == copied["CopySourceVersionId"]
    assert b"former" == witness.read(s3, versioned, "k")


def test_tags_of_objects(s3: Any, versioned: str) -> None:
    first = s3.put_object(Bucket=versioned, Key="k", Body=b"1", Tagging="a=1&b=%C3%BC")
    put(s3, versioned, "k", b"2")
    tags = [{"Key": "c", "Value": "3"}]

    s3.put_object_tagging(Bucket=versioned, Key="k", Tagging={"TagSet": tags})
    of_first = s3.get_object_tagging(Bucket=versioned, Key="k", VersionId=first["VersionId"])
    of_second = s3.get_object_tagging(Bucket=versioned, Key="k")
    count = s3.get_object(Bucket=versioned, Key="k")["TagCount"]
    s3.delete_object_tagging(Bucket=versioned, Key="k")

    assert [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "ü"}] == of_first["TagSet"]
    assert (tags, 1) == (of_second["TagSet"], count)
    assert [] == s3.get_object_tagging(Bucket=versioned, Key="k")["TagSet"]
    with pytest.raises(ClientError) as refusal:
        s3.put_object_tagging(Bucket=versioned, Key="k", Tagging={"TagSet": tags * 2})
    assert (400, "InvalidTag") == code(refusal)


def test_the_attributes_of_an_object_of_parts(s3: Any, bucket: str) -> None:
    upload_id = s3.create_multipart_upload(Bucket=bucket, Key="k", ChecksumAlgorithm="SHA256")[
        "UploadId"
    ]
    parts = []
    for number, body in ((1, bytes(5 << 20)), (2, b"rest")):
        part = s3.upload_part(
            Bucket=bucket, Key="k", UploadId=upload_id, PartNumber=number, Body=body,
            ChecksumAlgorithm="SHA256",
        )  # fmt: skip
        parts.append(
            {"PartNumber": number, "ETag": part["ETag"], "ChecksumSHA256": part["ChecksumSHA256"]}
        )
    s3.complete_multipart_upload(
        Bucket=bucket, Key="k", UploadId=upload_id, MultipartUpload={"Parts": parts}
    )

    wanted = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"]
    found = s3.get_object_attributes(Bucket=bucket, Key="k", ObjectAttributes=wanted, MaxParts=1)

    assert ("STANDARD", (5 << 20) + 4) == (found["StorageClass"], found["ObjectSize"])
    assert (2, True, 1) == (
        found["ObjectParts"]["TotalPartsCount"],
        found["ObjectParts"]["IsTruncated"],
        found["ObjectParts"]["NextPartNumberMarker"],
    )
    (part,) = found["ObjectParts"]["Parts"]
    assert (1, 5 << 20, parts[0]["ChecksumSHA256"]) == (
        part["PartNumber"], part["Size"], part["ChecksumSHA256"],
    )  # fmt: skip
    assert found["Checksum"]["ChecksumSHA256"].endswith("-2")
    assert found["ETag"].endswith("-2")


def test_an_object_is_renamed(s3: Any, bucket: str) -> None:
    body = payload(payloads.MULTIPART)
    s3.put_object(Bucket=bucket, Key="a b+c", Body=body, Metadata={"a": "1"})
    before = s3.head_object(Bucket=bucket, Key="a b+c")

    s3.rename_object(
        Bucket=bucket, Key="new", RenameSource=f"{bucket}/a%20b%2Bc", DestinationIfNoneMatch="*"
    )
    after = s3.head_object(Bucket=bucket, Key="new")

    assert ["new"] == witness.keys(s3, bucket)
    assert sha256(body) == sha256(witness.read(s3, bucket, "new"))
    for name in ("ETag", "LastModified", "Metadata", "ContentLength"):
        assert before[name] == after[name]
