"""jobs/posting.py: one request, and the status of its answer."""

import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ferrox.jobs.posting import post
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
