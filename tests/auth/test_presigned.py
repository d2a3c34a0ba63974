"""Version 4 presigned URLs."""

import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ferrox.auth.errors import AuthorizationQueryParametersError
from ferrox.auth.payload import EMPTY_SHA256
from ferrox.errors import (
    AccessDenied,
    InvalidArgument,
    InvalidRequest,
    SignatureDoesNotMatch,
)
from ferrox.protocol.message import Request
from tests.auth import oracle

VECTOR = json.loads((Path(__file__).parent.parent / "vectors" / "sigv4_s3.json").read_text())[
    "presigned"
]
KEYS = st.text(min_size=1, max_size=30) | st.text(
    alphabet=["/", "%", "2", "F", "+", " ", "~", ".", "ü", "日"], min_size=1, max_size=12
)
QUERIES = st.dictionaries(
    st.text(min_size=1, max_size=10).filter(lambda name: name != "Signature"),
    st.text(max_size=20),
    max_size=4,
)


def test_the_example_of_the_documentation_verifies() -> None:
    request = Request("GET", VECTOR["path"], VECTOR["query"], {"host": VECTOR["host"]})

    verified = oracle.verifier(oracle.AT_MS + 86_400_000).verify(request)

    assert oracle.OWNER == verified.principal
    assert (verified.signature_version, verified.auth_type) == ("AWS4", "query")
    assert verified.content_sha256 is None


@given(key=KEYS, query=QUERIES)
@example(key="/a%2Fb//+ ~ü/", query={"response-content-disposition": 'attachment; a="b+c d"'})
def test_what_botocore_presigns_verifies(key: str, query: dict[str, str]) -> None:
    request = oracle.presigned("GET", oracle.target(key, query))

    assert oracle.OWNER == oracle.verifier().verify(request).principal


@given(order=st.permutations(range(8)))
def test_the_order_of_the_parameters_does_not_matter(order: list[int]) -> None:
    request = oracle.presigned("GET", oracle.target("k", {"z": "1", "A": "2"}))
    pieces = request.query_string.split("&")
    request.query_string = "&".join(pieces[number] for number in order)

    assert oracle.OWNER == oracle.verifier().verify(request).principal


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_an_url_is_for_one_method(method: str) -> None:
    request = oracle.presigned(method, "/b/k")
    oracle.verifier().verify(request)
    request.method = "POST"

    with pytest.raises(SignatureDoesNotMatch) as refusal:
        oracle.verifier().verify(request)

    assert request.query["X-Amz-Signature"] == refusal.value.details["SignatureProvided"]
    assert "X-Amz-Signature" not in str(refusal.value.details["CanonicalRequest"])


@pytest.mark.parametrize("query", ["acl", "versionId=1", "prefix=x"])
def test_no_parameter_can_be_added(query: str) -> None:
    request = oracle.presigned("GET", "/b/k")
    request.query_string += "&" + query

    with pytest.raises(SignatureDoesNotMatch):
        oracle.verifier().verify(request)


def test_headers_may_be_signed_too() -> None:
    request = oracle.presigned("PUT", "/b/k", {"x-amz-meta-color": "red"})
    oracle.verifier().verify(request)
    request.headers["x-amz-meta-color"] = "blue"

    with pytest.raises(SignatureDoesNotMatch):
        oracle.verifier().verify(request)


def test_amz_headers_must_be_signed() -> None:
    request = oracle.presigned("PUT", "/b/k")
    request.headers["x-amz-acl"] = "public-read"
    request.headers["content-type"] = "text/plain"

    with pytest.raises(AccessDenied) as refusal:
        oracle.verifier().verify(request)

    assert refusal.value.details == {"HeadersNotSigned": "x-amz-acl"}


def test_an_url_works_until_the_end_of_its_last_second() -> None:
    request = oracle.presigned("GET", "/b/k", expires_s=60)

    oracle.verifier(oracle.AT_MS + 60_000).verify(request)
    with pytest.raises(AccessDenied) as refusal:
        oracle.verifier(oracle.AT_MS + 60_001).verify(request)

    assert refusal.value.message == "Request has expired"
    assert refusal.value.details == {
        "X-Amz-Expires": "60",
        "Expires": "2013-05-24T00:01:00Z",
        "ServerTime": "2013-05-24T00:01:00Z",
    }


def test_a_week_is_the_longest_time() -> None:
    request = oracle.presigned("GET", "/b/k", expires_s=604_800)

    verified = oracle.verifier(oracle.AT_MS + 604_800_000).verify(request)

    assert not verified.principal.is_anonymous


