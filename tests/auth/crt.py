"""The signer of the AWS CRT, at a time of our choosing: whatever it signs has to verify.

Its Python binding signs requests; the chunks of a body are put together here, by the pages of the
S3 documentation and the form that the CRT gives them, and signed by its ECDSA.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from io import BytesIO

from awscrt.auth import (
    AwsCredentialsProvider,
    AwsSignatureType,
    AwsSignedBodyHeaderType,
    AwsSigningAlgorithm,
    AwsSigningConfig,
    aws_sign_request,
)
from awscrt.crypto import EC
from awscrt.http import HttpHeaders, HttpRequest
from Crypto.PublicKey import ECC

from ferrox.auth.payload import EMPTY_SHA256
from ferrox.protocol.message import Request
from tests import signing
from tests.auth.oracle import AT_MS, HOST

Pair = tuple[str, str]

PAIR: Pair = (signing.ACCESS_KEY, signing.SECRET_KEY)
ALGORITHM = "AWS4-ECDSA-P256-SHA256"
SIGNED = f"STREAMING-{ALGORITHM}-PAYLOAD"
SIGNED_WITH_TRAILER = SIGNED + "-TRAILER"
SCOPE = "20130524/s3/aws4_request"
PRIVATE_KEY = 0x4C4D39191AE06F37A86B873D2F9951F7C37621D69E0EB834FB622C368F360C3
"""Of the pair in tests/signing.py; tests/auth/test_sigv4a.py says where its public key stands."""

PADDED_LENGTH = 144


def signed(
    method: str,
    raw_target: str,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    *,
    regions: str = "*",
    payload_hash: str | None = None,
    pair: Pair = PAIR,
    at_ms: int = AT_MS,
) -> Request:
    """Signed by Version 4A in the header."""
    return _signed(
        method, raw_target, headers, body, pair, at_ms,
        signature_type=AwsSignatureType.HTTP_REQUEST_HEADERS,
        signed_body_header_type=AwsSignedBodyHeaderType.X_AMZ_CONTENT_SHA_256,
        signed_body_value=payload_hash,
        region=regions,
    )  # fmt: skip


def presigned(
    method: str,
    raw_target: str,
    headers: Mapping[str, str] | None = None,
    expires_s: int = 3600,
    *,
    regions: str = "*",
) -> Request:
    """Signed by Version 4A in the query."""
    return _signed(
        method, raw_target, headers, b"", PAIR, AT_MS,
        signature_type=AwsSignatureType.HTTP_REQUEST_QUERY_PARAMS,
        signed_body_value="UNSIGNED-PAYLOAD",
        expiration_in_seconds=expires_s,
        region=regions,
    )  # fmt: skip


def _signed(
    method: str,
    raw_target: str,
    headers: Mapping[str, str] | None,
    body: bytes,
    pair: Pair,
    at_ms: int,
    **config: object,
) -> Request:
    request = HttpRequest(
        method,
        raw_target,
        HttpHeaders({"host": HOST, **(headers or {})}.items()),
        BytesIO(body) if body else None,
    )
    provider = AwsCredentialsProvider.new_static(*pair)
    aws_sign_request(
        request,
        AwsSigningConfig(
            algorithm=AwsSigningAlgorithm.V4_ASYMMETRIC,
            credentials_provider=provider,
            service="s3",
            date=datetime.fromtimestamp(at_ms / 1000, UTC),
            use_double_uri_encode=False,
            should_normalize_uri_path=False,
            **config,
        ),
    ).result()
    path, _, query = request.path.partition("?")
    received = {name.lower(): value for name, value in request.headers}
    if body:
        received["content-length"] = str(len(body))
    return Request(method, path, query, received)


class ChunkSigner:
    """Frames and signs the body of a signed request, whose pair has this private key."""

    def __init__(self, request: Request, private_key: int = PRIVATE_KEY) -> None:
        self.previous = request.headers["authorization"].partition("Signature=")[2]
        self._timestamp = request.headers["x-amz-date"]
        key = ECC.construct(curve="P-256", d=private_key)
        self._key = EC.new_key_from_der_data(key.export_key(format="DER", use_pkcs8=False))

    def body(self, pieces: Iterable[bytes], trailers: Mapping[str, str] | None = None) -> bytes:
        """The whole body: a chunk for each piece, the empty one, and the trailers."""
        framed = b"".join([*map(self.chunk, pieces), self.chunk(b"")])
        if trailers is None:
            return framed
        framed = framed.removesuffix(b"\r\n")
        lines = "".join(f"{name}:{value}\r\n" for name, value in trailers.items())
        return framed + f"{lines}{self.trailer_signature(trailers)}\r\n".encode()

    def chunk(self, data: bytes) -> bytes:
        """One chunk on the wire, the last one with its blank line."""
        what = f"{EMPTY_SHA256}\n{hashlib.sha256(data).hexdigest()}"
        signature = self._sign("PAYLOAD", what)
        return f"{len(data):x};chunk-signature={signature}\r\n".encode() + data + b"\r\n"

    def trailer_signature(self, trailers: Mapping[str, str]) -> str:
        """The last line of the trailers."""
        signed = "".join(f"{name}:{value}\n" for name, value in trailers.items())
        signature = self._sign("TRAILER", hashlib.sha256(signed.encode()).hexdigest())
        return f"x-amz-trailer-signature:{signature}\r\n"

    def _sign(self, kind: str, what: str) -> str:
        scope = f"{self._timestamp[:8]}/s3/aws4_request"
        text = f"{ALGORITHM}-{kind}\n{self._timestamp}\n{scope}\n{self.previous}\n{what}"
        self.previous = self._key.sign(hashlib.sha256(text.encode()).digest()).hex()
        return self.previous.ljust(PADDED_LENGTH, "*")
