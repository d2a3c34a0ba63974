"""One request on a stream: answered, logged, and what becomes of failures."""

from collections.abc import AsyncIterator

from h2.errors import ErrorCodes

from ferrox import metrics
from ferrox.protocol.message import Outcome, Request, Response
from tests.counted import counting
from tests.gateway.http2_talk import Talk
from tests.gateway.wire import echo, ok


class Log:
    def __init__(self) -> None:
        self.notes: list[tuple[Request, Outcome]] = []

    def note(self, request: Request, outcome: Outcome) -> None:
        self.notes.append((request, outcome))


async def test_a_request_is_logged_once_it_is_over() -> None:
    log = Log()
    talk = Talk(echo, request_log=log)
    await talk.reply(talk.ask(body=b"body", path="/b/k?x=1"))
    await talk.settled()
    ((request, outcome),) = log.notes
    (line,) = talk.log_lines()

    assert ("PUT", "/b/k", "x=1", "192.0.2.7", "HTTP/2.0") == (
        request.method, request.path, request.query_string, request.peer, request.version,
    )  # fmt: skip
    assert (200, 4, 4) == (outcome.status, outcome.sent_bytes, outcome.received_bytes)
    assert "status=200 bytes_in=4 bytes_out=4" in line
    assert " http=2.0" in line
    assert "aborted" not in line


async def test_a_request_is_counted_once() -> None:
    with counting() as counts:
        talk = Talk(echo)
        await talk.reply(talk.ask(body=b"body", path="/b/k"))
        await talk.settled()

    assert {("unknown", "200"): [1]} == counts[metrics.REQUESTS]
    assert {("unknown",): [4]} == counts[metrics.SENT_BYTES] == counts[metrics.RECEIVED_BYTES]
    until_first, whole = (counts[one]["unknown",] for one in (metrics.FIRST_BYTE, metrics.DURATION))
    assert [1, 1] == [sum(until_first[:-1]), sum(whole[:-1])]
    assert 0 < until_first[-1] <= whole[-1]


async def test_a_body_that_fails_at_once_is_an_error_document() -> None:
    async def broken(_request: Request) -> Response:
        return Response(200, {"content-length": "3"}, failing_after(0))

    talk = Talk(broken)
    reply = await talk.reply(talk.ask())

    assert 500 == reply.status
    assert b"<Code>InternalError</Code>" in reply.body


async def failing_after(blocks: int) -> AsyncIterator[bytes]:
    for _ in range(blocks):
        yield b"data"
    raise OSError("the disk is gone")


async def test_a_body_that_fails_later_is_never_taken_for_whole() -> None:
    async def broken(_request: Request) -> Response:
        return Response(200, {"content-length": "4"}, failing_after(1))

    talk = Talk(broken)
    reply = await talk.reply(talk.ask())
    await talk.settled()

    assert (b"data", False, ErrorCodes.INTERNAL_ERROR) == (
        reply.body, reply.is_ended, reply.reset_code,
    )  # fmt: skip
    assert "aborted=true" in talk.log_lines()[0]


async def test_a_malformed_request_is_refused_in_words_and_asked_of_nobody() -> None:
    talk = Talk(ok)
    reply = await talk.reply(talk.ask(("connection", "close")))

    assert 400 == reply.status
    assert b"<Code>BadRequest</Code>" in reply.body
    assert [] == talk.pipeline.requests
    assert "error_code=BadRequest" in talk.log_lines()[0]


async def test_a_malformed_request_with_a_body_ends_in_an_error_of_its_stream() -> None:
    talk = Talk(ok)
    stream = talk.client.get_next_available_stream_id()
    head = [(":method", "PUT"), (":scheme", "https"), (":path", "/b/k")]
    talk.client.send_headers(stream, head)
    talk.send()
    heard = talk.heard[stream]
    await talk.until(lambda: heard.reset_code is not None)

    assert (400, ErrorCodes.PROTOCOL_ERROR) == (heard.status, heard.reset_code)
    assert 200 == (await talk.reply(talk.ask())).status


async def test_health_is_answered_here_too() -> None:
    talk = Talk(ok)

    assert b'{"status": "live"}\n' == (await talk.reply(talk.ask(path="/health/live"))).body
