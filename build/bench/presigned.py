"""Presigned URLs by the ten thousand: signature version 4 in the query, made in microseconds each.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
boto3 signs the same in a third of a millisecond, which for as many keys as are walked over here
would be most of a run.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote

EXPIRES_S = 24 * 3600
REGION = "us-east-1"


class Signer:
    """Signs for one server and one pair of keys."""

    def __init__(self, host: str, access_key: str, secret_key: str, now: datetime | None = None):
        stamp = (now or datetime.now(UTC)).strftime("%Y%m%dT%H%M%SZ")
        self._host = host
        self._scope = f"{stamp[:8]}/{REGION}/s3/aws4_request"
        self._stamp = stamp
        self._key = b"AWS4" + secret_key.encode()
        for piece in self._scope.split("/"):
            self._key = hmac.digest(self._key, piece.encode(), "sha256")
        self._parameters = {
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
            "X-Amz-Credential": f"{access_key}/{self._scope}",
            "X-Amz-Date": stamp,
            "X-Amz-Expires": str(EXPIRES_S),
            "X-Amz-SignedHeaders": "host",
        }
        self._plain_query = _query(self._parameters)

    def target(self, method: str, path: str, parameters: Mapping[str, str] | None = None) -> str:
        """Path and query of a request that carries its permission. The path is not escaped yet."""
        path = quote(path, safe="/-_.~")
        query = self._plain_query
        if parameters:
            query = _query({**self._parameters, **parameters})
        request = f"{method}\n{path}\n{query}\nhost:{self._host}\n\nhost\nUNSIGNED-PAYLOAD"
        digest = hashlib.sha256(request.encode()).hexdigest()
        text = f"AWS4-HMAC-SHA256\n{self._stamp}\n{self._scope}\n{digest}"
        signature = hmac.digest(self._key, text.encode(), "sha256").hex()
        return f"{path}?{query}&X-Amz-Signature={signature}"


def _query(parameters: Mapping[str, str]) -> str:
    pairs = sorted((quote(k, safe="-_.~"), quote(v, safe="-_.~")) for k, v in parameters.items())
    return "&".join(f"{name}={value}" for name, value in pairs)
