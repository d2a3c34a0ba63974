"""Signatures of requests to IAM and STS, made by the naive signer of the tests."""

import hashlib
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from ferrox.auth import query
from ferrox.errors import S3Error, SignatureDoesNotMatch
from ferrox.iam_errors import IncompleteSignature
from ferrox.protocol.message import Request
from ferrox.protocol.query.service import QueryService
from tests import signing

NOW_MS = 1_790_000_000_000
"""2026-09-21T14:13:20Z."""
BODY = b"Action=GetCallerIdentity&Version=2011-06-15"
STS = QueryService.STS


def signed(at_ms: int = NOW_MS, region: str = signing.REGION, service: str = "sts") -> Request:
    """A request with a signature in its header."""
    headers = {"host": "sts.localhost", "content-type": "application/x-www-form-urlencoded"}
    sha256 = hashlib.sha256(BODY).hexdigest()
    sent = signing.sign("POST", "/", "", headers, sha256, at_ms, region=region, service=service)
    return Request("POST", "/", "", sent)


def presigned(at_ms: int = NOW_MS) -> Request:
    """A URL as Vault and EKS make it: GetCallerIdentity with one more signed header."""
    headers = {"host": "sts.localhost", "x-k8s-aws-id": "cluster"}
    stamp = query._basic(at_ms)
    scope = f"{stamp[:8]}/us-east-1/sts/aws4_request"
    parameters = {
        "Action": "GetCallerIdentity",
        "Version": "2011-06-15",
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": f"{signing.ACCESS_KEY}/{scope}",
        "X-Amz-Date": stamp,
        "X-Amz-Expires": "60",
        "X-Amz-SignedHeaders": "host;x-k8s-aws-id",
    }
    canonical = signing.query_string(parameters)
    lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    empty = hashlib.sha256(b"").hexdigest()
    request = f"GET\n/\n{canonical}\n{lines}\nhost;x-k8s-aws-id\n{empty}"
    digest = hashlib.sha256(request.encode()).hexdigest()
    to_sign = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{digest}"
    signature = signing.signature(to_sign, signing.SECRET_KEY, scope)
    return Request("GET", "/", f"{canonical}&X-Amz-Signature={signature}", headers)


def verified(request: Request, body: bytes = BODY, region: str = "eu-west-1") -> str:
    """The access key that a request was signed with."""
    claim = query.read_claim(request, STS, NOW_MS, region)
    assert claim
    query.verify(request, claim, signing.SECRET_KEY, body)
    return claim.access_key_id


def refusal(request: Request, kind: type[S3Error] = SignatureDoesNotMatch, **more: Any) -> str:
    with pytest.raises(kind) as caught:
        verified(request, **more)
    return caught.value.message


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_a_request_is_signed_for_this_region_or_the_global_one(region: str) -> None:
    assert signing.ACCESS_KEY == verified(signed(region=region))


def test_a_presigned_request_names_its_signature_in_the_query() -> None:
    assert signing.ACCESS_KEY == verified(presigned(), body=b"")


def test_the_access_key_is_told_before_the_body_is_read() -> None:
    claim = query.read_claim(signed(), STS, NOW_MS, "us-east-1")

    assert claim
    assert (signing.ACCESS_KEY, "") == (claim.access_key_id, claim.payload_hash)


def test_who_does_not_sign_has_no_claim() -> None:
    assert query.read_claim(Request("POST", "/", "", {}), STS, NOW_MS, "us-east-1") is None


def test_the_body_is_signed_whatever_a_header_says() -> None:
    other = refusal(signed(), body=b"Action=DeleteUser")
    request = signed()
    request.headers["x-amz-content-sha256"] = "UNSIGNED-PAYLOAD"

    assert signing.ACCESS_KEY == verified(request)
    assert other.startswith(
        "The request signature we calculated does not match the signature you provided. Check your "
        "AWS Secret Access Key and signing method. Consult the service documentation for details."
        "\n\nThe Canonical String for this request should have been\n'POST\n/\n\n"
    )
    assert "The String-to-Sign should have been\n'AWS4-HMAC-SHA256\n20260921T141320Z\n" in other


