"""boto3 as it is installed today: copies inside the server."""

from typing import Any

import pytest
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from tests.clients import payloads, witness
from tests.clients.payloads import payload, sha256
from tests.clients.witness import code


def test_a_copy_takes_the_metadata_along(s3: Any, bucket: str) -> None:
    s3.put_object(
        Bucket=bucket, Key="a b+c%2F", Body=b"data", ContentType="text/a", Metadata={"a": "1"}
    )

    copied = s3.copy_object(
        Bucket=bucket, Key="copy/ü", CopySource={"Bucket": bucket, "Key": "a b+c%2F"}
    )

    answer = s3.get_object(Bucket=bucket, Key="copy/ü")
    assert copied["CopyObjectResult"]["ETag"] == answer["ETag"]
    assert ("text/a", {"a": "1"}) == (answer["ContentType"], answer["Metadata"])
    assert b"data" == answer["Body"].read()


def test_a_copy_can_replace_the_metadata(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"data", ContentType="text/a", Metadata={"a": "1"})

    s3.copy_object(
        Bucket=bucket, Key="k", CopySource={"Bucket": bucket, "Key": "k"},
        MetadataDirective="REPLACE", ContentType="text/b", Metadata={"b": "2"},
    )  # fmt: skip

    answer = s3.get_object(Bucket=bucket, Key="k")
    assert ("text/b", {"b": "2"}) == (answer["ContentType"], answer["Metadata"])
    assert b"data" == answer["Body"].read()


def test_a_copy_onto_itself_must_change_something(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"data")

    with pytest.raises(ClientError) as refusal:
        s3.copy_object(Bucket=bucket, Key="k", CopySource={"Bucket": bucket, "Key": "k"})

    assert (400, "InvalidRequest") == code(refusal)


def test_a_copy_under_a_condition(s3: Any, bucket: str) -> None:
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"data")["ETag"]
    source = {"Bucket": bucket, "Key": "k"}

    s3.copy_object(Bucket=bucket, Key="good", CopySource=source, CopySourceIfMatch=etag)
    with pytest.raises(ClientError) as refusal:
        s3.copy_object(Bucket=bucket, Key="bad", CopySource=source, CopySourceIfNoneMatch=etag)

    assert (412, "PreconditionFailed") == code(refusal)
    assert ["good", "k"] == witness.keys(s3, bucket)


def test_a_large_copy_is_made_of_parts(s3: Any, bucket: str) -> None:
    body = payload(payloads.MULTIPART)
    s3.put_object(Bucket=bucket, Key="source", Body=body, Metadata={"a": "1"})

    s3.copy(
        {"Bucket": bucket, "Key": "source"}, bucket, "copy",
        Config=TransferConfig(multipart_threshold=8 << 20, multipart_chunksize=8 << 20),
    )  # fmt: skip

    assert 3 == witness.of_part_count(s3, bucket, "copy")
    assert sha256(body) == sha256(witness.read(s3, bucket, "copy"))
