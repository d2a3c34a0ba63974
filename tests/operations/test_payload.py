from collections.abc import AsyncIterator

import pytest

from ferrox.errors import BadDigest, IncompleteBody, InvalidRequest, MaxMessageLengthExceeded
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


async def test_a_checksum_that_speaks_of_an_object_is_not_the_documents() -> None:
    body = payload(b"x", headers={"x-amz-checksum-crc32": "AAAAAA=="})

    assert b"x" == await body.document(8, has_checksum=False)
