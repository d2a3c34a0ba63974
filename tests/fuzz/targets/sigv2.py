"""Signature version 2, in header and query: what is accepted was signed by the one key there is."""

import base64
import hmac

from ferrox.auth import sigv2
from tests import signing
from tests.auth import oracle
from tests.fuzz.requests import input_of, request_of, verified_by
from tests.fuzz.target import Target

_VERIFIER = oracle.verifier(sigv2="all", domains=("s3.example.test",))


def check(data: bytes) -> None:
    """Verify a request; who is believed has named the right key and made the right signature."""
    request = request_of(data)
    verified = verified_by(_VERIFIER, request)
    if verified is None:
        return
    if verified.signature_version != "AWS":
        return
    assert verified.principal == oracle.OWNER
    if verified.auth_type == "header":
        claim = sigv2.read_header(request, request.headers["authorization"], oracle.AT_MS)
    else:
        claim = sigv2.read_query(request, oracle.AT_MS)
        assert int(request.query["Expires"]) * 1000 >= oracle.AT_MS
    assert signing.ACCESS_KEY == claim.access_key_id
    bucket = request.path.split("/")[1]
    host_bucket = request.headers.get("host", "").partition(".s3.")[0].lower()
    paths = (request.path, request.path + "/", f"/{host_bucket}{request.path}", f"/{bucket}/")
    assert claim.signature in {_signature(sigv2.string_to_sign(request, claim, p)) for p in paths}


def _signature(text: str) -> str:
    raw = text.encode("utf-8", "surrogateescape")
    return base64.b64encode(hmac.digest(signing.SECRET_KEY.encode(), raw, "sha1")).decode()


TARGET = Target(
    check,
    seeds=tuple(
        input_of(one)
        for one in (
            oracle.signed_v2("GET", "/bucket/key"),
            oracle.signed_v2("PUT", "/bucket", {"x-amz-acl": "private", "Content-Type": "a/b"}),
            oracle.presigned_v2("GET", "/bucket/key"),
            oracle.presigned_v2("GET", oracle.target("a b", {"versionId": "v+1", "x": "y"})),
        )
    ),
    words=(
        *(b"AWSAccessKeyId=", b"Expires=", b"Signature=", b"AWS ", b"authorization:", b"&acl"),
        *(
            b"versionId=",
            b"response-content-type=",
            b"x-amz-date:",
            b"date:",
            b"%3D",
            b"content-md5:",
        ),
    ),
)
