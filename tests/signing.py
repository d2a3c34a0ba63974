"""Signature version 4 for tests: a second, naive implementation beside the server's."""

import hashlib
import hmac
from datetime import UTC, datetime
from urllib.parse import quote

ACCESS_KEY = "AKIAIOSFODNN7EXAMPLE"
SECRET_KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
REGION = "us-east-1"


def quoted_path(key_path: str) -> str:
    """Escape a path once, slashes kept."""
    return quote(key_path, safe="/-_.~")


def query_string(parameters: dict[str, str]) -> str:
    """A canonical query string."""
    pairs = sorted((quote(k, safe="-_.~"), quote(v, safe="-_.~")) for k, v in parameters.items())
    return "&".join(f"{k}={v}" for k, v in pairs)


def sign(
    method: str,
    path: str,
    query: str,
    headers: dict[str, str],
    content_sha256: str,
    now_ms: int,
    *,
    access_key: str = ACCESS_KEY,
    secret_key: str = SECRET_KEY,
    region: str = REGION,
    service: str = "s3",
) -> dict[str, str]:
    """Return `headers` with a signature over all of them. `path` and `query` are canonical."""
    stamp = datetime.fromtimestamp(now_ms / 1000, UTC).strftime("%Y%m%dT%H%M%SZ")
    scope = f"{stamp[:8]}/{region}/{service}/aws4_request"
    signed = {**{name.lower(): value for name, value in headers.items()}, "x-amz-date": stamp}
    if service == "s3":
        signed["x-amz-content-sha256"] = content_sha256
    names = ";".join(sorted(signed))
    lines = "".join(f"{name}:{' '.join(signed[name].split())}\n" for name in sorted(signed))
    request = f"{method}\n{path}\n{query}\n{lines}\n{names}\n{content_sha256}"
    digest = hashlib.sha256(request.encode()).hexdigest()
    to_sign = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{digest}"
    signed["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={access_key}/{scope}, SignedHeaders={names}, "
        f"Signature={signature(to_sign, secret_key, scope)}"
    )
    return signed


def signature(to_sign: str, secret_key: str, scope: str) -> str:
    """The signature of a text under the key of a scope."""
    key = b"AWS4" + secret_key.encode()
    for piece in scope.split("/"):
        key = hmac.digest(key, piece.encode(), "sha256")
    return hmac.digest(key, to_sign.encode(), "sha256").hex()
