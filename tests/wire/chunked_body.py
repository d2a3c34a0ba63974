"""A naive maker of aws-chunked bodies, which can be told to make every mistake there is.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
"""

import base64
import hashlib
import hmac
import zlib
from collections.abc import Mapping
from typing import NamedTuple

from tests.raw_http import head, signed_headers
from tests.server_process import ServerProcess

SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
SIGNED_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()


def crc32(data: bytes) -> str:
    """The value of x-amz-checksum-crc32."""
    return base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()


class Chain:
    """Chunk signatures, each of which covers the one before."""

    def __init__(self, server: ServerProcess, headers: Mapping[str, str]) -> None:
        self._stamp = headers["x-amz-date"]
        credential = headers["authorization"].partition("Credential=")[2].partition(",")[0]
        self._scope = credential.partition("/")[2]
        self._last = headers["authorization"].rpartition("Signature=")[2]
        key = b"AWS4" + server.secret_key.encode()
        for piece in self._scope.split("/"):
            key = hmac.digest(key, piece.encode(), "sha256")
        self._key = key

    def _sign(self, kind: str, *lines: str) -> str:
        text = "\n".join([kind, self._stamp, self._scope, self._last, *lines])
        self._last = hmac.digest(self._key, text.encode(), "sha256").hex()
        return self._last

    def chunk(self, data: bytes) -> bytes:
        """One chunk with its signature."""
        sha256 = hashlib.sha256(data).hexdigest()
        signature = self._sign("AWS4-HMAC-SHA256-PAYLOAD", EMPTY_SHA256, sha256)
        return b"%x;chunk-signature=%s\r\n%s\r\n" % (len(data), signature.encode(), data)

    def end(self) -> bytes:
        """The last chunk, of size 0, without the blank line that ends the body."""
        return self.chunk(b"")[:-2]

    def trailer(self, lines: Mapping[str, str]) -> bytes:
        """Trailing headers and their signature."""
        plain = "".join(f"{name}:{value}\n" for name, value in lines.items())
        sha256 = hashlib.sha256(plain.encode()).hexdigest()
        signature = self._sign("AWS4-HMAC-SHA256-TRAILER", sha256)
        return f"{plain}x-amz-trailer-signature:{signature}\n".replace("\n", "\r\n").encode()


class Upload(NamedTuple):
    """A PUT whose body is yet to be made."""

    headers: dict[str, str]
    chain: Chain

    def message(self, body: bytes, target: str) -> bytes:
        """Head and body, whose wire length is told truly."""
        headers = self.headers | {"content-length": str(len(body))}
        return head(f"PUT {target} HTTP/1.1", headers) + body


def upload(
    server: ServerProcess,
    framing: str,
    decoded_length: int | str,
    *,
    path: str = "/wire/k",
    query: Mapping[str, str] | None = None,
    trailer: str = "",
) -> Upload:
    """A signed PUT; Content-Length is left out of the signature, as some clients do."""
    headers = {
        "content-encoding": "aws-chunked",
        "x-amz-decoded-content-length": str(decoded_length),
        **({"x-amz-trailer": trailer} if trailer else {}),
    }
    signed = signed_headers(server, "PUT", path, query, headers, content_sha256=framing)
    return Upload(signed, Chain(server, signed))
