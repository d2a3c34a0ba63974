"""Which operation is which event: each that changes objects says so, through the whole pipeline."""

import base64
import hashlib
from collections.abc import Awaitable, Callable

import pytest

from tests import forms
from tests.in_process import OTHER_ACCESS_KEY, Answer, InProcess

Events = list[tuple[str, str]]
Act = Callable[[InProcess], Awaitable[object]]
LATER = "2026-12-01T00:00:00Z"


@pytest.fixture
async def s3(s3: InProcess) -> InProcess:
    """A server that writes everything down; its bucket has an object `old`."""
    await s3.make_bucket()
    await s3.put("old")
    s3.store.keeps_all_events = True
    return s3


async def told(s3: InProcess) -> Events:
    return [(event.name, event.key) for event in await s3.store.events(0, 100)]


async def send(
    s3: InProcess, method: str, path: str, query: str = "", body: str = "", **headers: str
) -> Answer:
    md5 = base64.b64encode(hashlib.md5(body.encode()).digest()).decode()
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    queries = {query: ""} if query else {}
    answer = await s3.ask(
        method, path, queries, body=body.encode(), headers={"content-md5": md5, **sent}
    )
    assert answer.status < 300, answer.body
    return answer


async def _form(s3: InProcess) -> None:
    fields = forms.version_4({"key": "k"}, s3.clock.now_ms())
    headers = {"content-type": forms.CONTENT_TYPE}
    body = forms.form(fields, b"data", "cat.png")
    answer = await s3.ask("POST", "/bucket", headers=headers, body=body, is_signed=False)
    assert 204 == answer.status


async def _upload(s3: InProcess) -> None:
    begun = await send(s3, "POST", "/bucket/k", "uploads")
    query = {"uploadId": str(begun.document["UploadId"])}
    part = await s3.ask("PUT", "/bucket/k", {**query, "partNumber": "1"}, body=b"part")
    listed = f"<Part><PartNumber>1</PartNumber><ETag>{part.headers['etag']}</ETag></Part>"
    body = f"<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>".encode()
    for _ in range(2):  # who never got the answer asks again
        assert 200 == (await s3.ask("POST", "/bucket/k", query, body=body)).status


async def _hide(s3: InProcess) -> None:
    document = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
    await send(s3, "PUT", "/bucket", "versioning", document)
    await send(s3, "DELETE", "/bucket/old")


async def _lock(s3: InProcess) -> None:
    locked = {"x-amz-bucket-object-lock-enabled": "true"}
    assert 200 == (await s3.ask("PUT", "/locked", headers=locked)).status
    retention = f"<Mode>GOVERNANCE</Mode><RetainUntilDate>{LATER}</RetainUntilDate>"
    await s3.put("k", bucket="locked")
    await send(s3, "PUT", "/locked/k", "retention", f"<Retention>{retention}</Retention>")


async def _list(s3: InProcess) -> None:
    ownership = (
        "<OwnershipControls><Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule>"
        "</OwnershipControls>"
    )
    await send(s3, "PUT", "/bucket", "ownershipControls", ownership)
    await send(s3, "PUT", "/bucket/old", "acl", x_amz_acl="private")


TAGS = "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>"
MANY = "<Delete><Object><Key>old</Key></Object><Object><Key>never</Key></Object></Delete>"
ACTS: dict[str, tuple[Act, Events]] = {
    "PutObject": (lambda s3: s3.put("k"), [("ObjectCreated:Put", "k")]),
    "PostObject": (_form, [("ObjectCreated:Post", "k")]),
    "CopyObject": (
        lambda s3: send(s3, "PUT", "/bucket/k", x_amz_copy_source="bucket/old"),
        [("ObjectCreated:Copy", "k")],
    ),
    "CompleteMultipartUpload": (_upload, [("ObjectCreated:CompleteMultipartUpload", "k")]),
    "RenameObject": (
        lambda s3: send(s3, "PUT", "/bucket/k", "renameObject", x_amz_rename_source="bucket/old"),
        [("ObjectCreated:Copy", "k"), ("ObjectRemoved:Delete", "old")],
    ),
    "DeleteObject": (
        lambda s3: send(s3, "DELETE", "/bucket/old"),
        [("ObjectRemoved:Delete", "old")],
    ),
    "DeleteObject of nothing": (lambda s3: send(s3, "DELETE", "/bucket/never"), []),
    "DeleteObject, versions kept": (_hide, [("ObjectRemoved:DeleteMarkerCreated", "old")]),
    "DeleteObjects": (
        lambda s3: send(s3, "POST", "/bucket", "delete", MANY),
        [("ObjectRemoved:Delete", "old")],
    ),
    "PutObjectTagging": (
        lambda s3: send(s3, "PUT", "/bucket/old", "tagging", TAGS),
        [("ObjectTagging:Put", "old")],
    ),
    "DeleteObjectTagging": (
        lambda s3: send(s3, "DELETE", "/bucket/old", "tagging"),
        [("ObjectTagging:Delete", "old")],
    ),
    "PutObjectAcl": (_list, [("ObjectAcl:Put", "old")]),
    "PutObjectRetention": (_lock, [("ObjectCreated:Put", "k"), ("ObjectRetention:Put", "k")]),
    "GetObject": (lambda s3: send(s3, "GET", "/bucket/old"), []),
}


@pytest.mark.parametrize("name", ACTS)
async def test_an_operation_is_the_event_that_aws_calls_it(s3: InProcess, name: str) -> None:
    act, events = ACTS[name]

    await act(s3)

    assert events == await told(s3)


async def test_what_is_not_allowed_has_not_happened(s3: InProcess) -> None:
    answer = await s3.ask("PUT", "/bucket/k", body=b"1", access_key=OTHER_ACCESS_KEY)

    assert 403 == answer.status
    assert [] == await told(s3)
