"""Which mechanism speaks, who is asking, and what has to be done with the body."""

from collections.abc import Callable
from typing import Any, Literal

import pytest

from ferrox.auth.payload import EMPTY_SHA256
from ferrox.auth.verify import Sigv2Policy, Verified
from ferrox.errors import (
    AccessDenied,
    InvalidAccessKeyId,
    InvalidArgument,
    InvalidRequest,
    InvalidToken,
    SignatureDoesNotMatch,
)
from ferrox.identity import ANONYMOUS
from ferrox.protocol.form_fields import FormGrant
from ferrox.protocol.message import Request
from tests import forms, signing
from tests.auth import oracle

ONE_MECHANISM = (
    "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query "
    "string parameter or the Authorization header should be specified"
)


@pytest.mark.parametrize("headers", [{}, {"authorization": ""}])
@pytest.mark.parametrize("query", ["", "prefix=a", "AWSAccessKeyId=x", "X-Amz-Signature=x"])
def test_a_request_without_credentials_is_anonymous(headers: dict[str, str], query: str) -> None:
    verified = oracle.verifier().verify(Request("GET", "/b/k", query, headers))

    assert Verified(ANONYMOUS) == verified


def test_an_anonymous_body_may_be_framed_and_hashed() -> None:
    framed = {
        "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "x-amz-decoded-content-length": "0",
    }
    hashed = {"x-amz-content-sha256": EMPTY_SHA256}

    assert oracle.verifier().verify(Request("PUT", "/b/k", "", framed)).decoder is not None
    assert (
        EMPTY_SHA256 == oracle.verifier().verify(Request("PUT", "/b/k", "", hashed)).content_sha256
    )


def test_chunk_signatures_are_never_stored_as_data() -> None:
    headers = {
        "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        "x-amz-decoded-content-length": "0",
    }

    with pytest.raises(InvalidRequest):
        oracle.verifier().verify(Request("PUT", "/b/k", "", headers))


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ("X-Amz-Algorithm=AWS4-HMAC-SHA256", {"authorization": "AWS4-HMAC-SHA256 a"}),
        ("Signature=x", {"authorization": "AWS4-HMAC-SHA256 a"}),
        ("Signature=x&X-Amz-Algorithm=AWS4-HMAC-SHA256", {}),
    ],
)
def test_two_mechanisms_at_once_are_refused(query: str, headers: dict[str, str]) -> None:
    with pytest.raises(InvalidArgument) as refusal:
        oracle.verifier().verify(Request("GET", "/b/k", query, headers))

    assert ONE_MECHANISM == refusal.value.message
    assert refusal.value.details["ArgumentName"] == "Authorization"


@pytest.mark.parametrize(
    ("authorization", "message"),
    [
        ("Bearer token", "Unsupported Authorization Type"),
        ("AWS4-HMAC-SHA512 x", "Unsupported Authorization Type"),
        ("garbage", "Authorization header is invalid -- one and only one ' ' (space) required"),
    ],
)
def test_other_schemes_are_refused(authorization: str, message: str) -> None:
    with pytest.raises(InvalidArgument) as refusal:
        oracle.verifier().verify(Request("GET", "/", "", {"authorization": authorization}))

    assert message == refusal.value.message
    assert refusal.value.details == {
        "ArgumentName": "Authorization",
        "ArgumentValue": authorization,
    }


@pytest.mark.parametrize(
    "request_",
    [
        oracle.signed("GET", "/b/k"),
        oracle.presigned("GET", "/b/k"),
        oracle.signed_v2("GET", "/b/k"),
        oracle.presigned_v2("GET", "/b/k"),
    ],
    ids=["header", "query", "v2-header", "v2-query"],
)
def test_an_unknown_key_is_named(request_: Request) -> None:
    headers = {
        name: value.replace(signing.ACCESS_KEY, "AKIAUNKNOWN")
        for name, value in request_.headers.items()
    }
    query = request_.query_string.replace(signing.ACCESS_KEY, "AKIAUNKNOWN")

    with pytest.raises(InvalidAccessKeyId) as refusal:
        oracle.verifier(sigv2="all").verify(Request("GET", request_.path, query, headers))

    assert refusal.value.details == {"AWSAccessKeyId": "AKIAUNKNOWN"}


@pytest.mark.parametrize("make", [oracle.signed, oracle.presigned])
def test_a_session_token_for_a_permanent_key_is_refused(make: Any) -> None:
    request = make("GET", "/b/k", {"x-amz-security-token": "token"})

    with pytest.raises(InvalidToken) as refusal:
        oracle.verifier().verify(request)

    assert refusal.value.details == {"Token-0": "token"}


