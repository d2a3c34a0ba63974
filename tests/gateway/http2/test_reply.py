"""Responses of every shape on a stream."""

from collections.abc import AsyncIterator

import pytest
from h2.errors import ErrorCodes

from ferrox.protocol.message import Request, Response
from tests.gateway.http2_talk import Talk


async def blocks(*some: bytes) -> AsyncIterator[bytes]:
    for block in some:
        yield block


async def test_the_head_says_who_answers_and_when() -> None:
    async def answer(_request: Request) -> Response:
        return Response(200, {"etag": '"1"'}, b"fine")

    talk = Talk(answer)
    reply = await talk.reply(talk.ask())

    assert {
        ":status": "200", "server": "ferrox", "date": "Mon, 21 Sep 2026 14:13:20 GMT",
        "etag": '"1"', "content-length": "4",
    } == reply.headers  # fmt: skip


@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("GET", 204), ("GET", 304)])
@pytest.mark.parametrize("is_long", [False, True])
async def test_some_answers_have_no_body(method: str, status: int, is_long: bool) -> None:
    async def answer(_request: Request) -> Response:
        headers = {"content-length": "7", "etag": '"1"'}
        return Response(status, headers, blocks(b"no body") if is_long else b"")

    talk = Talk(answer)
    reply = await talk.reply(talk.ask(method=method))

    assert (status, b"", '"1"') == (reply.status, reply.body, reply.headers["etag"])
    assert ("7" if status == 200 else None) == reply.headers.get("content-length")


@pytest.mark.parametrize("length", [{"content-length": "6"}, {}])
async def test_a_long_body_comes_in_blocks(length: dict[str, str]) -> None:
    async def answer(_request: Request) -> Response:
        return Response(200, dict(length), blocks(b"one", b"", b"two"))

    talk = Talk(answer)
    reply = await talk.reply(talk.ask())

    assert (b"onetwo", length.get("content-length")) == (
        reply.body, reply.headers.get("content-length"),
    )  # fmt: skip
    assert "bytes_out=6" in talk.log_lines()[0]


@pytest.mark.parametrize("length", ["5", "7"])
async def test_a_body_of_another_length_than_announced_is_reset(length: str) -> None:
    async def answer(_request: Request) -> Response:
        return Response(200, {"content-length": length}, blocks(b"one", b"two"))

    talk = Talk(answer)
    reply = await talk.reply(talk.ask())

    assert (ErrorCodes.INTERNAL_ERROR, False) == (reply.reset_code, reply.is_ended)


async def test_an_empty_body_may_be_long_as_well() -> None:
    async def answer(_request: Request) -> Response:
        return Response(200, {}, blocks())

    talk = Talk(answer)

    assert (b"", True) == ((reply := await talk.reply(talk.ask())).body, reply.is_ended)
