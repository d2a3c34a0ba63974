"""Connections that do odd things: half-closed, pipelined, smuggled, dripping, or not HTTP."""

import asyncio

import pytest

from ferrox.gateway import connection as module
from ferrox.protocol.message import Request, Response
from tests.gateway.wire import connected, echo, get, ok, put, serving


async def test_a_client_that_closed_its_sending_side_still_gets_its_answer() -> None:
    release = asyncio.Event()

    async def slow(_request: Request) -> Response:
        await release.wait()
        return Response(200, {}, b"late")

    async with serving(slow) as running, connected(running.address) as client:
        client.writer.write(get())
        client.writer.write_eof()
        await running.pipeline.wait_asked()
        release.set()
        reply = await client.reply()
        end = await client.rest()

    assert (b"late", "close", b"") == (reply.body, reply.headers["connection"], end)


async def test_pipelined_requests_are_answered_in_order_even_after_a_half_close() -> None:
    async with serving(echo) as running, connected(running.address) as client:
        client.writer.write(b"".join(put(b"%d" % n) for n in range(50)))
        client.writer.write_eof()
        bodies = [(await client.reply()).body for _ in range(50)]
        end = await client.rest()

    assert [b"%d" % n for n in range(50)] == bodies
    assert b"" == end


async def test_ten_thousand_pipelined_requests_are_answered_in_order() -> None:
    async def say_path(request: Request) -> Response:
        return Response(200, {}, request.path.encode())

    paths = [f"/b/{n:05}" for n in range(10_000)]
    async with serving(say_path) as running, connected(running.address) as client:
        sending = asyncio.ensure_future(client.send(b"".join(get(path) for path in paths)))
        replies = [await client.reply() for _ in paths]
        await sending

    assert paths == [reply.body.decode() for reply in replies]


async def test_pipelined_requests_whose_bytes_drip_are_answered_in_order() -> None:
    data = put(b"one") + get("/b/k", "Transfer-Encoding: chunked", method="PUT")
    data += b"3\r\ntwo\r\n0\r\n\r\n" + put(b"three", "Connection: close")
    async with serving(echo) as running, connected(running.address) as client:
        for byte in data:
            await client.send(bytes([byte]))
        bodies = [(await client.reply()).body for _ in range(3)]
        end = await client.rest()

    assert ([b"one", b"two", b"three"], b"") == (bodies, end)


async def test_bytes_that_come_between_two_pipelined_requests_keep_their_place() -> None:
    async def slow(request: Request) -> Response:
        await asyncio.sleep(0.002)
        return await echo(request)

    data = b"".join(put(b"%d" % n) for n in range(200))
    async with serving(slow) as running, connected(running.address) as client:
        for start in range(0, len(data), 97):
            await client.send(data[start : start + 97])
            await asyncio.sleep(0)
        bodies = [(await client.reply()).body for _ in range(200)]

    assert [b"%d" % n for n in range(200)] == bodies


async def test_a_good_request_is_answered_before_the_garbage_behind_it_is_refused() -> None:
    async with serving(echo) as running, connected(running.address) as client:
        await client.send(put(b"good") + b"\x00\xff garbage\r\n\r\n")
        good = await client.reply()
        refused = await client.reply()
        end = await client.rest()

    assert (200, b"good", 400, b"") == (good.status, good.body, refused.status, end)
    assert 1 == len(running.pipeline.requests)


async def test_more_ahead_than_there_is_room_for_waits_at_the_client() -> None:
    release = asyncio.Event()

    async def wait(_request: Request) -> Response:
        await release.wait()
        return Response(200, {}, b"fine")

    flood = get("/b/k") * 400_000
    async with serving(wait) as running, connected(running.address) as client:
        sending = asyncio.ensure_future(client.send(flood))
        await running.pipeline.wait_asked()
        done, _ = await asyncio.wait({sending}, timeout=0.2)
        sending.cancel()
        release.set()

    assert not done


async def test_a_half_close_between_requests_ends_the_connection() -> None:
    async with serving(ok) as running, connected(running.address) as client:
        await client.ask(get())
        client.writer.write_eof()

        assert b"" == await client.rest()


async def test_a_half_close_before_any_request_ends_the_connection() -> None:
    async with serving(ok) as running, connected(running.address) as client:
        client.writer.write_eof()

        assert b"" == await client.rest()


async def test_a_connection_serves_many_requests() -> None:
    async with serving(echo) as running, connected(running.address) as client:
        replies = [await client.ask(put(b"x" * n)) for n in (0, 1, 70_000, 3)]

    assert [0, 1, 70_000, 3] == [len(reply.body) for reply in replies]
    assert all("connection" not in reply.headers for reply in replies)


async def test_http_1_0_connections_are_kept_when_asked_for() -> None:
    async with serving(ok) as running, connected(running.address) as client:
        first = await client.ask(get("/", "Connection: keep-alive", version="1.0"))
        second = await client.ask(get("/", version="1.0"))
        end = await client.rest()

    assert ("keep-alive", "close") == (first.headers["connection"], second.headers["connection"])
    assert b"" == end


