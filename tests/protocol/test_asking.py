"""asking.py: shapes as requests and answers as shapes, held against the server's own half."""

from typing import Any

import pytest

from ferrox.errors import MalformedXML
from ferrox.protocol import asking, decode, encode
from ferrox.protocol.address import Bucket, Object, Service
from ferrox.protocol.document_operations import PutBucketPolicy
from ferrox.protocol.message import Request
from ferrox.protocol.operation import Operation
from ferrox.protocol.operations import (
    WITHOUT_SHAPES,
    CompleteMultipartUpload,
    CreateMultipartUpload,
    DeleteObject,
    GetObject,
    GetObjectAttributes,
    GetObjectRetention,
    GetObjectTagging,
    HeadObject,
    ListBuckets,
    ListObjectsV2,
    PutObject,
)
from ferrox.protocol.router import resolve
from ferrox.protocol.shape import Shape
from ferrox.protocol.shapes.access import PutBucketPolicyInput
from ferrox.protocol.shapes.attributes import GetObjectAttributesInput
from ferrox.protocol.shapes.buckets import Bucket as ListedBucket
from ferrox.protocol.shapes.buckets import ListBucketsInput, ListBucketsOutput
from ferrox.protocol.shapes.deletion import DeleteObjectInput
from ferrox.protocol.shapes.listing import ListObjectsV2Input
from ferrox.protocol.shapes.locks import GetObjectRetentionOutput, Retention
from ferrox.protocol.shapes.multipart import (
    CompletedMultipartUpload,
    CompletedPart,
    CompleteMultipartUploadInput,
    CreateMultipartUploadInput,
    CreateMultipartUploadOutput,
)
from ferrox.protocol.shapes.object_tagging import GetObjectTaggingOutput
from ferrox.protocol.shapes.objects import GetObjectOutput, HeadObjectInput, PutObjectInput
from ferrox.protocol.shapes.tagging import Tag

KEY = "a//b/../ü %2F+.txt"

INPUTS: list[tuple[Operation[Any, Any], Shape]] = [
    (ListBuckets, ListBucketsInput(max_buckets=7)),
    (ListObjectsV2, ListObjectsV2Input(bucket="b", prefix="a/&=ü", max_keys=3, fetch_owner=True)),
    (HeadObject, HeadObjectInput(bucket="b", key=KEY, version_id="v", part_number=2)),
    (
        PutObject,
        PutObjectInput(
            bucket="b",
            key=KEY,
            metadata={"a": "b", "c": "=?UTF-8?B?w7w=?="},
            content_type="text/plain",
            object_lock_mode="GOVERNANCE",
            object_lock_retain_until_date=1_900_000_000_000,
            content_length=3,
        ),
    ),
    (
        GetObjectAttributes,
        GetObjectAttributesInput(bucket="b", key="k", object_attributes=["ETag", "ObjectParts"]),
    ),
    (
        CompleteMultipartUpload,
        CompleteMultipartUploadInput(
            bucket="b",
            key=KEY,
            upload_id="u",
            multipart_upload=CompletedMultipartUpload(
                parts=[CompletedPart(part_number=1, e_tag="e", checksum_crc32="AAAAAA==")]
            ),
        ),
    ),
    (CreateMultipartUpload, CreateMultipartUploadInput(bucket="b", key=KEY)),
    (PutBucketPolicy, PutBucketPolicyInput(bucket="b", policy='{"a": 1}')),
    (DeleteObject, DeleteObjectInput(bucket="b", key="k", bypass_governance_retention=True)),
]


@pytest.mark.parametrize(("operation", "args"), INPUTS, ids=lambda one: getattr(one, "name", ""))
def test_the_server_reads_what_is_asked(operation: Operation[Any, Any], args: Shape) -> None:
    asked = asking.request(operation, args)

    target: Service | Bucket | Object = Service()
    if hasattr(args, "bucket"):
        target = Object("b", args.key) if hasattr(args, "key") else Bucket("b")
    request = Request(asked.method, asked.path, asked.query_string, asked.headers)
    assert operation is resolve(request, target.level)
    read = decode.parameters(operation, request, target)
    decode.payload(operation, read, asked.body)
    assert args == read


def test_a_path_is_escaped_once_and_nothing_in_it_is_changed() -> None:
    asked = asking.request(HeadObject, HeadObjectInput(bucket="b", key=KEY))

    assert "/b/a//b/../%C3%BC%20%252F%2B.txt" == asked.path


def test_parameters_of_the_other_sides_own_come_in_order() -> None:
    more = {"zz": "/", "aa": ""}

    asked = asking.request(HeadObject, HeadObjectInput(bucket="b", key="k", version_id="v"), more)

    assert "aa=&versionId=v&zz=%2F" == asked.query_string


OUTPUTS: list[tuple[Operation[Any, Any], Shape]] = [
    (ListBuckets, ListBucketsOutput(buckets=[ListedBucket(name="b", creation_date=1_000_000)])),
    (
        CreateMultipartUpload,
        CreateMultipartUploadOutput(upload_id="u", checksum_algorithm="CRC32"),
    ),
    (GetObjectTagging, GetObjectTaggingOutput(tag_set=[Tag(key="k", value=" v ")])),
    (
        GetObjectRetention,
        GetObjectRetentionOutput(retention=Retention(mode="GOVERNANCE", retain_until_date=1000)),
    ),
    (
        GetObject,
        GetObjectOutput(
            e_tag="e", last_modified=5000, metadata={"a": "b"}, content_length=3, parts_count=2
        ),
    ),
]


@pytest.mark.parametrize(("operation", "given"), OUTPUTS, ids=lambda one: getattr(one, "name", ""))
def test_what_the_server_answers_is_read(operation: Operation[Any, Any], given: Shape) -> None:
    response = encode.response(operation, given)
    assert isinstance(response.body, bytes)

    read = asking.output(operation, response.headers, response.body)

    assert given == read


def test_headers_that_make_no_sense_are_left_out() -> None:
    headers = {"last-modified": "yesterday", "content-length": "many", "etag": '"e"'}

    read = asking.output(GetObject, headers, b"bytes of the object")

    assert (None, None, "e") == (read.last_modified, read.content_length, read.e_tag)


def test_a_document_may_be_called_by_its_operation() -> None:
    body = b"<ListBucketsResult><ContinuationToken>t</ContinuationToken></ListBucketsResult>"

    assert "t" == asking.output(ListBuckets, {}, body).continuation_token


def test_a_document_that_is_none_is_malformed() -> None:
    with pytest.raises(MalformedXML):
        asking.output(ListBuckets, {}, b"<html>busy</html>")


def test_a_document_that_is_not_there_is_none() -> None:
    assert GetObjectRetentionOutput() == asking.output(GetObjectRetention, {}, b" ")


def test_an_operation_without_shapes_gives_nothing() -> None:
    with pytest.raises(TypeError, match="no output shape"):
        asking.output(WITHOUT_SHAPES[0], {}, b"")


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        (b"<Error><Code>SlowDown</Code><Message>later</Message></Error>", "SlowDown", "later"),
        (b"<Error/>", "", ""),
        (b"<html>Bad Gateway</html>", "", ""),
        (b"", "", ""),
    ],
)
def test_refusals_are_read_as_far_as_they_can_be(body: bytes, code: str, message: str) -> None:
    read = asking.refusal(body)

    assert (code, message) == (read.code, read.message)
