"""Starting, stopping, and what happens to requests meanwhile."""

import asyncio

import pytest

from ferrox.clock import SettableClock
from ferrox.gateway.health import Health
from ferrox.gateway.server import Gateway
from ferrox.protocol.message import Request, Response
from tests.gateway.wire import CONFIG, Pipeline, connected, echo, get, ok, put, serving


async def fine() -> None:
    return


def a_gateway() -> Gateway:
    return Gateway(Pipeline(ok), CONFIG, Health(fine), SettableClock(0))


async def test_the_bound_address_is_told() -> None:
    async with serving(ok) as running:
        assert "127.0.0.1" == running.address.host
        assert running.address.port > 0


async def test_stopping_what_never_started_is_fine() -> None:
    gateway = a_gateway()

    await gateway.stop(1)

    assert gateway is not None


async def test_an_answer_that_is_under_way_is_finished_then_the_connection_closed() -> None:
    release = asyncio.Event()

    async def slow(_request: Request) -> Response:
        await release.wait()
        return Response(200, {}, b"late")

    async with (
        serving(slow) as running,
        connected(running.address) as idle,
        connected(running.address) as busy,
    ):
        await busy.send(get())
        await running.pipeline.wait_asked()
        stopping = asyncio.ensure_future(running.gateway.stop(30))
        assert b"" == await idle.rest()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(*running.address)
        assert not stopping.done()
        release.set()
        reply = await busy.reply()
        await stopping

    assert (b"late", "close") == (reply.body, reply.headers["connection"])


async def test_an_upload_that_is_under_way_is_finished() -> None:
    async with serving(echo) as running, connected(running.address) as client:
        await client.send(put(b"hello")[:-3])
        await running.pipeline.wait_asked()
        stopping = asyncio.ensure_future(running.gateway.stop(30))
        await asyncio.sleep(0)
        reply = await client.ask(b"llo")
        await stopping

    assert b"hello" == reply.body


async def test_what_outlives_the_grace_is_cut() -> None:
    cancelled = asyncio.Event()

    async def endless(_request: Request) -> Response:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        raise AssertionError("never reached")

    async with serving(endless) as running, connected(running.address) as client:
        await client.send(get())
        await running.pipeline.wait_asked()
        await running.gateway.stop(0.01)
        end = await client.rest()
        await cancelled.wait()

    assert b"" == end
    assert "status=0" in running.access.getvalue()