@pytest.mark.parametrize("request_at", [signed, presigned])
def test_a_signature_is_good_for_fifteen_minutes_either_way(
    request_at: Callable[..., Request],
) -> None:
    body = BODY if request_at is signed else b""
    minutes_15 = 900_000

    for at_ms in (NOW_MS - minutes_15, NOW_MS + minutes_15):
        assert signing.ACCESS_KEY == verified(request_at(at_ms=at_ms), body=body)
    assert (
        "Signature expired: 20260921T135819Z is now earlier than 20260921T135820Z "
        "(20260921T141320Z - 15 min.)"
    ) == refusal(request_at(at_ms=NOW_MS - minutes_15 - 1000))
    assert (
        "Signature not yet current: 20260921T142821Z is still later than 20260921T142820Z "
        "(20260921T141320Z + 15 min.)"
    ) == refusal(request_at(at_ms=NOW_MS + minutes_15 + 1000))


@pytest.mark.parametrize(
    ("region", "service", "message"),
    [
        ("mars", "sts", "Credential should be scoped to a valid region."),
        ("us-east-1", "iam", "Credential should be scoped to correct service: 'sts'."),
    ],
)
def test_a_signature_for_something_else_is_no_signature(
    region: str, service: str, message: str
) -> None:
    assert message == refusal(signed(region=region, service=service))


@pytest.mark.parametrize("name", ["Credential", "SignedHeaders", "Signature"])
def test_a_header_that_lacks_a_part_is_incomplete(name: str) -> None:
    request = signed()
    request.headers["authorization"] = request.headers["authorization"].replace(name, "Other")

    message = refusal(request, IncompleteSignature)

    assert message.startswith(f"Authorization header requires '{name}' parameter. (Hashed")


def test_a_header_without_a_date_is_incomplete() -> None:
    request = signed()
    del request.headers["x-amz-date"]

    assert (
        "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."
    ) in refusal(request, IncompleteSignature)


@pytest.mark.parametrize(
    ("before", "after", "kind", "message"),
    [
        ("AWS4-HMAC-SHA256 ", "AWS4-ECDSA-P256-SHA256 ", IncompleteSignature, "Unsupported AWS"),
        ("/us-east-1/", "/", IncompleteSignature, "exactly 5 slash-delimited"),
        ("/aws4_request", "/aws3", SignatureDoesNotMatch, "valid terminator: 'aws3'"),
        ("/20260921/", "/20260920/", SignatureDoesNotMatch, "'20260920' != '20260921'"),
        (";host", ";x", SignatureDoesNotMatch, "must be a 'SignedHeader'"),
    ],
)
def test_what_cannot_be_valid_is_refused_before_anything_is_computed(
    before: str, after: str, kind: type[S3Error], message: str
) -> None:
    request = signed()
    request.headers["authorization"] = request.headers["authorization"].replace(before, after)

    assert message in refusal(request, kind)


def test_a_date_that_is_none_is_refused() -> None:
    request = signed()
    request.headers["x-amz-date"] = "yesterday"

    assert "Date must be in ISO-8601 'basic format'." in refusal(request, IncompleteSignature)


def test_the_date_may_be_that_of_http() -> None:
    """Nothing but the form of the date differs in what is signed."""
    request = signed()
    request.headers["x-amz-date"] = "Mon, 21 Sep 2026 14:13:20 GMT"

    claim = query.read_claim(request, STS, NOW_MS, "us-east-1")

    assert claim
    assert "20260921T141320Z" == claim.timestamp


@pytest.mark.parametrize(
    "name", ["X-Amz-Credential", "X-Amz-Date", "X-Amz-SignedHeaders", "X-Amz-Signature"]
)
def test_a_url_that_lacks_a_part_is_incomplete(name: str) -> None:
    request = presigned()
    query_string = request.query_string.replace(name, "Other")
    cut = Request("GET", "/", query_string, request.headers)

    assert (
        f"AWS query-string parameters must include '{name}'. "
        "Re-examine the query-string parameters."
    ) == refusal(cut, IncompleteSignature)


def test_a_url_of_another_version_is_incomplete() -> None:
    request = presigned()
    query_string = request.query_string.replace("AWS4-HMAC", quote("AWS4-ECDSA-P256"))

    assert "Unsupported AWS 'algorithm'" in refusal(
        Request("GET", "/", query_string, request.headers), IncompleteSignature
    )
