"""provenance.py: time, id and ETag that a version brings along, and who may bring any."""

import base64
import hashlib
from datetime import UTC, datetime
from typing import Any

import pytest

from ferrox.clock import SettableClock
from ferrox.storage.store import Store
from tests import signing
from tests.in_process import OTHER_ACCESS_KEY, ROOT, Answer, InProcess

MADE = "2019-03-04T05:06:07.089Z"
MADE_HTTP = "Mon, 04 Mar 2019 05:06:07 GMT"
BEFORE = "2018-02-03T04:05:06.078Z"
ANOTHER = "0123456789-another-version"
UUID = "3f2c1a90-77aa-4b0e-9d7c-0123456789ab"


@pytest.fixture
async def server(store: Store, clock: SettableClock) -> InProcess:
    server = InProcess(store, clock)
    server.services.is_operator = lambda principal: principal == ROOT
    await server.make_bucket()
    return server


async def _enable_versioning(server: InProcess, status: str = "Enabled") -> None:
    body = f"<VersioningConfiguration><Status>{status}</Status></VersioningConfiguration>"
    answer = await server.ask("PUT", "/bucket", {"versioning": ""}, body=body.encode())
    assert 200 == answer.status


def _brought(version_id: str = "", etag: str = "", modified: str = MADE) -> dict[str, str]:
    said = {"ferrox-modified": modified, "ferrox-version-id": version_id, "ferrox-etag": etag}
    return {name: value for name, value in said.items() if value}


async def _complete(
    server: InProcess, query: dict[str, str], *, is_repeated: bool = False, **more: Any
) -> Answer:
    """Make an object of one part."""
    etag = hashlib.md5(b"data", usedforsecurity=False).hexdigest()
    if not is_repeated:
        await server.ask("PUT", "/bucket/key", {**query, "partNumber": "1"}, body=b"data")
    body = (
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber>"
        f"<ETag>{etag}</ETag></Part></CompleteMultipartUpload>"
    ).encode()
    return await server.ask("POST", "/bucket/key", query, body=body, **more)


async def _versions(server: InProcess) -> list[tuple[str, str]]:
    listed = (await server.ask("GET", "/bucket", {"versions": ""})).document
    found = []
    for kind in ("Version", "DeleteMarker"):
        entries = listed.get(kind, [])
        found += [
            (kind, entry["VersionId"])
            for entry in (entries if isinstance(entries, list) else [entries])
        ]
    return found


async def test_a_version_keeps_its_time_its_id_and_its_etag(server: InProcess) -> None:
    await _enable_versioning(server)

    answer = await server.ask("PUT", "/bucket/key", _brought(UUID, "abc-7"), body=b"data")

    assert (200, UUID, '"abc-7"') == (
        answer.status,
        answer.headers["x-amz-version-id"],
        answer.headers["etag"],
    )
    head = await server.ask("HEAD", "/bucket/key", {"versionId": UUID})
    assert (MADE_HTTP, '"abc-7"') == (head.headers["last-modified"], head.headers["etag"])


async def test_without_versions_an_object_keeps_its_time(server: InProcess) -> None:
    answer = await server.ask("PUT", "/bucket/key", _brought("null"), body=b"data")

    assert "x-amz-version-id" not in answer.headers
    md5 = hashlib.md5(b"data", usedforsecurity=False).hexdigest()
    assert f'"{md5}"' == answer.headers["etag"]
    head = await server.ask("HEAD", "/bucket/key")
    assert MADE_HTTP == head.headers["last-modified"]


async def test_what_was_brought_already_is_not_brought_twice(server: InProcess) -> None:
    await _enable_versioning(server)
    await server.ask("PUT", "/bucket/key", _brought(UUID), body=b"data")

    again = await server.ask("PUT", "/bucket/key", _brought(UUID), body=b"data")
    marker = await server.ask("DELETE", "/bucket/key", _brought(UUID))

    assert [(412, "PreconditionFailed")] * 2 == [
        (answer.status, answer.code) for answer in (again, marker)
    ]
    assert [("Version", UUID)] == await _versions(server)


async def test_the_null_version_among_others_is_replaced(server: InProcess) -> None:
    await _enable_versioning(server)
    await server.ask("PUT", "/bucket/key", _brought("null", modified=BEFORE), body=b"old")
    await server.put("key", b"newer")

    answer = await server.ask("PUT", "/bucket/key", _brought("null"), body=b"brought")

    assert (200, "null") == (answer.status, answer.headers["x-amz-version-id"])
    assert 2 == len(await _versions(server))
    shown = await server.ask("GET", "/bucket/key")
    assert b"newer" == shown.body
    named = await server.ask("GET", "/bucket/key", {"versionId": "null"})
    assert b"brought" == named.body


