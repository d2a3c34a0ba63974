"""Signature Version 2, in the query and in the header."""

import base64
import hmac
import json
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from hypothesis import example, given
from hypothesis import strategies as st

from ferrox.auth import sigv2
from ferrox.auth.errors import RequestTimeTooSkewed
from ferrox.errors import (
    AccessDenied,
    InvalidArgument,
    SignatureDoesNotMatch,
)
from ferrox.protocol.message import Request
from ferrox.protocol.operations import OPERATIONS
from tests import signing
from tests.auth import oracle

VECTORS = json.loads((Path(__file__).parent.parent / "vectors" / "sigv2_s3.json").read_text())
KEYS = st.text(min_size=1, max_size=30)
SIGNED_QUERIES = st.dictionaries(
    st.sampled_from(["versionId", "uploadId", "partNumber", "response-content-type", "prefix"]),
    st.text(max_size=20),
    max_size=3,
)


@pytest.mark.parametrize("vector", VECTORS["examples"], ids=lambda vector: vector["name"])
def test_the_examples_of_the_documentation_verify(vector: dict[str, Any]) -> None:
    headers = vector["headers"]
    request = Request(vector["method"], vector["path"], vector["query"], headers)
    claim = sigv2.Claim(VECTORS["access_key_id"], vector["signature"], headers["date"], headers)
    secret = VECTORS["secret_access_key"].encode()

    text = sigv2.string_to_sign(request, claim, vector["resource_path"])

    signature = base64.b64encode(hmac.digest(secret, text.encode(), "sha1")).decode()
    assert vector["signature"] == signature


def test_the_presigned_example_of_the_documentation_verifies() -> None:
    vector = VECTORS["presigned"]
    request = Request("GET", vector["path"], vector["query"], {"host": vector["host"]})
    verifier = oracle.verifier(1_175_139_620_000, domains=(vector["domain"],))

    verified = verifier.verify(request)

    assert oracle.OWNER == verified.principal
    assert (verified.signature_version, verified.auth_type) == ("AWS", "query")


@given(key=KEYS, query=SIGNED_QUERIES)
@example(key="/a%2Fb//+ ~ü/", query={"response-content-type": "a/b; c=d+e f", "uploadId": "x"})
def test_what_botocore_presigns_verifies(key: str, query: dict[str, str]) -> None:
    request = oracle.presigned_v2("GET", oracle.target(key, query))

    assert oracle.OWNER == oracle.verifier().verify(request).principal


@given(key=KEYS, query=SIGNED_QUERIES)
def test_what_botocore_signs_in_the_header_verifies(key: str, query: dict[str, str]) -> None:
    headers = {"content-type": "text/plain", "content-md5": "x", "x-amz-meta-b": " 1 "}
    request = oracle.signed_v2("PUT", oracle.target(key, query), headers)

    verified = oracle.verifier(sigv2="all").verify(request)

    assert oracle.OWNER == verified.principal
    assert (verified.signature_version, verified.auth_type) == ("AWS", "header")


def test_headers_that_botocore_put_into_the_url_are_signed() -> None:
    headers = {"x-amz-acl": "private", "content-type": "text/plain"}
    request = oracle.presigned_v2("PUT", "/b/k", headers)

    assert "x-amz-acl=private" in request.query_string
    assert oracle.OWNER == oracle.verifier().verify(request).principal


@pytest.mark.parametrize("name", ["x-amz-acl", "x-amz-meta-new", "content-type", "content-md5"])
def test_a_presigned_request_takes_no_headers_that_were_not_signed(name: str) -> None:
    request = oracle.presigned_v2("PUT", "/b/k", {"x-amz-acl": "private"})
    request.headers[name] = "public-read"

    with pytest.raises(SignatureDoesNotMatch):
        oracle.verifier().verify(request)


@pytest.mark.parametrize("style", ["path", "virtual"])
@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("list_buckets", {}),
        ("list_objects_v2", {"Bucket": "bucket"}),
        ("head_bucket", {"Bucket": "bucket"}),
        ("get_object", {"Bucket": "bucket", "Key": "a b+/~é", "VersionId": "7"}),
        (
            "put_object",
            {"Bucket": "bucket", "Key": "k", "ContentType": "x/y", "Metadata": {"a": "b"}},
        ),
        ("upload_part", {"Bucket": "bucket", "Key": "k", "UploadId": "u", "PartNumber": 1}),
    ],
)
def test_urls_of_boto3_verify_in_both_styles(
    style: str, operation: str, arguments: dict[str, Any]
) -> None:
    client = boto3.client(
        "s3",
        endpoint_url=f"http://{oracle.HOST}",
        region_name=signing.REGION,
        aws_access_key_id=signing.ACCESS_KEY,
        aws_secret_access_key=signing.SECRET_KEY,
        config=Config(s3={"addressing_style": style}, signature_version="s3"),
    )
    url = client.generate_presigned_url(operation, Params=arguments)
    host, _, rest = url.removeprefix("http://").partition("/")
    path, _, query = rest.partition("?")
    method = {"put": "PUT", "upl": "PUT", "hea": "HEAD"}.get(operation[:3], "GET")
    request = Request(method, "/" + path, query, {"host": host})

    verified = oracle.verifier(domains=("s3.example.test",)).verify(request)

    assert oracle.OWNER == verified.principal


