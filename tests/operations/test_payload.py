import base64
import hashlib
from collections.abc import AsyncIterator

import pytest

from ferrox.errors import (
    BadDigest,
    IncompleteBody,
    InvalidRequest,
    MaxMessageLengthExceeded,
    XAmzContentSHA256Mismatch,
)
from ferrox.operations.payload import Payload
from ferrox.protocol.chunked import Decoder
from ferrox.protocol.message import Request


async def pieces(*data: bytes) -> AsyncIterator[bytes]:
    for piece in data:
        yield piece


def payload(*data: bytes, headers: dict[str, str] | None = None) -> Payload:
    return Payload(Request("PUT", "/b/k", "", headers or {}, body=pieces(*data)), None, None, None)


async def test_a_plain_body_passes_as_it_is() -> None:
    body = payload(b"da", b"ta", headers={"content-length": "4"})

    received = [piece async for piece in body]

    assert [b"da", b"ta"] == received
    assert (4, True) == (body.size_bytes, body.is_announced)


async def test_a_body_shorter_than_announced_is_incomplete() -> None:
    body = payload(b"da", headers={"content-length": "4"})

    with pytest.raises(IncompleteBody):
        [piece async for piece in body]


@pytest.mark.parametrize("cuts", [[], [b""], [b"data"], [b"da", b"ta"], [b"d", b"a", b"t", b"a"]])
async def test_a_small_body_can_be_had_whole(cuts: list[bytes]) -> None:
    data = b"".join(cuts)

    assert data == await payload(*cuts, headers={"content-length": str(len(data))}).whole()


@pytest.mark.parametrize("cuts", [[b"da"], [b"da", b"t"], [b"data", b"!"], [b"data!"]])
async def test_a_whole_body_is_as_long_as_announced(cuts: list[bytes]) -> None:
    with pytest.raises(IncompleteBody):
        await payload(*cuts, headers={"content-length": "4"}).whole()


async def test_what_comes_beyond_the_announced_length_is_not_collected() -> None:
    read: list[bytes] = []

    async def endless() -> AsyncIterator[bytes]:
        while True:
            read.append(b"x")
            yield b"x"

    body = Payload(
        Request("PUT", "/b/k", "", {"content-length": "4"}, body=endless()), None, None, None
    )

    with pytest.raises(IncompleteBody):
        await body.whole()

    assert 5 == len(read)


async def test_a_whole_body_loses_its_framing() -> None:
    request = Request("PUT", "/b/k", "", {}, body=pieces(b"4\r\nda", b"ta\r\n0\r\nx-t:1\r\n\r\n"))
    decoder = Decoder(4, seal=None, trailer_names=frozenset({"x-t"}))
    body = Payload(request, decoder, None, 4)

    assert (b"data", {"x-t": "1"}) == (await body.whole(), body.trailers)


async def test_framing_is_taken_off_and_the_trailer_kept_apart() -> None:
    request = Request("PUT", "/b/k", "", {}, body=pieces(b"4\r\nda", b"ta\r\n0\r\nx-t:1\r\n\r\n"))
    decoder = Decoder(4, seal=None, trailer_names=frozenset({"x-t"}))
    body = Payload(request, decoder, None, 4)

    received = b"".join([piece async for piece in body])

    assert (b"data", {"x-t": "1"}) == (received, body.trailers)


async def test_nothing_announced_is_no_body() -> None:
    assert not payload().is_announced
    assert payload(headers={"transfer-encoding": "chunked"}).is_announced


@pytest.mark.parametrize("headers", [{}, {"content-length": "9"}])
async def test_a_document_that_is_too_long_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(MaxMessageLengthExceeded):
        await payload(b"012345678", headers=headers).document(8)


async def test_a_document_is_held_to_its_digests() -> None:
    with pytest.raises(BadDigest):
        await payload(b"x", headers={"x-amz-checksum-crc32": "AAAAAA=="}).document(8)
    with pytest.raises(InvalidRequest):
        await payload(b"x").document(8, must_be_protected=True)


async def test_a_wrong_md5_of_a_document_is_told_as_it_came() -> None:
    """That of an object is told in hexadecimal digits; AWS was recorded to do both."""
    sent = "1B2M2Y8AsgTpgAmY7PhCfg=="

    with pytest.raises(BadDigest) as refused:
        await payload(b"x", headers={"content-md5": sent}).document(8)

    assert {
        "CalculatedDigest": "ndTkYSaMgDT1yFZOFVxnpg==",
        "ExpectedDigest": sent,
    } == refused.value.details


async def test_a_checksum_that_speaks_of_an_object_is_not_the_documents() -> None:
    body = payload(b"x", headers={"x-amz-checksum-crc32": "AAAAAA=="})

    assert b"x" == await body.document(8, has_checksum=False)


@pytest.mark.parametrize("cuts", [[], [b"data"], [b"d", b"ata"]])
async def test_a_verified_body_has_the_digests_that_came_with_it(cuts: list[bytes]) -> None:
    data = b"".join(cuts)
    md5 = base64.b64encode(hashlib.md5(data).digest()).decode()
    request = Request("POST", "/b", "", {"content-md5": md5}, body=pieces(*cuts))
    body = Payload(request, None, hashlib.sha256(data).hexdigest(), None)

    assert data == b"".join([piece async for piece in body.verified()])


@pytest.mark.parametrize(
    ("headers", "sha256", "refusal"),
    [
        ({"content-md5": "1B2M2Y8AsgTpgAmY7PhCfg=="}, None, BadDigest),
        ({}, hashlib.sha256().hexdigest(), XAmzContentSHA256Mismatch),
    ],
)
async def test_a_verified_body_without_them_is_refused_at_its_end(
    headers: dict[str, str], sha256: str | None, refusal: type[Exception]
) -> None:
    body = Payload(Request("POST", "/b", "", headers, body=pieces(b"data")), None, sha256, None)
    received = body.verified()

    assert b"data" == await anext(received)
    with pytest.raises(refusal):
        await anext(received)
