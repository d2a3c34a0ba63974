"""The life of a real server process, as an operator sees it: start, refusal to start, stop."""

import json
import os
import queue
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from tests import signing
from tests.raw_http import Reply, Wire, connected, head, now_ms, request
from tests.server_process import ROOT, ServerProcess, serving

LIMIT_S = 30.0
KEYS = ("--access-key", "LIFEOFASERVER", "--secret-key", "secret-of-a-life")
Finished = subprocess.CompletedProcess[str]
ANYWHERE = ("--bind", "127.0.0.1:0")


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment without settings of whoever runs the tests."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("FERROX_", "MINIO_", "PYTHON"))
    }
    return kept | dict(more or {})


def ferroxd(*arguments: str, env: Mapping[str, str] | None = None) -> Finished:
    """Run a command that ends by itself."""
    return subprocess.run(
        [sys.executable, "ferroxd.py", *arguments],
        cwd=ROOT,
        env=environment(env),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )


class Terminal(NamedTuple):
    """A server that runs, and the words it greeted with."""

    process: "subprocess.Popen[str]"
    words: dict[str, str]
    log_path: Path

    @property
    def port(self) -> int:
        return int(self.words["address"].rpartition(":")[2])

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and return the exit status."""
        self.process.send_signal(number)
        return self.process.wait(LIMIT_S)


@contextmanager
def started(
    log_path: Path, *arguments: str, env: Mapping[str, str] | None = None
) -> Iterator[Terminal]:
    """A server for the length of a block, which reads what it says up to the secret key."""
    with log_path.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "ferroxd.py", *arguments],
            cwd=ROOT,
            env=environment(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    try:
        yield Terminal(process, greeting(process), log_path)
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def greeting(process: "subprocess.Popen[str]") -> dict[str, str]:
    """Label → value of the lines on the terminal."""
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            lines.put(line)
        lines.put("")

    threading.Thread(target=read, daemon=True).start()
    words: dict[str, str] = {}
    while "secret key" not in words:
        line = lines.get(timeout=LIMIT_S)
        assert line, "the server ended before it was ready"
        label, _, value = line.strip().partition("  ")
        words[label] = value.strip()
    return words


def ask(port: int, access_key: str, secret_key: str, path: str = "/") -> int:
    """The status of a signed GET."""
    headers = signing.sign(
        "GET", path, "", {"host": f"127.0.0.1:{port}"}, "UNSIGNED-PAYLOAD", now_ms(),
        access_key=access_key, secret_key=secret_key,
    )  # fmt: skip
    with socket.create_connection(("127.0.0.1", port), timeout=LIMIT_S) as connection:
        connection.sendall(head(f"GET {path} HTTP/1.1", headers))
        return int(connection.recv(65_536).split(b" ")[1])


def expect_one_line(run: Finished, *words: str) -> None:
    """Fail unless the command was refused in one line that holds these words."""
    assert (2, "") == (run.returncode, run.stdout), run
    assert run.stderr.startswith("ferroxd: ")
    assert 1 == run.stderr.count("\n")
    assert run.stderr.endswith("\n")
    assert "Traceback" not in run.stderr
    for word in words:
        assert word in run.stderr


# Starts that are refused


def test_a_second_server_on_the_same_data_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as first:
        second = ferroxd("serve", "--data-dir", str(tmp_path / "data"), *ANYWHERE, *KEYS)
        with connected(first) as wire:
            answer = wire.ask(request(first, "PUT", "/still-there"))

    expect_one_line(second, "in use", str(first.pid))
    assert 200 == answer.status


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--frobnicate", "1"], ["--frobnicate"]),
        (["--bind", "nowhere"], ["nowhere"]),
        (["--bind", "127.0.0.1:99999"], ["99999"]),
        (["--bind", "192.0.2.1:9000"], ["192.0.2.1:9000"]),
        (["--bind", "no-such-host.invalid:9000"], ["no-such-host.invalid"]),
        (["--region", "US EAST"], ["region"]),
        (["--log-level", "chatty"], ["chatty"]),
        (["--body-timeout", "soon"], ["soon"]),
        (["--config", "/does/not/exist.toml"], ["/does/not/exist.toml"]),
        (["--access-key", "alone"], ["secret_key"]),
    ],
)
def test_options_that_cannot_be_are_refused(
    tmp_path: Path, arguments: list[str], words: list[str]
) -> None:
    keys = () if "--access-key" in arguments else KEYS
    where = () if "--bind" in arguments else ANYWHERE

    run = ferroxd("serve", "--data-dir", str(tmp_path / "data"), *where, *keys, *arguments)

    expect_one_line(run, *words)


def test_an_address_that_is_taken_is_refused(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"127.0.0.1:{other.getsockname()[1]}"

        run = ferroxd("serve", "--data-dir", str(tmp_path / "data"), "--bind", address, *KEYS)

    expect_one_line(run, address)


def serve_on(data_dir: Path, keys: Sequence[str] = KEYS) -> Finished:
    return ferroxd("serve", "--data-dir", str(data_dir), *ANYWHERE, *keys)


def test_a_file_where_the_data_should_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    expect_one_line(serve_on(tmp_path / "file"), str(tmp_path / "file"))
    expect_one_line(serve_on(tmp_path / "file" / "below"), str(tmp_path / "file"))


def test_a_directory_that_cannot_be_written_is_refused() -> None:
    """/proc is one for everybody, root included."""
    expect_one_line(serve_on(Path("/proc/ferrox")), "/proc/ferrox")


def test_a_directory_of_somebody_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()

    expect_one_line(serve_on(tmp_path), "not empty")


def test_data_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    marker = json.dumps({"format": 99})
    (data_dir / "format.json").write_text(marker)

    run = serve_on(data_dir)

    expect_one_line(run, "newer")
    assert marker == (data_dir / "format.json").read_text()


def test_an_index_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    with serving(tmp_path / "data"):
        pass
    index = sqlite3.connect(tmp_path / "data" / "index.db")
    index.execute("PRAGMA user_version = 99")
    index.close()

    expect_one_line(serve_on(tmp_path / "data"), "newer")


def test_an_index_that_is_none_is_refused(tmp_path: Path) -> None:
    with serving(tmp_path / "data"):
        pass
    (tmp_path / "data" / "index.db").write_bytes(b"not a database, " * 1000)

    expect_one_line(serve_on(tmp_path / "data"), "index.db")


def test_settings_that_are_none_are_refused(tmp_path: Path) -> None:
    with serving(tmp_path / "data"):
        pass
    (tmp_path / "data" / "settings.db").write_bytes(b"not a database, " * 1000)

    expect_one_line(serve_on(tmp_path / "data"), "settings.db")


def test_a_lost_key_of_the_settings_is_told_in_one_line(tmp_path: Path) -> None:
    data = ("--data-dir", str(tmp_path / "data"))
    with started(tmp_path / "log", "serve", *data, *ANYWHERE) as first:
        first.end()
    (tmp_path / "data" / "settings.key").write_bytes(bytes(32))

    expect_one_line(serve_on(tmp_path / "data", keys=()), "settings.key")


# Credentials


def test_a_random_pair_is_printed_once_and_kept_sealed(tmp_path: Path) -> None:
    data = ("--data-dir", str(tmp_path / "data"))
    with started(tmp_path / "log", "serve", *data, *ANYWHERE) as first:
        access_key = first.words["access key"]
        secret_key = first.words["secret key"].split()[0]
        first_status = ask(first.port, access_key, secret_key)
        first.end()
    with started(tmp_path / "log", "serve", *data, *ANYWHERE) as second:
        second_status = ask(second.port, access_key, secret_key)
        wrong_status = ask(second.port, access_key, secret_key[::-1])
        second.end()

    assert (200, 200, 403) == (first_status, second_status, wrong_status)
    assert access_key == second.words["access key"]
    assert secret_key not in " ".join(second.words.values())
    assert len(secret_key) >= 40
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {"settings.db", "settings.key", "log"} <= {path.name for path in files}
    assert [] == [path for path in files if secret_key.encode() in path.read_bytes()]


def test_a_given_secret_reaches_no_file(tmp_path: Path) -> None:
    with serving(tmp_path / "data", "--log-level", "debug") as server, connected(server) as wire:
        wire.ask(request(server, "PUT", "/bucket"))

    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [] == [path for path in files if server.secret_key.encode() in path.read_bytes()]


def test_the_names_of_minio_work(tmp_path: Path) -> None:
    env = {"MINIO_ROOT_USER": "oldhand", "MINIO_ROOT_PASSWORD": "old-password"}
    data = ("--data-dir", str(tmp_path / "data"))
    with started(tmp_path / "log", *data, *ANYWHERE, env=env) as server:
        status = ask(server.port, "oldhand", "old-password")

    assert ("oldhand", 200) == (server.words["access key"], status)


def test_settings_come_from_a_file_and_from_the_environment(tmp_path: Path) -> None:
    config = tmp_path / "ferrox.toml"
    config.write_text(
        f'data_dir = "{tmp_path / "data"}"\naccess_key = "fromfile"\nbind = "127.0.0.1:0"\n'
    )
    env = {"FERROX_CONFIG": str(config), "FERROX_SECRET_KEY": "from-environment"}

    with started(tmp_path / "log", "serve", env=env) as server:
        status = ask(server.port, "fromfile", "from-environment")

    assert 200 == status
    assert str(tmp_path / "data") == server.words["data"]


# Stopping


def refuses_connections(port: int) -> bool:
    """Whether nobody listens any more."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=LIMIT_S).close()
    except ConnectionRefusedError:
        return True
    except ConnectionResetError:  # it stood in the queue when the listener was closed
        return False
    return False


