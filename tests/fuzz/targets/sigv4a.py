"""Signature version 4A, in header and query. No fuzzer makes an ECDSA signature, so that none but
the seeds may be accepted, and those of them that were changed only where nothing is signed."""

from tests.auth import oracle
from tests.fuzz.requests import request_of, verified_by
from tests.fuzz.target import Target

_VERIFIER = oracle.verifier()
_HEAD = b"""GET /bucket/key
host:s3.example.test:9000
x-amz-date:20130524T000000Z
x-amz-region-set:us-east-*
x-amz-content-sha256:UNSIGNED-PAYLOAD
"""
_CREDENTIAL = b"AKIAIOSFODNN7EXAMPLE/20130524/s3/aws4_request"
_NAMES = b"host;x-amz-content-sha256;x-amz-date;x-amz-region-set"


def check(data: bytes) -> None:
    """Verify a request that claims to be signed by an elliptic curve."""
    request = request_of(data)
    verified = verified_by(_VERIFIER, request)
    if verified is None:
        return
    assert verified.signature_version != "AWS4A", "somebody was believed who has no key"


TARGET = Target(
    check,
    seeds=(
        _HEAD
        + b"authorization:AWS4-ECDSA-P256-SHA256 Credential=%b, SignedHeaders=%b, Signature=%b"
        % (_CREDENTIAL, _NAMES, b"3006020101020101"),
        b"GET /b/k?X-Amz-Algorithm=AWS4-ECDSA-P256-SHA256&X-Amz-Credential=%b"
        b"&X-Amz-Date=20130524T000000Z&X-Amz-SignedHeaders=host&X-Amz-Expires=60"
        b"&X-Amz-Region-Set=*&X-Amz-Signature=30060201010201010\nhost:h"
        % _CREDENTIAL.replace(b"/", b"%2F"),
    ),
    words=(
        *(b"AWS4-ECDSA-P256-SHA256 ", b"x-amz-region-set:", b"X-Amz-Region-Set=", b"eu-*", b"*"),
        *(b"Credential=", b"SignedHeaders=", b"Signature=30", b"0201", b"0221", b"0220"),
    ),
)
