"""Signature Version 4 of requests to IAM, STS and KMS, in the Authorization header or in the query.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html

What differs from S3: the body is always signed, by its SHA-256, which is computed here whatever a
header says; a presigned URL is good for fifteen minutes around its date, whatever it says itself;
and the refusals are others. A signature for us-east-1 is good too: botocore signs IAM with it.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from ferrox.auth import presigned, sigv4
from ferrox.auth.sigv4 import Claim
from ferrox.errors import SignatureDoesNotMatch
from ferrox.iam_errors import IncompleteSignature
from ferrox.protocol.dates import parse_http_date
from ferrox.protocol.message import Request

GLOBAL_REGION = "us-east-1"
_HEADER_PARTS = ("Credential", "Signature", "SignedHeaders")
_QUERY_PARTS = (
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Signature",
    "X-Amz-SignedHeaders",
    "X-Amz-Date",
)
_TARGET = "x-amz-target"
"""What a request to KMS is about, so that it must be as its sender wanted it."""
_SKEW = "15 min."
_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS "
    "Secret Access Key and signing method. Consult the service documentation for details."
)


class Scoped(Protocol):
    """A service that requests are signed for."""

    @property
    def scope_name(self) -> str:
        """What scopes call it."""
        ...


def read_claim(request: Request, service: Scoped, now_ms: int, region: str) -> Claim | None:
    """What a request says of its signature, None if it has none; refused if it cannot be valid.

    Its payload hash is still to come: nothing of the body has been read.
    """
    authorization = request.headers.get("authorization", "")
    if authorization:
        claim, date = _in_header(authorization, request.headers)
    elif _QUERY_PARTS[0] in request.query or "X-Amz-Credential" in request.query:
        claim, date = _in_query(request.query)
    else:
        return None
    at_ms = sigv4.basic_instant_ms(date)
    if at_ms is None:
        at_ms = parse_http_date(date)
    if at_ms is None:
        raise IncompleteSignature(
            "Date must be in ISO-8601 'basic format'. "
            f"Got '{date}'. See http://en.wikipedia.org/wiki/ISO_8601"
        )
    _require_fresh(at_ms, now_ms)
    claim = claim._replace(timestamp=_basic(at_ms))
    _require_scope(claim, service, region)
    signed = claim.signed_headers.split(";")
    if "host" not in signed:
        raise SignatureDoesNotMatch(
            "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
        )
    if _TARGET in request.headers and _TARGET not in signed:
        raise SignatureDoesNotMatch(
            "'X-Amz-Target' must be a 'SignedHeader' in the AWS Authorization."
        )
    return claim


def verify(request: Request, claim: Claim, secret_access_key: str, body: bytes) -> None:
    """Raise SignatureDoesNotMatch unless the key has signed the request with this body."""
    claim = claim._replace(payload_hash=hashlib.sha256(body).hexdigest())
    key = sigv4.signing_key(secret_access_key, claim.scope)
    try:
        sigv4.verify(request, claim, key, leave_out=presigned.SIGNATURE)
    except SignatureDoesNotMatch as error:
        built: dict[str, Any] = error.details
        raise SignatureDoesNotMatch(
            f"{_MISMATCH}\n\nThe Canonical String for this request should have been\n"
            f"'{built['CanonicalRequest']}'\n\nThe String-to-Sign should have been\n"
            f"'{built['StringToSign']}'\n",
            **built,
        ).because(error.reason) from None


def _in_header(authorization: str, headers: Mapping[str, str]) -> tuple[Claim, str]:
    algorithm, _, parameters = authorization.partition(" ")
    if algorithm != sigv4.ALGORITHM:
        raise IncompleteSignature(f"Unsupported AWS 'algorithm': '{algorithm}'.")
    parts = (piece.strip().partition("=") for piece in parameters.split(","))
    fields = {name: value for name, _, value in parts}
    date = headers.get("x-amz-date") or headers.get("date", "")
    faults = [
        f"Authorization header requires '{name}' parameter."
        for name in _HEADER_PARTS
        if not fields.get(name)
    ]
    if not date:
        faults.append(
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."
        )
    if faults:
        digest = hashlib.sha256(authorization.encode("utf-8", "surrogateescape")).hexdigest()
        raise IncompleteSignature(
            f"{' '.join(faults)} (Hashed with SHA-256) Authorization={digest}"
        )
    return _claim(fields["Credential"], fields["SignedHeaders"], fields["Signature"]), date


def _in_query(query: Mapping[str, str]) -> tuple[Claim, str]:
    missing = [name for name in _QUERY_PARTS if not query.get(name)]
    if missing:
        faults = (f"AWS query-string parameters must include '{name}'." for name in missing)
        raise IncompleteSignature(f"{' '.join(faults)} Re-examine the query-string parameters.")
    if query["X-Amz-Algorithm"] != sigv4.ALGORITHM:
        raise IncompleteSignature(f"Unsupported AWS 'algorithm': '{query['X-Amz-Algorithm']}'.")
    claim = _claim(
        query["X-Amz-Credential"], query["X-Amz-SignedHeaders"], query["X-Amz-Signature"]
    )
    return claim, query["X-Amz-Date"]


def _claim(credential: str, signed_headers: str, signature: str) -> Claim:
    access_key_id, _, scope = credential.partition("/")
    return Claim(access_key_id, "", scope, signed_headers.lower(), signature, "")


def _require_fresh(at_ms: int, now_ms: int) -> None:
    earliest_ms, latest_ms = now_ms - sigv4.MAX_SKEW_MS, now_ms + sigv4.MAX_SKEW_MS
    if at_ms < earliest_ms:
        raise SignatureDoesNotMatch(
            f"Signature expired: {_basic(at_ms)} is now earlier than {_basic(earliest_ms)} "
            f"({_basic(now_ms)} - {_SKEW})"
        )
    if at_ms > latest_ms:
        raise SignatureDoesNotMatch(
            f"Signature not yet current: {_basic(at_ms)} is still later than {_basic(latest_ms)} "
            f"({_basic(now_ms)} + {_SKEW})"
        )


def _require_scope(claim: Claim, service: Scoped, region: str) -> None:
    pieces = claim.scope.split("/")
    if len(pieces) != 4:
        raise IncompleteSignature(
            "Credential must have exactly 5 slash-delimited elements, e.g. "
            f"keyid/date/region/service/term, got '{claim.access_key_id}/{claim.scope}'"
        )
    date, its_region, its_service, terminator = pieces
    faults = []
    if its_region not in {GLOBAL_REGION, region}:
        faults.append("Credential should be scoped to a valid region.")
    if its_service != service.scope_name:
        faults.append(f"Credential should be scoped to correct service: '{service.scope_name}'.")
    if terminator != sigv4.TERMINATOR:
        faults.append(f"Credential should be scoped with a valid terminator: '{terminator}'.")
    if date != claim.timestamp[:8]:
        faults.append(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from "
            f"HTTP: '{date}' != '{claim.timestamp[:8]}', from '{claim.timestamp}'."
        )
    if faults:
        raise SignatureDoesNotMatch(" ".join(faults))


def _basic(at_ms: int) -> str:
    """An instant as in 20130524T000000Z."""
    return datetime.fromtimestamp(at_ms // 1000, UTC).strftime("%Y%m%dT%H%M%SZ")
