"""What becomes of encrypted objects: versions, locks, renames, restores, rules, websites, retries.

Whatever it is, they stay encrypted as they were, and readable.
"""

import base64
import hashlib
from typing import Any

import pytest

from ferrox.clock import SettableClock
from ferrox.crypto.sealing import Seal
from ferrox.jobs.lifecycle import LifecycleJob
from ferrox.operations.website import Websites
from ferrox.protocol.message import Request
from ferrox.records import BucketRecord
from ferrox.storage.keys.ring import Ring
from ferrox.storage.keys.server_keys import ServerKeys
from tests.in_process import Answer, InProcess
from tests.operations.configured import delete, put
from tests.sealing import AES256, MINE, SSE, sealing_with

CUSTOMER = f"{SSE}-customer-algorithm"
LARGE = bytes(range(256)) * 1200
BODIES = pytest.mark.parametrize("data", [b"", b"some bytes", LARGE], ids=["empty", "small", "big"])
WAYS = pytest.mark.parametrize(
    ("asked", "brought"), [(AES256, {}), (MINE, MINE)], ids=["SSE-S3", "SSE-C"]
)


@pytest.fixture(autouse=True)
async def _keys(s3: InProcess, clock: SettableClock) -> None:
    keys = ServerKeys(s3.store.identities, Seal(bytes(32)), clock.now_ms())
    sealing_with(s3, Ring(keys), takes_keys_in_the_open=True)


def bucket_of(s3: InProcess) -> BucketRecord:
    bucket = s3.store.bucket("bucket")
    assert bucket is not None
    return bucket


async def make_versioned(s3: InProcess, **more: Any) -> None:
    await s3.ask("PUT", "/bucket", **more)
    document = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
    assert 200 == (await put(s3, "versioning", document)).status


def is_encrypted(answer: Answer, asked: dict[str, str]) -> bool:
    """Whether an answer says that an object is encrypted as was asked."""
    return answer.headers.get(SSE if asked == AES256 else CUSTOMER) == "AES256"


@BODIES
@WAYS
async def test_a_former_version_is_read_like_the_newest(
    s3: InProcess, data: bytes, asked: dict[str, str], brought: dict[str, str]
) -> None:
    await make_versioned(s3)
    first = await s3.put("k", data, headers=asked)
    await s3.put("k", b"newer")

    query = {"versionId": first.headers["x-amz-version-id"]}
    former = await s3.ask("GET", "/bucket/k", query, headers=brought)
    newest = await s3.get("k")

    assert (200, data) == (former.status, former.body)
    assert is_encrypted(former, asked)
    assert b"newer" == newest.body
    assert not is_encrypted(newest, asked)


@BODIES
@WAYS
async def test_a_rename_leaves_it_encrypted(
    s3: InProcess, data: bytes, asked: dict[str, str], brought: dict[str, str]
) -> None:
    await s3.make_bucket()
    before = await s3.put("old", data, headers=asked)

    renamed = await s3.ask(
        "PUT", "/bucket/new", {"renameObject": ""}, headers={"x-amz-rename-source": "/bucket/old"}
    )
    await s3.store.reap()
    after = await s3.get("new", headers=brought)

    assert (200, 200, data) == (renamed.status, after.status, after.body)
    assert before.headers["etag"] == after.headers["etag"]
    assert is_encrypted(after, asked)


@BODIES
@WAYS
async def test_what_is_restored_is_encrypted_as_it_was(
    s3: InProcess, data: bytes, asked: dict[str, str], brought: dict[str, str]
) -> None:
    await make_versioned(s3)
    await s3.put("k", data, headers=asked)
    then_ms = s3.clock.now_ms()
    s3.clock.advance(10)
    await s3.put("k", b"newer")

    await s3.store.restore_bucket(bucket_of(s3), then_ms, dry_run=False)
    answer = await s3.get("k", headers=brought)

    assert (200, data) == (answer.status, answer.body)
    assert is_encrypted(answer, asked)


@WAYS
async def test_a_lock_holds_an_encrypted_object_and_its_changes_leave_it_alone(
    s3: InProcess, asked: dict[str, str], brought: dict[str, str]
) -> None:
    await make_versioned(s3, headers={"x-amz-bucket-object-lock-enabled": "true"})
    md5 = base64.b64encode(hashlib.md5(LARGE, usedforsecurity=False).digest()).decode()
    held = {"x-amz-object-lock-legal-hold": "ON", "content-md5": md5}
    made = await s3.put("k", LARGE, headers=asked | held)
    query = {"versionId": made.headers["x-amz-version-id"]}

    refused = await s3.ask("DELETE", "/bucket/k", query)
    body = "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>"
    tagged = await put(s3, "tagging", body, path="/bucket/k")
    released = await put(
        s3, "legal-hold", "<LegalHold><Status>OFF</Status></LegalHold>", path="/bucket/k"
    )
    answer = await s3.get("k", headers=brought)
    gone = await s3.ask("DELETE", "/bucket/k", query)

    assert [403, 200, 200] == [refused.status, tagged.status, released.status]
    assert (LARGE, "OFF", "1") == (
        answer.body,
        answer.headers["x-amz-object-lock-legal-hold"],
        answer.headers["x-amz-tagging-count"],
    )
    assert is_encrypted(answer, asked)
    assert 204 == gone.status


