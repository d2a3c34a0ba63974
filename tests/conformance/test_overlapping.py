"""What requests see of each other that are under way at the same time: all of it or nothing.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/Welcome.html#ConsistencyModel
"""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from ferrox.protocol.message import Request, Response
from tests import signing
from tests.in_process import InProcess

SMALL, LARGE = 64, 3_000_000
"""What the index holds itself, and what is a file of several blocks."""

pytestmark = pytest.mark.parametrize("size", [SMALL, LARGE])


async def interrupted(
    s3: InProcess,
    body: bytes,
    meanwhile: Callable[[], Awaitable[object]],
    query: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
) -> int:
    """Put `/bucket/k`; when half of the body is there, other things happen. Return the status."""
    raw_query = signing.query_string(query or {})
    sent = {"host": "127.0.0.1:9000", "content-length": str(len(body)), **(headers or {})}
    sha256 = hashlib.sha256(body).hexdigest()
    signed = signing.sign("PUT", "/bucket/k", raw_query, sent, sha256, s3.clock.now_ms())

    async def halves() -> AsyncIterator[bytes]:
        yield body[: len(body) // 2]
        await meanwhile()
        yield body[len(body) // 2 :]

    request = Request("PUT", "/bucket/k", raw_query, signed, body=halves())
    return (await s3.pipeline.answer(request)).status


async def begun(s3: InProcess) -> Response:
    """An answer to a read of `/bucket/k` of which nothing was taken yet."""
    sha256 = hashlib.sha256(b"").hexdigest()
    headers = {"host": "127.0.0.1:9000"}
    signed = signing.sign("GET", "/bucket/k", "", headers, sha256, s3.clock.now_ms())
    return await s3.pipeline.answer(Request("GET", "/bucket/k", "", signed))


async def rest_of(response: Response) -> bytes:
    """All bytes of an answer."""
    if isinstance(response.body, bytes):
        return response.body
    return b"".join([block async for block in response.body])


async def test_a_read_that_began_ends_with_what_it_began(bucket: InProcess, size: int) -> None:
    await bucket.put("k", b"a" * size)

    reading = await begun(bucket)
    await bucket.put("k", b"b" * size)
    removed = await begun(bucket)
    await bucket.ask("DELETE", "/bucket/k")

    assert b"a" * size == await rest_of(reading)
    assert b"b" * size == await rest_of(removed)


async def test_nothing_of_a_write_is_seen_before_its_end(bucket: InProcess, size: int) -> None:
    seen: list[bytes] = []
    await bucket.put("k", b"a" * size)

    async def look() -> None:
        seen.append((await bucket.get("k")).body)

    assert 200 == await interrupted(bucket, b"b" * size, look)
    assert [b"a" * size] == seen
    assert b"b" * size == (await bucket.get("k")).body


async def test_of_two_writes_the_one_that_ends_last_stays(bucket: InProcess, size: int) -> None:
    assert 200 == await interrupted(bucket, b"a" * size, lambda: bucket.put("k", b"b" * (size + 1)))

    assert b"a" * size == (await bucket.get("k")).body


async def test_a_condition_holds_when_a_write_ends_or_it_fails(
    bucket: InProcess, size: int
) -> None:
    tag = (await bucket.put("k", b"a" * size)).headers["etag"]
    replaced = {"if-match": tag}

    status = await interrupted(
        bucket,
        b"c" * size,
        lambda: bucket.put("k", b"b" * size, headers=replaced),
        headers=replaced,
    )

    assert 412 == status
    assert b"b" * size == (await bucket.get("k")).body


async def test_a_bucket_that_goes_while_a_body_comes_keeps_nothing(
    bucket: InProcess, size: int
) -> None:
    assert 404 == await interrupted(bucket, b"a" * size, lambda: bucket.ask("DELETE", "/bucket"))

    await bucket.make_bucket()
    assert 404 == (await bucket.get("k")).status


async def test_of_two_parts_of_a_number_the_one_that_ends_last_stays(
    bucket: InProcess, size: int
) -> None:
    begun_upload = await bucket.ask("POST", "/bucket/k", {"uploads": ""})
    upload = {"uploadId": begun_upload.document["UploadId"]}
    part = {"partNumber": "1", **upload}

    await interrupted(
        bucket, b"a" * size, lambda: bucket.ask("PUT", "/bucket/k", part, body=b"b" * size), part
    )
    tag = hashlib.md5(b"a" * size, usedforsecurity=False).hexdigest()
    done = await bucket.ask(
        "POST",
        "/bucket/k",
        upload,
        body=(
            "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber>"
            f"<ETag>{tag}</ETag></Part></CompleteMultipartUpload>"
        ).encode(),
    )

    assert 200 == done.status
    assert b"a" * size == (await bucket.get("k")).body


async def test_an_upload_that_is_under_way_is_not_the_object_yet(
    bucket: InProcess, size: int
) -> None:
    await bucket.put("k", b"a" * size)
    upload = (await bucket.ask("POST", "/bucket/k", {"uploads": ""})).document["UploadId"]
    await bucket.ask("PUT", "/bucket/k", {"partNumber": "1", "uploadId": upload}, body=b"b" * size)

    while_open = (await bucket.get("k")).body
    await bucket.ask("DELETE", "/bucket/k", {"uploadId": upload})

    assert b"a" * size == while_open == (await bucket.get("k")).body
