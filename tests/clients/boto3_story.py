"""What a program with boto3 does in a day; run by whichever Python has the boto3 in question.

    python -m tests.clients.boto3_story CHAPTER ENDPOINT ACCESS_KEY SECRET_KEY

A chapter makes a bucket of its own, asserts as it goes, and removes the bucket again.
"""

import io
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.clients import payloads
from tests.clients.payloads import name_bytes, payload, sha256
from tests.clients.tool import REGION, fetch

CHAPTERS: dict[str, Callable[[Any, str], None]] = {}


def chapter(tell: Callable[[Any, str], None]) -> Callable[[Any, str], None]:
    """Note a chapter under its name."""
    CHAPTERS[tell.__name__] = tell
    return tell


def body_of(s3: Any, bucket: str, key: str, **parameters: Any) -> bytes:
    """The body of an object."""
    data: bytes = s3.get_object(Bucket=bucket, Key=key, **parameters)["Body"].read()
    return data


def keys(s3: Any, bucket: str, paginator: str = "list_objects_v2", **parameters: Any) -> list[str]:
    """Every key, by all pages."""
    pages = s3.get_paginator(paginator).paginate(Bucket=bucket, **parameters)
    return [entry["Key"] for page in pages for entry in page.get("Contents", [])]


def refusal(operation: Callable[..., Any], **parameters: Any) -> str:
    """The code of the error that this must end in."""
    try:
        operation(**parameters)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    raise AssertionError(f"{operation} was not refused")


@chapter
def sizes(s3: Any, bucket: str) -> None:
    """Every size there and back."""
    for name in payloads.SIZES_BYTES:
        s3.upload_fileobj(io.BytesIO(payload(name)), bucket, name)
        received = io.BytesIO()
        s3.download_fileobj(bucket, name, received)
        assert sha256(payload(name)) == sha256(received.getvalue()), name
    assert "-" in s3.head_object(Bucket=bucket, Key=payloads.MULTIPART)["ETag"]


@chapter
def odd_names(s3: Any, bucket: str) -> None:
    """Every odd name, written, listed, read."""
    for key in payloads.KEYS:
        s3.put_object(Bucket=bucket, Key=key, Body=name_bytes(key))
    assert sorted(payloads.KEYS, key=str.encode) == keys(s3, bucket)
    for key in payloads.KEYS:
        assert name_bytes(key) == body_of(s3, bucket, key), key


@chapter
def crowds(s3: Any, bucket: str) -> None:
    """More than a page of keys."""
    crowd = [f"crowd/{number:04d}" for number in range(1100)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda key: s3.put_object(Bucket=bucket, Key=key, Body=b"x"), crowd))
    assert crowd == keys(s3, bucket)
    assert crowd == keys(s3, bucket, "list_objects")
    assert crowd[100:200] == keys(s3, bucket, Prefix="crowd/01")
    top = s3.list_objects_v2(Bucket=bucket, Delimiter="/")
    assert ["crowd/"] == [entry["Prefix"] for entry in top["CommonPrefixes"]]


@chapter
def facts(s3: Any, bucket: str) -> None:
    """Metadata, types, ranges, conditions and copies."""
    etag = s3.put_object(
        Bucket=bucket, Key="k", Body=b"0123456789", ContentType="text/odd", Metadata={"a": "1"}
    )["ETag"]
    head = s3.head_object(Bucket=bucket, Key="k")
    assert (etag, "text/odd", {"a": "1"}) == (head["ETag"], head["ContentType"], head["Metadata"])
    assert b"234" == body_of(s3, bucket, "k", Range="bytes=2-4")
    assert "InvalidRange" == refusal(s3.get_object, Bucket=bucket, Key="k", Range="bytes=10-")
    assert "304" == refusal(s3.get_object, Bucket=bucket, Key="k", IfNoneMatch=etag)
    if "IfNoneMatch" in s3.meta.service_model.operation_model("PutObject").input_shape.members:
        once = {"Bucket": bucket, "Key": "k", "Body": b"", "IfNoneMatch": "*"}
        assert "PreconditionFailed" == refusal(s3.put_object, **once)
    source = {"Bucket": bucket, "Key": "k"}
    s3.copy_object(Bucket=bucket, Key="copy", CopySource=source)
    s3.copy_object(
        Bucket=bucket, Key="k", CopySource=source, MetadataDirective="REPLACE", Metadata={"b": "2"}
    )
    assert {"a": "1"} == s3.head_object(Bucket=bucket, Key="copy")["Metadata"]
    assert {"b": "2"} == s3.head_object(Bucket=bucket, Key="k")["Metadata"]
    assert "NoSuchKey" == refusal(s3.get_object, Bucket=bucket, Key="absent")
    assert "BucketNotEmpty" == refusal(s3.delete_bucket, Bucket=bucket)


