"""One request and its response: when the connection lives on, and what is logged of it."""

from collections.abc import AsyncIterator

import pytest

from ferrox.protocol.message import Outcome, Request, Response
from tests.gateway.wire import connected, get, ok, put, serving


class Noting:
    """What became of each request, by its path."""

    def __init__(self) -> None:
        self.outcomes: list[tuple[str, Outcome]] = []

    def note(self, request: Request, outcome: Outcome) -> None:
        self.outcomes.append((request.path, outcome))


@pytest.mark.parametrize(
    ("data", "connection"),
    [
        (get(), None),
        (get("/", "Connection: close"), "close"),
        (get(version="1.0"), "close"),
        (get("/", "Connection: keep-alive", version="1.0"), "keep-alive"),
        (put(b"unread"), None),
        (put(bytes(100))[:-50], None),
        (get("/b/k", "Transfer-Encoding: chunked", method="PUT"), "close"),
        (get("/b/k", "Content-Length: 2000000", method="PUT"), "close"),
    ],
)
async def test_the_client_is_told_what_becomes_of_the_connection(
    data: bytes, connection: str | None
) -> None:
    async with serving(ok) as running, connected(running.address) as client:
        reply = await client.ask(data)

    assert (200, connection) == (reply.status, reply.headers.get("connection"))


async def test_the_rest_of_a_short_body_is_read_before_the_next_request() -> None:
    message = put(bytes(100))
    async with serving(ok) as running, connected(running.address) as client:
        await client.ask(message[:-50])
        await client.send(message[-50:])
        second = await client.ask(get("/b/second"))

    assert 200 == second.status
    assert ["/b/k", "/b/second"] == [request.path for request in running.pipeline.requests]


async def test_a_response_that_breaks_before_its_head_is_logged_as_what_was_sent() -> None:
    async def broken(_request: Request) -> Response:
        async def body() -> AsyncIterator[bytes]:
            raise OSError("gone")
            yield b""

        return Response(200, {"content-length": "1"}, body())

    async with serving(broken) as running, connected(running.address) as client:
        reply = await client.ask(get())

    assert 500 == reply.status
    assert "error_code=InternalError" in running.access.getvalue()


async def test_whoever_wants_to_know_learns_what_became_of_each_request() -> None:
    async def taking(request: Request) -> Response:
        taken = b"".join([piece async for piece in request.body])
        return Response(200, {"x-amz-version-id": "v"}, taken)

    noting = Noting()
    async with serving(taking, noting) as running, connected(running.address) as client:
        await client.ask(put(b"12345"))

    ((path, outcome),) = noting.outcomes
    assert ("/b/k", 200, 5) == (path, outcome.status, outcome.sent_bytes)
    assert "v" == outcome.headers["x-amz-version-id"]
    assert 0 < outcome.turnaround_s < outcome.duration_s


async def test_who_answers_before_all_has_come_took_no_time_after_it() -> None:
    message, noting = put(bytes(100)), Noting()
    async with serving(ok, noting) as running, connected(running.address) as client:
        await client.ask(message[:-50])
        await client.send(message[-50:])
        await client.ask(get("/b/second"))

    assert 0 == noting.outcomes[0][1].turnaround_s
