"""botocore's own signers, at a time of our choosing: whatever they sign has to verify."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import formatdate
from typing import Any
from unittest.mock import patch

from botocore.auth import HmacV1Auth, HmacV1QueryAuth, S3SigV4Auth, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.utils import percent_encode, percent_encode_sequence

from ferrox.auth.verify import Sigv2Policy, Verifier
from ferrox.clock import SettableClock
from ferrox.identity import AccessKeyRecord, Principal
from ferrox.protocol.message import Request
from tests import signing
from tests.keys import finding

AT_MS = 1_369_353_600_000
"""24 May 2013, 00:00:00 UTC: the instant of AWS's examples."""

HOST = "s3.example.test:9000"
OWNER = Principal("1", "c", "owner", "arn:aws:iam::1:root", signing.ACCESS_KEY)
_CREDENTIALS = Credentials(signing.ACCESS_KEY, signing.SECRET_KEY)


def verifier(
    at_ms: int = AT_MS, *, sigv2: Sigv2Policy = "presigned", domains: tuple[str, ...] = ()
) -> Verifier:
    """A verifier that knows one key."""
    key = AccessKeyRecord(signing.ACCESS_KEY, signing.SECRET_KEY, OWNER)
    keys = {signing.ACCESS_KEY: key}
    return Verifier(finding(keys), SettableClock(at_ms), signing.REGION, sigv2, domains)


def target(key: str, query: Mapping[str, str] | None = None) -> str:
    """Path and query of a key in a bucket, as botocore encodes them."""
    path = "/bucket/" + percent_encode(key, safe="/~")
    return f"{path}?{percent_encode_sequence(dict(query))}" if query else path


def signed(
    method: str,
    raw_target: str,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    host: str = HOST,
) -> Request:
    """Signed by Version 4 in the header."""
    request = _aws_request(method, raw_target, headers, host, body)
    with _frozen():
        S3SigV4Auth(_CREDENTIALS, "s3", signing.REGION).add_auth(request)
    return as_received(request, host, len(body))


def presigned(
    method: str,
    raw_target: str,
    headers: Mapping[str, str] | None = None,
    expires_s: int = 3600,
    host: str = HOST,
) -> Request:
    """Signed by Version 4 in the query."""
    request = _aws_request(method, raw_target, headers, host)
    with _frozen():
        S3SigV4QueryAuth(_CREDENTIALS, "s3", signing.REGION, expires=expires_s).add_auth(request)
    return as_received(request, host)


def signed_v2(
    method: str,
    raw_target: str,
    headers: Mapping[str, str] | None = None,
    host: str = HOST,
    auth_path: str | None = None,
) -> Request:
    """Signed by Version 2 in the header."""
    request = _aws_request(method, raw_target, headers, host, auth_path=auth_path)
    _HeaderV2(_CREDENTIALS).add_auth(request)
    return as_received(request, host)


def presigned_v2(
    method: str,
    raw_target: str,
    headers: Mapping[str, str] | None = None,
    expires_s: int = 3600,
    host: str = HOST,
    auth_path: str | None = None,
) -> Request:
    """Signed by Version 2 in the query. botocore moves the headers there, so none are sent."""
    request = _aws_request(method, raw_target, headers, host, auth_path=auth_path)
    _QueryV2(_CREDENTIALS, expires=expires_s).add_auth(request)
    received = as_received(request, host)
    received.headers = {"host": host}
    return received


def as_received(request: Any, host: str, body_length: int = 0) -> Request:
    """What the server sees of a botocore request."""
    raw_target = request.url.removeprefix(f"http://{host}")
    path, _, query = raw_target.partition("?")
    headers = {name.lower(): str(value) for name, value in request.headers.items()}
    headers["host"] = host
    if body_length:
        headers["content-length"] = str(body_length)
    return Request(request.method, path, query, headers)


class _HeaderV2(HmacV1Auth):  # type: ignore[misc] # botocore has no types
    def _get_date(self) -> str:
        return formatdate(AT_MS / 1000, usegmt=True)


class _QueryV2(HmacV1QueryAuth):  # type: ignore[misc] # botocore has no types
    def _get_date(self) -> str:
        return str(AT_MS // 1000 + self._expires)


def _aws_request(
    method: str,
    raw_target: str,
    headers: Mapping[str, str] | None,
    host: str,
    body: bytes = b"",
    auth_path: str | None = None,
) -> Any:
    url = f"http://{host}{raw_target}"
    return AWSRequest(
        method=method, url=url, headers=dict(headers or {}), data=body, auth_path=auth_path
    )


def _frozen() -> Any:
    now = datetime.fromtimestamp(AT_MS / 1000, UTC)
    return patch("botocore.auth.get_current_datetime", return_value=now)
