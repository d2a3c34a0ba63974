"""outgoing.py: one request, and what comes back of it; everything else is an OSError."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ferrox.outgoing import Answer, get, post
from tests.clients.tls_front import write_certificate
from tests.receiver import Receiver, receiving


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as opened:
        yield opened


async def test_a_body_arrives_with_its_headers(receiver: Receiver) -> None:
    url = receiver.url + "?key=1"

    status = await post(url, {"X-Mine": "1"}, b"body", timeout_s=10)

    assert 200 == status
    (told,) = receiver.told
    assert ("/hook?key=1", b"body") == (told.path, told.body)
    assert {"host": url.split("/")[2], "x-mine": "1", "content-length": "4"}.items() <= (
        told.headers.items()
    )


async def test_every_status_is_an_answer(receiver: Receiver) -> None:
    receiver.answer = lambda _: 404

    assert 404 == await post(receiver.url, {}, b"", timeout_s=10)


async def test_an_answer_that_announces_another_is_passed_over(receiver: Receiver) -> None:
    receiver.answer = lambda _: b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n"

    assert 204 == await post(receiver.url, {}, b"", timeout_s=10)


@pytest.mark.parametrize(
    "answer",
    [b"", b"HTTP/1.1 200 OK\r\n", b"SSH-2.0\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n"],
)
async def test_what_is_no_answer_is_an_error(receiver: Receiver, answer: bytes) -> None:
    receiver.answer = lambda _: answer

    with pytest.raises(ConnectionError):
        await post(receiver.url, {}, b"", timeout_s=10)


async def test_an_endless_head_is_an_error(receiver: Receiver) -> None:
    receiver.answer = lambda _: b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 10_000

    with pytest.raises(ConnectionError, match="too long"):
        await post(receiver.url, {}, b"", timeout_s=10)


async def test_nobody_there_is_an_error(receiver: Receiver) -> None:
    async with receiving() as other:
        url = other.url

    with pytest.raises(ConnectionRefusedError):
        await post(url, {}, b"", timeout_s=10)


async def test_who_never_answers_is_given_up(receiver: Receiver) -> None:
    receiver.answer = lambda _: None

    with pytest.raises(TimeoutError):
        await post(receiver.url, {}, b"", timeout_s=0.05)


async def test_the_other_side_is_known_by_its_certificate(tmp_path: Path) -> None:
    certificate, key = write_certificate(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    async with receiving(tls) as receiver:
        status = await post(receiver.url, {}, b"body", timeout_s=10, ca_file=str(certificate))
        with pytest.raises(ssl.SSLCertVerificationError):
            await post(receiver.url, {}, b"secret", timeout_s=10)

    assert 200 == status
    assert [b"body"] == [told.body for told in receiver.told]


async def test_a_document_is_got_with_its_query(receiver: Receiver) -> None:
    receiver.answer = lambda _: b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"

    assert Answer(200, b"{}") == await get(receiver.url + "?a=1", timeout_s=10, most_bytes=2)
    (told,) = receiver.told
    assert ("/hook?a=1", b"") == (told.path, told.body)
    assert "content-length" not in told.headers


@pytest.mark.parametrize(
    ("fields", "sent"),
    [
        (b"Content-Length: 8", b"document"),
        (b"content-length:8 ", b"document more"),
        (b"Date: now", b"document"),
        (b"Transfer-Encoding: chunked", b"3\r\ndoc\r\n5;x=y\r\nument\r\n0\r\n\r\n"),
        (b"transfer-encoding: Chunked", b"8\r\ndocument\r\n0\r\nTrailer: 1\r\n\r\n"),
    ],
)
async def test_a_document_comes_in_every_framing(
    receiver: Receiver, fields: bytes, sent: bytes
) -> None:
    receiver.answer = lambda _: b"HTTP/1.1 404 No\r\n" + fields + b"\r\n\r\n" + sent

    assert Answer(404, b"document") == await get(receiver.url, timeout_s=10, most_bytes=8)


@pytest.mark.parametrize(
    ("fields", "sent"),
    [
        (b"Content-Length: 9", b"document"),
        (b"Content-Length: -1", b""),
        (b"Content-Length: x", b""),
        (b"Content-Length: 9", b"documents"),
        (b"Date: now", b"documents"),
        (b"Transfer-Encoding: chunked", b"9\r\ndocuments\r\n0\r\n\r\n"),
        (b"Transfer-Encoding: chunked", b"8\r\ndocument\r\n1\r\ns\r\n0\r\n\r\n"),
        (b"Transfer-Encoding: chunked", b"8\r\ndocument"),
        (b"Transfer-Encoding: chunked", b"8\r\ndocument!!0\r\n\r\n"),
        (b"Transfer-Encoding: chunked", b"x\r\ndocument\r\n0\r\n\r\n"),
        (b"Transfer-Encoding: chunked", b"-1\r\n"),
        (b"Transfer-Encoding: chunked", b"1" * 100_000),
        (b"Transfer-Encoding: gzip, chunked", b"0\r\n\r\n"),
    ],
)
async def test_a_body_that_is_damaged_or_too_long_is_an_error(
    receiver: Receiver, fields: bytes, sent: bytes
) -> None:
    receiver.answer = lambda _: b"HTTP/1.1 200 OK\r\n" + fields + b"\r\n\r\n" + sent

    with pytest.raises(ConnectionError):
        await get(receiver.url, timeout_s=10, most_bytes=8)


async def test_a_body_that_never_ends_is_given_up() -> None:
    is_over = asyncio.Event()

    async def dribble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n1")
        await reader.read()
        writer.close()
        is_over.set()

    async with await asyncio.start_server(dribble, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(TimeoutError):
            await get(f"http://127.0.0.1:{port}/", timeout_s=0.05, most_bytes=8)
        await is_over.wait()


@pytest.mark.parametrize(
    "url",
    [
        "http:///path",
        "http://127.0.0.1:x/",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1/a b",
        "http://127.0.0.1/\x7f",
        "http://127.0.0.1/ä",
        "http://[::1/",
        "",
    ],
)
async def test_what_is_no_address_is_an_error(url: str) -> None:
    with pytest.raises(ConnectionError):
        await get(url, timeout_s=10, most_bytes=8)


async def test_authorities_may_be_added_to_those_of_the_system(tmp_path: Path) -> None:
    certificate, key = write_certificate(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    async with receiving(tls) as receiver:
        answer = await get(receiver.url, timeout_s=10, most_bytes=8, extra_ca_file=str(certificate))
        with pytest.raises(ssl.SSLCertVerificationError):
            await get(receiver.url, timeout_s=10, most_bytes=8)

    assert Answer(200, b"ok") == answer