@chapter
def parts(s3: Any, bucket: str) -> None:
    """Checksums when asked for, an upload by hand, a copy by parts."""
    body = payload(payloads.MULTIPART)
    for algorithm in ("CRC32", "SHA1", "SHA256"):
        s3.upload_fileobj(
            io.BytesIO(body), bucket, algorithm, ExtraArgs={"ChecksumAlgorithm": algorithm}
        )
        found = s3.get_object(Bucket=bucket, Key=algorithm, ChecksumMode="ENABLED")
        assert found[f"Checksum{algorithm}"].endswith("-3")
        assert sha256(body) == sha256(found["Body"].read())
    in_parts = TransferConfig(multipart_threshold=6 << 20, multipart_chunksize=6 << 20)
    s3.copy({"Bucket": bucket, "Key": "CRC32"}, bucket, "copy", Config=in_parts)
    assert sha256(body) == sha256(body_of(s3, bucket, "copy"))
    upload = {"Bucket": bucket, "Key": "by hand"}
    upload["UploadId"] = s3.create_multipart_upload(**upload)["UploadId"]
    etag = s3.upload_part(PartNumber=1, Body=b"only", **upload)["ETag"]
    assert [4] == [part["Size"] for part in s3.list_parts(**upload)["Parts"]]
    chosen = {"Parts": [{"PartNumber": 1, "ETag": etag}]}
    s3.complete_multipart_upload(MultipartUpload=chosen, **upload)
    assert b"only" == body_of(s3, bucket, "by hand")


@chapter
def versions(s3: Any, bucket: str) -> None:
    """Versions, tags, locks and attributes."""
    place = {"Bucket": bucket, "Key": "k"}
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    enabled = {"ObjectLockEnabled": "Enabled"}
    s3.put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration=enabled)
    first, second = (s3.put_object(Body=body, **place)["VersionId"] for body in (b"1", b"22"))
    marker = s3.delete_object(**place)
    assert marker["DeleteMarker"]
    assert "NoSuchKey" == refusal(s3.get_object, **place)
    listed = s3.list_object_versions(Bucket=bucket)
    assert [second, first] == [version["VersionId"] for version in listed["Versions"]]
    old = place | {"VersionId": first}
    tags = [{"Key": "a", "Value": "1"}]
    s3.put_object_tagging(Tagging={"TagSet": tags}, **old)
    assert tags == s3.get_object_tagging(**old)["TagSet"]
    s3.put_object_legal_hold(LegalHold={"Status": "ON"}, **old)
    assert "AccessDenied" == refusal(s3.delete_object, **old)
    s3.put_object_legal_hold(LegalHold={"Status": "OFF"}, **old)
    told = s3.get_object_attributes(ObjectAttributes=["ObjectSize"], **old)
    assert 1 == told["ObjectSize"]
    for version in (first, second, marker["VersionId"]):
        s3.delete_object(VersionId=version, **place)


@chapter
def documents(s3: Any, bucket: str) -> None:
    """Documents of a bucket; those that need a digest come with what this boto3 gives them."""
    rules = [{"ID": "a", "Filter": {"Prefix": ""}, "Status": "Enabled", "Expiration": {"Days": 9}}]
    cors = [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]
    tags = [{"Key": "a", "Value": "ü"}]
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": cors})
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tags})
    assert rules == s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    assert cors == s3.get_bucket_cors(Bucket=bucket)["CORSRules"]
    assert tags == s3.get_bucket_tagging(Bucket=bucket)["TagSet"]
    s3.delete_bucket_cors(Bucket=bucket)
    assert "NoSuchCORSConfiguration" == refusal(s3.get_bucket_cors, Bucket=bucket)


@chapter
def presigned(s3: Any, bucket: str) -> None:
    """URLs of both versions, used without boto3."""
    for version in ("s3", "s3v4"):
        signer = boto3.client(
            "s3", endpoint_url=s3.meta.endpoint_url, region_name=REGION,
            aws_access_key_id=s3._request_signer._credentials.access_key,
            aws_secret_access_key=s3._request_signer._credentials.secret_key,
            config=Config(signature_version=version),
        )  # fmt: skip
        place = {"Bucket": bucket, "Key": "a b+ü.txt"}
        s3.put_object(Body=b"data", **place)
        good = signer.generate_presigned_url("get_object", place)
        assert b"data" == fetch(good).body
        assert b"SignatureDoesNotMatch" in fetch(good.replace("a%20b", "a%20c")).body


def main(name: str, endpoint: str, access_key: str, secret_key: str) -> None:
    """Tell one chapter in a bucket of its own, and leave nothing behind."""
    s3 = boto3.client(
        "s3", endpoint_url=endpoint, region_name=REGION, aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
    )  # fmt: skip
    bucket = f"boto3-{boto3.__version__}-{name}".replace(".", "-").replace("_", "-")
    s3.create_bucket(Bucket=bucket)
    CHAPTERS[name](s3, bucket)
    left = keys(s3, bucket)
    for start in range(0, len(left), 1000):
        for key in (key for key in left[start : start + 1000] if "\x07" in key):
            s3.delete_object(Bucket=bucket, Key=key)  # no XML document can name it
        doomed = [{"Key": key} for key in left[start : start + 1000] if "\x07" not in key]
        answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": doomed})
        assert len(doomed) == len(answer["Deleted"])
    s3.delete_bucket(Bucket=bucket)
    sys.stdout.write(boto3.__version__)


if __name__ == "__main__":
    main(*sys.argv[1:])
