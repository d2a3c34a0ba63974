"""Signature Version 4 of requests that go out: the same canonical form, from the other side.

https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
"""

from datetime import UTC, datetime
from typing import NamedTuple

from ferrox.auth.canonical import canonical_query, canonical_request, canonical_uri
from ferrox.auth.payload import CONTENT_SHA256
from ferrox.auth.sigv4 import ALGORITHM, SERVICE, TERMINATOR, Claim, key_of, string_to_sign_of
from ferrox.protocol.message import Request


class Credentials(NamedTuple):
    """A key pair; of temporary ones also their token."""

    access_key_id: str
    secret_access_key: str
    session_token: str = ""

    def __repr__(self) -> str:
        """Name the key, never the secret."""
        return f"Credentials({self.access_key_id!r})"


def signed(
    request: Request, credentials: Credentials, region: str, payload_hash: str, now_ms: int
) -> dict[str, str]:
    """The headers of a request, which have its `host`, with those of its signature.

    payload_hash  of the body in hexadecimal, or what stands for it
    """
    timestamp = datetime.fromtimestamp(now_ms // 1000, UTC).strftime("%Y%m%dT%H%M%SZ")
    headers = {**request.headers, "x-amz-date": timestamp, CONTENT_SHA256: payload_hash}
    if credentials.session_token:
        headers["x-amz-security-token"] = credentials.session_token
    names = ";".join(sorted(headers))
    claim = Claim(
        credentials.access_key_id,
        timestamp,
        f"{timestamp[:8]}/{region}/{SERVICE}/{TERMINATOR}",
        names,
        "",
        payload_hash,
    )
    signable = Request(request.method, request.path, request.query_string, headers)
    uri, query = canonical_uri(request.path), canonical_query(request.query_string)
    canonical = canonical_request(signable, uri, query, names, payload_hash)
    key = key_of(claim, credentials.secret_access_key)
    signature = key.sign(string_to_sign_of(claim, canonical))
    headers["authorization"] = (
        f"{ALGORITHM} Credential={claim.access_key_id}/{claim.scope}, "
        f"SignedHeaders={names}, Signature={signature}"
    )
    return headers