async def test_what_was_written_here_since_is_not_hidden(server: InProcess) -> None:
    """A copy became what the key showed, though a client had written the key meanwhile."""
    await _enable_versioning(server)
    await server.put("key", b"own")

    put = await server.ask("PUT", "/bucket/key", _brought(UUID), body=b"brought")
    deleted = await server.ask("DELETE", "/bucket/key", _brought(ANOTHER))

    assert (200, 204) == (put.status, deleted.status)
    assert b"own" == (await server.ask("GET", "/bucket/key")).body
    assert 3 == len(await _versions(server))


async def test_nor_is_a_newer_null_version_replaced(server: InProcess) -> None:
    await server.put("key", b"own")
    await _enable_versioning(server)

    answers = [
        await server.ask("PUT", "/bucket/key", _brought("null"), body=b"brought"),
        await server.ask("DELETE", "/bucket/key", _brought("null")),
    ]

    assert [(412, "ferrox-modified")] * 2 == [
        (answer.status, answer.document["Condition"]) for answer in answers
    ]
    assert b"own" == (await server.ask("GET", "/bucket/key")).body


@pytest.mark.parametrize("in_parts", [False, True])
async def test_what_depends_on_what_the_key_shows_is_shown_or_refused(
    server: InProcess, *, in_parts: bool
) -> None:
    await _enable_versioning(server)
    shown = {"if-match": (await server.put("key", b"own")).headers["etag"]}

    if in_parts:
        begun = await server.ask("POST", "/bucket/key", {"uploads": "", **_brought()})
        query = {"uploadId": begun.document["UploadId"]}
        answer = await _complete(server, query, headers=shown)
    else:
        answer = await server.ask("PUT", "/bucket/key", _brought(), headers=shown, body=b"data")

    assert (412, "ferrox-modified") == (answer.status, answer.document["Condition"])
    assert 1 == len(await _versions(server))


async def test_an_upload_goes_above_what_it_followed(server: InProcess) -> None:
    await _enable_versioning(server)
    await server.ask("PUT", "/bucket/key", _brought(ANOTHER), body=b"put meanwhile")
    said = {**_brought(UUID, modified=BEFORE), "ferrox-follows": ANOTHER}
    begun = await server.ask("POST", "/bucket/key", {"uploads": "", **said})
    query = {"uploadId": begun.document["UploadId"]}

    await _complete(server, query)

    assert [("Version", UUID), ("Version", ANOTHER)] == await _versions(server)
    marker = {**_brought(ANOTHER[::-1], modified=BEFORE), "ferrox-follows": UUID}
    await server.ask("DELETE", "/bucket/key", marker)
    assert 404 == (await server.ask("GET", "/bucket/key")).status


@pytest.mark.parametrize("version_id", [UUID, "null"])
async def test_a_delete_marker_keeps_its_time_and_its_id(
    server: InProcess, version_id: str
) -> None:
    await _enable_versioning(server)
    await server.ask("PUT", "/bucket/key", _brought("null", modified=BEFORE), body=b"data")

    answer = await server.ask("DELETE", "/bucket/key", _brought(version_id))

    assert (204, "true", version_id) == (
        answer.status,
        answer.headers["x-amz-delete-marker"],
        answer.headers["x-amz-version-id"],
    )
    assert 404 == (await server.ask("GET", "/bucket/key")).status
    listed = await server.ask("GET", "/bucket", {"versions": ""})
    assert "2019-03-04T05:06:07.000Z" == listed.document["DeleteMarker"]["LastModified"]
    expected = {"null": 1, UUID: 2}  # a null marker takes the place of the null version
    assert expected[version_id] == len(await _versions(server))


async def test_where_versions_are_suspended_a_marker_is_the_null_version(server: InProcess) -> None:
    await _enable_versioning(server, "Suspended")

    answer = await server.ask("DELETE", "/bucket/key", _brought(UUID))

    assert "null" == answer.headers["x-amz-version-id"]


async def test_a_marker_needs_a_bucket_that_keeps_versions(server: InProcess) -> None:
    answer = await server.ask("DELETE", "/bucket/key", _brought(UUID))

    assert (409, "InvalidBucketState") == (answer.status, answer.code)


