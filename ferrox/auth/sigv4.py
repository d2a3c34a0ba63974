"""Signature Version 4 in the Authorization header: what a client says it signed, and if it did.

https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html

Version 4A, the asymmetric one (sigv4a.py), goes through the same functions: its algorithm has
another name, its credential scope names no region, and other keys sign.

Refusals come in the order in which AWS finds them: payload hash, date, skew, components, credential
scope, unsigned headers, access key, signature. The first fault found is the one that is told.
"""

import hashlib
import hmac
from calendar import timegm
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import mktime_tz, parsedate_tz
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

from ferrox.auth import payload
from ferrox.auth.canonical import canonical_query, canonical_request, canonical_uri, wire_bytes
from ferrox.auth.differences import difference
from ferrox.auth.errors import AuthorizationHeaderMalformed, RequestTimeTooSkewed
from ferrox.errors import (
    AccessDenied,
    InvalidRequest,
    S3Error,
    SignatureDoesNotMatch,
)
from ferrox.protocol.message import Request

ALGORITHM = "AWS4-HMAC-SHA256"
ALGORITHM_4A = "AWS4-ECDSA-P256-SHA256"
ALGORITHMS = (ALGORITHM, ALGORITHM_4A)
SERVICE = "s3"
TERMINATOR = "aws4_request"
MAX_SKEW_MS = 900_000  # the fifteen minutes that AWS allows either way

_BASIC_LENGTH = len("20130524T000000Z")
_LAST_MS = 253_402_300_799_000  # the year 9999 ends, and with it what a datetime can say
_MALFORMED = "The authorization header is malformed; "


class Claim(NamedTuple):
    """What a request says of its own signature.

    timestamp       when it was signed, as in 20130524T000000Z
    scope           date/region/s3/aws4_request; in Version 4A date/s3/aws4_request
    signed_headers  lower-case names joined by ";"
    payload_hash    last line of the canonical request
    """

    access_key_id: str
    timestamp: str
    scope: str
    signed_headers: str
    signature: str
    payload_hash: str
    algorithm: str = ALGORITHM


class VerifyingKey(Protocol):
    """What tells whether the holder of an access key has signed something."""

    def has_signed(self, string_to_sign: str, signature: str) -> bool:
        """Whether this is a signature of the text, in hexadecimal."""
        ...


class SigningKey:
    """The key of one day, region and service."""

    __slots__ = ("_key",)

    def __init__(self, secret_access_key: str, scope: str) -> None:
        key = wire_bytes("AWS4" + secret_access_key)
        for piece in scope.split("/"):
            key = hmac.digest(key, wire_bytes(piece), "sha256")
        self._key = key

    def sign(self, string_to_sign: str) -> str:
        """The signature in lower-case hexadecimal."""
        return hmac.digest(self._key, wire_bytes(string_to_sign), "sha256").hex()

    def has_signed(self, string_to_sign: str, signature: str) -> bool:
        """Whether this is the signature of the text; compared in constant time."""
        right = hmac.digest(self._key, wire_bytes(string_to_sign), "sha256").hex()
        return hmac.compare_digest(right.encode(), wire_bytes(signature))


def read_header(
    request: Request,
    parameters: str,
    now_ms: int,
    region: str | None,
    algorithm: str = ALGORITHM,
) -> Claim:
    """The claim of `Authorization: algorithm parameters`, refused if it cannot be valid.

    region   that the credential scope must name, None where it names none
    """
    headers = request.headers
    payload_hash = _payload_hash(headers)
    timestamp = _timestamp(headers, now_ms)
    fields = dict(_field(piece) for piece in parameters.split(","))
    credential = fields.get("Credential")
    signed_headers = fields.get("SignedHeaders")
    signature = fields.get("Signature")
    if not (credential and signed_headers and signature):
        raise AuthorizationHeaderMalformed(
            f"{_MALFORMED}the authorization header requires three components: "
            "Credential, SignedHeaders, and Signature."
        )
    access_key_id, scope = read_credential(
        credential, region, AuthorizationHeaderMalformed, _MALFORMED
    )
    if scope[:8] != timestamp[:8]:
        raise AuthorizationHeaderMalformed(
            f"{_MALFORMED}Invalid credential date. Date is not the same as X-Amz-Date."
        )
    signed_headers = signed_headers.lower()
    require_signed(headers, signed_headers)
    return Claim(
        access_key_id, timestamp, scope, signed_headers, signature, payload_hash, algorithm
    )


