"""Chunk and trailer signatures, by the examples of the S3 documentation."""

import json
from pathlib import Path
from typing import Any

import pytest

from ferrox.auth.verify import Verified
from ferrox.errors import MalformedTrailerError, SignatureDoesNotMatch
from ferrox.protocol.chunked import Decoder
from ferrox.protocol.message import Request
from tests.auth import oracle

VECTORS = json.loads(
    (Path(__file__).parent.parent / "vectors" / "sigv4_streaming.json").read_text()
)
CHUNKED, WITH_TRAILER = VECTORS["examples"]
OBJECT = VECTORS["byte"].encode() * sum(VECTORS["chunk_sizes"])


def _body(vector: dict[str, Any]) -> bytes:
    """The example on the wire."""
    chunks = b""
    for size, signature in zip(VECTORS["chunk_sizes"], vector["chunk_signatures"], strict=True):
        data = VECTORS["byte"] * size
        end = "\r\n" if size else ""
        chunks += f"{size:x};chunk-signature={signature}\r\n{data}{end}".encode()
    trailers = "".join(f"{name}:{value}\r\n" for name, value in vector["trailers"].items())
    return chunks + trailers.encode() + b"\r\n"


def _verified(vector: dict[str, Any]) -> Verified:
    headers = vector["headers"]
    authorization = (
        f"AWS4-HMAC-SHA256 Credential={VECTORS['access_key_id']}/{VECTORS['scope']},"
        f"SignedHeaders={';'.join(sorted(headers))},Signature={vector['seed_signature']}"
    )
    request = Request("PUT", VECTORS["path"], "", {**headers, "authorization": authorization})
    return oracle.verifier().verify(request)


def _decoder(vector: dict[str, Any]) -> Decoder:
    decoder = _verified(vector).decoder
    assert decoder is not None
    return decoder


@pytest.mark.parametrize("vector", VECTORS["examples"], ids=lambda vector: vector["name"])
@pytest.mark.parametrize("feed_bytes", [1 << 20, 8192, 1000, 7])
def test_the_examples_of_the_documentation_verify(vector: dict[str, Any], feed_bytes: int) -> None:
    body, decoder = _body(vector), _decoder(vector)
    received = bytearray()

    for start in range(0, len(body), feed_bytes):
        for piece in decoder.feed(body[start : start + feed_bytes]):
            received += piece
    decoder.finish()

    assert received == OBJECT
    trailers = {k: v for k, v in vector["trailers"].items() if k != "x-amz-trailer-signature"}
    assert trailers == decoder.trailers


@pytest.mark.parametrize("chunk", [0, 1, 2])
def test_a_wrong_chunk_signature_is_found_at_the_end_of_its_chunk(chunk: int) -> None:
    signature = CHUNKED["chunk_signatures"][chunk].encode()
    body = _body(CHUNKED).replace(signature, b"0" * 64)

    with pytest.raises(SignatureDoesNotMatch) as refusal:
        _decoder(CHUNKED).feed(body)

    assert refusal.value.details["SignatureProvided"] == "0" * 64
    assert str(refusal.value.details["StringToSign"]).startswith(
        f"AWS4-HMAC-SHA256-PAYLOAD\n20130524T000000Z\n{VECTORS['scope']}\n"
    )
    assert "CanonicalRequest" not in refusal.value.details


def test_changed_data_is_found() -> None:
    body = _body(CHUNKED).replace(b"aaaa\r\n0;", b"aaab\r\n0;")

    with pytest.raises(SignatureDoesNotMatch):
        _decoder(CHUNKED).feed(body)


def test_a_chunk_without_a_signature_is_refused() -> None:
    with pytest.raises(SignatureDoesNotMatch) as refusal:
        _decoder(CHUNKED).feed(b"1\r\na\r\n")

    assert refusal.value.details["SignatureProvided"] == ""


def test_an_object_cannot_be_cut_off_between_chunks() -> None:
    first, last = CHUNKED["chunk_signatures"][0], CHUNKED["chunk_signatures"][2]
    headers = {**CHUNKED["headers"], "x-amz-decoded-content-length": "65536"}
    decoder = _decoder(CHUNKED)
    decoder.feed(f"10000;chunk-signature={first}\r\n".encode() + b"a" * 65536 + b"\r\n")

    with pytest.raises(SignatureDoesNotMatch):
        oracle.verifier().verify(_with_seed(headers))
    with pytest.raises(SignatureDoesNotMatch):
        _chain_end(decoder, last)


def _with_seed(headers: dict[str, str]) -> Request:
    authorization = (
        f"AWS4-HMAC-SHA256 Credential={VECTORS['access_key_id']}/{VECTORS['scope']},"
        f"SignedHeaders={';'.join(sorted(headers))},Signature={CHUNKED['seed_signature']}"
    )
    return Request("PUT", VECTORS["path"], "", {**headers, "authorization": authorization})


def _chain_end(decoder: Decoder, signature: str) -> None:
    """Claim that one byte ends the chain with a signature made for another place in it."""
    decoder.feed(f"1;chunk-signature={signature}\r\na".encode())


def test_a_wrong_trailer_is_found_at_the_end() -> None:
    decoder = _decoder(WITH_TRAILER)
    decoder.feed(_body(WITH_TRAILER).replace(b"sOO8/Q==", b"AAAAAA=="))

    with pytest.raises(SignatureDoesNotMatch) as refusal:
        decoder.finish()

    assert str(refusal.value.details["StringToSign"]).startswith("AWS4-HMAC-SHA256-TRAILER\n")


def test_a_signed_trailer_needs_its_signature() -> None:
    decoder = _decoder(WITH_TRAILER)
    body = _body(WITH_TRAILER)
    decoder.feed(body[: body.index(b"x-amz-trailer-signature")])

    with pytest.raises(MalformedTrailerError):
        decoder.finish()


def test_the_blank_line_of_minio_go_before_the_trailer_signature_is_accepted() -> None:
    body = _body(WITH_TRAILER).replace(b"sOO8/Q==\r\n", b"sOO8/Q==\n\r\n")
    decoder = _decoder(WITH_TRAILER)

    decoder.feed(body)
    decoder.finish()

    assert decoder.trailers == {"x-amz-checksum-crc32c": "sOO8/Q=="}