@pytest.mark.parametrize(
    "data",
    [
        get("/b/k", "Content-Length: 4", "Transfer-Encoding: chunked") + b"0\r\n\r\n",
        get("/b/k", "Transfer-Encoding: chunked", "Content-Length: 4") + b"0\r\n\r\n",
        "GET /b/é HTTP/1.1\r\nHost: x\r\n\r\n".encode(),
        b"PUT /b/k HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcd",
        b"PUT /b/k HTTP/1.1\r\nHost: x\r\nContent-Length: 4, 4\r\n\r\nabcd",
        b"PUT /b/k HTTP/1.1\r\nHost: x\r\nContent-Length: +4\r\n\r\nabcd",
        b"PUT /b/k HTTP/1.1\r\nHost: x\r\nContent-Length: -4\r\n\r\nabcd",
        b"PUT /b/k HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        b"PUT /b/k HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        b"PUT /b/k HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        b"PUT /b/k HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET /b/k HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        b"GET /b/k HTTP/1.1\r\nHost: x\r\n folded: y\r\n\r\n",
        b"GET /b/k HTTP/1.1\r\nHost: x\r\nA: b\x00c\r\n\r\n",
        b"GET /b/k HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n",
        b"GET /b/k\r\n\r\n",
        b"GET /b/ k HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET  /b/k HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /b/k HTTP/9.9\r\nHost: x\r\n\r\n",
        b"FROBNICATE /b/k HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0",  # it is spoken over TLS only
    ],
)
async def test_what_is_not_clear_http_is_refused_as_s3_would_and_nothing_is_served(
    data: bytes,
) -> None:
    async with serving(echo) as running, connected(running.address) as client:
        await client.send(data)
        reply = await client.reply()
        end = await client.rest()

    assert (400, "close", b"") == (reply.status, reply.headers["connection"], end)
    assert reply.body.startswith(b"<?xml")
    assert b"Traceback" not in reply.body
    assert b"aiohttp" not in reply.body
    assert [] == running.pipeline.requests
    assert "status=400" in running.access.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        get("/", "X-Amz-Meta-A: " + "v" * 20_000),
        get("/" + "k" * 20_000),
        get("/", *(f"X-Amz-Meta-{n}: v" for n in range(500))),
        get("/", "X" * 20_000 + ": v"),
    ],
)
async def test_an_oversize_head_is_refused_as_such(data: bytes) -> None:
    async with serving(echo) as running, connected(running.address) as client:
        await client.send(data)
        reply = await client.reply()

    assert 400 == reply.status
    assert b"<Code>RequestHeaderSectionTooLarge</Code>" in reply.body


async def test_a_second_request_hidden_in_a_body_is_body() -> None:
    hidden = get("/b/hidden")
    async with serving(ok) as running, connected(running.address) as client:
        await client.ask(put(hidden))
        await client.ask(get("/b/next"))

    assert ["/b/k", "/b/next"] == [request.path for request in running.pipeline.requests]


async def test_an_upgrade_is_ignored() -> None:
    async with serving(ok) as running, connected(running.address) as client:
        first = await client.ask(get("/", "Connection: upgrade", "Upgrade: websocket"))
        second = await client.ask(get("/"))

    assert (200, 200) == (first.status, second.status)


async def test_a_large_unread_body_does_not_swallow_the_refusal() -> None:
    body = bytes(20_000_000)

    async def refuse(_request: Request) -> Response:
        return Response(403, {}, b"no")

    async with serving(refuse) as running, connected(running.address) as client:
        await client.send(put(body))
        reply = await client.reply()
        end = await client.rest()

    assert (403, "close", b"no", b"") == (
        reply.status,
        reply.headers["connection"],
        reply.body,
        end,
    )


async def test_a_small_unread_body_does_not_cost_the_connection() -> None:
    body = bytes(900_000)
    async with serving(ok) as running, connected(running.address) as client:
        first = await client.ask(put(body))
        second = await client.ask(get())

    assert (200, 200) == (first.status, second.status)
    assert "connection" not in first.headers


async def test_a_client_that_never_stops_sending_is_cut_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "LINGER_S", 0.05)
    async with serving(ok) as running, connected(running.address) as client:
        await client.send(get("/b/k", f"Content-Length: {1 << 40}", method="PUT"))
        reply = await client.reply()
        with pytest.raises(ConnectionError):
            await client.send_forever()

    assert "close" == reply.headers["connection"]


async def test_a_dripping_head_ends_with_the_idle_timeout() -> None:
    async with serving(ok, idle_timeout=0.05) as running, connected(running.address) as client:
        await client.send(b"GET / HTTP/1.1\r\nHost: ")

        assert b"" == await client.rest()
    assert [] == running.pipeline.requests


async def test_an_idle_connection_ends_with_the_idle_timeout() -> None:
    async with serving(ok, idle_timeout=0.05) as running, connected(running.address) as client:
        await client.ask(get())

        assert b"" == await client.rest()


async def test_a_running_request_may_take_longer_than_the_idle_timeout() -> None:
    async def slow(_request: Request) -> Response:
        await asyncio.sleep(0.15)
        return Response(200, {}, b"late")

    async with serving(slow, idle_timeout=0.05) as running, connected(running.address) as client:
        assert b"late" == (await client.ask(get())).body
