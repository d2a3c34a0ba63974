"""The seam behind every version of HTTP: requests as values in, responses out."""

import asyncio
import io
import logging
from typing import NamedTuple

import pytest

from ferrox.clock import SettableClock
from ferrox.errors import SlowDown
from ferrox.gateway.access_log import AccessLog
from ferrox.gateway.body import IncomingBody
from ferrox.gateway.front import Front, RequestLogs
from ferrox.gateway.health import Health
from ferrox.gateway.http2.inbox import Inbox
from ferrox.gateway.limits import Limits
from ferrox.gateway.metrics_page import MetricsPage
from ferrox.protocol.message import Outcome, Request, Response
from tests.gateway.wire import NOON_MS, Pipeline, ok

DOMAINS = ("s3.example.com", "s3.web.test")
WEBSITES = ("web.test", "www.example.com")
LIMITS = Limits(16_384, 0, 1.0, 1.0, 100)


async def fine() -> None:
    return


class Sent:
    """An answer of four bytes that began after a while."""

    sent_bytes = 4
    begun_s = 0.5


def a_front(log: io.StringIO | None = None, metrics: MetricsPage | None = None) -> Front:
    clock = SettableClock(NOON_MS)
    access_log = AccessLog("text", clock, log) if log is not None else None
    quiet = logging.getLogger("ferrox.test")
    return Front(
        Pipeline(ok), Health(fine), LIMITS, DOMAINS, clock, log=quiet, access_log=access_log,
        metrics=metrics, website_domains=WEBSITES,
    )  # fmt: skip


def a_request(path: str, host: str = "localhost") -> Request:
    return Request("GET", path, "", {"host": host}, request_id="0123456789ABCDEF")


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


class Source:
    """Has little to tell."""

    async def write(self, accept: str, *, names_buckets: bool) -> "Told":
        return Told(accept, b"told")


class Told(NamedTuple):
    media_type: str
    text: bytes


async def test_metrics_are_answered_before_the_pipeline_where_there_are_some() -> None:
    with_metrics, without = a_front(metrics=MetricsPage(Source(), None)), a_front()

    told = await with_metrics.answer(a_request("/metrics"))
    other = await without.answer(a_request("/metrics"))

    assert (b"told", b"fine") == (told.body, other.body)


PAGES = ["/health/live", "/health/version", "/minio/health/ready", "/metrics"]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(
    "host", ["web.test", "web.test:9000", "photos.web.test", "WWW.example.com", "a.s3.web.test"]
)
async def test_a_host_that_is_a_buckets_shows_no_pages_of_the_server(path: str, host: str) -> None:
    front = a_front(metrics=MetricsPage(Source(), None))

    assert b"fine" == (await front.answer(a_request(path, host))).body


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(
    "host", ["", "10.0.0.1:9000", "s3.example.com", "s3.web.test", "xweb.test"]
)
async def test_every_other_host_shows_them_whatever_websites_there_are(
    path: str, host: str
) -> None:
    front = a_front(metrics=MetricsPage(Source(), None))

    assert b"fine" != (await front.answer(a_request(path, host))).body


@pytest.mark.parametrize("path", PAGES)
async def test_what_is_answered_before_the_pipeline_has_the_id_of_its_request(path: str) -> None:
    response = await a_front(metrics=MetricsPage(Source(), None)).answer(a_request(path))

    assert "0123456789ABCDEF" == response.headers["x-amz-request-id"]


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