def test_a_running_upload_is_finished_after_sigterm(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path / "data")
    body = os.urandom(2_000_000)
    try:
        with connected(server) as wire:
            assert 200 == wire.ask(request(server, "PUT", "/bucket")).status
        with connected(server) as wire:
            upload = request(
                server, "PUT", "/bucket/k", headers={"expect": "100-continue"}, body=body
            )
            wire.send(upload[: -len(body)])
            wait_for_continue(wire)
            wire.send(body[:1_000_000])
            stopping = threading.Thread(target=server.stop)
            stopping.start()
            while not refuses_connections(server.port):
                pass
            wire.send(body[1_000_000:])
            answer = wire.reply()
        stopping.join()

        server.restart()
        with connected(server) as wire:
            stored = wire.ask(request(server, "GET", "/bucket/k"))
        server.stop()
    except BaseException:
        server.kill()
        raise

    assert (200, "close") == (answer.status, answer.headers["connection"])
    assert (200, body) == (stored.status, stored.body)
    server.expect_clean_log()


def wait_for_continue(wire: Wire) -> None:
    """The server has taken the request and asks for its body."""
    assert wire.socket.recv(100).startswith(b"HTTP/1.1 100 ")


def test_what_outlives_the_grace_is_cut_and_leaves_nothing(tmp_path: Path) -> None:
    with serving(tmp_path / "data", "--shutdown-grace", "0.2") as server:
        with connected(server) as wire:
            assert 200 == wire.ask(request(server, "PUT", "/bucket")).status
        late = Wire(server)
        late.send(request(server, "PUT", "/bucket/k", body=bytes(2_000_000))[:-1])
        server.stop()
        late.socket.close()
        server.restart()
        with connected(server) as wire:
            answer = wire.ask(request(server, "GET", "/bucket/k"))

    assert "NoSuchKey" == answer.code
    assert [] == [path for path in (tmp_path / "data" / "blobs").rglob("*") if path.is_file()]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_right_after_the_greeting_is_a_good_end(tmp_path: Path, number: int) -> None:
    with started(
        tmp_path / "log", "--data-dir", str(tmp_path / "data"), *ANYWHERE, *KEYS
    ) as server:
        status = server.end(number)

    assert 0 == status
    assert "Traceback" not in server.log_path.read_text()