def read_credential(
    credential: str, region: str | None, error: Callable[..., S3Error], prefix: str
) -> tuple[str, str]:
    """Access key id and scope of a credential for this region, or `error`, its message prefixed."""
    pieces = credential.split("/")
    if len(pieces) != (4 if region is None else 5):
        form = f"<YOUR-AKID>/YYYYMMDD/{'' if region is None else 'REGION/'}SERVICE/aws4_request"
        raise error(f'{prefix}the Credential is mal-formed; expecting "{form}".')
    access_key_id, date, its_region = pieces[:3]
    service, terminator = pieces[-2:]
    if not access_key_id:
        raise error(f"{prefix}a non-empty Access Key (AKID) must be provided in the credential.")
    if len(date) != len("yyyyMMdd") or not (date.isascii() and date.isdigit()):
        raise error(
            f'{prefix}incorrect date format "{date}". '
            'This date in the credential must be in the format "yyyyMMdd".'
        )
    if region is not None and its_region != region:
        if not its_region:
            raise error(f"{prefix}a non-empty region must be provided in the credential.")
        raise error(
            f"{prefix}the region '{its_region}' is wrong; expecting '{region}'", Region=region
        )
    if service != SERVICE:
        raise error(f'{prefix}incorrect service "{service}". This endpoint belongs to "s3".')
    if terminator != TERMINATOR:
        raise error(
            f'{prefix}incorrect terminal "{terminator}". This endpoint uses "aws4_request".'
        )
    return access_key_id, credential[len(access_key_id) + 1 :]


def require_signed(headers: Mapping[str, str], signed_headers: str) -> None:
    """Refuse headers that must not be added to somebody's signed request.

    x-amz-content-sha256 needs no signature: the canonical request ends with its value.
    """
    signed = set(signed_headers.split(";"))
    unsigned = [
        name
        for name in headers
        if name.startswith("x-amz-") and name not in signed and name != payload.CONTENT_SHA256
    ]
    if "host" not in signed:
        unsigned.append("host")
    if "content-md5" in headers and "content-md5" not in signed:
        unsigned.append("content-md5")
    if unsigned:
        raise AccessDenied(
            "There were headers present in the request which were not signed",
            HeadersNotSigned=", ".join(sorted(unsigned)),
        )


def verify(request: Request, claim: Claim, key: VerifyingKey, leave_out: str | None = None) -> None:
    """Raise SignatureDoesNotMatch unless the key has signed the request.

    A path that was not in canonical form may also have been signed as it was sent, which is what
    curl does: those are the very bytes of this request, so nothing else can be meant.
    """
    query = canonical_query(request.query_string, leave_out)
    uri = canonical_uri(request.path)
    names, payload_hash = claim.signed_headers, claim.payload_hash
    canonical = canonical_request(request, uri, query, names, payload_hash)
    string_to_sign = string_to_sign_of(claim, canonical)
    if key.has_signed(string_to_sign, claim.signature):
        return
    if uri != request.path:
        as_sent = canonical_request(request, request.path, query, names, payload_hash)
        if key.has_signed(string_to_sign_of(claim, as_sent), claim.signature):
            return
    refusal = mismatch(claim.access_key_id, claim.signature, string_to_sign, canonical)
    if claim.algorithm == ALGORITHM:  # the other kind of signature would take too long to try

        def is_signed(other: str) -> bool:
            return key.has_signed(string_to_sign_of(claim, other), claim.signature)

        refusal.because(difference(request, leave_out, names, payload_hash, is_signed))
    raise refusal


def string_to_sign_of(claim: Claim, canonical: str) -> str:
    """What the signing key signs."""
    digest = hashlib.sha256(wire_bytes(canonical)).hexdigest()
    return f"{claim.algorithm}\n{claim.timestamp}\n{claim.scope}\n{digest}"