async def test_a_marker_that_is_brought_names_no_version(server: InProcess) -> None:
    await _enable_versioning(server)

    answer = await server.ask("DELETE", "/bucket/key", {**_brought(UUID), "versionId": UUID})

    assert (400, "InvalidArgument") == (answer.status, answer.code)


async def test_a_marker_without_an_id_gets_one(server: InProcess) -> None:
    await _enable_versioning(server)

    answer = await server.ask("DELETE", "/bucket/key", _brought())

    assert 32 == len(answer.headers["x-amz-version-id"])


async def test_an_upload_remembers_what_was_said_when_it_began(server: InProcess) -> None:
    await _enable_versioning(server)
    begun = await server.ask("POST", "/bucket/key", {"uploads": "", **_brought(UUID, "abc-1")})
    query = {"uploadId": begun.document["UploadId"]}

    done = await _complete(server, query)
    again = await _complete(server, query, is_repeated=True)

    assert (200, UUID) == (done.status, done.headers["x-amz-version-id"])
    assert (done.status, done.document) == (again.status, again.document)
    head = await server.ask("HEAD", "/bucket/key")
    assert (MADE_HTTP, '"abc-1"') == (head.headers["last-modified"], head.headers["etag"])


async def test_the_default_retention_is_not_for_what_was_made_elsewhere(server: InProcess) -> None:
    await server.ask("PUT", "/locked", headers={"x-amz-bucket-object-lock-enabled": "true"})
    rule = (
        b"<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule>"
        b"<DefaultRetention><Mode>GOVERNANCE</Mode><Days>1</Days></DefaultRetention></Rule>"
        b"</ObjectLockConfiguration>"
    )
    md5 = hashlib.md5(rule, usedforsecurity=False).digest()
    headers = {"content-md5": base64.b64encode(md5).decode()}
    await server.ask("PUT", "/locked", {"object-lock": ""}, headers=headers, body=rule)
    digest = {"x-amz-checksum-crc32": "rfPzYw=="}

    await server.ask("PUT", "/locked/brought", _brought(UUID), headers=digest, body=b"data")
    await server.ask("PUT", "/locked/own", headers=digest, body=b"data")

    brought, own = [await server.ask("HEAD", f"/locked/{key}") for key in ("brought", "own")]
    assert (200, 200) == (brought.status, own.status)
    assert "x-amz-object-lock-mode" not in brought.headers
    assert "GOVERNANCE" == own.headers["x-amz-object-lock-mode"]


async def _by_other(server: InProcess) -> Answer:
    return await server.ask("PUT", "/bucket/key", _brought(UUID), access_key=OTHER_ACCESS_KEY)


async def _presigned(server: InProcess) -> Answer:
    """An address that root has signed is for others to use, so it says nothing of this kind."""
    now = datetime.fromtimestamp(server.clock.now_ms() / 1000, UTC)
    stamp = now.strftime("%Y%m%dT%H%M%SZ")
    scope = f"{stamp[:8]}/{signing.REGION}/s3/aws4_request"
    query = signing.query_string(
        {
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
            "X-Amz-Credential": f"{signing.ACCESS_KEY}/{scope}",
            "X-Amz-Date": stamp,
            "X-Amz-Expires": "60",
            "X-Amz-SignedHeaders": "host",
            **_brought(UUID),
        }
    )
    canonical = f"PUT\n/bucket/key\n{query}\nhost:h\n\nhost\nUNSIGNED-PAYLOAD"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    signature = signing.signature(
        f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{digest}", signing.SECRET_KEY, scope
    )
    headers = {"host": "h", "content-length": "0"}
    return await server.send("PUT", "/bucket/key", f"{query}&X-Amz-Signature={signature}", headers)


@pytest.mark.parametrize("ask", [_by_other, _presigned])
async def test_nobody_else_brings_anything(server: InProcess, ask: object) -> None:
    assert callable(ask)
    answer = await ask(server)

    assert (403, "AccessDenied") == (answer.status, answer.code)
    assert 404 == (await server.ask("HEAD", "/bucket/key")).status


@pytest.mark.parametrize(
    "query",
    [
        {"ferrox-version-id": UUID},
        {"ferrox-modified": "yesterday"},
        {"ferrox-modified": "2999-01-01T00:00:00Z"},
        _brought("no/id"),
        _brought("short"),
        _brought(etag='a"b'),
        _brought(etag="a" * 129),
    ],
)
async def test_what_cannot_be_kept_is_refused(server: InProcess, query: dict[str, str]) -> None:
    answer = await server.ask("PUT", "/bucket/key", query, body=b"data")

    assert (400, "InvalidArgument") == (answer.status, answer.code)
