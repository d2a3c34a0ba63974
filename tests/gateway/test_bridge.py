"""What the pipeline sees of a request: the bytes as sent, and a body that comes when asked for."""

import asyncio

import pytest

from ferrox.errors import BadRequest, IncompleteBody, RequestTimeout, S3Error
from ferrox.protocol.message import Request, Response
from tests.gateway.wire import connected, echo, get, ok, put, serving


@pytest.mark.parametrize(
    "target", ["/b/a%2Fb%20c+d~%E2%82%AC", "/b//x/../y/.", "/b/%2e%2e/k", "/", "/b/k%00"]
)
async def test_path_and_query_arrive_exactly_as_they_were_sent(target: str) -> None:
    async with serving(ok) as running, connected(running.address) as client:
        await client.ask(get(f"{target}?list-type=2&prefix=a%2Fb+c&empty&x=?"))

    request = running.pipeline.requests[0]
    assert (target, "list-type=2&prefix=a%2Fb+c&empty&x=?") == (request.path, request.query_string)


@pytest.mark.parametrize(
    ("target", "host", "path", "query"),
    [
        ("http://s3.test:9000/b/k%20?x=1", "s3.test:9000", "/b/k%20", "x=1"),
        ("HTTP://s3.test", "s3.test", "/", ""),
        ("http://s3.test?x=1", "s3.test", "/", "x=1"),
        ("http://s3.test?x=/", "s3.test", "/", "x=/"),
    ],
)
async def test_an_absolute_target_says_the_host(
    target: str, host: str, path: str, query: str
) -> None:
    async with serving(ok) as running, connected(running.address) as client:
        await client.ask(get(target))

    request = running.pipeline.requests[0]
    assert (host, path, query) == (request.headers["host"], request.path, request.query_string)


async def test_header_names_are_lower_case_and_repeats_are_joined() -> None:
    async with serving(ok) as running, connected(running.address) as client:
        await client.ask(
            get("/", "X-Amz-Meta-A:  one ", "x-amz-meta-a: two", "X-Amz-Meta-B: \udcff")
        )

    headers = running.pipeline.requests[0].headers
    assert ("one,two", "\udcff") == (headers["x-amz-meta-a"], headers["x-amz-meta-b"])


async def test_a_request_knows_its_peer_and_has_an_id() -> None:
    async with serving(ok) as running, connected(running.address) as client:
        await client.ask(get())

    request = running.pipeline.requests[0]
    assert ("127.0.0.1", 16, False) == (request.peer, len(request.request_id), request.is_secure)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (get("*", method="OPTIONS"), b"InvalidURI"),
        (b"GET / HTTP/1.1\r\n\r\n", b"BadRequest"),
        (get("/", *(f"x-amz-meta-{n}: {'v' * 900}" for n in range(20))), b"RequestHeaderSection"),
    ],
)
async def test_what_no_operation_can_deal_with_is_refused_before_the_pipeline(
    data: bytes, code: bytes
) -> None:
    async with serving(ok) as running, connected(running.address) as client:
        reply = await client.ask(data)

    assert (400, "application/xml") == (reply.status, reply.headers["content-type"])
    assert b"<Code>" + code in reply.body
    assert [] == running.pipeline.requests


async def test_http_1_0_needs_no_host() -> None:
    async with serving(ok) as running, connected(running.address) as client:
        reply = await client.ask(b"GET / HTTP/1.0\r\n\r\n")

    assert (200, "close") == (reply.status, reply.headers["connection"])


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