def key_of(claim: Claim, secret_access_key: str) -> SigningKey:
    """The key that the claim must have been signed with."""
    return signing_key(secret_access_key, claim.scope)


@lru_cache(maxsize=1024)
def signing_key(secret_access_key: str, scope: str) -> SigningKey:
    """The key of one day, region and service, made once."""
    return SigningKey(secret_access_key, scope)


def mismatch(
    access_key_id: str, signature: str, string_to_sign: str, canonical: str | None = None
) -> SignatureDoesNotMatch:
    """The refusal of a wrong signature, with everything that the client needs to find out why."""
    details: dict[str, Any] = {
        "AWSAccessKeyId": access_key_id,
        "StringToSign": _printable(string_to_sign),
        "SignatureProvided": _printable(signature),
        "StringToSignBytes": wire_bytes(string_to_sign).hex(" "),
    }
    if canonical is not None:
        details["CanonicalRequest"] = _printable(canonical)
        details["CanonicalRequestBytes"] = wire_bytes(canonical).hex(" ")
    return SignatureDoesNotMatch(**details)


def basic_instant_ms(date: str) -> int | None:
    """Milliseconds since the epoch of a date like 20130524T000000Z, None if it is not one."""
    return _basic_ms(date) if len(date) == _BASIC_LENGTH else None


def require_fresh(date: str, at_ms: int, now_ms: int) -> None:
    """Refuse a request whose clock differs too much from ours."""
    if abs(now_ms - at_ms) > MAX_SKEW_MS:
        raise RequestTimeTooSkewed(
            RequestTime=date,
            ServerTime=iso8601(now_ms),
            MaxAllowedSkewMilliseconds=MAX_SKEW_MS,
        )


def iso8601(at_ms: int) -> str:
    """An instant as it stands in error documents."""
    at = datetime.fromtimestamp(min(at_ms, _LAST_MS) // 1000, UTC)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def request_date(headers: Mapping[str, str], now_ms: int) -> tuple[str, int]:
    """x-amz-date or else Date, as sent and as an instant; refused when absent or far from now.

    What lies before the epoch is no date to S3.
    """
    date = headers.get("x-amz-date")
    if date is None:
        date = headers.get("date", "")
    at_ms = basic_instant_ms(date) or _http_date_ms(date)
    if at_ms is None or at_ms < 0:
        raise AccessDenied("AWS authentication requires a valid Date or x-amz-date header")
    require_fresh(date, at_ms, now_ms)
    return date, at_ms


def _timestamp(headers: Mapping[str, str], now_ms: int) -> str:
    date, at_ms = request_date(headers, now_ms)
    if len(date) == _BASIC_LENGTH:
        return date
    return datetime.fromtimestamp(at_ms // 1000, UTC).strftime("%Y%m%dT%H%M%SZ")


def _payload_hash(headers: Mapping[str, str]) -> str:
    """The payload hash of a request signed in its header.

    AWS demands x-amz-content-sha256. curl sends none of itself and signs the hash of nothing; that
    can be believed only when there is nothing.
    """
    payload_hash = headers.get(payload.CONTENT_SHA256)
    if payload_hash is not None:
        payload.check(payload_hash)
        return payload_hash
    if payload.has_body(headers):
        raise InvalidRequest("Missing required header for this request: x-amz-content-sha256")
    return payload.EMPTY_SHA256


def _field(piece: str) -> tuple[str, str]:
    name, _, value = piece.strip().partition("=")
    return name, value


def _printable(text: str) -> str:
    return wire_bytes(text).decode("utf-8", "replace")


@lru_cache(maxsize=256)
def _basic_ms(date: str) -> int | None:
    digits = date[:8] + date[9:15]
    if date[8] != "T" or date[15] != "Z" or not (digits.isascii() and digits.isdigit()):
        return None
    try:
        at = datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None
    return timegm(at.timetuple()) * 1000


def _http_date_ms(date: str) -> int | None:
    try:
        fields = parsedate_tz(date)
        return None if fields is None else mktime_tz(fields) * 1000
    except (ValueError, OverflowError):
        return None
