"""Signature Version 4 in the query string: URLs that carry their own permission until they expire.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html

Refusals come in the order in which AWS finds them: algorithm, parameters, date, expiry, credential
scope, unsigned headers, then access key and signature as for the header.
"""

from typing import Any

from ferrox.auth import payload
from ferrox.auth.errors import AuthorizationQueryParametersError
from ferrox.auth.sigv4 import (
    ALGORITHMS,
    MAX_SKEW_MS,
    Claim,
    basic_instant_ms,
    iso8601,
    read_credential,
    require_signed,
)
from ferrox.errors import AccessDenied
from ferrox.protocol.message import Request

ALGORITHM = "X-Amz-Algorithm"
SIGNATURE = "X-Amz-Signature"
MAX_EXPIRES_S = 604_800  # a week
_PARAMETERS = {
    "X-Amz-Credential",
    SIGNATURE,
    "X-Amz-Date",
    "X-Amz-SignedHeaders",
    "X-Amz-Expires",
}


def read_query(request: Request, now_ms: int, region: str | None) -> Claim:
    """The claim of a presigned request, refused if it cannot be valid (now).

    region   that the credential scope must name, None where it names none
    """
    query = request.query
    algorithm = query[ALGORITHM]
    if algorithm not in ALGORITHMS:
        raise AuthorizationQueryParametersError(
            f'{ALGORITHM} only supports "{" and ".join(ALGORITHMS)}"'
        )
    if not query.keys() >= _PARAMETERS:
        raise AuthorizationQueryParametersError(
            "Query-string authentication version 4 requires the X-Amz-Algorithm, "
            "X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and "
            "X-Amz-Expires parameters."
        )
    timestamp = query["X-Amz-Date"]
    _require_valid_now(timestamp, query["X-Amz-Expires"], now_ms)
    access_key_id, scope = read_credential(
        query["X-Amz-Credential"],
        region,
        AuthorizationQueryParametersError,
        "Error parsing the X-Amz-Credential parameter; ",
    )
    if scope[:8] != timestamp[:8]:
        raise AuthorizationQueryParametersError(
            f'Invalid credential date "{scope[:8]}". '
            f'This date is not the same as X-Amz-Date: "{timestamp[:8]}".'
        )
    signed_headers = query["X-Amz-SignedHeaders"].lower()
    require_signed(request.headers, signed_headers)
    return Claim(
        access_key_id,
        timestamp,
        scope,
        signed_headers,
        query[SIGNATURE],
        _payload_hash(request),
        algorithm,
    )


def _require_valid_now(timestamp: str, expires: str, now_ms: int) -> None:
    at_ms = basic_instant_ms(timestamp)
    if at_ms is None:
        raise AuthorizationQueryParametersError(
            "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\""
        )
    expires_ms = at_ms + _expires_s(expires) * 1000
    if at_ms - MAX_SKEW_MS <= now_ms <= expires_ms:
        return
    times: dict[str, Any] = {"Expires": iso8601(expires_ms), "ServerTime": iso8601(now_ms)}
    if now_ms > expires_ms:
        raise AccessDenied("Request has expired", **({"X-Amz-Expires": expires} | times))
    raise AccessDenied("Request is not yet valid", **({"X-Amz-Date": str(at_ms)} | times))


def _expires_s(expires: str) -> int:
    digits = expires[1:] if expires[:1] in {"+", "-"} else expires
    if not (digits.isascii() and digits.isdigit()):
        raise AuthorizationQueryParametersError("X-Amz-Expires should be a number")
    if expires.startswith("-") and digits.strip("0"):
        raise AuthorizationQueryParametersError("X-Amz-Expires must be non-negative")
    significant = digits.lstrip("0") or "0"
    if len(significant) > len(str(MAX_EXPIRES_S)) or int(significant) > MAX_EXPIRES_S:
        raise AuthorizationQueryParametersError(
            "X-Amz-Expires must be less than a week (in seconds); that is, the given "
            "X-Amz-Expires must be less than 604800 seconds"
        )
    return int(significant)


def _payload_hash(request: Request) -> str:
    """What the URL says of a body that its maker could not know, unless the header says more."""
    sent = request.headers.get(payload.CONTENT_SHA256) or request.query.get("X-Amz-Content-Sha256")
    if sent is None:
        return payload.UNSIGNED_PAYLOAD
    payload.check(sent)
    return sent
