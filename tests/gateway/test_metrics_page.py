"""/metrics: who is answered, and how."""

import asyncio
from typing import NamedTuple

import pytest

from ferrox import metrics
from ferrox.gateway import metrics_page as module
from ferrox.gateway.metrics_page import MetricsPage
from ferrox.protocol.message import Request, Response
from tests.counted import counting

TOKEN = "a-token-of-metrics"


class Told(NamedTuple):
    media_type: str
    text: bytes


class Source:
    """Tells how it was asked."""

    def __init__(self) -> None:
        self.is_stuck = False
        self.is_broken = False

    async def write(self, accept: str, *, names_buckets: bool) -> Told:
        if self.is_stuck:
            await asyncio.Event().wait()
        if self.is_broken:
            raise OSError("the drive is gone")
        return Told(f"for {accept}", b"with names" if names_buckets else b"without names")


def asked(
    method: str = "GET",
    path: str = "/metrics",
    query: str = "",
    host: str = "localhost",
    **headers: str,
) -> Request:
    return Request(method, path, query, {"host": host, **headers})


async def answer(page: MetricsPage, request: Request) -> Response:
    response = await page.answer(request, ["s3.test"])
    assert response is not None
    return response


async def test_without_a_token_anybody_is_told_all_but_names() -> None:
    request = asked(accept="this")

    response = await answer(MetricsPage(Source(), None), request)

    assert (200, b"without names", "for this") == (
        response.status, response.body, response.headers["content-type"],
    )  # fmt: skip
    assert "Metrics" == request.facts["operation"]


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
async def test_who_shows_the_token_is_told_everything(scheme: str) -> None:
    response = await answer(
        MetricsPage(Source(), TOKEN), asked(authorization=f"{scheme} {TOKEN}")
    )  # fmt: skip

    assert (200, b"with names") == (response.status, response.body)


@pytest.mark.parametrize(
    ("shown", "wanted"),
    [
        (None, 'Bearer realm="metrics"'),
        ("", 'Bearer realm="metrics"'),
        (f"Basic {TOKEN}", 'Bearer realm="metrics"'),
        (TOKEN, 'Bearer realm="metrics"'),
        ("Bearer", 'Bearer realm="metrics", error="invalid_token"'),
        ("Bearer wrong", 'Bearer realm="metrics", error="invalid_token"'),
        (f"Bearer {TOKEN}x", 'Bearer realm="metrics", error="invalid_token"'),
        (f"Bearer {TOKEN[:-1]}", 'Bearer realm="metrics", error="invalid_token"'),
        ("Bearer ümläut\udcff", 'Bearer realm="metrics", error="invalid_token"'),
    ],
)
async def test_who_does_not_is_told_what_is_wanted(shown: str | None, wanted: str) -> None:
    headers = {} if shown is None else {"authorization": shown}

    with counting() as counts:
        response = await answer(MetricsPage(Source(), TOKEN), asked(**headers))

    assert (401, wanted) == (response.status, response.headers["www-authenticate"])
    assert TOKEN.encode() not in bytes(response.body)  # type: ignore[arg-type] # no stream
    assert {("InvalidMetricsToken",): [1]} == counts[metrics.AUTHENTICATION_FAILURES]


async def test_head_is_answered_without_a_body() -> None:
    response = await answer(MetricsPage(Source(), None), asked("HEAD"))

    assert (200, b"", "13") == (response.status, response.body, response.headers["content-length"])


@pytest.mark.parametrize(
    "request_",
    [
        asked("PUT"),
        asked("POST"),
        asked(path="/metrics/"),
        asked(path="/bucket/metrics"),
        asked(host="bucket.s3.test"),
        asked(authorization="AWS4-HMAC-SHA256 Credential=…"),
        asked(query="X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=abc"),
        asked(query="AWSAccessKeyId=x&Signature=abc"),
    ],
)
async def test_what_is_about_a_bucket_is_left_to_the_pipeline(request_: Request) -> None:
    assert await MetricsPage(Source(), None).answer(request_, ["s3.test"]) is None


async def test_who_waits_for_too_long_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TIMEOUT_S", 0.01)
    source = Source()
    source.is_stuck = True

    assert 503 == (await answer(MetricsPage(source, None), asked())).status


async def test_whatever_fails_is_answered(caplog: pytest.LogCaptureFixture) -> None:
    """The connection was cut, without a word in the log."""
    source = Source()
    source.is_broken = True

    response = await answer(MetricsPage(source, None), asked())

    assert 500 == response.status
    assert "the drive is gone" in caplog.text
    assert b"the drive is gone" not in bytes(response.body)  # type: ignore[arg-type] # no stream
