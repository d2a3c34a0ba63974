"""Canonical form, keys and the Authorization header of Signature Version 4."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ferrox.auth import sigv4
from ferrox.auth.canonical import canonical_query, canonical_request
from ferrox.auth.errors import AuthorizationHeaderMalformed, RequestTimeTooSkewed
from ferrox.auth.payload import EMPTY_SHA256
from ferrox.clock import SettableClock
from ferrox.errors import (
    AccessDenied,
    InvalidRequest,
    S3Error,
    SignatureDoesNotMatch,
)
from ferrox.protocol.message import Request
from tests import signing
from tests.auth import oracle

VECTORS = Path(__file__).parent.parent / "vectors"
SUITE = json.loads((VECTORS / "sigv4_suite.json").read_text())
S3 = json.loads((VECTORS / "sigv4_s3.json").read_text())
SCOPE = "20130524/us-east-1/s3/aws4_request"


def _claim(vectors: dict[str, Any], headers: dict[str, str], signature: str) -> sigv4.Claim:
    names = ";".join(sorted(headers))
    return sigv4.Claim(
        vectors["access_key_id"], vectors["at"], vectors["scope"], names, signature, EMPTY_SHA256
    )


@pytest.mark.parametrize("case", SUITE["cases"], ids=lambda case: case[0])
def test_the_cases_of_the_aws_test_suite_verify(case: list[Any]) -> None:
    _, method, path, query, extra, body, signature = case
    headers = {"host": SUITE["host"], "x-amz-date": SUITE["at"], **extra}
    request = Request(method, path, query, headers)
    body_sha256 = hashlib.sha256(body.encode()).hexdigest()
    claim = _claim(SUITE, headers, signature)._replace(payload_hash=body_sha256)

    sigv4.verify(request, claim, sigv4.key_of(claim, SUITE["secret_access_key"]))
    with pytest.raises(SignatureDoesNotMatch):
        sigv4.verify(request, claim, sigv4.key_of(claim, "another"))


@pytest.mark.parametrize("example_", S3["headers"], ids=lambda example_: example_["name"])
def test_the_examples_of_the_s3_documentation_verify(example_: dict[str, Any]) -> None:
    headers = example_["headers"]
    request = Request(example_["method"], example_["path"], example_["query"], headers)
    content_sha256 = headers["x-amz-content-sha256"]
    claim = _claim(S3, headers, example_["signature"])._replace(payload_hash=content_sha256)
    query = canonical_query(request.query_string)

    canonical = canonical_request(
        request, request.path, query, claim.signed_headers, content_sha256
    )
    sigv4.verify(request, claim, sigv4.key_of(claim, S3["secret_access_key"]))

    digest = hashlib.sha256(canonical.encode()).hexdigest()
    assert example_["canonical_request_sha256"] == digest


KEYS = st.text(min_size=1, max_size=30) | st.text(
    alphabet=["/", "%", "2", "F", "+", " ", "~", ".", "ü", "日", "&", "=", "?", "#", "\\", "'"],
    min_size=1,
    max_size=12,
)
QUERIES = st.dictionaries(
    st.text(min_size=1, max_size=10).filter(lambda name: name != "Signature"),
    st.text(max_size=20),
    max_size=4,
)
PRINTABLE = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=20)
HEADERS = st.dictionaries(
    st.text(alphabet="abcdefgh-", min_size=1, max_size=8).map("x-amz-meta-{}".format),
    PRINTABLE,
    max_size=4,
)


@given(key=KEYS, query=QUERIES, headers=HEADERS, body=st.binary(max_size=8))
@example(key="/leading//and/trailing/", query={}, headers={}, body=b"")
@example(key="a%2Fb%252F+ ~ü/../.", query={"prefix": "a b+c%20~"}, headers={}, body=b"x")
@example(key="a", query={}, headers={"x-amz-meta-s": "  a   b  "}, body=b"")
def test_what_botocore_signs_verifies(
    key: str, query: dict[str, str], headers: dict[str, str], body: bytes
) -> None:
    request = oracle.signed("PUT", oracle.target(key, query), headers, body)

    verified = oracle.verifier().verify(request)

    assert oracle.OWNER == verified.principal
    assert hashlib.sha256(body).hexdigest() == verified.content_sha256
    assert (verified.signature_version, verified.auth_type) == ("AWS4", "header")


@given(key=KEYS)
@example(key="a/b%2Fc~d")
def test_a_path_that_was_escaped_anew_on_its_way_still_verifies(key: str) -> None:
    request = oracle.signed("GET", oracle.target(key))
    segments = key.encode().split(b"/")
    escaped = ["".join(f"%{byte:02x}" for byte in segment) for segment in segments]
    request.path = "/bucket/" + "/".join(escaped)

    assert oracle.OWNER == oracle.verifier().verify(request).principal


def test_a_path_may_be_signed_as_it_was_sent() -> None:
    """curl signs the path of the URL as it stands there."""
    headers = signing.sign("GET", "/b/a!b", "", {"host": oracle.HOST}, EMPTY_SHA256, oracle.AT_MS)
    request = Request("GET", "/b/a!b", "", headers)

    assert oracle.OWNER == oracle.verifier().verify(request).principal


def test_a_path_may_not_be_signed_in_just_any_form() -> None:
    request = oracle.signed("GET", "/b/a%21b")
    request.path = "/b/a!c"

    with pytest.raises(SignatureDoesNotMatch) as refusal:
        oracle.verifier().verify(request)

    assert str(refusal.value.details["CanonicalRequest"]).startswith("GET\n/b/a%21c\n")


def test_a_slash_and_an_escaped_slash_are_not_the_same_path() -> None:
    request = oracle.signed("GET", "/bucket/a%2Fb")
    request.path = "/bucket/a/b"

    with pytest.raises(SignatureDoesNotMatch):
        oracle.verifier().verify(request)


def test_a_mismatch_tells_what_the_server_signed() -> None:
    request = oracle.signed("GET", "/b/k?prefix=a%20b")
    request.headers["authorization"] = request.headers["authorization"][:-1] + "x"
    canonical = (
        f"GET\n/b/k\nprefix=a%20b\nhost:{oracle.HOST}\nx-amz-content-sha256:{EMPTY_SHA256}\n"
        "x-amz-date:20130524T000000Z\n\nhost;x-amz-content-sha256;x-amz-date\n" + EMPTY_SHA256
    )
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    string_to_sign = f"AWS4-HMAC-SHA256\n20130524T000000Z\n{SCOPE}\n{digest}"

    with pytest.raises(SignatureDoesNotMatch) as refusal:
        oracle.verifier().verify(request)

    assert refusal.value.details == {
        "AWSAccessKeyId": signing.ACCESS_KEY,
        "StringToSign": string_to_sign,
        "SignatureProvided": request.headers["authorization"][-64:],
        "StringToSignBytes": string_to_sign.encode().hex(" "),
        "CanonicalRequest": canonical,
        "CanonicalRequestBytes": canonical.encode().hex(" "),
    }


@pytest.mark.parametrize(
    ("name", "value"), [("method", "PUT"), ("path", "/b/other"), ("query_string", "acl")]
)
def test_nothing_that_is_signed_can_be_changed(name: str, value: str) -> None:
    request = oracle.signed("GET", "/b/k")
    setattr(request, name, value)

    with pytest.raises(SignatureDoesNotMatch):
        oracle.verifier().verify(request)


@pytest.mark.parametrize("name", ["host", "x-amz-date", "x-amz-meta-a", "x-amz-content-sha256"])
def test_no_signed_header_can_be_changed(name: str) -> None:
    request = oracle.signed("PUT", "/b/k", {"x-amz-meta-a": "1"})
    changed = {"x-amz-date": "20130524T000001Z", "x-amz-content-sha256": "0" * 64}
    request.headers[name] = changed.get(name, "2")

    with pytest.raises(SignatureDoesNotMatch):
        oracle.verifier().verify(request)


def test_a_signed_header_that_does_not_arrive_is_a_mismatch() -> None:
    request = oracle.signed("PUT", "/b/k", {"range": "bytes=0-1"})
    del request.headers["range"]

    with pytest.raises(SignatureDoesNotMatch):
        oracle.verifier().verify(request)


def test_a_mismatch_keeps_what_was_signed_instead_from_the_client() -> None:
    request = oracle.signed("GET", "/b/k")
    request.headers["host"] = "elsewhere"
    request.headers["x-forwarded-host"] = oracle.HOST

    with pytest.raises(SignatureDoesNotMatch) as refusal:
        oracle.verifier().verify(request)

    assert f"Host signed as {oracle.HOST}, arrived as elsewhere" == refusal.value.reason
    assert not any("Host signed as" in str(detail) for detail in refusal.value.details.values())


def test_a_signature_that_is_not_ascii_is_a_mismatch() -> None:
    request = oracle.signed("GET", "/b/k")
    request.headers["authorization"] = request.headers["authorization"][:-2] + "ü\udcff"

    with pytest.raises(SignatureDoesNotMatch) as refusal:
        oracle.verifier().verify(request)

    assert str(refusal.value.details["SignatureProvided"]).endswith("ü\ufffd")


MALFORMED = "The authorization header is malformed; "
COMPONENTS = (
    "the authorization header requires three components: Credential, SignedHeaders, and Signature."
)


@pytest.mark.parametrize(
    ("old", "new", "message", "details"),
    [
        ("Credential=", "Credentia=", COMPONENTS, {}),
        ("SignedHeaders=", "Signed=", COMPONENTS, {}),
        ("Signature=", "", COMPONENTS, {}),
        (
            "/us-east-1/",
            "/",
            'the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/'
            'aws4_request".',
            {},
        ),
        (
            "/20130524/",
            "/2013-5-24/",
            'incorrect date format "2013-5-24". This date in the credential must be in the '
            'format "yyyyMMdd".',
            {},
        ),
        (
            "/20130524/",
            "/20130523/",
            "Invalid credential date. Date is not the same as X-Amz-Date.",
            {},
        ),
        (
            "/us-east-1/",
            "/eu-west-1/",
            "the region 'eu-west-1' is wrong; expecting 'us-east-1'",
            {"Region": "us-east-1"},
        ),
        (
            f"Credential={signing.ACCESS_KEY}/",
            "Credential=/",
            "a non-empty Access Key (AKID) must be provided in the credential.",
            {},
        ),
        ("/us-east-1/", "//", "a non-empty region must be provided in the credential.", {}),
        ("/s3/", "/ec2/", 'incorrect service "ec2". This endpoint belongs to "s3".', {}),
        (
            "aws4_request",
            "aws4",
            'incorrect terminal "aws4". This endpoint uses "aws4_request".',
            {},
        ),
    ],
)
def test_a_malformed_authorization_header_is_told_what_is_wrong(
    old: str, new: str, message: str, details: dict[str, str]
) -> None:
    request = oracle.signed("GET", "/b/k")
    request.headers["authorization"] = request.headers["authorization"].replace(old, new)

    with pytest.raises(AuthorizationHeaderMalformed) as refusal:
        oracle.verifier().verify(request)

    assert MALFORMED + message == refusal.value.message
    assert details == refusal.value.details


@pytest.mark.parametrize(
    ("added", "not_signed"),
    [
        ({"x-amz-meta-color": "red"}, "x-amz-meta-color"),
        ({"x-amz-b": "1", "x-amz-a": "1"}, "x-amz-a, x-amz-b"),
        ({"content-md5": "x"}, "content-md5"),
        ({"x-amz-content-sha256": EMPTY_SHA256, "content-type": "x", "range": "y"}, ""),
    ],
)
def test_amz_headers_must_be_signed(added: dict[str, str], not_signed: str) -> None:
    request = oracle.signed("GET", "/b/k")
    request.headers.update(added)

    if not not_signed:
        oracle.verifier().verify(request)
        return
    with pytest.raises(AccessDenied) as refusal:
        oracle.verifier().verify(request)

    assert refusal.value.message == (
        "There were headers present in the request which were not signed"
    )
    assert {"HeadersNotSigned": not_signed} == refusal.value.details


def test_host_must_be_signed() -> None:
    request = oracle.signed("GET", "/b/k")
    request.headers["authorization"] = request.headers["authorization"].replace("host;", "")

    with pytest.raises(AccessDenied) as refusal:
        oracle.verifier().verify(request)

    assert refusal.value.details == {"HeadersNotSigned": "host"}


@pytest.mark.parametrize("skew_s", [-900, 900])
def test_a_clock_may_differ_by_fifteen_minutes(skew_s: int) -> None:
    request = oracle.signed("GET", "/b/k")

    verified = oracle.verifier(oracle.AT_MS + skew_s * 1000).verify(request)

    assert not verified.principal.is_anonymous


@pytest.mark.parametrize(
    ("skew_s", "server_time"), [(-901, "2013-05-23T23:44:59Z"), (901, "2013-05-24T00:15:01Z")]
)
def test_a_clock_that_differs_more_is_refused(skew_s: int, server_time: str) -> None:
    request = oracle.signed("GET", "/b/k")

    with pytest.raises(RequestTimeTooSkewed) as refusal:
        oracle.verifier(oracle.AT_MS + skew_s * 1000).verify(request)

    assert refusal.value.details == {
        "RequestTime": "20130524T000000Z",
        "ServerTime": server_time,
        "MaxAllowedSkewMilliseconds": 900_000,
    }


def test_a_date_header_serves_when_there_is_no_x_amz_date() -> None:
    request = oracle.signed("GET", "/b/k", {"date": "replaced by botocore"})

    assert "x-amz-date" not in request.headers
    assert oracle.OWNER == oracle.verifier().verify(request).principal


@pytest.mark.parametrize(
    "date",
    [
        None,
        "",
        "today",
        "2013-05-24T00:00:00Z",
        "20131324T000000Z",
        "2013052٤T000000Z",
        "0" * 16,
        "Fri, 24 May 99999999 00:00:00 GMT",
        "Fri, 24 May 1950 00:00:00 GMT",
        "19500524T000000Z",
    ],
)
def test_a_request_without_a_valid_date_is_refused(date: str | None) -> None:
    request = oracle.signed("GET", "/b/k")
    del request.headers["x-amz-date"]
    if date is not None:
        request.headers["x-amz-date"] = date

    with pytest.raises(AccessDenied) as refusal:
        oracle.verifier().verify(request)

    assert refusal.value.message == (
        "AWS authentication requires a valid Date or x-amz-date header"
    )


def _signed_like_curl(method: str, extra: dict[str, str]) -> Request:
    """curl 7.88 --aws-sigv4 sends no payload hash; without -d it signs the hash of nothing."""
    request = oracle.signed(method, "/b/k")
    del request.headers["x-amz-content-sha256"]
    names = "host;x-amz-date"
    claim = sigv4.Claim("", "20130524T000000Z", SCOPE, names, "", EMPTY_SHA256)
    canonical = canonical_request(request, request.path, "", names, EMPTY_SHA256)
    key = sigv4.key_of(claim, signing.SECRET_KEY)
    signature = key.sign(sigv4.string_to_sign_of(claim, canonical))
    request.headers["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={signing.ACCESS_KEY}/{SCOPE}, SignedHeaders={names}, "
        f"Signature={signature}"
    )
    request.headers.update(extra)
    return request


@pytest.mark.parametrize("extra", [{}, {"content-length": "0"}])
def test_curl_without_a_body_needs_no_payload_hash(extra: dict[str, str]) -> None:
    verified = oracle.verifier().verify(_signed_like_curl("GET", extra))

    assert oracle.OWNER == verified.principal
    assert verified.content_sha256 == EMPTY_SHA256


@pytest.mark.parametrize("extra", [{"content-length": "1"}, {"transfer-encoding": "chunked"}])
def test_a_body_without_a_payload_hash_is_refused(extra: dict[str, str]) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        oracle.verifier().verify(_signed_like_curl("PUT", extra))

    assert refusal.value.message == (
        "Missing required header for this request: x-amz-content-sha256"
    )


def test_faults_are_told_in_the_order_of_aws() -> None:
    request = oracle.signed("GET", "/b/k")
    headers = request.headers
    clock = SettableClock(oracle.AT_MS)
    found: list[type[S3Error]] = []

    def fault() -> type[S3Error]:
        with pytest.raises(S3Error) as refusal:
            oracle.verifier(clock.now_ms()).verify(request)
        return type(refusal.value)

    headers["authorization"] = "AWS4-HMAC-SHA256 nothing"
    headers["x-amz-unsigned"] = "1"
    clock.advance(10_000)
    content_sha256 = headers.pop("x-amz-content-sha256")
    headers["content-length"] = "1"
    found.append(fault())
    headers["x-amz-content-sha256"] = content_sha256
    found.append(fault())
    clock.advance(-10_000)
    found.append(fault())
    headers["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential=unknown/{SCOPE},SignedHeaders=host,Signature=0"
    )
    found.append(fault())

    assert found == [
        InvalidRequest,
        RequestTimeTooSkewed,
        AuthorizationHeaderMalformed,
        AccessDenied,
    ]
