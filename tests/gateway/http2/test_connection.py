"""Connections with many requests at once, and clients that go too far."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial

import pytest
from h2.errors import ErrorCodes
from h2.settings import SettingCodes
from hyperframe import frame as frames

from ferrox.errors import S3Error
from ferrox.gateway.connection import Speaker
from ferrox.gateway.http2 import wire
from ferrox.gateway.http2.guard import PATIENCE, PREFACE
from ferrox.protocol.message import Request, Response
from tests.gateway.http2_talk import (
    LIMITS,
    Cut,
    Heard,
    Talk,
    at_random,
    fields,
    in_bytes,
    patient_echo,
    whole,
)
from tests.gateway.wire import echo, ok

CUTS = pytest.mark.parametrize("cut", [whole, in_bytes, at_random])


@CUTS
async def test_requests_are_answered_however_their_bytes_are_cut(cut: Cut) -> None:
    talk = Talk(echo, cut=cut)

    bodies = [b"", b"one", bytes(3_000)]
    streams = [talk.ask(body=body) for body in bodies]
    replies = [await talk.reply(stream) for stream in streams]

    assert bodies == [reply.body for reply in replies]
    assert [200] * 3 == [reply.status for reply in replies]


async def test_a_hundred_requests_at_once_are_answered_as_they_are_ready() -> None:
    release = asyncio.Event()

    async def answer(request: Request) -> Response:
        if request.path == "/slow":
            await release.wait()
        return Response(200, {}, request.path.encode())

    talk = Talk(answer)
    slow = talk.ask(path="/slow")
    others = [talk.ask(path=f"/b/{n}") for n in range(100)]
    bodies = [(await talk.reply(stream)).body for stream in others]
    has_waited = not talk.heard[slow].is_ended
    release.set()

    assert [f"/b/{n}".encode() for n in range(100)] == bodies
    assert (True, b"/slow") == (has_waited, (await talk.reply(slow)).body)


def is_ended(heard: Heard) -> bool:
    return heard.is_ended


async def send_all(talk: Talk, stream_id: int, body: bytes) -> None:
    """Send a body of any size as the server makes room for it."""
    at = 0
    while at < len(body):
        window = talk.client.local_flow_control_window(stream_id)
        size = min(window, talk.client.max_outbound_frame_size, len(body) - at)
        if size:
            talk.client.send_data(stream_id, body[at : at + size])
            at += size
            talk.send()
        else:
            await talk.until(lambda: talk.client.local_flow_control_window(stream_id) > 0)
    talk.client.end_stream(stream_id)
    talk.send()


async def test_bodies_larger_than_every_window_go_both_ways() -> None:
    body = bytes(range(256)) * 40_000

    async def answer(request: Request) -> Response:
        async def back() -> AsyncIterator[bytes]:
            async for data in request.body:
                yield data

        return Response(200, {}, back())

    talk = Talk(answer)
    stream = talk.client.get_next_available_stream_id()
    talk.client.send_headers(stream, fields(method="PUT"))
    talk.send()
    await send_all(talk, stream, body)

    assert body == (await talk.reply(stream)).body


async def test_no_more_comes_than_was_read_and_a_window() -> None:
    release = asyncio.Event()

    async def late(request: Request) -> Response:
        await release.wait()
        return await echo(request)

    talk = Talk(late)
    stream = talk.client.get_next_available_stream_id()
    talk.client.send_headers(stream, fields(method="PUT"))
    talk.send()
    talk.listen()
    body = bytes(3 * wire.STREAM_WINDOW_BYTES)
    sending = asyncio.ensure_future(send_all(talk, stream, body))
    await asyncio.sleep(0)
    sent_bytes = wire.STREAM_WINDOW_BYTES - talk.client.local_flow_control_window(stream)
    release.set()
    await sending

    assert wire.STREAM_WINDOW_BYTES == sent_bytes
    assert body == (await talk.reply(stream)).body


async def test_who_reads_slowly_is_sent_no_more_than_it_made_room_for() -> None:
    sent: list[int] = []

    async def long(_request: Request) -> Response:
        async def body() -> AsyncIterator[bytes]:
            for _ in range(100):
                sent.append(100_000)
                yield bytes(100_000)

        return Response(200, {"content-length": "10000000"}, body())

    talk = Talk(long)
    talk.acknowledges = False
    stream = talk.ask()
    await talk.until(lambda: len(talk.heard[stream].body) == 65_535)

    assert 1 == len(sent)
    talk.acknowledges = True
    talk.client.increment_flow_control_window(65_535)
    talk.client.increment_flow_control_window(65_535, stream)
    assert 10_000_000 == len((await talk.reply(stream)).body)


async def test_streams_have_their_turns() -> None:
    async def large(_request: Request) -> Response:
        return Response(200, {}, bytes(300_000))

    talk = Talk(large, settings={SettingCodes.INITIAL_WINDOW_SIZE: 1 << 20})
    talk.client.increment_flow_control_window(1 << 20)
    talk.connection.pause_writing()
    streams = [talk.ask() for _ in range(3)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    talk.connection.resume_writing()
    for stream in streams:
        await talk.reply(stream)

    first = [talk.order.index(stream) for stream in streams]
    last = [len(talk.order) - 1 - talk.order[::-1].index(stream) for stream in streams]
    assert max(first) < 3
    assert min(last) > len(talk.order) - 4


async def test_a_word_before_the_body_is_said_when_somebody_wants_it() -> None:
    talk = Talk(echo)
    stream = talk.client.get_next_available_stream_id()
    talk.client.send_headers(stream, fields(("expect", "100-continue"), method="PUT"))
    talk.send()
    await talk.until(lambda: bool(talk.heard[stream].interim))
    talk.client.send_data(stream, b"body", end_stream=True)
    talk.send()

    reply = await talk.reply(stream)

    assert ([{":status": "100"}], b"body") == (reply.interim, reply.body)


async def test_a_word_before_the_body_is_not_said_to_who_is_refused() -> None:
    talk = Talk(ok)
    stream = talk.client.get_next_available_stream_id()
    talk.client.send_headers(
        stream, fields(("expect", "100-continue"), ("content-length", "9"), method="PUT")
    )
    talk.send()

    await talk.until(lambda: talk.heard[stream].reset_code is not None)

    reply = talk.heard[stream]
    assert ([], 200, int(ErrorCodes.NO_ERROR)) == (reply.interim, reply.status, reply.reset_code)


async def test_the_rest_of_a_small_body_is_taken_and_of_a_large_one_refused() -> None:
    talk = Talk(ok)
    streams = []
    for length in ("1000", "100000000"):
        stream = talk.client.get_next_available_stream_id()
        talk.client.send_headers(stream, fields(("content-length", length), method="PUT"))
        talk.client.send_data(stream, bytes(500))
        talk.send()
        streams.append(stream)
        await talk.until(partial(is_ended, talk.heard[stream]))
    await talk.until(lambda: talk.heard[streams[1]].reset_code is not None)
    talk.client.send_data(streams[0], bytes(500), end_stream=True)
    talk.send()
    await talk.settled()

    assert [None, 0] == [talk.heard[stream].reset_code for stream in streams]
    assert 200 == (await talk.reply(talk.ask())).status


@pytest.mark.parametrize(("length", "body"), [("3", b"four"), ("5", b"four"), ("0", b"four")])
async def test_a_body_of_another_length_ends_its_stream_and_no_other(
    length: str, body: bytes
) -> None:
    errors: list[S3Error] = []

    async def answer(request: Request) -> Response:
        try:
            return await echo(request)
        except S3Error as error:
            errors.append(error)
            raise

    talk = Talk(answer)
    other = talk.client.get_next_available_stream_id()
    talk.client.send_headers(other, fields(method="PUT"))
    stream = talk.client.get_next_available_stream_id()
    talk.client.send_headers(stream, fields(("content-length", length), method="PUT"))
    talk.send()
    talk.client.send_data(stream, body, end_stream=True)
    talk.send()
    talk.client.send_data(other, b"fine", end_stream=True)
    talk.send()

    assert b"fine" == (await talk.reply(other)).body
    await talk.settled()
    assert ErrorCodes.PROTOCOL_ERROR == talk.heard[stream].reset_code
    assert {"IncompleteBody"} >= {error.code for error in errors}


async def test_trailers_are_ignored() -> None:
    talk = Talk(echo)
    stream = talk.client.get_next_available_stream_id()
    talk.client.send_headers(stream, fields(method="PUT"))
    talk.client.send_data(stream, b"body")
    talk.client.send_headers(stream, [("x-amz-meta-late", "1")], end_stream=True)
    talk.send()

    assert b"body" == (await talk.reply(stream)).body
    assert "x-amz-meta-late" not in talk.pipeline.requests[0].headers


async def test_padding_is_no_part_of_the_body_and_costs_no_window() -> None:
    talk = Talk(echo)
    stream = talk.client.get_next_available_stream_id()
    talk.client.send_headers(stream, fields(method="PUT"))
    for _ in range(20):
        talk.client.send_data(stream, b"x", pad_length=255)
    talk.client.end_stream(stream)
    talk.send()

    assert b"x" * 20 == (await talk.reply(stream)).body


async def test_a_reset_wakes_who_reads_and_the_connection_goes_on() -> None:
    errors: list[str] = []

    async def reading(request: Request) -> Response:
        if request.method == "GET":
            return Response(200, {}, b"fine")
        try:
            return await echo(request)
        except S3Error as error:
            errors.append(error.code)
            raise

    talk = Talk(reading)
    stream = talk.client.get_next_available_stream_id()
    talk.client.send_headers(stream, fields(method="PUT"))
    talk.client.send_data(stream, b"some")
    talk.send()
    await talk.pipeline.wait_asked()
    await asyncio.sleep(0)
    talk.client.reset_stream(stream, ErrorCodes.CANCEL)
    talk.send()
    await talk.settled()

    assert ["IncompleteBody"] == errors
    assert 200 == (await talk.reply(talk.ask())).status
    assert "aborted=true" in talk.log_lines()[0]


async def test_a_reset_wakes_who_writes_and_closes_the_body() -> None:
    closed = asyncio.Event()

    async def long(_request: Request) -> Response:
        async def body() -> AsyncIterator[bytes]:
            try:
                while True:
                    yield bytes(100_000)
            finally:
                closed.set()

        return Response(200, {}, body())

    talk = Talk(long)
    talk.acknowledges = False
    stream = talk.ask()
    await talk.until(lambda: len(talk.heard[stream].body) == 65_535)
    talk.client.reset_stream(stream, ErrorCodes.CANCEL)
    talk.send()
    await talk.settled()

    assert closed.is_set()
    assert {} == talk.connection.outbox._sendings
    assert 0 == talk.front.running_count


async def test_what_is_reset_with_its_request_is_never_begun() -> None:
    talk = Talk(echo)
    stream = talk.client.get_next_available_stream_id()
    talk.client.send_headers(stream, fields(), end_stream=True)
    talk.client.reset_stream(stream)
    talk.send()
    await talk.reply(talk.ask(path="/b/other"))

    assert ["/b/other"] == [request.path for request in talk.pipeline.requests]


async def test_rapid_resets_end_the_connection() -> None:
    """CVE-2023-44487"""
    release = asyncio.Event()

    async def wait(_request: Request) -> Response:
        await release.wait()
        return Response(200, {}, b"fine")

    talk = Talk(wait)
    for _ in range(1_000):
        if talk.transport.is_ended:
            break
        stream = talk.client.get_next_available_stream_id()
        talk.client.send_headers(stream, fields(), end_stream=True)
        talk.send()
        talk.client.reset_stream(stream)
        talk.send()
    asked = len(talk.pipeline.requests)
    release.set()

    assert ErrorCodes.ENHANCE_YOUR_CALM == await talk.ended()
    assert asked <= wire.MAX_STREAMS


async def test_who_takes_its_answers_may_reset_as_many_as_it_takes() -> None:
    talk = Talk(ok)
    for _ in range(1_000):
        await talk.reply(talk.ask())
        talk.client.reset_stream(talk.ask())
        talk.send()

    assert 200 == (await talk.reply(talk.ask())).status


def ping() -> frames.Frame:
    return frames.PingFrame(0, b"12345678")


def settings_frame() -> frames.Frame:
    return frames.SettingsFrame(0, {SettingCodes.INITIAL_WINDOW_SIZE: 65_535})


def empty_data() -> frames.Frame:
    return frames.DataFrame(1)


def priority() -> frames.Frame:
    return frames.PriorityFrame(7, depends_on=5)


def widening() -> frames.Frame:
    return frames.WindowUpdateFrame(0, 1)


def unknown() -> frames.Frame:
    frame = frames.ExtensionFrame(77, 0, body=b"?")
    frame.body_len = 1
    return frame


@pytest.mark.parametrize("flood", [ping, settings_frame, empty_data, priority, widening, unknown])
async def test_floods_of_what_nothing_comes_of_end_the_connection(flood: object) -> None:
    talk = Talk(patient_echo)
    talk.client.send_headers(1, fields(method="PUT"))
    talk.send()
    one = flood().serialize()  # type: ignore[operator] # one of those above

    for _ in range(int(PATIENCE) // 10):
        talk.send(one * 20)

    assert ErrorCodes.ENHANCE_YOUR_CALM == await talk.ended()
    await talk.settled()
    assert 0 == talk.front.running_count


async def test_a_few_of_them_harm_nobody() -> None:
    talk = Talk(echo)
    for flood in (ping, settings_frame, priority, widening, unknown):
        talk.send(flood().serialize() * 10)

    assert b"body" == (await talk.reply(talk.ask(body=b"body"))).body


async def test_fields_without_an_end_end_the_connection() -> None:
    """CVE-2024-27316"""
    talk = Talk(ok)
    first = frames.HeadersFrame(1, data=b"\x40\x01a\x7f" + bytes(100))
    talk.send(first.serialize())
    more = frames.ContinuationFrame(1, data=bytes(8_000)).serialize()

    for _ in range(10):
        talk.send(more)

    assert ErrorCodes.ENHANCE_YOUR_CALM == await talk.ended()


async def test_empty_continuations_without_an_end_end_the_connection() -> None:
    talk = Talk(ok)
    talk.send(frames.HeadersFrame(1, data=b"").serialize())
    talk.send(frames.ContinuationFrame(1).serialize() * 100)

    assert ErrorCodes.PROTOCOL_ERROR == await talk.ended()


async def test_a_bomb_of_fields_ends_the_connection() -> None:
    """CVE-2016-6581: each byte stands for a field of 4,000 bytes that was said once."""
    talk = Talk(ok)
    bomb = b"\x40\x01a\x7f\xa1\x1e" + b"v" * 4_000 + b"\xbe" * 10_000
    talk.send(frames.HeadersFrame(1, data=bomb, flags=["END_HEADERS", "END_STREAM"]).serialize())

    assert ErrorCodes.ENHANCE_YOUR_CALM == await talk.ended()


async def test_a_head_that_is_too_large_is_refused_as_such() -> None:
    talk = Talk(ok)

    reply = await talk.reply(talk.ask(("x-amz-meta-a", "v" * 17_000)))

    assert 400 == reply.status
    assert b"<Code>RequestHeaderSectionTooLarge</Code>" in reply.body
    assert 200 == (await talk.reply(talk.ask())).status


async def test_one_request_too_many_is_refused_and_may_be_tried_again() -> None:
    release = asyncio.Event()

    async def wait(_request: Request) -> Response:
        await release.wait()
        return Response(200, {}, b"fine")

    talk = Talk(wait)
    talk.client.remote_settings[SettingCodes.MAX_CONCURRENT_STREAMS] = 1_000
    talk.client.remote_settings.acknowledge()
    streams = []
    for _ in range(wire.MAX_STREAMS + 2):
        streams.append(talk.client.get_next_available_stream_id())
        talk.client.send_headers(streams[-1], fields(), end_stream=True)
    data = talk.client.data_to_send()
    talk.connection.data_received(data)
    release.set()
    heard = [await talk.reply(stream) for stream in streams]

    assert [200] * wire.MAX_STREAMS == [one.status for one in heard[: wire.MAX_STREAMS]]
    assert [ErrorCodes.REFUSED_STREAM] * 2 == [one.reset_code for one in heard[wire.MAX_STREAMS :]]


async def test_who_opens_no_window_is_given_up() -> None:
    limits = replace(LIMITS, body_timeout_s=0.02)
    talk = Talk(long_answer, limits=limits)
    talk.acknowledges = False
    talk.client.increment_flow_control_window(1_000_000)
    stream = talk.ask()

    reply = await talk.reply(stream)

    assert ErrorCodes.CANCEL == reply.reset_code
    assert "aborted=true" in talk.log_lines()[0]


async def test_who_opens_no_window_for_the_connection_is_cut() -> None:
    limits = replace(LIMITS, body_timeout_s=0.02)
    talk = Talk(long_answer, limits=limits)
    talk.acknowledges = False
    talk.ask()

    await talk.until(lambda: talk.transport.is_aborted)

    talk.connection.connection_lost(None)
    await talk.settled()
    assert 0 == talk.front.running_count


async def long_answer(_request: Request) -> Response:
    return Response(200, {}, bytes(1_000_000))


async def test_who_takes_nothing_from_the_network_is_cut() -> None:
    limits = replace(LIMITS, body_timeout_s=0.02)
    talk = Talk(long_answer, limits=limits)
    talk.connection.pause_writing()
    talk.transport.unsent_bytes = 70_000
    talk.ask()
    async with asyncio.timeout(10):
        while not talk.transport.is_aborted:
            await talk.transport.has_news.wait()
            talk.transport.has_news.clear()
    talk.connection.connection_lost(None)
    await talk.settled()

    assert 0 == talk.front.running_count


async def test_answers_without_a_body_wait_for_who_takes_nothing() -> None:
    talk = Talk(ok)
    talk.connection.pause_writing()
    streams = [talk.ask(method="HEAD") for _ in range(wire.MAX_STREAMS)]
    await asyncio.sleep(0)
    under_way = talk.front.running_count
    talk.connection.resume_writing()
    for stream in streams:
        await talk.reply(stream)

    assert wire.MAX_STREAMS == under_way


async def test_an_idle_connection_ends_in_an_orderly_way() -> None:
    talk = Talk(ok, limits=replace(LIMITS, idle_timeout_s=0.02))
    stream = talk.ask()

    assert ErrorCodes.NO_ERROR == await talk.ended()
    assert talk.end is not None
    assert (stream, 200) == (talk.end.last_stream_id, talk.heard[stream].status)


async def test_a_connection_that_retires_answers_what_it_was_asked() -> None:
    release = asyncio.Event()

    async def wait(_request: Request) -> Response:
        await release.wait()
        return Response(200, {}, b"fine")

    talk = Talk(wait)
    stream = talk.ask()
    await talk.pipeline.wait_asked()
    late = talk.client.get_next_available_stream_id()
    talk.client.send_headers(late, fields(), end_stream=True)
    data = talk.client.data_to_send()
    talk.listener.close_idle()
    talk.send(data)
    await talk.until(lambda: talk.end is not None)
    is_open = not talk.transport.is_ended
    release.set()
    await talk.settled()
    told = b"".join(talk.transport.written)

    assert (True, True) == (is_open, talk.transport.is_ended)
    assert talk.end is not None
    assert (stream, 0) == (talk.end.last_stream_id, talk.end.error_code)
    assert 1 == len(talk.pipeline.requests)
    assert b"" == told


async def test_a_client_that_goes_away_has_its_answers_first() -> None:
    release = asyncio.Event()

    async def wait(_request: Request) -> Response:
        await release.wait()
        return Response(200, {}, b"fine")

    talk = Talk(wait, cut=at_random)
    talk.ask()
    talk.send(frames.GoAwayFrame(0, 0, 0, b"bye").serialize())
    release.set()
    await talk.settled()

    assert talk.transport.is_ended
    assert ["status=200"] == [
        word for line in talk.log_lines() for word in line.split() if word.startswith("status")
    ]


async def test_a_client_that_sends_no_more_has_its_answers_first() -> None:
    talk = Talk(long_answer)
    talk.client.increment_flow_control_window(2_000_000)
    stream = talk.ask()
    talk.client.increment_flow_control_window(2_000_000, stream)
    talk.send()
    stays = talk.connection.eof_received()
    await talk.until(lambda: talk.heard[stream].is_ended)
    await talk.settled()

    assert (True, True) == (stays, talk.transport.is_ended)


async def test_shutting_down_cuts_what_does_not_end() -> None:
    async def wait(_request: Request) -> Response:
        await asyncio.Event().wait()
        return Response(200, {})

    talk = Talk(wait)
    talk.ask()
    await talk.pipeline.wait_asked()
    await talk.listener.shutdown(1.0)

    assert talk.transport.is_ended
    assert (0, {}) == (talk.front.running_count, talk.connection._streams)


async def test_a_connection_too_many_is_told_to_slow_down() -> None:
    talk = Talk(ok, limits=replace(LIMITS, connections=1), others=1)

    stream = talk.ask()
    code = await talk.ended()

    assert (503, 0) == (talk.heard[stream].status, code)
    assert [] == talk.pipeline.requests


async def test_what_a_connection_had_is_let_go_of() -> None:
    talk = Talk(echo)
    talk.client.send_headers(1, fields(method="PUT"))
    talk.send()
    await talk.pipeline.wait_asked()
    connections: set[Speaker] = set(talk.listener.connections)
    talk.connection.connection_lost(None)
    await talk.settled()

    assert {talk.connection} == connections
    assert set() == talk.listener.connections
    assert (0, 0) == (talk.listener.admission.count, talk.front.running_count)


def test_the_preface_is_what_the_rfc_says() -> None:
    assert b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" == PREFACE
