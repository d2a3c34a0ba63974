"""Chunk and trailer signatures, by the examples of the S3 documentation."""

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferrox.auth.verify import Verified
from ferrox.errors import IncompleteBody, MalformedTrailerError, SignatureDoesNotMatch
from ferrox.protocol.chunked import Decoder
from ferrox.protocol.message import Request
from tests import signing
from tests.auth import crt, oracle

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


# Version 4A
PIECES = (b"a" * 64, b"b" * 64, b"c" * 9)
TRAILERS = {"first": "1st", "second": "2nd", "third": "3rd"}
"""Those that the tests of aws-c-auth sign: sha256 of their lines is 83d8f190…48001f."""


def _request_4a(payload_hash: str = crt.SIGNED, trailers: Sequence[str] = ()) -> Request:
    headers = {"x-amz-decoded-content-length": str(sum(map(len, PIECES)))}
    if trailers:
        headers["x-amz-trailer"] = ",".join(trailers)
    return crt.signed("PUT", "/b/k", headers, payload_hash=payload_hash)


def _decoder_4a(request: Request) -> Decoder:
    decoder = oracle.verifier().verify(request).decoder
    assert decoder is not None
    return decoder


def _received(decoder: Decoder, body: bytes, cuts: Sequence[int] = ()) -> bytes:
    received = bytearray()
    edges = [0, *sorted(cut % (len(body) + 1) for cut in cuts), len(body)]
    for start, end in pairwise(edges):
        for piece in decoder.feed(body[start:end]):
            received += piece
    decoder.finish()
    return bytes(received)


@given(st.lists(st.integers(0, 2000), max_size=8) | st.just(list(range(2000))))
def test_chunks_of_version_4a_verify_however_they_arrive(cuts: list[int]) -> None:
    request = _request_4a()
    body = crt.ChunkSigner(request).body(PIECES)

    assert b"".join(PIECES) == _received(_decoder_4a(request), body, cuts)


@given(st.lists(st.integers(0, 2000), max_size=8) | st.just(list(range(2000))))
def test_trailers_of_version_4a_verify_however_they_arrive(cuts: list[int]) -> None:
    request = _request_4a(crt.SIGNED_WITH_TRAILER, tuple(TRAILERS))
    body = crt.ChunkSigner(request).body(PIECES, TRAILERS)
    decoder = _decoder_4a(request)

    assert b"".join(PIECES) == _received(decoder, body, cuts)
    assert TRAILERS == decoder.trailers


@pytest.mark.parametrize("pad", [lambda text: text.rstrip("*"), lambda text: text + "*" * 40])
def test_a_signature_needs_no_padding(pad: Callable[[str], str]) -> None:
    request = _request_4a()
    lines = crt.ChunkSigner(request).body(PIECES).split(b"\r\n")
    padded = [pad(line.decode()).encode() if b"chunk-signature" in line else line for line in lines]

    assert b"".join(PIECES) == _received(_decoder_4a(request), b"\r\n".join(padded))


def _chunks() -> tuple[Request, list[bytes]]:
    """A request and its chunks, the empty one the last."""
    request = _request_4a()
    signer = crt.ChunkSigner(request)
    return request, [signer.chunk(piece) for piece in (*PIECES, b"")]


@pytest.mark.parametrize(
    "order",
    [
        pytest.param((1, 0, 2, 3), id="the first two in another order"),
        pytest.param((0, 0, 2, 3), id="one in place of another of its size"),
        pytest.param((0, 2, 3), id="one left out"),
        pytest.param((0, 3), id="the end too soon"),
        pytest.param((0, 1, 2, 2), id="one more in place of the end"),
        pytest.param((), id="nothing"),
    ],
)
def test_chunks_of_version_4a_have_one_order(order: Sequence[int]) -> None:
    request, chunks = _chunks()

    with pytest.raises((SignatureDoesNotMatch, IncompleteBody)):
        _received(_decoder_4a(request), b"".join(chunks[number] for number in order))


def test_chunks_of_version_4a_belong_to_one_request() -> None:
    _, chunks = _chunks()
    other = _request_4a()

    with pytest.raises(SignatureDoesNotMatch) as refusal:
        _received(_decoder_4a(other), b"".join(chunks))

    seed = other.headers["authorization"].partition("Signature=")[2]
    assert str(refusal.value.details["StringToSign"]).startswith(
        f"AWS4-ECDSA-P256-SHA256-PAYLOAD\n20130524T000000Z\n{crt.SCOPE}\n{seed}\n"
    )
    assert refusal.value.details["SignatureProvided"] == chunks[0].split(b"\r")[0][19:].decode()


@given(st.integers(0, 100_000))
def test_no_byte_of_a_body_of_version_4a_can_be_changed(number: int) -> None:
    request = _request_4a(crt.SIGNED_WITH_TRAILER, tuple(TRAILERS))
    body = bytearray(crt.ChunkSigner(request).body(PIECES, TRAILERS))
    at = number % len(body)
    before = body[at]
    body[at] ^= 1

    received = b""
    with suppress(SignatureDoesNotMatch, IncompleteBody, MalformedTrailerError):
        received = _received(_decoder_4a(request), bytes(body))

    # Blank lines at the end may be as they like.
    assert not received or (b"".join(PIECES) == received and before in b"\r\n")


@pytest.mark.parametrize(
    ("old", "new"), [(b"1st", b"2st"), (b"x-amz-trailer-signature:", b"first:")]
)
def test_no_trailer_of_version_4a_can_be_changed(old: bytes, new: bytes) -> None:
    request = _request_4a(crt.SIGNED_WITH_TRAILER, tuple(TRAILERS))
    body = crt.ChunkSigner(request).body(PIECES, TRAILERS).replace(old, new)

    with pytest.raises((SignatureDoesNotMatch, MalformedTrailerError)):
        _received(_decoder_4a(request), body)


def test_the_signature_of_a_chunk_is_none_of_a_trailer() -> None:
    request = _request_4a(crt.SIGNED_WITH_TRAILER, tuple(TRAILERS))
    signer = crt.ChunkSigner(request)
    body = signer.body(PIECES, TRAILERS)
    at = body.index(b"x-amz-trailer-signature:") + len(b"x-amz-trailer-signature:")
    chunk_signature = body[body.index(b"=") + 1 :][: crt.PADDED_LENGTH]

    with pytest.raises(SignatureDoesNotMatch) as refusal:
        _received(_decoder_4a(request), body[:at] + chunk_signature + b"\r\n\r\n")

    assert str(refusal.value.details["StringToSign"]).startswith("AWS4-ECDSA-P256-SHA256-TRAILER\n")


def test_a_chain_of_version_4_does_not_go_on_as_one_of_4a() -> None:
    headers = signing.sign(
        "PUT", "/b/k", "",
        {"host": oracle.HOST, "x-amz-decoded-content-length": "137"},
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", oracle.AT_MS,
    )  # fmt: skip
    request = Request("PUT", "/b/k", "", headers)

    with pytest.raises(SignatureDoesNotMatch):
        _received(_decoder_4a(request), crt.ChunkSigner(request).body(PIECES))
