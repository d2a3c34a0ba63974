"""TLS of a real server, as operators and clients see it: workers, certificates that change."""

import http.client
import json
import os
import shlex
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.issuing import Issuer
from tests.server_process import ROOT, ServerProcess, serving

WORKERS = 2
LIMIT_S = 30.0
CONNECTIONS = 24
"""Enough that all of them are one worker's once in eight million times."""


@pytest.fixture
def issuer(tmp_path: Path) -> Issuer:
    return Issuer(tmp_path / "pki")


@contextmanager
def tls_serving(
    tmp_path: Path, *certificates: Path, more: tuple[str, ...] = ()
) -> Iterator[ServerProcess]:
    """A server of several workers with these certificates."""
    options = ["--tls-bind", "127.0.0.1:0", "--workers", f"{WORKERS}"]
    for path in certificates:
        options += ["--tls-certificate", str(path), "--tls-key", str(path.with_suffix(".key"))]
    with serving(tmp_path / "data", *options, *more) as server:
        yield server


def tls_address(server: ServerProcess) -> tuple[str, int]:
    parts = urlsplit(server.tls_endpoint)
    return parts.hostname or "", parts.port or 0


@contextmanager
def connected(
    server: ServerProcess,
    context: ssl.SSLContext,
    name: str = "localhost",
    session: ssl.SSLSession | None = None,
) -> Iterator[ssl.SSLSocket]:
    with (
        socket.create_connection(tls_address(server), timeout=LIMIT_S) as raw,
        context.wrap_socket(raw, server_hostname=name, session=session) as secured,
    ):
        yield secured


def ask(secured: ssl.SSLSocket, path: str = "/health/live") -> int:
    """Ask over an open connection; returns the status."""
    secured.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    answer = http.client.HTTPResponse(secured)
    answer.begin()
    answer.read()
    return answer.status


def presented(server: ServerProcess, issuer: Issuer, name: str = "localhost") -> str:
    """The common name of the certificate that a new connection gets."""
    context = issuer.context()
    context.check_hostname = False
    with connected(server, context, name) as secured:
        certificate = secured.getpeercert()
    assert certificate is not None
    subject = dict(pair for group in certificate["subject"] for pair in group)  # type: ignore[misc] # typed as if flat
    return str(subject["commonName"])


def wait_until_presented(server: ServerProcess, issuer: Issuer, wanted: str) -> None:
    """Wait until every worker presents the certificate of this name."""
    deadline = time.monotonic() + LIMIT_S
    while {presented(server, issuer) for _ in range(CONNECTIONS)} != {wanted}:
        assert time.monotonic() < deadline, f"{wanted} is not presented\n{server.log[-2000:]}"