def test_a_stopped_server_has_copied_its_log_into_the_index(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as server, connected(server) as wire:
        wire.ask(request(server, "PUT", "/bucket"))

    logs = [path for path in (tmp_path / "data").glob("*-wal") if path.stat().st_size]
    assert [] == logs


# Health


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server that is well."""
    with serving(tmp_path_factory.mktemp("health") / "data") as server:
        yield server


def get(server: ServerProcess, path: str) -> Reply:
    """The answer to somebody who did not sign."""
    with connected(server) as wire:
        return wire.ask(f"GET {path} HTTP/1.1\r\nHost: probe\r\n\r\n".encode())


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/health/live", "live"),
        ("/health/ready", "ready"),
        ("/minio/health/live", "live"),
        ("/minio/health/ready", "ready"),
    ],
)
def test_anybody_may_ask_how_it_is(healthy: ServerProcess, path: str, status: str) -> None:
    reply = get(healthy, path)

    assert (200, {"status": status}) == (reply.status, json.loads(reply.body))


def test_anybody_may_ask_what_it_is(healthy: ServerProcess) -> None:
    version = ferroxd("version")
    reply = get(healthy, "/health/version")

    assert 0 == version.returncode
    assert version.stdout.strip() == "ferroxd " + json.loads(reply.body)["version"]


def test_the_health_command_tells_by_its_status(healthy: ServerProcess) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        closed_port = unused.getsockname()[1]

    well = ferroxd("health", healthy.endpoint)
    nobody = ferroxd("health", f"http://127.0.0.1:{closed_port}")
    by_environment = ferroxd("health", env={"FERROX_BIND": f"127.0.0.1:{healthy.port}"})
    nonsense = ferroxd("health", "ftp://x")

    assert [0, 1, 0, 2] == [
        well.returncode, nobody.returncode, by_environment.returncode, nonsense.returncode,
    ]  # fmt: skip
    assert "Traceback" not in well.stderr + nobody.stderr + nonsense.stderr
