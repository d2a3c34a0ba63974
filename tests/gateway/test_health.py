"""The health endpoints, asked directly and over the wire."""

import asyncio
import json

import pytest

from ferrox import __version__
from ferrox.errors import StorageFull
from ferrox.gateway import health as module
from ferrox.gateway.health import Health
from ferrox.protocol.message import Request, Response
from tests.gateway.wire import connected, get, ok, serving


async def fine() -> None:
    return


async def full() -> None:
    raise StorageFull("the disk is full")


async def broken() -> None:
    raise ZeroDivisionError


async def hanging() -> None:
    await asyncio.Event().wait()


def asked(path: str, method: str = "GET", host: str = "localhost:9000") -> Request:
    return Request(method, path, "", {"host": host})


async def answer(health: Health, request: Request, *domains: str) -> Response:
    response = await health.answer(request, domains)
    assert response is not None
    return response


@pytest.mark.parametrize("path", module.PATHS)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_healthy_server_says_so_under_every_name(path: str, method: str) -> None:
    response = await answer(Health(fine), asked(path, method))

    assert 200 == response.status
    assert ("application/json", method == "GET") == (
        response.headers["content-type"],
        bool(response.body),
    )


async def test_the_only_server_cannot_be_spared() -> None:
    """MinIO's clients ask whether the others could do without the one that they ask."""
    request = Request("GET", "/minio/health/cluster", "maintenance=true", {"host": "localhost"})

    assert 412 == (await answer(Health(fine), request)).status


async def test_the_version_is_told() -> None:
    response = await answer(Health(fine), asked("/health/version"))

    assert isinstance(response.body, bytes)
    assert {"name": "ferroxd", "version": __version__} == json.loads(response.body)


@pytest.mark.parametrize(
    ("health", "reason"),
    [
        (Health(full), "the disk is full"),
        (Health(broken), "the probe failed; the log has the reason"),
        (Health(hanging), "the probe did not end in 0.01 seconds"),
    ],
)
async def test_a_server_that_is_not_ready_is_alive_and_says_why(
    health: Health, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PROBE_TIMEOUT_S", 0.01)

    ready = await answer(health, asked("/minio/health/cluster"))
    live = await answer(health, asked("/health/live"))

    assert (503, 200) == (ready.status, live.status)
    assert isinstance(ready.body, bytes)
    assert reason == json.loads(ready.body)["reason"]


async def test_a_server_that_is_stopping_is_not_ready() -> None:
    health = Health(fine)
    health.is_stopping = True

    assert 503 == (await answer(health, asked("/health/ready"))).status


@pytest.mark.parametrize(
    "request_",
    [
        asked("/health/live", "PUT"),
        asked("/health/liver"),
        asked("/health"),
        asked("/b/health/live"),
        asked("/health/live", host="photos.s3.test"),
    ],
)
async def test_other_requests_are_left_to_the_pipeline(request_: Request) -> None:
    assert await Health(fine).answer(request_, ["s3.test"]) is None


async def test_health_does_not_reach_the_pipeline() -> None:
    async with serving(ok) as running, connected(running.address) as client:
        reply = await client.ask(get("/health/ready"))
        await client.send(get("/health/ready", method="HEAD"))
        head = await client.reply(is_head=True)

    assert (200, b'{"status": "ready"}\n', 200) == (reply.status, reply.body, head.status)
    assert [] == running.pipeline.requests
    assert "operation=Health" in running.access.getvalue()