async def test_rules_remove_what_is_encrypted_like_anything(s3: InProcess) -> None:
    await s3.make_bucket()
    for key, headers in (("a", AES256), ("b", MINE), ("c", {})):
        await s3.put(key, LARGE, headers=headers)
    rule = (
        "<LifecycleConfiguration><Rule><ID>r</ID><Status>Enabled</Status><Filter/>"
        "<Expiration><Days>1</Days></Expiration></Rule></LifecycleConfiguration>"
    )
    assert 200 == (await put(s3, "lifecycle", rule)).status
    s3.clock.advance(3 * 86_400)

    job = LifecycleJob(s3.store, s3.clock, interval_s=1, day_s=86_400)
    report = await job.run_bucket(bucket_of(s3))
    await s3.store.reap()

    assert 3 == sum(report.counts.values())
    assert {} == await s3.store.data_key_counts()
    assert not [path for path in s3.store.data_dir.blobs_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("asked", "expected"), [(AES256, "AES256"), (MINE, None)], ids=["SSE-S3", "SSE-C"]
)
async def test_a_completion_that_is_asked_twice_says_the_same(
    s3: InProcess, asked: dict[str, str], expected: str | None
) -> None:
    await s3.make_bucket()
    begun = await s3.ask("POST", "/bucket/k", {"uploads": ""}, headers=asked)
    query = {"uploadId": str(begun.document["UploadId"])}
    brought = {} if asked == AES256 else asked
    place = query | {"partNumber": "1"}
    part = await s3.ask("PUT", "/bucket/k", place, body=LARGE, headers=brought)
    listed = f"<Part><PartNumber>1</PartNumber><ETag>{part.headers['etag']}</ETag></Part>"
    body = f"<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>".encode()

    first, second = [await s3.ask("POST", "/bucket/k", query, body=body) for _ in range(2)]

    assert [200, 200] == [first.status, second.status]
    assert expected == first.headers.get(SSE) == second.headers.get(SSE)
    assert first.document == second.document


@pytest.mark.parametrize("headers", [{}, AES256, MINE], ids=["plain", "SSE-S3", "SSE-C"])
async def test_an_event_tells_nothing_of_encryption(s3: InProcess, headers: dict[str, str]) -> None:
    s3.store.keeps_all_events = True
    await s3.make_bucket()

    made = await s3.put("k", LARGE, headers=headers)

    (event,) = await s3.store.events(0, 10)
    assert ("ObjectCreated:Put", "k", len(LARGE)) == (event.name, event.key, event.size_bytes)
    assert made.headers["etag"].strip('"') == event.etag


async def visit(s3: InProcess, path: str, method: str = "GET") -> Answer:
    """Ask a website as a browser does."""
    websites = Websites(s3.services, ("web.example.com",), s3.pipeline, ("s3.example.com",))
    request = Request(method, path, "", {"host": "bucket.web.example.com"})
    response = await websites.answer(request)
    body = response.body
    if not isinstance(body, bytes):
        body = b"".join([block async for block in body])
    return Answer(response.status, response.headers, body)


@pytest.fixture
async def website(s3: InProcess) -> None:
    """A website with a page of each kind."""
    await s3.ask("PUT", "/bucket", headers={"x-amz-object-ownership": "ObjectWriter"})
    await delete(s3, "publicAccessBlock", path="/bucket")
    for key, headers in (("sealed.txt", AES256), ("mine.txt", MINE)):
        await s3.put(key, LARGE, headers=headers | {"x-amz-acl": "public-read"})
    document = (
        "<WebsiteConfiguration><IndexDocument><Suffix>index.html</Suffix></IndexDocument>"
        "</WebsiteConfiguration>"
    )
    assert 200 == (await put(s3, "website", document, path="/bucket")).status


@pytest.mark.usefixtures("website")
async def test_a_website_shows_what_is_under_keys_of_the_server(s3: InProcess) -> None:
    page, head = await visit(s3, "/sealed.txt"), await visit(s3, "/sealed.txt", "HEAD")

    assert (200, LARGE, "AES256") == (page.status, page.body, page.headers[SSE])
    assert (200, str(len(LARGE))) == (head.status, head.headers["content-length"])


@pytest.mark.usefixtures("website")
async def test_a_website_does_not_show_what_is_under_keys_of_customers(s3: InProcess) -> None:
    page = await visit(s3, "/mine.txt")

    assert (400, "InvalidRequest") == (page.status, page.headers["x-amz-error-code"])
    assert b"stored using a form of Server Side Encryption" in page.body


@BODIES
async def test_what_a_server_of_before_stored_is_read_by_one_with_keys(
    s3: InProcess, data: bytes
) -> None:
    await s3.make_bucket()
    await s3.put("k", data)
    sealing_with(s3, s3.services.encryption.keys, mode="default")

    answer = await s3.get("k")

    assert (data, None) == (answer.body, answer.headers.get(SSE))
