"""Upload forms as browsers send them, and their policies signed as a web application does."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from tests import signing

BOUNDARY = "----FormBoundary7MA4YWxkTrZu0gW"
CONTENT_TYPE = f"multipart/form-data; boundary={BOUNDARY}"


def form(
    fields: Mapping[str, str], data: bytes | None = b"data", file_name: str = "cat.png"
) -> bytes:
    """The body of a form; without a file if `data` is None."""
    head, tail = around_file(fields, file_name)
    if data is None:
        return head[: head.rindex(f"--{BOUNDARY}".encode())] + tail[2:]
    return head + data + tail


def around_file(fields: Mapping[str, str], file_name: str = "cat.png") -> tuple[bytes, bytes]:
    """What precedes the bytes of the file, and what follows them."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    parts.append(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{file_name}"\r\n'
        "Content-Type: image/png\r\n\r\n"
    )
    return "".join(parts).encode(), f"\r\n--{BOUNDARY}--\r\n".encode()


def policy(now_ms: int, conditions: Sequence[Any], valid_ms: int = 60_000) -> str:
    """A policy in base64."""
    ends = datetime.fromtimestamp((now_ms + valid_ms) / 1000, UTC)
    document = {
        "expiration": ends.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "conditions": list(conditions),
    }
    return base64.b64encode(json.dumps(document).encode()).decode()


def version_2(
    fields: Mapping[str, str],
    now_ms: int,
    conditions: Sequence[Any] = (),
    *,
    bucket: str = "bucket",
    access_key: str = signing.ACCESS_KEY,
    secret_key: str = signing.SECRET_KEY,
    valid_ms: int = 60_000,
) -> dict[str, str]:
    """The fields with a policy that wants these fields and no others, in Version 2."""
    wanted = [{"bucket": bucket}, *({name: value} for name, value in fields.items())]
    encoded = policy(now_ms, conditions or wanted, valid_ms)
    digest = hmac.digest(secret_key.encode(), encoded.encode(), "sha1")
    return {
        **fields,
        "AWSAccessKeyId": access_key,
        "policy": encoded,
        "signature": base64.b64encode(digest).decode(),
    }


def version_4(
    fields: Mapping[str, str], now_ms: int, conditions: Sequence[Any] = ()
) -> dict[str, str]:
    """The same in Version 4."""
    stamp = datetime.fromtimestamp(now_ms / 1000, UTC).strftime("%Y%m%dT%H%M%SZ")
    scope = f"{stamp[:8]}/{signing.REGION}/s3/aws4_request"
    fields = {
        **fields,
        "x-amz-algorithm": "AWS4-HMAC-SHA256",
        "x-amz-credential": f"{signing.ACCESS_KEY}/{scope}",
        "x-amz-date": stamp,
    }
    wanted = [{"bucket": "bucket"}, *({name: value} for name, value in fields.items())]
    encoded = policy(now_ms, conditions or wanted)
    key = b"AWS4" + signing.SECRET_KEY.encode()
    for piece in scope.split("/"):
        key = hmac.digest(key, piece.encode(), hashlib.sha256)
    signature = hmac.digest(key, encoded.encode(), hashlib.sha256).hex()
    return {**fields, "policy": encoded, "x-amz-signature": signature}
