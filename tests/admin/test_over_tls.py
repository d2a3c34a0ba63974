"""A real server, asked over mutual TLS: with the right certificate, with others, and with none."""

import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ferrox.crypto import certificates
from tests.issuing import NOW_MS, Issuer
from tests.server_process import ROOT, ServerProcess

LIMIT_S = 60.0


class Operated:
    """A server with its admin port, and the certificates that `init-pki` made for it."""

    def __init__(self, folder: Path, workers: str) -> None:
        self.pki = folder / "pki"
        run = self.ferroxd("admin", "init-pki", str(self.pki))
        assert run.returncode == 0, run.stderr
        self.told = run.stdout
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.server = ServerProcess(
            folder / "data", "--workers", workers, "--admin-bind", f"127.0.0.1:{self.port}",
            "--admin-certificate", str(self.pki / "server.crt"),
            "--admin-key", str(self.pki / "server.key"),
            "--admin-client-ca", str(self.pki / "ca.crt"),
        )  # fmt: skip

    def ferroxd(self, *words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "ferroxd.py", *words],
            cwd=ROOT, capture_output=True, text=True, check=False, timeout=LIMIT_S,
        )  # fmt: skip

    def ask(self, certificate: Path, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run a command that asks over TLS."""
        return self.ferroxd(
            *words, "--json", "--admin-url", f"https://localhost:{self.port}",
            "--ca", str(self.pki / "ca.crt"), "--certificate", str(certificate),
            "--key", str(certificate.with_suffix(".key")),
        )  # fmt: skip

    def status(self, context: ssl.SSLContext) -> int:
        """The status of an answer; whatever TLS refuses is raised."""
        connection = http.client.HTTPSConnection(
            "127.0.0.1", self.port, context=context, timeout=LIMIT_S
        )
        try:
            connection.request("GET", "/admin/v1/jobs")
            return connection.getresponse().status
        finally:
            connection.close()

    def context(self, certificate: Path | None) -> ssl.SSLContext:
        """What a client uses that trusts the server."""
        context = ssl.create_default_context(cafile=str(self.pki / "ca.crt"))
        if certificate is not None:
            context.load_cert_chain(certificate, certificate.with_suffix(".key"))
        return context


@pytest.fixture(params=["1", "2"], ids=["alone", "two workers"])
def operated(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Operated]:
    made = Operated(tmp_path, request.param)
    yield made
    made.server.stop()
    made.server.expect_clean_log()


def test_an_administrator_orders_and_who_may_look_looks(operated: Operated) -> None:
    admin, looker = (operated.pki / f"{name}.crt" for name in ("admin", "read-only"))

    made = operated.ask(admin, "account", "create", "Team")
    seen = operated.ask(looker, "account", "list")
    refused = operated.ask(looker, "account", "delete", "Team")

    assert (0, 0, 1) == (made.returncode, seen.returncode, refused.returncode), made.stderr
    pair = json.loads(made.stdout)["access_key"]
    assert {"root", "Team"} == {one["name"] for one in json.loads(seen.stdout)["accounts"]}
    assert pair["secret_access_key"] not in seen.stdout
    assert "ferroxd: Forbidden: DeleteAccount needs the role admin.\n" == refused.stderr
    assert "CN=read-only" in operated.server.log, "the access log says who it was"


def issued(folder: Path, authority: certificates.Issued, days: int = 1) -> Path:
    """A certificate with the right words in it; of 0 days it ended an hour ago."""
    made = certificates.make_client(
        "ops", NOW_MS, authority=authority, organizational_unit="admin", days=days
    )
    path = folder / f"{days}.crt"
    path.write_text(made.certificate)
    path.with_suffix(".key").write_text(made.key)
    return path


def test_only_certificates_of_the_right_authority_that_have_not_ended_come_in(
    operated: Operated, tmp_path: Path
) -> None:
    own = certificates.Issued(*((operated.pki / name).read_text() for name in ("ca.crt", "ca.key")))
    stranger = Issuer(tmp_path / "others").authority
    refused = [
        None,
        issued(tmp_path, stranger),
        issued(tmp_path, own, days=0),
        operated.pki / "server.crt",  # which is none of a client
    ]

    for certificate in refused:
        with pytest.raises((ssl.SSLError, ConnectionError, http.client.RemoteDisconnected)):
            operated.status(operated.context(certificate))
    taken = issued(tmp_path, own)

    assert 200 == operated.status(operated.context(taken))


def test_operators_are_answered_over_http_1_1(operated: Operated) -> None:
    """HTTP/2 was offered there without anybody having tried it."""
    context = operated.context(operated.pki / "read-only.crt")
    context.set_alpn_protocols(["h2", "http/1.1"])

    with (
        socket.create_connection(("127.0.0.1", operated.port), LIMIT_S) as raw,
        context.wrap_socket(raw, server_hostname="localhost") as secured,
    ):
        assert "http/1.1" == secured.selected_alpn_protocol()


def test_without_encryption_nothing_is_answered(operated: Operated) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", operated.port, timeout=LIMIT_S)
    connection.request("GET", "/admin/v1/accounts")
    answer = connection.getresponse()
    body = answer.read()
    connection.close()

    assert 400 == answer.status
    assert b"account" not in body


def test_who_takes_the_place_of_the_first_worker_takes_the_port_on(tmp_path: Path) -> None:
    operated = Operated(tmp_path, "2")
    looker = operated.pki / "read-only.crt"

    def first() -> int:
        run = operated.ask(looker, "stats")
        assert run.returncode == 0, run.stderr
        workers = json.loads(run.stdout)["workers"]
        return next(int(worker["pid"]) for worker in workers if not worker["worker"])

    try:
        before = first()
        os.kill(before, signal.SIGKILL)
        after = first()
        operated.server.stop()
    except BaseException:
        operated.server.kill()
        raise

    assert before != after
