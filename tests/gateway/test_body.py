"""Bodies come when they are asked for, and end with an error when they do not come well."""

import asyncio

import pytest

from ferrox.errors import BadRequest, IncompleteBody, RequestTimeout, S3Error
from ferrox.protocol.message import Request, Response
from tests.gateway.wire import Client, connected, echo, get, ok, put, serving


async def test_a_body_arrives_whole_however_it_is_cut() -> None:
    async with serving(echo) as running, connected(running.address) as client:
        for byte in put(b"twelve bytes"):
            await client.send(bytes([byte]))
        reply = await client.reply()

    assert b"twelve bytes" == reply.body
    assert "bytes_in=12 bytes_out=12" in running.access.getvalue()


async def test_a_chunked_body_arrives_without_its_framing() -> None:
    data = get("/b/k", "Transfer-Encoding: chunked", method="PUT")
    async with serving(echo) as running, connected(running.address) as client:
        for byte in data + b"5\r\nhello\r\n1;ext=1\r\n!\r\n0\r\nx-trailer: 1\r\n\r\n":
            await client.send(bytes([byte]))
        reply = await client.reply()

    assert b"hello!" == reply.body


async def test_a_gzip_body_is_stored_as_it_was_sent() -> None:
    async with serving(echo) as running, connected(running.address) as client:
        reply = await client.ask(put(b"\x1f\x8bnot unpacked", "Content-Encoding: gzip"))

    assert b"\x1f\x8bnot unpacked" == reply.body


async def test_continue_is_sent_when_the_body_is_asked_for() -> None:
    asked = asyncio.Event()

    async def wait_then_echo(request: Request) -> Response:
        await asked.wait()
        return await echo(request)

    async with serving(wait_then_echo) as running, connected(running.address) as client:
        await client.send(put(b"hello", "Expect: 100-Continue")[: -len(b"hello")])
        early = asyncio.ensure_future(client.reader.read(1))
        await running.pipeline.wait_asked()
        assert not early.done()
        asked.set()
        first = await early
        interim = first + await client.reader.readuntil(b"\r\n\r\n")
        reply = await client.ask(b"hello")

    assert b"HTTP/1.1 100 Continue\r\n\r\n" == interim
    assert (200, b"hello") == (reply.status, reply.body)


async def test_a_refusal_comes_instead_of_continue_and_ends_the_connection() -> None:
    async with serving(ok) as running, connected(running.address) as client:
        await client.send(put(b"hello", "Expect: 100-continue")[: -len(b"hello")])
        reply = await client.reply()
        end = await client.rest()

    assert (200, "close", b"") == (reply.status, reply.headers["connection"], end)


async def test_other_expectations_and_those_of_http_1_0_are_not_answered() -> None:
    async with serving(echo) as running:
        async with connected(running.address) as client:
            first = await client.ask(put(b"hello", "Expect: miracles"))
        async with connected(running.address) as client:
            old = put(b"hello", "Expect: 100-continue").replace(b"HTTP/1.1", b"HTTP/1.0")
            second = await client.ask(old)

    assert (b"hello", b"hello") == (first.body, second.body)


async def _failure_of(request: Request) -> S3Error | None:
    try:
        async for _ in request.body:
            pass
    except S3Error as error:
        return error
    return None


class Noting:
    """Answers with how reading the body failed."""

    def __init__(self) -> None:
        self.failure: asyncio.Future[S3Error | None] = asyncio.get_running_loop().create_future()

    async def __call__(self, request: Request) -> Response:
        error = await _failure_of(request)
        self.failure.set_result(error)
        return Response(error.status if error else 200, {}, b"")


async def test_a_stalled_body_times_out() -> None:
    noting = Noting()
    async with serving(noting, body_timeout=0.05) as running, connected(running.address) as client:
        await client.send(put(b"hello")[:-1])
        reply = await client.reply()

    assert isinstance(noting.failure.result(), RequestTimeout)
    assert (400, "close") == (reply.status, reply.headers["connection"])


async def test_a_body_cut_short_by_a_half_close_is_answered() -> None:
    noting = Noting()
    async with serving(noting) as running, connected(running.address) as client:
        await client.send(put(b"hello")[:-1])
        client.writer.write_eof()
        reply = await client.reply()

    assert isinstance(noting.failure.result(), IncompleteBody)
    assert 400 == reply.status


@pytest.mark.parametrize("framing", [f"Content-Length: {10}", "Transfer-Encoding: chunked"])
async def test_a_client_that_vanishes_leaves_an_incomplete_body(framing: str) -> None:
    noting = Noting()
    async with serving(noting) as running:
        async with connected(running.address) as client:
            await client.send(get("/b/k", framing, method="PUT") + b"4\r\nhell")
        failure = await noting.failure

    assert isinstance(failure, IncompleteBody)


@pytest.mark.parametrize("broken", [b"zz\r\n", b"5\r\nhello!!\r\n", b"-1\r\n", b"\r\n"])
async def test_broken_chunk_framing_is_an_error_not_an_end(broken: bytes) -> None:
    noting = Noting()
    async with serving(noting) as running, connected(running.address) as client:
        await client.send(get("/b/k", "Transfer-Encoding: chunked", method="PUT") + b"1\r\nx\r\n")
        await running.pipeline.wait_asked()
        await client.send(broken)
        reply = await client.reply()

    assert isinstance(noting.failure.result(), BadRequest)
    assert (400, "close") == (reply.status, reply.headers["connection"])


async def drip(client: Client, data: bytes, pause_s: float) -> None:
    """Send one byte after the other, until the server has had enough."""
    try:
        for byte in data:
            await client.send(bytes([byte]))
            await asyncio.sleep(pause_s)
    except ConnectionError:
        return


async def test_a_body_that_drips_is_not_waited_for_without_end() -> None:
    noting = Noting()
    async with (
        serving(noting, body_timeout=0.2, min_body_rate=100) as running,
        connected(running.address) as client,
    ):
        await client.send(get("/b/k", "Content-Length: 100000", method="PUT"))
        dripping = asyncio.ensure_future(drip(client, bytes(100_000), 0.02))
        reply = await client.reply()
        dripping.cancel()

    assert isinstance(noting.failure.result(), RequestTimeout)
    assert (400, "close") == (reply.status, reply.headers["connection"])


async def test_a_body_as_slow_as_is_allowed_arrives_however_long_it_takes() -> None:
    async with (
        serving(echo, body_timeout=2, min_body_rate=4) as running,
        connected(running.address) as client,
    ):
        await client.send(get("/b/k", "Content-Length: 30", method="PUT"))
        await drip(client, bytes(30), 0.1)
        reply = await client.reply()

    assert bytes(30) == reply.body


async def test_without_a_least_rate_only_silence_ends_a_body() -> None:
    async with (
        serving(echo, body_timeout=1, min_body_rate=0) as running,
        connected(running.address) as client,
    ):
        await client.send(get("/b/k", "Content-Length: 12", method="PUT"))
        await drip(client, bytes(12), 0.1)
        reply = await client.reply()

    assert bytes(12) == reply.body


async def test_a_slow_reader_of_the_body_is_not_held_against_the_client() -> None:
    async def read_slowly(request: Request) -> Response:
        size_bytes = 0
        async for data in request.body:
            size_bytes += len(data)
            await asyncio.sleep(0.1)
        return Response(200, {}, b"%d" % size_bytes)

    async with (
        serving(read_slowly, body_timeout=0.05, min_body_rate=1_000_000) as running,
        connected(running.address) as client,
    ):
        reply = await client.ask(put(bytes(1_000_000)))

    assert b"1000000" == reply.body
