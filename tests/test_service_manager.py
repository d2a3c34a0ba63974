"""The server tells who started it that it is ready, reloads and stops."""

import os
import secrets
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ferrox import service_manager
from tests.server_process import ServerProcess

LIMIT_S = 30.0


@pytest.fixture(params=["path", "abstract"])
def manager(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[socket.socket]:
    """Who listens as systemd does; the environment names it."""
    name = str(tmp_path / "notify") if request.param == "path" else f"@{secrets.token_hex(8)}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(name.replace("@", "\0", 1) if name.startswith("@") else name)
        listener.settimeout(LIMIT_S)
        monkeypatch.setenv("NOTIFY_SOCKET", name)
        yield listener


def heard(manager: socket.socket) -> dict[str, str]:
    """The next message."""
    return dict(line.split("=", 1) for line in manager.recv(4096).decode().split("\n"))


def test_being_ready_and_stopping_is_told(manager: socket.socket) -> None:
    service_manager.tell_ready("2 workers")
    service_manager.tell_stopping("30 s at most")

    assert {"READY": "1", "STATUS": "2 workers"} == heard(manager)
    assert {"STOPPING": "1", "STATUS": "30 s at most"} == heard(manager)


def test_a_reload_is_told_with_its_time_and_its_end(manager: socket.socket) -> None:
    before_us = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000

    service_manager.tell_reloaded()

    began, ended = heard(manager), heard(manager)
    assert "1" == began["RELOADING"]
    assert before_us <= int(began["MONOTONIC_USEC"])
    assert {"READY": "1"} == ended


def test_nobody_is_told_where_nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)

    service_manager.tell_ready("")

    assert service_manager.is_listening() is False


def test_who_cannot_be_told_is_named_in_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "nobody"))

    service_manager.tell_ready("")

    assert "cannot be told READY=1" in caplog.text


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_server_tells_of_its_life(
    workers: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(name))
        manager.settimeout(LIMIT_S)
        monkeypatch.setenv("NOTIFY_SOCKET", str(name))
        server = ServerProcess(tmp_path / "data", "--workers", workers)
        try:
            ready = heard(manager)
            os.kill(server.pid, signal.SIGHUP)  # by `systemctl reload`, with nothing to load anew
            reload_began, reload_ended = heard(manager), heard(manager)
        finally:
            server.stop()
        stopping = heard(manager)

    assert "1" == ready["READY"]
    assert server.endpoint in ready["STATUS"]
    assert ("1", "1") == (reload_began["RELOADING"], reload_ended["READY"])
    assert "1" == stopping["STOPPING"]
