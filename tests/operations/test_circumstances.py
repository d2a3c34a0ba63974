"""operations/circumstances.py: the condition keys of a request."""

from datetime import UTC, datetime

import pytest

from ferrox.iam.asking import Asking
from ferrox.identity import ANONYMOUS, Principal
from ferrox.operations.circumstances import Circumstances, Surroundings
from ferrox.protocol.message import Request, Tls
from ferrox.records import BucketRecord
from tests.in_process import ROOT, InProcess


async def circumstances(
    s3: InProcess,
    headers: dict[str, str] | None = None,
    query: str = "",
    principal: Principal = ROOT,
    key: str = "key",
    tls: Tls | None = None,
    signature_version: str = "AWS4",
) -> Circumstances:
    """The circumstances of a request for an object of a bucket that has one."""
    if s3.store.bucket("bucket") is None:
        await s3.make_bucket()
    await s3.put("key", headers={"x-amz-tagging": "Team=blue&size=2"})
    request = Request("GET", "/bucket/key", query, headers or {}, peer="203.0.113.9", tls=tls)
    request.facts |= {"signature_version": signature_version, "auth_type": "query"}
    bucket = s3.store.bucket("bucket")
    assert isinstance(bucket, BucketRecord)
    asking = Asking(principal, "s3:GetObject", bucket, key, request=request)
    return Circumstances(Surroundings(s3.store, s3.clock, s3.region), request, asking)


async def test_a_request_is_told_apart_by_what_it_carries(s3: InProcess) -> None:
    headers = {
        "user-agent": "tool/1",
        "referer": "https://example.com/",
        "x-amz-acl": "private",
        "x-amz-tagging": "Project=x",
        "x-amz-object-lock-mode": "GOVERNANCE",
        "if-none-match": "*",
    }
    query = "prefix=a%2F&delimiter=%2F&max-keys=7"

    known = await circumstances(s3, headers, query)

    expected = {
        "aws:sourceip": "203.0.113.9",
        "aws:securetransport": "false",
        "aws:useragent": "tool/1",
        "aws:referer": "https://example.com/",
        "aws:principalarn": ROOT.arn,
        "aws:principalaccount": ROOT.account_id,
        "aws:principaltype": "Account",
        "aws:userid": ROOT.account_id,
        "aws:epochtime": str(s3.clock.now_ms() // 1000),
        "s3:prefix": "a/",
        "s3:delimiter": "/",
        "s3:max-keys": "7",
        "s3:x-amz-acl": "private",
        "s3:if-none-match": "*",
        "s3:object-lock-mode": "GOVERNANCE",
        "s3:signatureversion": "AWS4-HMAC-SHA256",
        "s3:authtype": "REST-QUERY-STRING",
        "s3:requestobjecttag/project": "x",
        "s3:requestobjecttagkeys": "Project",
        "s3:existingobjecttag/team": "blue",
    }
    assert {key: known.get(key) for key in expected} == {
        key: (value,) for key, value in expected.items()
    }


async def test_version_4a_is_told_by_its_algorithm(s3: InProcess) -> None:
    headers = {"x-amz-date": datetime.fromtimestamp(0, UTC).strftime("%Y%m%dT%H%M%SZ")}

    known = await circumstances(s3, headers, signature_version="AWS4A")

    assert known.get("s3:signatureversion") == ("AWS4-ECDSA-P256-SHA256",)
    assert known.get("s3:signatureage") == (str(s3.clock.now_ms()),)


@pytest.mark.parametrize(
    "key",
    [
        *("aws:referer", "aws:nothing", "s3:prefix", "s3:versionid", "s3:x-amz-acl"),
        *("s3:existingobjecttag/nothing", "s3:requestobjecttag/team", "s3:requestobjecttagkeys"),
    ],
)
async def test_what_a_request_does_not_carry_is_not_known(s3: InProcess, key: str) -> None:
    known = await circumstances(s3)

    assert known.get(key) is None


async def test_how_a_request_came_is_told(s3: InProcess) -> None:
    in_the_open = await circumstances(s3)
    over_tls = await circumstances(s3, tls=Tls("TLSv1.2", "ECDHE-RSA-AES128-GCM-SHA256"))

    assert [("false",), None] == [
        in_the_open.get(key) for key in ("aws:securetransport", "s3:tlsversion")
    ]
    assert [("true",), ("1.2",)] == [
        over_tls.get(key) for key in ("aws:securetransport", "s3:tlsversion")
    ]


async def test_who_did_not_sign_has_no_name(s3: InProcess) -> None:
    known = await circumstances(s3, principal=ANONYMOUS)

    assert known.get("aws:principaltype") == ("Anonymous",)
    assert known.get("aws:principalarn") is None
    assert known.get("aws:principalaccount") is None


async def test_a_bucket_has_no_tags_of_objects(s3: InProcess) -> None:
    known = await circumstances(s3, key="")

    assert known.get("s3:existingobjecttag/team") is None


async def test_tags_that_cannot_be_read_are_none(s3: InProcess) -> None:
    known = await circumstances(s3, {"x-amz-tagging": "a=1&a=2"})

    assert known.get("s3:requestobjecttag/a") is None


@pytest.mark.parametrize("is_in_query", [True, False])
async def test_how_old_a_signature_is_is_told_in_milliseconds(
    s3: InProcess, is_in_query: bool
) -> None:
    signed_s = s3.clock.now_ms() // 1000 - 600
    signed = datetime.fromtimestamp(signed_s, UTC).strftime("%Y%m%dT%H%M%SZ")
    query, headers = (f"X-Amz-Date={signed}", {}) if is_in_query else ("", {"x-amz-date": signed})

    known = await circumstances(s3, headers, query)

    assert known.get("s3:signatureage") == (str(s3.clock.now_ms() - signed_s * 1000),)


async def test_a_request_without_the_date_of_a_signature_has_no_age(s3: InProcess) -> None:
    known = await circumstances(s3)

    assert known.get("s3:signatureage") is None


async def test_a_document_does_not_speak_for_who_sends_it(s3: InProcess) -> None:
    known = await circumstances(s3, {"user-agent": "tool/1", "referer": "https://example.com/"})
    known._request.stated = {"x-amz-tagging": "a=b"}

    assert ("tool/1",) == known.get("aws:useragent")
    assert ("https://example.com/",) == known.get("aws:referer")
    assert ("b",) == known.get("s3:requestobjecttag/a")
