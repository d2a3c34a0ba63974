"""operating.py: the ways in are made or left closed, and what comes in by them is answered."""

import asyncio
import json
import logging
import ssl
from pathlib import Path

import pytest

from ferrox.clock import SettableClock
from ferrox.config import Address, Config
from ferrox.errors import StartError
from ferrox.gateway import unix_socket
from ferrox.gateway.unix_socket import InUseError
from ferrox.jobs.rounds import Rounds
from ferrox.monitoring.scrape import Scrape
from ferrox.operating import Doors, admitting, open_doors, tell_figures
from ferrox.workers.everyone import Everyone
from tests.gateway.wire import ok, serving
from tests.in_process import InProcess
from tests.issuing import Issuer

LOG = logging.getLogger("ferrox.test")


class Job:
    """Something with rounds."""

    def __init__(self, clock: SettableClock) -> None:
        self.rounds = Rounds("sweeping", clock)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    folder = tmp_path / "data"
    folder.mkdir(exist_ok=True)
    return Config(data_dir=folder, access_log=False)


@pytest.fixture
def issuer(tmp_path: Path) -> Issuer:
    return Issuer(tmp_path / "pki")


def secured(config: Config, issuer: Issuer) -> Config:
    certificate = issuer.server()
    return Config(
        data_dir=config.data_dir, access_log=False, admin_bind=Address("127.0.0.1", 0),
        admin_certificate=certificate, admin_key=certificate.with_suffix(".key"),
        admin_client_ca=issuer.trusted,
    )  # fmt: skip


async def get(
    doors: Doors, path: str = "/admin/v1/jobs", context: ssl.SSLContext | None = None
) -> tuple[int, bytes]:
    """Ask over TLS if there is a context, else over the socket."""
    if context is not None:
        assert doors.address is not None
        reader, writer = await asyncio.open_connection(*doors.address, ssl=context)
    else:
        reader, writer = await asyncio.open_unix_connection(str(doors.path))
    writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    return int(head.split()[1]), body


def scraping(s3: InProcess) -> Scrape:
    return Scrape(s3.store, s3.clock, 10)


async def test_metrics_are_told_over_the_socket_with_names_of_buckets(
    s3: InProcess, config: Config
) -> None:
    await s3.make_bucket()
    doors = open_doors(config, LOG)
    async with admitting(doors, s3.services, Everyone(), [], scraping(s3)):
        status, body = await get(doors, "/metrics")
    doors.remove()

    assert 200 == status
    assert b'ferrox_bucket_objects{bucket="bucket"} 0.0' in body


async def test_over_the_socket_an_operator_is_answered(
    s3: InProcess, config: Config, clock: SettableClock
) -> None:
    doors = open_doors(config, LOG)
    async with admitting(doors, s3.services, Everyone(), [Job(clock), object()], scraping(s3)):
        status, body = await get(doors)
    doors.remove()

    assert 200 == status
    assert ["sweeping"] == [job["name"] for job in json.loads(body)["jobs"]]
    assert not doors.path.exists()


async def test_what_cannot_be_read_is_refused_like_everything_else(
    s3: InProcess, config: Config
) -> None:
    doors = open_doors(config, LOG)
    async with admitting(doors, s3.services, Everyone(), [], scraping(s3)):
        reader, writer = await asyncio.open_unix_connection(str(doors.path))
        writer.write(b"nonsense\r\n\r\n")
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
    doors.remove()

    assert head.startswith(b"HTTP/1.1 400 ")
    assert "BadRequest" == json.loads(body)["error"]["code"]


async def test_without_certificates_the_port_is_closed(config: Config) -> None:
    doors = open_doors(config, LOG)

    assert (None, None, []) == (doors.secured, doors.address, doors.watched)
    doors.remove()


async def test_over_tls_the_certificate_is_asked_for(
    s3: InProcess, config: Config, clock: SettableClock, issuer: Issuer
) -> None:
    settings = secured(config, issuer)
    admin, stranger = issuer.client("ops", "admin"), issuer.client("somebody")
    doors = open_doors(settings, LOG)
    async with admitting(doors, s3.services, Everyone(), [Job(clock)], scraping(s3)):
        found = [await get(doors, context=issuer.context(who)) for who in (admin, stranger)]
        with pytest.raises((ssl.SSLError, ConnectionError, IndexError)):
            await get(doors, context=issuer.context())
    doors.remove()

    assert [200, 403] == [status for status, _ in found]
    assert 1 == len(doors.watched)


async def test_a_certificate_that_cannot_be_read_stops_the_start(
    config: Config, issuer: Issuer
) -> None:
    settings = secured(config, issuer)
    issuer.trusted.write_text("nonsense")

    with pytest.raises(StartError):
        open_doors(settings, LOG)

    assert not (config.data_dir / "admin.sock").exists()


async def test_another_server_at_the_socket_stops_the_start(config: Config, issuer: Issuer) -> None:
    with unix_socket.listen(config.data_dir / "admin.sock"), pytest.raises(InUseError):
        open_doors(secured(config, issuer), LOG)


async def test_a_file_system_without_sockets_does_not(
    config: Config, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_path: Path) -> None:
        raise StartError("cannot listen on x: Operation not supported")

    monkeypatch.setattr(unix_socket, "listen", refuse)

    doors = open_doors(config, LOG)
    doors.remove()

    assert doors.socket is None
    assert "operators cannot ask over a socket: cannot listen on x" in caplog.text


async def test_figures_are_told_of_what_a_gateway_has_done(clock: SettableClock) -> None:
    everyone = Everyone()
    async with serving(ok) as served:
        tell_figures(everyone, served.gateway, clock, ["http://here"])
        reader, writer = await asyncio.open_connection(*served.address)
        writer.write(b"GET /b/k HTTP/1.1\r\nHost: x\r\n\r\nnonsense\r\n\r\n")
        await reader.read()
        writer.close()
        answers = await everyone.ask("stats")

    figures = json.loads(answers.replies[0])
    assert (2, 1, 0, 0) == (
        figures["requests"], figures["client_errors"], figures["server_errors"],
        figures["under_way"],
    )  # fmt: skip
    assert clock.now_ms() == figures["started_ms"]