def test_a_bucket_named_like_the_first_label_of_the_domain_is_path_style() -> None:
    request = oracle.presigned_v2("GET", "/s3/k")

    verified = oracle.verifier(domains=("s3.example.test",)).verify(request)

    assert oracle.OWNER == verified.principal


def test_an_unescaped_plus_in_the_signature_is_understood() -> None:
    request = oracle.presigned_v2("GET", "/b/k")
    for number in range(100):
        request = oracle.presigned_v2("GET", f"/b/k{number}")
        if "%2B" in request.query_string:
            break
    request.query_string = request.query_string.replace("%2B", "+")

    assert "+" in request.query_string
    assert oracle.OWNER == oracle.verifier().verify(request).principal


@pytest.mark.parametrize(
    "query", ["acl", "uploads", "versionId=1", "retention", "response-content-type=text/html"]
)
def test_a_url_cannot_be_made_another_operation(query: str) -> None:
    request = oracle.presigned_v2("GET", "/b/k")
    request.query_string += "&" + query

    with pytest.raises(SignatureDoesNotMatch):
        oracle.verifier().verify(request)


def test_every_selector_of_an_operation_is_signed() -> None:
    names = {name for row in OPERATIONS for name in (*row.tags, *row.query)}
    names.discard("*")  # OPTIONS, which nobody signs

    # Both versions of the listing need the same permission, and clients do not sign which it is.
    assert {"list-type"} == names - sigv2.SUBRESOURCES


def test_a_mismatch_tells_what_the_server_signed() -> None:
    request = oracle.presigned_v2("GET", "/b/k?acl")
    request.method = "PUT"
    expires = request.query["Expires"]
    string_to_sign = f"PUT\n\n\n{expires}\n/b/k?acl"

    with pytest.raises(SignatureDoesNotMatch) as refusal:
        oracle.verifier().verify(request)

    assert refusal.value.details == {
        "AWSAccessKeyId": signing.ACCESS_KEY,
        "StringToSign": string_to_sign,
        "SignatureProvided": request.query["Signature"],
        "StringToSignBytes": string_to_sign.encode().hex(" "),
    }


def test_an_url_works_until_the_end_of_its_last_second() -> None:
    request = oracle.presigned_v2("GET", "/b/k", expires_s=60)

    oracle.verifier(oracle.AT_MS + 60_000).verify(request)
    with pytest.raises(AccessDenied) as refusal:
        oracle.verifier(oracle.AT_MS + 60_001).verify(request)

    assert refusal.value.message == "Request has expired"
    assert refusal.value.details == {
        "Expires": "2013-05-24T00:01:00Z",
        "ServerTime": "2013-05-24T00:01:00Z",
    }


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (
            "Signature=x&AWSAccessKeyId=y",
            "Query-string authentication requires the Signature, Expires and AWSAccessKeyId "
            "parameters",
        ),
        (
            "Signature=x&Expires=1",
            "Query-string authentication requires the Signature, Expires and AWSAccessKeyId "
            "parameters",
        ),
        (
            "Signature=x&AWSAccessKeyId=y&Expires=soon",
            "Invalid date (should be seconds since epoch): soon",
        ),
        (
            "Signature=x&AWSAccessKeyId=y&Expires=2147483648",
            "Invalid date (should be seconds since epoch): 2147483648",
        ),
        ("Signature=x&AWSAccessKeyId=y&Expires=-1", "Request has expired"),
    ],
)
def test_an_incomplete_url_is_told_what_is_missing(query: str, message: str) -> None:
    with pytest.raises(AccessDenied) as refusal:
        oracle.verifier().verify(Request("GET", "/b/k", query, {"host": oracle.HOST}))

    assert message == refusal.value.message


@pytest.mark.parametrize("credentials", ["garbage", "key:", "key:a:b", " key"])
def test_a_malformed_header_is_refused(credentials: str) -> None:
    authorization = f"AWS {credentials}"
    request = Request("GET", "/", "", {"host": oracle.HOST, "authorization": authorization})

    with pytest.raises(InvalidArgument) as refusal:
        oracle.verifier(sigv2="all").verify(request)

    assert refusal.value.message == (
        "AWS authorization header is invalid.  Expected AwsAccessKeyId:signature"
    )
    assert refusal.value.details == {
        "ArgumentName": "Authorization",
        "ArgumentValue": authorization,
    }


def test_x_amz_date_takes_the_place_of_the_date() -> None:
    request = oracle.signed_v2("GET", "/b/k", {"x-amz-date": "Fri, 24 May 2013 00:00:10 +0000"})
    claim = sigv2.read_header(request, request.headers["authorization"], oracle.AT_MS)

    text = sigv2.string_to_sign(request, claim, "/b/k")

    assert text == "GET\n\n\n\nx-amz-date:Fri, 24 May 2013 00:00:10 +0000\n/b/k"


def test_a_header_is_only_valid_for_fifteen_minutes() -> None:
    request = oracle.signed_v2("GET", "/b/k")

    with pytest.raises(RequestTimeTooSkewed) as refusal:
        oracle.verifier(oracle.AT_MS + 900_001, sigv2="all").verify(request)

    assert refusal.value.details["RequestTime"] == "Fri, 24 May 2013 00:00:00 GMT"
