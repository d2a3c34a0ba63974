"""How responses leave: framing, HEAD, streams, failures in the middle, clients that stop."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from ferrox.clock import SettableClock
from ferrox.gateway.reply import Dating, head
from ferrox.protocol.message import Request, Response
from tests.gateway.wire import Answer, connected, get, serving

PAST = SettableClock(784_111_777_000)


def answering(response: Response) -> Answer:
    async def answer(_request: Request) -> Response:
        return response

    return answer


async def blocks(*data: bytes) -> AsyncIterator[bytes]:
    for block in data:
        yield block


async def failing_after(*data: bytes) -> AsyncIterator[bytes]:
    for block in data:
        yield block
    raise OSError("the disk is gone")


def test_every_response_has_a_date_made_once_a_second() -> None:
    clock = SettableClock(784_111_777_000)
    dating = Dating(clock)

    first = dating.lines()
    clock.advance(1)

    assert "Server: ferrox\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n" == first
    assert first is not dating.lines()
    assert dating.lines() is dating.lines()


def test_a_head_has_the_familiar_spelling() -> None:
    headers = {"content-length": "4", "etag": '"x"', "x-amz-meta-a": "b"}

    data = head(200, headers, "Server: ferrox\r\n")

    assert (
        b"HTTP/1.1 200 OK\r\nServer: ferrox\r\n"
        b'Content-Length: 4\r\nETag: "x"\r\nx-amz-meta-a: b\r\n\r\n'
    ) == data


@pytest.mark.parametrize("value", ["a\r\nSet-Cookie: b", "a\nb", "a\rb", "a\0b", "a\r\n\r\nbody"])
def test_a_header_value_cannot_end_its_line(value: str) -> None:
    data = head(200, {"content-disposition": value}, "")

    assert 3 == data.count(b"\r\n") == data.count(b"\r") == data.count(b"\n")
    assert b"\0" not in data


def test_an_unknown_status_has_no_phrase() -> None:
    assert b"HTTP/1.1 799 \r\n\r\n" == head(799, {}, "")


async def test_bytes_get_their_length() -> None:
    async with (
        serving(answering(Response(200, {}, b"fine"))) as running,
        connected(running.address) as client,
    ):
        reply = await client.ask(get())

    assert ("4", b"fine") == (reply.headers["content-length"], reply.body)
    assert ("ferrox", True) == (reply.headers["server"], "date" in reply.headers)


@pytest.mark.parametrize("status", [204, 304])
async def test_a_status_without_a_body_has_no_headers_of_one(status: int) -> None:
    response = Response(
        status, {"content-length": "4", "content-type": "a/b", "etag": "x"}, b"fine"
    )
    async with serving(answering(response)) as running, connected(running.address) as client:
        await client.send(get() + get())
        first = await client.head()
        second = await client.head()

    assert (status, status, "x") == (first.status, second.status, first.headers["etag"])
    assert not {"content-length", "content-type"} & set(first.headers)


@pytest.mark.parametrize("body", [b"", b"fine", None])
async def test_head_announces_a_length_and_sends_nothing(body: bytes | None) -> None:
    response = Response(200, {"content-length": "4"}, blocks(b"fine") if body is None else body)
    async with serving(answering(response)) as running, connected(running.address) as client:
        await client.send(get(method="HEAD") + get(method="HEAD"))
        first = await client.reply(is_head=True)
        second = await client.reply(is_head=True)

    assert ("4", "4") == (first.headers["content-length"], second.headers["content-length"])


async def test_a_long_body_is_streamed_with_its_length() -> None:
    response = Response(200, {"content-length": "3000000"}, blocks(*[bytes(1_000_000)] * 3))
    async with serving(answering(response)) as running, connected(running.address) as client:
        reply = await client.ask(get())

    assert bytes(3_000_000) == reply.body
    assert "transfer-encoding" not in reply.headers
    assert "bytes_out=3000000" in running.access.getvalue()


async def test_a_body_of_unknown_length_is_chunked_and_keeps_the_connection() -> None:
    async def answer(_request: Request) -> Response:
        return Response(200, {}, blocks(b"", b"hello", b"", b"!" * 17))

    async with serving(answer) as running, connected(running.address) as client:
        await client.send(get() + get("/", "Connection: close"))
        first = await client.head()
        rest = await client.rest()

    assert "chunked" == first.headers["transfer-encoding"]
    assert rest.startswith(b"5\r\nhello\r\n11\r\n!!!!!!!!!!!!!!!!!\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n")


async def test_a_body_of_unknown_length_ends_with_the_connection_in_http_1_0() -> None:
    response = Response(200, {}, blocks(b"hello", b"world"))
    async with serving(answering(response)) as running, connected(running.address) as client:
        await client.send(get("/", "Connection: keep-alive", version="1.0"))
        reply = await client.head()
        rest = await client.rest()

    assert ("close", b"helloworld") == (reply.headers["connection"], rest)
    assert "transfer-encoding" not in reply.headers


@pytest.mark.parametrize("headers", [{"content-length": "10"}, {}])
@pytest.mark.parametrize("version", ["1.0", "1.1"])
async def test_a_failure_in_the_middle_cuts_the_connection(
    headers: dict[str, str], version: str
) -> None:
    response = Response(200, headers, failing_after(b"hello"))
    async with serving(answering(response)) as running, connected(running.address) as client:
        await client.send(get(version=version))
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await client.reader.readexactly(10_000)

    assert "status=200" in running.access.getvalue()
    assert "aborted=true" in running.access.getvalue()


async def test_a_failure_before_the_head_is_an_error_document() -> None:
    response = Response(200, {"content-length": "10"}, failing_after())
    async with serving(answering(response)) as running, connected(running.address) as client:
        reply = await client.ask(get())

    assert (500, "close") == (reply.status, reply.headers["connection"])
    assert b"<Code>InternalError</Code>" in reply.body
    assert b"disk" not in reply.body


@pytest.mark.parametrize("length", ["4", "6"])
async def test_a_body_of_another_length_than_announced_cuts_the_connection(length: str) -> None:
    response = Response(200, {"content-length": length}, blocks(b"he", b"llo"))
    async with serving(answering(response)) as running, connected(running.address) as client:
        await client.send(get())
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await client.reader.readexactly(10_000)

    assert "aborted=true" in running.access.getvalue()


class Watched:
    """An endless body that says how much was asked of it and whether it was let go."""

    def __init__(self) -> None:
        self.blocks = 0
        self.closed = asyncio.Event()

    async def body(self) -> AsyncIterator[bytes]:
        try:
            while True:
                self.blocks += 1
                yield bytes(1_000_000)
        finally:
            self.closed.set()


async def test_a_client_that_does_not_read_stops_the_stream_and_is_given_up() -> None:
    watched = Watched()
    response = Response(200, {"content-length": str(1 << 40)}, watched.body())
    async with serving(answering(response), body_timeout=0.1) as running:
        raw = socket.socket()
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        raw.connect(running.address)
        raw.sendall(get())
        await watched.closed.wait()
        raw.close()

    assert watched.blocks < 20
    assert "aborted=true" in running.access.getvalue()


async def test_a_client_that_leaves_in_the_middle_releases_the_body() -> None:
    watched = Watched()
    response = Response(200, {"content-length": str(1 << 40)}, watched.body())
    async with serving(answering(response)) as running:
        async with connected(running.address) as client:
            await client.send(get())
            await client.reader.readexactly(100_000)
        await watched.closed.wait()

    assert "aborted=true" in running.access.getvalue()
