"""One request and its answer among many."""

import asyncio

import pytest
from h2.errors import ErrorCodes

from ferrox.protocol.message import Request, Response
from tests.gateway.http2_talk import Talk, fields


async def wait(_request: Request) -> Response:
    await asyncio.Event().wait()
    return Response(200, {})


async def under_way(talk: Talk) -> int:
    stream_id = talk.client.get_next_available_stream_id()
    talk.client.send_headers(stream_id, fields(method="PUT"))
    talk.send()
    await talk.pipeline.wait_asked()
    return stream_id


async def test_nothing_is_sent_on_a_stream_that_is_gone() -> None:
    talk = Talk(wait)
    stream = talk.connection._streams[await under_way(talk)]
    stream.lose()

    with pytest.raises(ConnectionResetError):
        await stream.send_head([(b":status", b"200")], is_last=True)
    with pytest.raises(ConnectionResetError):
        await stream.send(b"data", is_last=True)
    stream.send_continue()
    stream.reset(ErrorCodes.CANCEL)
    talk.connection._flush()
    talk.listen()
    assert (None, []) == (talk.heard[1].reset_code, talk.heard[1].interim)
    await talk.listener.shutdown(1.0)


async def test_who_is_cancelled_while_it_sends_sends_no_more() -> None:
    talk = Talk(wait)
    stream = talk.connection._streams[await under_way(talk)]
    await stream.send_head([(b":status", b"200")], is_last=False)
    sending = asyncio.ensure_future(stream.send(bytes(100_000), is_last=True))
    await asyncio.sleep(0)
    sending.cancel()
    await asyncio.wait({sending})

    assert {} == talk.connection.outbox._sendings
    await talk.listener.shutdown(1.0)


async def test_what_nobody_answers_is_reset() -> None:
    talk = Talk(wait)
    stream_id = await under_way(talk)
    talk.connection.cancel()
    await talk.settled()
    talk.connection._flush()

    assert ErrorCodes.CANCEL == (await talk.reply(stream_id)).reset_code
