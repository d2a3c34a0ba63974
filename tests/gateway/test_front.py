"""The seam behind every version of HTTP: requests as values in, responses out."""

import asyncio
import io
import logging

from ferrox.clock import SettableClock
from ferrox.errors import SlowDown
from ferrox.gateway.access_log import AccessLog
from ferrox.gateway.body import IncomingBody
from ferrox.gateway.front import Front, RequestLogs
from ferrox.gateway.health import Health
from ferrox.gateway.http2.inbox import Inbox
from ferrox.gateway.limits import Limits
from ferrox.protocol.message import Outcome, Request, Response
from tests.gateway.wire import NOON_MS, Pipeline, ok

LIMITS = Limits(16_384, 0, 1.0, 1.0, 100)


async def fine() -> None:
    return


class Sent:
    """An answer of four bytes that began after a while."""

    sent_bytes = 4
    begun_s = 0.5


def a_front(log: io.StringIO | None = None) -> Front:
    clock = SettableClock(NOON_MS)
    access_log = AccessLog("text", clock, log) if log is not None else None
    quiet = logging.getLogger("ferrox.test")
    return Front(
        Pipeline(ok), Health(fine), LIMITS, (), clock, log=quiet, access_log=access_log
    )  # fmt: skip


def a_request(path: str) -> Request:
    return Request("GET", path, "", {"host": "localhost"}, request_id="0123456789ABCDEF")


def end(front: Front, status: int) -> None:
    """End a request that was answered with a status; 0 for not at all."""
    answered = (Response(status, {}), 0.0) if status else None
    body = IncomingBody(Inbox(lambda _: None), LIMITS)
    front.end(a_request("/b/k"), answered, 0.0, body, Sent(), is_whole=bool(status))


async def test_health_is_answered_before_the_pipeline() -> None:
    front = a_front()

    health = await front.answer(a_request("/health/live"))
    other = await front.answer(a_request("/health/other"))

    assert (b'{"status": "live"}\n', b"fine") == (health.body, other.body)


async def test_a_refusal_is_a_document_with_the_ids_of_the_request() -> None:
    request = a_request("/b/k")

    response = a_front().refuse(request, SlowDown())

    assert (503, "0123456789ABCDEF") == (response.status, response.headers["x-amz-request-id"])
    assert b"<Code>SlowDown</Code>" in bytes(response.body)  # type: ignore[arg-type] # no stream
    assert "SlowDown" == request.facts["error_code"]


async def test_stopping_waits_for_the_requests_under_way() -> None:
    log = io.StringIO()
    front = a_front(log)
    front.begin()
    front.begin()
    stopping = asyncio.ensure_future(front.stop())

    end(front, 200)
    await asyncio.sleep(0)
    assert (True, False) == (front.is_stopping, stopping.done())
    end(front, 200)
    await stopping
    front.flush()

    assert 2 == log.getvalue().count("status=200")


def test_every_log_of_requests_takes_note() -> None:
    noted: list[str] = []

    class Log:
        def __init__(self, name: str) -> None:
            self.name = name

        def note(self, request: Request, outcome: Outcome) -> None:
            noted.append(f"{self.name} {request.path} {outcome.status}")

    RequestLogs(Log("one"), Log("two")).note(
        Request("GET", "/b", "", {}), Outcome(200, {}, 0, 0.0, 0.0)
    )

    assert ["one /b 200", "two /b 200"] == noted


async def test_answers_are_counted_by_the_first_digit_of_their_status() -> None:
    front = a_front()
    for status in (200, 206, 404, 503, 0):
        front.begin()
        end(front, status)

    assert [1, 0, 2, 0, 1, 1] == front.answered_counts[:6]
    assert 0 == front.running_count


async def test_a_refusal_may_be_said_in_another_way() -> None:
    request = a_request("/b/k")
    front = Front(
        Pipeline(ok), Health(fine), LIMITS, (), SettableClock(NOON_MS),
        log=logging.getLogger("ferrox.test"), access_log=None,
        refuse=lambda _, error: Response(error.status, {}, b"no"),
    )  # fmt: skip

    response = front.refuse(request, SlowDown())

    assert (503, b"no", "SlowDown") == (response.status, response.body, request.facts["error_code"])
