"""boto3 as it is installed today: reads, writes and deletes only if something holds."""

from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.clients import witness
from tests.clients.witness import code


def test_conditional_reads(s3: Any, bucket: str) -> None:
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"data")["ETag"]
    modified = s3.head_object(Bucket=bucket, Key="k")["LastModified"]

    def outcome(**conditions: Any) -> int:
        try:
            answer = s3.get_object(Bucket=bucket, Key="k", **conditions)
        except ClientError as error:
            return int(error.response["ResponseMetadata"]["HTTPStatusCode"])
        answer["Body"].close()
        return int(answer["ResponseMetadata"]["HTTPStatusCode"])

    assert 200 == outcome(IfMatch=etag)
    assert 412 == outcome(IfMatch='"other"')
    assert 304 == outcome(IfNoneMatch=etag)
    assert 200 == outcome(IfNoneMatch='"other"')
    assert 304 == outcome(IfModifiedSince=modified)
    assert 200 == outcome(IfModifiedSince=modified - timedelta(days=1))
    assert 412 == outcome(IfUnmodifiedSince=modified - timedelta(days=1))
    assert 200 == outcome(IfUnmodifiedSince=modified)
    assert 200 == outcome(IfMatch=etag, IfUnmodifiedSince=modified - timedelta(days=1))
    assert 304 == outcome(IfNoneMatch=etag, IfModifiedSince=modified - timedelta(days=1))


def test_conditional_writes(s3: Any, bucket: str) -> None:
    first = s3.put_object(Bucket=bucket, Key="k", Body=b"first", IfNoneMatch="*")["ETag"]
    with pytest.raises(ClientError) as refusal:
        s3.put_object(Bucket=bucket, Key="k", Body=b"second", IfNoneMatch="*")
    assert (412, "PreconditionFailed") == code(refusal)

    s3.put_object(Bucket=bucket, Key="k", Body=b"third", IfMatch=first)
    with pytest.raises(ClientError) as refusal:
        s3.put_object(Bucket=bucket, Key="k", Body=b"fourth", IfMatch=first)
    assert (412, "PreconditionFailed") == code(refusal)
    with pytest.raises(ClientError) as refusal:
        s3.put_object(Bucket=bucket, Key="absent", Body=b"data", IfMatch=first)
    assert (404, "NoSuchKey") == code(refusal)

    assert b"third" == witness.read(s3, bucket, "k")


def test_a_conditional_delete_takes_only_what_was_meant(s3: Any, bucket: str) -> None:
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"data")["ETag"]

    with pytest.raises(ClientError) as refusal:
        s3.delete_object(Bucket=bucket, Key="k", IfMatch='"other"')
    assert (412, "PreconditionFailed") == code(refusal)
    s3.delete_object(Bucket=bucket, Key="k", IfMatch=etag)

    assert [] == witness.keys(s3, bucket)