def test_an_url_of_the_future_is_refused_beyond_the_allowed_skew() -> None:
    request = oracle.presigned("GET", "/b/k", expires_s=60)

    oracle.verifier(oracle.AT_MS - 900_000).verify(request)
    with pytest.raises(AccessDenied) as refusal:
        oracle.verifier(oracle.AT_MS - 900_001).verify(request)

    assert refusal.value.message == "Request is not yet valid"
    assert refusal.value.details == {
        "X-Amz-Date": "1369353600000",
        "Expires": "2013-05-24T00:01:00Z",
        "ServerTime": "2013-05-23T23:44:59Z",
    }


REQUIRED = (
    "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, "
    "X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters."
)
A_WEEK = (
    "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must "
    "be less than 604800 seconds"
)
PARSING = "Error parsing the X-Amz-Credential parameter; "


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("X-Amz-Credential=", "C=", REQUIRED),
        ("X-Amz-Signature=", "S=", REQUIRED),
        ("X-Amz-Date=", "D=", REQUIRED),
        ("X-Amz-SignedHeaders=", "H=", REQUIRED),
        ("X-Amz-Expires=", "E=", REQUIRED),
        (
            "AWS4-HMAC-SHA256",
            "AWS4-HMAC-SHA1",
            'X-Amz-Algorithm only supports "AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256"',
        ),
        (
            "20130524T000000Z",
            "2013-05-24",
            "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"",
        ),
        ("Expires=3600", "Expires=1h", "X-Amz-Expires should be a number"),
        ("Expires=3600", "Expires=", "X-Amz-Expires should be a number"),
        ("Expires=3600", "Expires=-1", "X-Amz-Expires must be non-negative"),
        ("Expires=3600", "Expires=604801", A_WEEK),
        ("Expires=3600", "Expires=" + 5000 * "9", A_WEEK),
        (
            "us-east-1",
            "eu-west-1",
            PARSING + "the region 'eu-west-1' is wrong; expecting 'us-east-1'",
        ),
        ("%2Fs3", "%2Fec2", PARSING + 'incorrect service "ec2". This endpoint belongs to "s3".'),
        (
            "%2F20130524",
            "%2F20130523",
            'Invalid credential date "20130523". '
            'This date is not the same as X-Amz-Date: "20130524".',
        ),
    ],
)
def test_a_malformed_url_is_told_what_is_wrong(old: str, new: str, message: str) -> None:
    request = oracle.presigned("GET", "/b/k")
    request.query_string = request.query_string.replace(old, new)

    with pytest.raises(AuthorizationQueryParametersError) as refusal:
        oracle.verifier().verify(request)

    assert message == refusal.value.message


def test_the_end_of_time_is_no_fault_of_ours() -> None:
    request = oracle.presigned("GET", "/b/k")
    request.query_string = request.query_string.replace("20130524T000000Z", "99991231T235959Z")

    with pytest.raises(AccessDenied) as refusal:
        oracle.verifier().verify(request)

    assert refusal.value.details["Expires"] == "9999-12-31T23:59:59Z"


def test_a_payload_hash_in_the_header_binds_the_body() -> None:
    request = oracle.presigned("PUT", "/b/k", {"x-amz-content-sha256": EMPTY_SHA256})

    assert oracle.verifier().verify(request).content_sha256 == EMPTY_SHA256


def test_a_payload_hash_cannot_be_added_to_an_url() -> None:
    request = oracle.presigned("PUT", "/b/k")
    request.headers["x-amz-content-sha256"] = EMPTY_SHA256

    with pytest.raises(SignatureDoesNotMatch) as refusal:
        oracle.verifier().verify(request)

    assert str(refusal.value.details["CanonicalRequest"]).endswith(EMPTY_SHA256)


def test_a_payload_hash_in_the_query_binds_the_body() -> None:
    """aws-sdk-js moves the header into the query."""
    request = oracle.presigned("PUT", "/b/k?X-Amz-Content-Sha256=UNSIGNED-PAYLOAD")

    assert oracle.verifier().verify(request).content_sha256 is None


def test_a_bad_payload_hash_is_refused() -> None:
    request = oracle.presigned("PUT", "/b/k?X-Amz-Content-Sha256=garbage")

    with pytest.raises(InvalidArgument) as refusal:
        oracle.verifier().verify(request)

    assert refusal.value.details["ArgumentName"] == "x-amz-content-sha256"


def test_unsigned_chunks_may_go_with_an_url() -> None:
    headers = {
        "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "x-amz-decoded-content-length": "1",
    }

    verified = oracle.verifier().verify(oracle.presigned("PUT", "/b/k", headers))

    assert verified.decoder is not None
    assert verified.decoder.feed(b"1\r\nx\r\n0\r\n\r\n") == [b"x"]


def test_signed_chunks_need_a_signature_in_the_header() -> None:
    headers = {
        "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        "x-amz-decoded-content-length": "1",
    }

    with pytest.raises(InvalidRequest):
        oracle.verifier().verify(oracle.presigned("PUT", "/b/k", headers))
