"""What x-amz-content-sha256 says of the body: its hash, that it is unsigned, or how it is framed.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-auth-using-authorization-header.html

The framing is decided by this header alone. Content-Encoding: aws-chunked is a label that some
clients leave out and others leave on.
"""

import re
from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

from ferrox.errors import (
    InvalidArgument,
    InvalidRequest,
    MalformedTrailerError,
    MissingContentLength,
)
from ferrox.protocol.chunked import TRAILER_SIGNATURE, ChunkSeal, Decoder

CONTENT_SHA256 = "x-amz-content-sha256"
DECODED_LENGTH = "x-amz-decoded-content-length"
UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


class Framing(NamedTuple):
    """How an aws-chunked body is sent, and which version signs its chunks, if any does."""

    version: Literal["AWS4", "AWS4A", ""]
    has_trailer: bool


FRAMINGS = {
    "STREAMING-UNSIGNED-PAYLOAD-TRAILER": Framing("", has_trailer=True),
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD": Framing("AWS4", has_trailer=False),
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER": Framing("AWS4", has_trailer=True),
    "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD": Framing("AWS4A", has_trailer=False),
    "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER": Framing("AWS4A", has_trailer=True),
}
_NOT_A_PAYLOAD_HASH = (
    f"x-amz-content-sha256 must be UNSIGNED-PAYLOAD, {', '.join(FRAMINGS)} or a valid sha256 value."
)
_is_sha256 = re.compile(r"[0-9a-fA-F]{64}").fullmatch
_MAX_LENGTH_DIGITS = 15  # 5 TiB has 13


class BodyPlan(NamedTuple):
    """What has to be done with the body while it is read."""

    decoder: Decoder | None = None
    content_sha256: str | None = None
    decoded_length: int | None = None


AS_SENT = BodyPlan()


def check(payload_hash: str) -> None:
    """Refuse a value that x-amz-content-sha256 cannot have."""
    if payload_hash == UNSIGNED_PAYLOAD or _is_sha256(payload_hash) or payload_hash in FRAMINGS:
        return
    raise InvalidArgument(
        _NOT_A_PAYLOAD_HASH, ArgumentName=CONTENT_SHA256, ArgumentValue=payload_hash
    )


def plan(
    headers: Mapping[str, str],
    payload_hash: str | None,
    version: str = "",
    chain: Callable[[], ChunkSeal] | None = None,
) -> BodyPlan:
    """How to read the body that a checked payload hash speaks of.

    version   of the signature in the Authorization header, AWS4 or AWS4A
    chain     starts the chain of chunk signatures; None without such a signature, since there is
              nothing then to chain to
    """
    if payload_hash is None or payload_hash == UNSIGNED_PAYLOAD:
        return AS_SENT
    framing = FRAMINGS.get(payload_hash)
    if framing is None:
        return BodyPlan(content_sha256=payload_hash.lower())
    if framing.version and (chain is None or version != framing.version):
        number = framing.version.removeprefix("AWS")
        raise InvalidRequest(
            f"{payload_hash} requires a Version {number} signature in the Authorization header."
        )
    trailer_names = _trailer_names(headers)
    if trailer_names and not framing.has_trailer:
        raise MalformedTrailerError
    decoded_length = _decoded_length(headers)
    seal = chain() if framing.version and chain else None
    return BodyPlan(
        Decoder(decoded_length, seal=seal, trailer_names=trailer_names), None, decoded_length
    )


def has_body(headers: Mapping[str, str]) -> bool:
    """Whether the request announces a body of at least one byte."""
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


def _trailer_names(headers: Mapping[str, str]) -> frozenset[str]:
    declared = (name.strip().lower() for name in headers.get("x-amz-trailer", "").split(","))
    return frozenset(name for name in declared if name and name != TRAILER_SIGNATURE)


def _decoded_length(headers: Mapping[str, str]) -> int:
    announced = headers.get(DECODED_LENGTH)
    if announced is None:
        raise MissingContentLength
    if not (announced.isascii() and announced.isdigit() and len(announced) <= _MAX_LENGTH_DIGITS):
        raise InvalidArgument(
            f"{DECODED_LENGTH} must be a number of bytes.",
            ArgumentName=DECODED_LENGTH,
            ArgumentValue=announced,
        )
    return int(announced)
