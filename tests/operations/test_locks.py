"""No request removes a locked version, whichever way it tries. The cases of AWS are elsewhere."""

import base64
import hashlib
from collections.abc import Awaitable, Callable

import pytest

from ferrox.records import COMPLIANCE, Lock, Versioning
from tests.conformance.documents import put_document
from tests.in_process import ROOT, Answer, InProcess

Attempt = Callable[[InProcess, str], Awaitable[object]]


def headers(body: bytes) -> dict[str, str]:
    """What a delete brings that wants to win."""
    return {
        "content-md5": base64.b64encode(hashlib.md5(body).digest()).decode(),
        "x-amz-bypass-governance-retention": "true",
    }


async def _delete(s3: InProcess, version_id: str) -> Answer:
    return await s3.ask("DELETE", "/bucket/k", {"versionId": version_id}, headers=headers(b""))


async def _delete_many(s3: InProcess, version_id: str) -> Answer:
    row = f"<Object><Key>k</Key><VersionId>{version_id}</VersionId></Object>"
    body = f"<Delete>{row}</Delete>".encode()
    return await s3.ask("POST", "/bucket", {"delete": ""}, body=body, headers=headers(body))


async def _suspend(s3: InProcess, _: str) -> Answer:
    document = "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>"
    return await put_document(s3, "/bucket", {"versioning": ""}, document)


async def _shorten(s3: InProcess, version_id: str) -> Answer:
    return await put_document(
        s3,
        "/bucket/k",
        {"retention": "", "versionId": version_id},
        "<Retention/>",
        x_amz_bypass_governance_retention="true",
    )


async def _put_in_parts(s3: InProcess, _: str) -> Answer:
    begun = await s3.ask("POST", "/bucket/k", {"uploads": ""})
    query = {"uploadId": begun.document["UploadId"]}
    await s3.ask("PUT", "/bucket/k", {**query, "partNumber": "1"}, body=b"part")
    return await s3.ask("DELETE", "/bucket/k", query)


ATTEMPTS: dict[str, Attempt] = {
    "DeleteObject": lambda s3, _: s3.ask("DELETE", "/bucket/k", headers=headers(b"")),
    "DeleteObject of the version": _delete,
    "DeleteObjects of the version": _delete_many,
    "DeleteBucket": lambda s3, _: s3.ask("DELETE", "/bucket"),
    "PutObject": lambda s3, _: s3.put("k", b"new"),
    "CopyObject onto itself": lambda s3, _: s3.ask(
        "PUT", "/bucket/k",
        headers={"x-amz-copy-source": "bucket/k", "x-amz-metadata-directive": "REPLACE"},
    ),
    "AbortMultipartUpload": _put_in_parts,
    "PutBucketVersioning": _suspend,
    "PutObjectRetention": _shorten,
    "the reaper": lambda s3, _: s3.store.reap(),
    "the search for orphans": lambda s3, _: s3.store.remove_orphans(),
}  # fmt: skip


@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS.keys())
@pytest.mark.parametrize("size_bytes", [4, 100_000])
@pytest.mark.parametrize("is_null_version", [False, True])
async def test_a_locked_version_stays(
    s3: InProcess, attempt: Attempt, size_bytes: int, is_null_version: bool
) -> None:
    data = b"x" * size_bytes
    bucket, _ = await s3.store.create_bucket(
        "bucket", ROOT.canonical_id, "us-east-1", is_object_lock_enabled=not is_null_version
    )
    put = await s3.put("k", data)
    version_id = put.headers.get("x-amz-version-id", "null")
    lock = Lock(COMPLIANCE, s3.clock.now_ms() + 1000)
    await s3.store.amend_version(
        bucket,
        "k",
        version_id,
        lambda version: version._replace(lock=lock),  # type: ignore[union-attr]
    )
    if is_null_version:
        await s3.store.set_versioning(bucket, Versioning.SUSPENDED)

    try:
        await attempt(s3, version_id)
    except AssertionError:
        assert is_null_version  # a put that was refused, as it should be
    await s3.store.reap()

    kept = await s3.ask("GET", "/bucket/k", {"versionId": version_id})
    assert (200, data) == (kept.status, kept.body)


async def test_what_is_no_longer_locked_goes(s3: InProcess) -> None:
    """The other tests would pass if nothing could be removed at all."""
    bucket, _ = await s3.store.create_bucket(
        "bucket", ROOT.canonical_id, "us-east-1", is_object_lock_enabled=True
    )
    version_id = (await s3.put("k")).headers["x-amz-version-id"]
    lock = Lock(COMPLIANCE, s3.clock.now_ms() + 1000)
    await s3.store.amend_version(
        bucket,
        "k",
        None,
        lambda version: version._replace(lock=lock),  # type: ignore[union-attr]
    )
    s3.clock.advance(1)

    assert 204 == (await _delete(s3, version_id)).status
    assert 404 == (await s3.get("k")).status