@pytest.mark.parametrize("make", [oracle.presigned, oracle.presigned_v2])
@pytest.mark.parametrize("name", ["X-Amz-Security-Token", "x-amz-security-token"])
def test_a_session_token_in_the_query_is_refused(make: Any, name: str) -> None:
    with pytest.raises(InvalidToken):
        oracle.verifier().verify(make("GET", f"/b/k?{name}=token"))


def test_an_empty_session_token_is_none() -> None:
    verified = oracle.verifier().verify(oracle.presigned("GET", "/b/k?X-Amz-Security-Token="))

    assert not verified.principal.is_anonymous


def test_another_secret_does_not_verify() -> None:
    headers = signing.sign(
        "GET", "/", "", {"host": oracle.HOST}, EMPTY_SHA256, oracle.AT_MS, secret_key="other"
    )

    with pytest.raises(SignatureDoesNotMatch):
        oracle.verifier().verify(Request("GET", "/", "", headers))


@pytest.mark.parametrize(
    ("policy", "header_is_accepted", "query_is_accepted"),
    [("presigned", False, True), ("all", True, True), ("off", False, False)],
)
def test_version_2_is_accepted_where_the_policy_says(
    policy: Sigv2Policy, header_is_accepted: bool, query_is_accepted: bool
) -> None:
    verifier = oracle.verifier(sigv2=policy)

    for request, is_accepted in (
        (oracle.signed_v2("GET", "/b/k"), header_is_accepted),
        (oracle.presigned_v2("GET", "/b/k"), query_is_accepted),
    ):
        if is_accepted:
            assert oracle.OWNER == verifier.verify(request).principal
            continue
        with pytest.raises(InvalidRequest) as refusal:
            verifier.verify(request)
        assert refusal.value.message == (
            "The authorization mechanism you have provided is not supported. "
            "Please use AWS4-HMAC-SHA256."
        )


def test_signed_chunks_are_chained_to_the_signature_of_the_request() -> None:
    headers = signing.sign(
        "PUT",
        "/b/k",
        "",
        {"host": oracle.HOST, "x-amz-decoded-content-length": "0"},
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        oracle.AT_MS,
    )
    verified = oracle.verifier().verify(Request("PUT", "/b/k", "", headers))
    assert verified.decoder is not None
    assert verified.decoded_length == 0

    with pytest.raises(SignatureDoesNotMatch) as refusal:
        verified.decoder.feed(b"0;chunk-signature=" + b"0" * 64 + b"\r\n")

    seed_signature = headers["authorization"][-64:]
    assert seed_signature in str(refusal.value.details["StringToSign"])


def test_a_form_without_policy_is_nobodys() -> None:
    assert FormGrant(ANONYMOUS) == oracle.verifier().verify_form({"bucket": "bucket", "key": "k"})


@pytest.mark.parametrize("sign", [forms.version_2, forms.version_4])
def test_a_form_is_whose_key_signed_its_policy(sign: Callable[..., dict[str, str]]) -> None:
    conditions = [
        {"bucket": "bucket"},
        ["starts-with", "$key", ""],
        ["content-length-range", 3, 9],
        *(["starts-with", f"$x-amz-{name}", ""] for name in ("algorithm", "credential", "date")),
    ]
    version: Literal["AWS4", "AWS"] = "AWS4" if sign is forms.version_4 else "AWS"
    if version == "AWS":
        conditions = conditions[:3]
    fields = sign({"key": "k"}, oracle.AT_MS, conditions)
    received = {name.lower(): value for name, value in fields.items()} | {"bucket": "bucket"}

    assert FormGrant(oracle.OWNER, version, 3, 9) == oracle.verifier().verify_form(received)
    with pytest.raises(AccessDenied):
        oracle.verifier().verify_form(received | {"bucket": "other"})
    with pytest.raises(AccessDenied):
        oracle.verifier(oracle.AT_MS + 60_000).verify_form(received)
    with pytest.raises(InvalidToken):
        oracle.verifier().verify_form(received | {"x-amz-security-token": "t"})


def test_a_form_of_version_2_is_refused_where_that_is_off() -> None:
    fields = forms.version_2({"key": "k"}, oracle.AT_MS)
    received = {name.lower(): value for name, value in fields.items()} | {"bucket": "bucket"}

    with pytest.raises(InvalidArgument):
        oracle.verifier(sigv2="off").verify_form(received)
