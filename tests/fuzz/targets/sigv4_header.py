"""Signature version 4 in the header: what is accepted was signed, says a second implementation."""

from tests.auth import oracle
from tests.fuzz import naive_sigv4
from tests.fuzz.requests import input_of, request_of, verified_by
from tests.fuzz.target import Target

_VERIFIER = oracle.verifier()


def check(data: bytes) -> None:
    """Verify a request; nobody is believed without the right signature."""
    request = request_of(data)
    verified = verified_by(_VERIFIER, request)
    if verified is None:
        return
    if (verified.signature_version, verified.auth_type) == ("AWS4", "header"):
        assert verified.principal == oracle.OWNER
        naive_sigv4.check_header(request)
    elif not verified.signature_version:
        assert verified.principal.is_anonymous
        assert not request.headers.get("authorization")


TARGET = Target(
    check,
    seeds=tuple(
        input_of(one)
        for one in (
            oracle.signed("GET", "/"),
            oracle.signed("PUT", oracle.target("a b/c%2F+é"), {"x-amz-meta-a": "b  c"}, b"data"),
            oracle.signed("GET", oracle.target("k", {"list-type": "2", "prefix": "a/b c"})),
            oracle.signed("PUT", "/bucket", {"Content-MD5": "rL0Y20zC+Fzt72VPzMSk2A=="}, b"x"),
            oracle.signed_v2("GET", "/bucket/key"),
        )
    ),
    words=(
        *(
            b"AWS4-HMAC-SHA256 ",
            b"Credential=",
            b"SignedHeaders=",
            b"Signature=",
            b"20130524T000000Z",
        ),
        *(
            b"x-amz-date:",
            b"x-amz-content-sha256:",
            b"authorization:",
            b"UNSIGNED-PAYLOAD",
            b"date:",
        ),
        *(
            b"STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
            b"x-amz-decoded-content-length:",
            b"x-amz-trailer:",
        ),
        *(
            b"/us-east-1/s3/aws4_request",
            b"Fri, 24 May 2013 00:00:00 GMT",
            b"x-amz-security-token:",
        ),
    ),
)
