"""`ferroxd health`: what it asks, what it prints, what it exits with."""

import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from ferrox.cli import health
from tests.issuing import Issuer


class Answering(BaseHTTPRequestHandler):
    status = 200
    body = b"{}"

    def do_GET(self) -> None:
        found = self.path == "/health/ready"
        self.send_response(type(self).status if found else 404)
        self.end_headers()
        self.wfile.write(type(self).body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        pass


@pytest.fixture
def server() -> Iterator[HTTPServer]:
    with HTTPServer(("127.0.0.1", 0), Answering) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def test_a_ready_server_is_exit_status_0(
    server: HTTPServer, capsys: pytest.CaptureFixture[str]
) -> None:
    status = health.run([f"http://127.0.0.1:{server.server_port}"])

    assert 0 == status
    assert capsys.readouterr().out.endswith(": ready\n")


def test_the_scheme_may_be_left_out(server: HTTPServer) -> None:
    assert 0 == health.run([f"127.0.0.1:{server.server_port}"])


def test_who_asks_a_port_of_tls_in_the_open_is_told(
    server: HTTPServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A server answers so what is no TLS."""
    monkeypatch.setattr(Answering, "status", 400)

    for url in (f"127.0.0.1:{server.server_port}", f"http://127.0.0.1:{server.server_port}"):
        assert 1 == health.run([url])

    without_scheme, with_scheme = capsys.readouterr().out.splitlines()
    assert without_scheme.endswith(
        f"; if it speaks TLS, ask https://127.0.0.1:{server.server_port}"
    )
    assert with_scheme.endswith(": not ready: status 400")


def test_its_help_says_whose_certificates_are_known(capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == health.run(["--help"])

    assert "SSL_CERT_FILE" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (b'{"reason": "disk full"}', ": not ready: disk full\n"),
        (b"oops", ": not ready: status 503\n"),
    ],
)
def test_a_server_that_is_not_ready_says_why(
    server: HTTPServer,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    body: bytes,
    line: str,
) -> None:
    monkeypatch.setattr(Answering, "status", 503)
    monkeypatch.setattr(Answering, "body", body)

    status = health.run([f"http://127.0.0.1:{server.server_port}"])

    assert 1 == status
    assert capsys.readouterr().out.endswith(line)


def test_nobody_there_is_exit_status_1(capsys: pytest.CaptureFixture[str]) -> None:
    with HTTPServer(("127.0.0.1", 0), Answering) as closed_soon:
        port = closed_soon.server_port

    status = health.run([f"http://127.0.0.1:{port}"])

    assert 1 == status
    assert "not reachable" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("bind", "url"),
    [
        ("", "http://127.0.0.1:9000"),
        ("0.0.0.0:9100", "http://127.0.0.1:9100"),
        ("[::]:9100", "http://[::1]:9100"),
        ("10.0.0.1:80", "http://10.0.0.1:80"),
    ],
)
def test_the_address_comes_from_the_environment(bind: str, url: str) -> None:
    assert url == health.default_url({"FERROX_BIND": bind})


def test_a_server_that_speaks_tls_only_is_asked_over_tls() -> None:
    environ = {
        "FERROX_BIND": "off",
        "FERROX_TLS_BIND": "[::]:9443",
        "FERROX_TLS_CERTIFICATE": "server.crt",
    }

    assert "https://[::1]:9443" == health.default_url(environ)


def test_the_server_of_this_machine_need_not_prove_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its certificate is for the name that clients use, and nothing secret is said."""
    certificate = Issuer(tmp_path).server("server", "s3.example.com")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_suffix(".key"))
    with HTTPServer(("127.0.0.1", 0), Answering) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        for name, value in {
            "FERROX_BIND": "off",
            "FERROX_TLS_BIND": f"127.0.0.1:{server.server_port}",
            "FERROX_TLS_CERTIFICATE": str(certificate),
        }.items():
            monkeypatch.setenv(name, value)

        own = health.run([])
        named = health.run([f"https://127.0.0.1:{server.server_port}"])

        server.shutdown()
        thread.join()

    assert (0, 1) == (own, named)
    assert "not to be trusted: " in (said := capsys.readouterr().out)
    assert "SSL_CERT_FILE" in said
