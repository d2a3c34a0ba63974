"""client.py: what is asked and signed, and what is made of answers that are none."""

import base64
import hashlib
from collections.abc import AsyncIterator

import pytest

from ferrox.migration.client import Streamed, regional
from ferrox.migration.faults import Refused
from ferrox.outgoing_connections import endpoint_of
from ferrox.protocol.document_operations import GetBucketVersioning, PutBucketTagging
from ferrox.protocol.operations import HeadObject, ListBuckets, PutObject
from ferrox.protocol.shapes.buckets import ListBucketsInput
from ferrox.protocol.shapes.groups import BucketInput, DocumentInput
from ferrox.protocol.shapes.objects import GetObjectInput, HeadObjectInput, PutObjectInput
from tests.migration.s3_stage import Asked, answer, asking, error

BUCKETS = (
    b"<ListAllMyBucketsResult><Owner><ID>me</ID></Owner><Buckets><Bucket><Name>b</Name></Bucket>"
    b"</Buckets></ListAllMyBucketsResult>"
)


async def test_documents_are_asked_for_and_read() -> None:
    async with asking(lambda _: answer(BUCKETS)) as (s3, stage):
        found = await s3.ask(ListBuckets, ListBucketsInput(max_buckets=1))
        again = await s3.canonical_id(), await s3.canonical_id()

    assert (["b"], ("me", "me")) == ([one.name for one in found.buckets], again)
    first = stage.asked[0]
    assert ("GET", "/?max-buckets=1") == (first.method, first.target)
    assert first.headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=id/")
    assert stage.url.removeprefix("http://") == first.headers["host"]
    assert 2 == len(stage.asked)  # who it is was asked once


async def test_documents_are_put_with_a_digest() -> None:
    async with asking(lambda _: answer()) as (s3, stage):
        await s3.document(PutBucketTagging, DocumentInput(bucket="b"), body=b"<Tagging/>")

    (asked,) = stage.asked
    assert ("PUT", "/b?tagging=", b"<Tagging/>") == (asked.method, asked.target, asked.body)
    md5 = hashlib.md5(b"<Tagging/>", usedforsecurity=False).digest()
    assert base64.b64encode(md5).decode() == asked.headers["content-md5"]
    assert hashlib.sha256(b"<Tagging/>").hexdigest() == asked.headers["x-amz-content-sha256"]


async def test_what_passes_is_asked_again_and_counted() -> None:
    # Of two that are cut off the first is made again at once, on another connection.
    answers = [error("503 Slow Down", "SlowDown"), b"CUT", b"CUT", answer(BUCKETS)]

    async with asking(lambda _: answers.pop(0)) as (s3, _):
        await s3.ask(ListBuckets, ListBucketsInput())
        assert 2 == s3.tried_again


async def test_what_lasts_is_told_with_its_code() -> None:
    async with asking(lambda _: error("404 Not Found", "NoSuchBucket")) as (s3, stage):
        with pytest.raises(Refused, match="NoSuchBucket!") as caught:
            await s3.ask(ListBuckets, ListBucketsInput())

    assert (404, "NoSuchBucket") == (caught.value.status, caught.value.code)
    assert 1 == len(stage.asked)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("404 Not Found", "NotFound"),
        ("403 Forbidden", "AccessDenied"),
        ("400 Bad", "InvalidRequest"),
    ],
)
async def test_a_refused_head_says_why_by_its_status(status: str, code: str) -> None:
    async with asking(lambda _: answer(b"", status)) as (s3, _):
        with pytest.raises(Refused) as caught:
            await s3.ask(HeadObject, HeadObjectInput(bucket="b", key="k"))

    assert code == caught.value.code


async def test_an_answer_that_is_no_document_is_a_refusal() -> None:
    async with asking(lambda _: answer(b"<html>")) as (s3, _):
        with pytest.raises(Refused, match="no document of S3"):
            await s3.ask(ListBuckets, ListBucketsInput())


async def test_a_refusal_may_come_after_the_head_of_an_answer() -> None:
    body = b"<Error><Code>InternalError</Code><Message>sorry</Message></Error>"

    async with asking(lambda _: answer(body)) as (s3, _):
        with pytest.raises(Refused, match="sorry") as caught:
            await s3.ask(ListBuckets, ListBucketsInput())

    assert "InternalError" == caught.value.code


@pytest.mark.parametrize(
    "elsewhere",
    [
        error("400 Bad", "AuthorizationHeaderMalformed", "<Region>eu-west-1</Region>"),
        answer(b"", "301 Moved", x_amz_bucket_region="eu-west-1"),
        answer(b"", "400 Bad", x_amz_bucket_region="eu-west-1"),
    ],
)
async def test_the_region_of_a_bucket_is_learned_and_remembered(elsewhere: bytes) -> None:
    def decide(asked: Asked) -> bytes:
        right = answer(b"<VersioningConfiguration/>")
        return right if "/eu-west-1/" in asked.headers["authorization"] else elsewhere

    async with asking(decide) as (s3, stage):
        for _ in range(2):
            await s3.ask(GetBucketVersioning, BucketInput(bucket="b"))

    assert 3 == len(stage.asked)


async def test_a_region_that_is_no_other_is_not_tried_for_ever() -> None:
    refusal = error("400 Bad", "AuthorizationHeaderMalformed", "<Region>us-east-1</Region>")

    async with asking(lambda _: refusal) as (s3, stage):
        with pytest.raises(Refused):
            await s3.ask(GetBucketVersioning, BucketInput(bucket="b"))

    assert 1 == len(stage.asked)


async def test_an_object_comes_in_blocks() -> None:
    async with asking(lambda _: answer(b"x" * 200_000, ETag='"e"')) as (s3, stage):
        args = GetObjectInput(bucket="b", key="a b", range="bytes=0-")
        async with s3.reading(args) as (found, body):
            data = b"".join([block async for block in body])

    assert ("e", 200_000, 200_000) == (found.e_tag, found.content_length, len(data))
    assert ("/b/a%20b", "bytes=0-") == (stage.asked[0].target, stage.asked[0].headers["range"])


async def _body() -> AsyncIterator[bytes]:
    yield b"3\r\n"
    yield b"abc\r\n"


async def test_an_object_is_sent_as_it_is_made() -> None:
    async with asking(lambda _: answer(ETag='"e"')) as (s3, stage):
        streamed = Streamed(_body(), 3, 8, "x-amz-checksum-crc32")
        put = await s3.send(PutObject, PutObjectInput(bucket="b", key="k"), streamed, {"more": "x"})

    (asked,) = stage.asked
    assert ("e", "/b/k?more=x", b"3\r\nabc\r\n") == (put.e_tag, asked.target, asked.body)
    expected = {
        "x-amz-decoded-content-length": "3",
        "x-amz-trailer": "x-amz-checksum-crc32",
        "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "content-length": "8",
    }
    assert expected.items() <= asked.headers.items()


def test_aws_serves_each_region_at_its_own_address() -> None:
    aws, other = endpoint_of("https://s3.amazonaws.com"), endpoint_of("https://s3.example.com:9")

    assert "s3.eu-west-1.amazonaws.com" == regional(aws, "eu-west-1").authority
    assert aws._replace(host="s3.us-east-1.amazonaws.com").host == regional(aws, "us-east-1").host
    assert other == regional(other, "eu-west-1")
