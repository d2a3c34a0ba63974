"""Signature version 4 in the query: what is accepted was signed, says a second implementation."""

from tests.auth import oracle
from tests.fuzz import naive_sigv4
from tests.fuzz.requests import input_of, request_of, verified_by
from tests.fuzz.target import Target

_VERIFIER = oracle.verifier()


def check(data: bytes) -> None:
    """Verify a presigned request; nobody is believed without the right signature."""
    request = request_of(data)
    verified = verified_by(_VERIFIER, request)
    if verified is None:
        return
    if (verified.signature_version, verified.auth_type) == ("AWS4", "query"):
        assert verified.principal == oracle.OWNER
        naive_sigv4.check_query(request)


TARGET = Target(
    check,
    seeds=tuple(
        input_of(one)
        for one in (
            oracle.presigned("GET", "/bucket/key"),
            oracle.presigned("PUT", oracle.target("a b+c/é", {"partNumber": "1", "uploadId": "u"})),
            oracle.presigned("GET", "/bucket", {"x-amz-meta-a": "b"}, expires_s=604_800),
        )
    ),
    words=(
        *(b"X-Amz-Algorithm=", b"AWS4-HMAC-SHA256", b"X-Amz-Credential=", b"X-Amz-Signature="),
        *(b"X-Amz-Date=", b"X-Amz-SignedHeaders=", b"X-Amz-Expires=", b"X-Amz-Security-Token="),
        *(b"X-Amz-Content-Sha256=", b"UNSIGNED-PAYLOAD", b"%2F", b"+", b"x-amz-content-sha256:"),
    ),
)
