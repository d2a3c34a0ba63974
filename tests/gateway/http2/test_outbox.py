"""Blocks that become frames as the client makes room."""

import asyncio

import pytest

from ferrox.gateway.connection import StalledError
from ferrox.gateway.http2.guard import Patience
from ferrox.gateway.http2.outbox import WRITE_BYTES, Outbox
from ferrox.gateway.http2.wire import Wire
from tests.gateway.http2_talk import client_side, fields

WINDOW_BYTES = 65_535


class Sink:
    """A wire with requests on it, and a network that takes so many portions."""

    def __init__(self, streams: int, portions: int = 1_000) -> None:
        self.wire = Wire(40_000)
        self.client = client_side()
        self.client.initiate_connection()
        for n in range(streams):
            self.client.send_headers(2 * n + 1, fields(), end_stream=True)
        self.client.increment_flow_control_window(1 << 24)
        self.wire.receive_data(self.client.data_to_send())
        for n in range(streams):
            self.wire.send_headers(2 * n + 1, [(b":status", b"200")])
        self.wire.data_to_send()
        self.sizes: list[int] = []
        self.outbox = Outbox(self.wire, asyncio.get_running_loop(), Patience(0.0), self._flush)
        self._portions = portions

    def widen(self, stream_id: int, size_bytes: int) -> None:
        self.client.increment_flow_control_window(size_bytes, stream_id)
        self.wire.receive_data(self.client.data_to_send())
        self.outbox.widen(stream_id)
        self.outbox.pump()

    def _flush(self) -> None:
        self.sizes.append(len(self.wire.data_to_send()))
        self._portions -= 1
        self.outbox.is_paused = self._portions <= 0


async def test_a_block_that_there_is_room_for_is_sent_at_once() -> None:
    sink = Sink(1)

    assert None is sink.outbox.begin(1, b"data", is_last=True)
    assert (4, False) == (sink.outbox.moved_bytes, sink.outbox.is_blocked)


async def test_a_block_waits_for_its_window_and_no_longer() -> None:
    sink = Sink(1)
    sent = sink.outbox.begin(1, bytes(WINDOW_BYTES + 10), is_last=False)
    assert sent is not None
    sink.widen(1, 9)
    has_waited = not sent.done()
    sink.widen(1, 1)

    assert (True, True) == (has_waited, sent.done())
    assert not sink.outbox.is_blocked


async def test_nothing_is_made_that_the_network_does_not_take() -> None:
    sink = Sink(8, portions=1)
    waits = [sink.outbox.begin(2 * n + 1, bytes(60_000), is_last=True) for n in range(8)]
    blocked, moved_bytes = sink.outbox.is_blocked, sink.outbox.moved_bytes
    sink._portions = 1_000
    sink.outbox.resume()

    assert (True, True) == (blocked, moved_bytes < 2 * WRITE_BYTES)
    assert all(one is None or one.done() for one in waits)
    assert 480_000 == sink.outbox.moved_bytes


async def test_who_waits_for_the_network_is_told() -> None:
    sink = Sink(1)
    free = sink.outbox.drained()
    sink.outbox.is_paused = True
    drained = sink.outbox.drained()
    assert drained is not None
    has_waited = not drained.done()
    sink.outbox.resume()

    assert (None, True, True) == (free, has_waited, drained.done())


async def test_who_is_dropped_is_told_and_sends_no_more() -> None:
    sink = Sink(2)
    sent = sink.outbox.begin(1, bytes(WINDOW_BYTES + 1), is_last=True)
    assert sent is not None
    sink.outbox.drop(1, ConnectionResetError())
    sink.widen(1, 100)

    with pytest.raises(ConnectionResetError):
        await sent
    assert WINDOW_BYTES == sink.outbox.moved_bytes


async def test_when_all_is_stopped_all_are_told() -> None:
    sink = Sink(2, portions=1)
    sink.outbox.is_paused = True
    waits = [sink.outbox.begin(1, b"data", is_last=True), sink.outbox.drained()]
    sink.outbox.stop(ConnectionResetError())

    for one in waits:
        assert one is not None
        with pytest.raises(ConnectionResetError):
            await one
    assert not sink.outbox.is_blocked


async def test_who_has_waited_for_its_window_for_too_long_is_given_up() -> None:
    sink = Sink(2)
    now_s = asyncio.get_running_loop().time()
    late = sink.outbox.begin(1, bytes(WINDOW_BYTES + 1), is_last=True)
    sink.outbox.is_paused = True
    queued = sink.outbox.begin(3, b"data", is_last=True)
    sink.outbox.give_up(now_s - 1)
    assert late is not None
    assert queued is not None
    early = late.done()
    sink.outbox.give_up(now_s + 10)

    assert (False, False) == (early, queued.done())
    with pytest.raises(StalledError):
        await late