def test_it_is_as_easy_as_the_command_says(tmp_path: Path) -> None:
    """What `ferroxd tls self-signed` prints is typed, but for the port."""
    made = subprocess.run(
        [sys.executable, "ferroxd.py", "tls", "self-signed", "--names", "localhost,127.0.0.1",
         tmp_path / "tls"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    commands = {
        words[0]: words
        for line in made.splitlines()
        if (words := shlex.split(line)[:9])
        if line.startswith("  ")
    }
    options = [word.replace(":9443", "127.0.0.1:0") for word in commands["ferroxd"][2:]]
    curl = commands["curl"]

    with serving(tmp_path / "data", "--bind", "off", *options) as server:
        assert server.endpoint == server.tls_endpoint
        port = urlsplit(server.tls_endpoint).port
        answer = subprocess.run(
            [word.replace(":9443", f":{port}") for word in curl] + ["--silent", "--noproxy", "*"],
            check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip
        distrusting = subprocess.run(
            ["curl", "--silent", "--noproxy", "*", server.tls_endpoint], check=False
        )
        health = subprocess.run(
            [sys.executable, "ferroxd.py", "health"], cwd=ROOT, check=False, capture_output=True,
            env=os.environ | {"FERROX_BIND": "off", "FERROX_TLS_BIND": f"127.0.0.1:{port}",
                              "FERROX_TLS_CERTIFICATE": "any"},
        )  # fmt: skip

    assert {"status": "ready"} == json.loads(answer)
    assert 60 == distrusting.returncode, "curl's status for certificates that nobody vouches for"
    assert 0 == health.returncode


def test_both_ports_show_the_same(tmp_path: Path, issuer: Issuer) -> None:
    with tls_serving(tmp_path, issuer.server()) as server:
        with connected(server, issuer.context()) as secured:
            over_tls = ask(secured)
        plain = http.client.HTTPConnection(server.host, server.port, timeout=LIMIT_S)
        plain.request("GET", "/health/live")
        in_the_open = plain.getresponse().status
        plain.close()

    assert (200, 200) == (over_tls, in_the_open)


def s_client(server: ServerProcess, *options: str, stdin: str = "Q\n") -> str:
    """What `openssl s_client` says of it."""
    host, port = tls_address(server)
    run = subprocess.run(
        ["openssl", "s_client", "-connect", f"{host}:{port}", *options],
        input=stdin, capture_output=True, text=True, timeout=LIMIT_S, check=False,
    )  # fmt: skip
    return run.stdout + run.stderr


@pytest.mark.skipif(not shutil.which("openssl"), reason="the command openssl is not installed")
def test_openssl_finds_nothing_old(tmp_path: Path, issuer: Issuer) -> None:
    with tls_serving(tmp_path, issuer.server()) as server:
        old = [
            s_client(server, version, "-cipher", "ALL:@SECLEVEL=0")
            for version in ("-tls1", "-tls1_1")
        ]
        weak = s_client(
            server, "-tls1_2", "-cipher", "AES128-SHA:ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0"
        )
        good = s_client(server, "-tls1_2")

    assert all("alert protocol version" in said for said in old)
    assert "handshake failure" in weak
    assert "Secure Renegotiation IS supported" in good
    assert "Compression: NONE" in good


@pytest.mark.skipif(not shutil.which("openssl"), reason="the command openssl is not installed")
def test_a_client_cannot_make_the_server_begin_anew(tmp_path: Path, issuer: Issuer) -> None:
    """Renegotiation costs the server more than the client; nobody who speaks HTTP needs it."""
    with tls_serving(tmp_path, issuer.server()) as server:
        said = s_client(server, "-tls1_2", stdin="R\n")

    assert "RENEGOTIATING" in said
    assert "no renegotiation" in said


def test_sighup_exchanges_the_certificate_in_every_worker(tmp_path: Path, issuer: Issuer) -> None:
    with tls_serving(tmp_path, issuer.server("server", "old.test")) as server:
        context = issuer.context()
        context.check_hostname = False
        with connected(server, context) as open_connection:
            issuer.server("server", "new.test")
            os.kill(server.pid, signal.SIGHUP)
            wait_until_presented(server, issuer, "new.test")
            kept = ask(open_connection)

        assert 200 == kept
        assert 1 == server.log.count("new.test; valid until"), "one worker speaks for all"


def test_a_broken_file_keeps_the_old_certificate_and_is_one_line(
    tmp_path: Path, issuer: Issuer
) -> None:
    path = issuer.server("server", "old.test")
    with tls_serving(tmp_path, path) as server:
        wait_until_presented(server, issuer, "old.test")  # so that every worker looks at the files
        path.write_text("nothing")
        os.kill(server.pid, signal.SIGHUP)
        deadline = time.monotonic() + LIMIT_S
        while "not reloaded" not in server.log:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        names = {presented(server, issuer) for _ in range(CONNECTIONS)}
        lines = [line for line in server.log.splitlines() if "not reloaded" in line]

        issuer.server("server", "new.test")
        os.kill(server.pid, signal.SIGHUP)
        wait_until_presented(server, issuer, "new.test")
        server._judged_bytes = len(server.log.encode())  # the one error is what was wanted

    assert {"old.test"} == names
    assert 1 == len(lines)
    assert str(path) in lines[0]


def test_certificates_that_change_under_load_lose_no_request(
    tmp_path: Path, issuer: Issuer
) -> None:
    path = issuer.folder / "both.pem"
    failures: list[BaseException] = []
    counts = [0, 0]
    is_over = threading.Event()

    def keep_asking(server: ServerProcess, place: int, *, anew: bool) -> None:
        context = issuer.context()
        try:
            while not is_over.is_set():
                with connected(server, context) as secured:
                    for _ in range(1 if anew else 50):
                        assert 200 == ask(secured)
                        counts[place] += 1
        except (AssertionError, OSError, http.client.HTTPException) as error:
            failures.append(error)

    def exchange() -> None:
        """Certificate and key at once: no worker finds one without the other."""
        made = issuer.server()
        both = issuer.folder / "both.new"
        both.write_text(made.read_text() + made.with_suffix(".key").read_text())
        both.replace(path)

    exchange()
    both_ports = ("--tls-bind", "127.0.0.1:0", "--workers", f"{WORKERS}")
    with serving(tmp_path / "data", *both_ports, "--tls-certificate", str(path)) as server:
        threads = [
            threading.Thread(target=keep_asking, args=(server, place), kwargs={"anew": anew})
            for place, anew in enumerate((True, False))
        ]
        for thread in threads:
            thread.start()
        for _ in range(8):
            before = sum(counts)
            exchange()
            os.kill(server.pid, signal.SIGHUP)
            while sum(counts) < before + 40 and not failures:
                time.sleep(0.01)
        is_over.set()
        for thread in threads:
            thread.join()
        log = server.log

    assert [] == failures
    assert min(counts) > 0
    assert log.count("valid until") > 4


@pytest.mark.parametrize("workers", ["1", "2"])
def test_sighup_exchanges_the_certificate_of_the_admin_port_too(
    tmp_path: Path, issuer: Issuer, workers: str
) -> None:
    """Also of a server that has no other certificate: SIGHUP would end it."""
    path = issuer.server("server", "old.test")
    with serving(
        tmp_path / "data", "--workers", workers, "--admin-bind", "127.0.0.1:0",
        "--admin-certificate", str(path), "--admin-key", str(path.with_suffix(".key")),
        "--admin-client-ca", str(issuer.trusted),
    ) as server:  # fmt: skip
        issuer.server("server", "new.test")
        os.kill(server.pid, signal.SIGHUP)
        deadline = time.monotonic() + LIMIT_S
        while "new.test; valid until" not in server.log:
            assert time.monotonic() < deadline
            time.sleep(0.01)


def test_files_that_change_are_seen_without_a_signal(tmp_path: Path, issuer: Issuer) -> None:
    with tls_serving(tmp_path, issuer.server("server", "old.test")) as server:
        issuer.server("server", "new.test")

        wait_until_presented(server, issuer, "new.test")

        assert "not reloaded" not in server.log


def test_each_name_has_its_certificate(tmp_path: Path, issuer: Issuer) -> None:
    first = issuer.server("one", "localhost")
    second = issuer.server("two", "s3.test", "*.s3.test")
    with tls_serving(tmp_path, first, second) as server:
        found = {
            name: presented(server, issuer, name) for name in ("localhost", "b.s3.test", "x.test")
        }

    assert {"localhost": "localhost", "b.s3.test": "s3.test", "x.test": "localhost"} == found


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_any_worker_takes_up_the_session_of_another(
    tmp_path: Path, issuer: Issuer, version: ssl.TLSVersion
) -> None:
    context = issuer.context()
    context.minimum_version = context.maximum_version = version
    with tls_serving(tmp_path, issuer.server()) as server:
        with connected(server, context) as first:
            ask(first)
            session = first.session
        reused = []
        for _ in range(CONNECTIONS):
            with connected(server, context, session=session) as again:
                ask(again)
                reused.append(again.session_reused)
                session = again.session  # a ticket of TLS 1.3 is for one use

    assert [True] * CONNECTIONS == reused


def test_a_client_may_say_who_it_is(tmp_path: Path, issuer: Issuer) -> None:
    alice = issuer.client("alice", "operators")
    more = ("--tls-client-ca", str(issuer.trusted))
    with tls_serving(tmp_path, issuer.server(), more=more) as server:
        for client in (alice, None):
            with connected(server, issuer.context(client)) as secured:
                assert 200 == ask(secured, "/health/ready")
        deadline = time.monotonic() + LIMIT_S
        while server.log.count("/health/ready") + server.log.count("operation=Health") < 2:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        lines = [line for line in server.log.splitlines() if "tls=TLSv1.3" in line]

    assert [True, False] == ["client=OU=operators,CN=alice" in line for line in lines]


def test_a_server_stops_although_a_handshake_is_under_way(tmp_path: Path, issuer: Issuer) -> None:
    with tls_serving(tmp_path, issuer.server()) as server:
        with socket.create_connection(tls_address(server), timeout=LIMIT_S) as silent:
            silent.sendall(b"\x16")
            began_s = time.monotonic()
            server.stop()
            took_s = time.monotonic() - began_s
            with suppress(ConnectionResetError):
                assert b"" == silent.recv(1)
        server.restart()

    assert took_s < 5


def test_a_start_with_a_certificate_that_cannot_be_used_is_one_line(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "ferroxd.py", "--data-dir", tmp_path / "data", "--bind", "127.0.0.1:0",
         "--tls-bind", "127.0.0.1:0", "--tls-certificate", tmp_path / "absent.crt"],
        cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_S, check=False,
    )  # fmt: skip

    assert 2 == run.returncode
    assert [f"ferroxd: {tmp_path}/absent.crt: No such file or directory"] == (
        run.stderr.splitlines()
    )
