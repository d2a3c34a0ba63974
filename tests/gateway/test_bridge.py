"""What the pipeline sees of a request: path, query and headers as they were sent."""

import pytest

from tests.gateway.wire import connected, get, ok, serving


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
