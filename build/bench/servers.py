"""The servers that are measured: how each is started, and whether its 200 OK means on disk.

All listen on the loopback interface, on ports that the kernel chose, and keep their data below one
folder. Each gets a session of its own, so that Ctrl-C reaches the bench alone, which then ends them
in order; should the bench be killed, the kernel ends them (setpriv --pdeathsig).
"""

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from build.bench.figures import MeasurementFailed
from build.bench.presigned import Signer

ROOT = Path(__file__).parents[2]
ACCESS_KEY = "FERROXBENCH"
SECRET_KEY = "secret/of+the/bench=keys"  # noqa: S105 - of servers that live for minutes, on loopback
START_LIMIT_S = 60.0
STOP_LIMIT_S = 15.0
POLL_S = 0.004
START_TRIES = 3  # somebody else may have taken the port meanwhile


@dataclass(frozen=True)
class Kind:
    """A server as it can be named on the command line.

    durable  whether what it acknowledged survives a power failure, and why
    command  its command line, from the folder for its data and as many free ports as it wants
    version  what it says of itself
    ports    how many it listens on
    prepare  what is still to be said to the running server
    """

    name: str
    durable: str
    command: Callable[[Path, list[int]], list[str]]
    version: Callable[[], str]
    ports: int = 1
    prepare: "Callable[[RunningServer], None]" = lambda _: None


class RunningServer:
    """One server over one folder. Its first port is the one of S3."""

    def __init__(self, kind: Kind, folder: Path) -> None:
        self.kind = kind
        self.name = kind.name
        self.folder = folder
        self.start_s = 0.0
        self.ports: list[int] = []
        self._log_path = folder.with_name(folder.name + ".log")
        folder.mkdir(parents=True, exist_ok=True)
        self._process = self._start()

    @property
    def pid(self) -> int:
        """The root of the tree of processes."""
        return self._process.pid

    @property
    def port(self) -> int:
        """The one of S3."""
        return self.ports[0]

    @property
    def host(self) -> str:
        """Where it listens, as HTTP names it."""
        return f"127.0.0.1:{self.port}"

    def signer(self) -> Signer:
        """Signs requests to this server."""
        return Signer(self.host, ACCESS_KEY, SECRET_KEY)

    def ask(self, method: str, path: str) -> int:
        """The status of one signed request without a body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=START_LIMIT_S)
        try:
            connection.request(method, self.signer().target(method, path))
            response = connection.getresponse()
            response.read()
            return response.status
        finally:
            connection.close()

    def stop(self) -> None:
        """Ask it to end, then make it."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(STOP_LIMIT_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def kill(self) -> None:
        """End it at once: its data are not needed any more."""
        self._process.kill()
        self._process.wait()

    def is_running(self) -> bool:
        """Whether it has not ended by itself."""
        return self._process.poll() is None

    def _start(self) -> "subprocess.Popen[bytes]":
        for _ in range(START_TRIES):
            self.ports = free_ports(self.kind.ports)
            began = time.perf_counter()
            self._process = self._spawn(self.kind.command(self.folder, self.ports))
            try:
                if self._has_answered(began + START_LIMIT_S):
                    self.start_s = time.perf_counter() - began
                    return self._process
            except BaseException:
                self.stop()
                raise
            self.stop()
        log = self._log_path.read_text(errors="replace")[-2000:]
        raise MeasurementFailed(f"{self.name} did not start\n{log}")

    def _spawn(self, command: list[str]) -> "subprocess.Popen[bytes]":
        if guard := shutil.which("setpriv"):
            command = [guard, "--pdeathsig", "TERM", *command]
        # Whoever starts a server from source finds its modules compiled, but for the first time.
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        with self._log_path.open("ab") as log:
            return subprocess.Popen(
                command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, env=environment,
            )  # fmt: skip

    def _has_answered(self, deadline: float) -> bool:
        """Wait for 200 OK to a signed ListBuckets."""
        while self.is_running() and time.perf_counter() < deadline:
            try:
                if self.ask("GET", "/") == http.HTTPStatus.OK:
                    return True
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(POLL_S)
        return False


def free_ports(count: int) -> list[int]:
    """Ports that were free a moment ago, as the kernel chose them."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def ferrox(name: str, program: list[str], options: list[str]) -> Kind:
    """A ferroxd with its settings of delivery, but for those given here."""

    def command(folder: Path, ports: list[int]) -> list[str]:
        return [
            *program, "serve", "--data-dir", str(folder), "--bind", f"127.0.0.1:{ports[0]}",
            "--access-key", ACCESS_KEY, "--secret-key", SECRET_KEY, *options,
        ]  # fmt: skip

    return Kind(
        name, "yes: data and index are synced before the answer", command,
        lambda: says(*program, "version"),
    )  # fmt: skip


def from_source(tree: Path) -> list[str]:
    """The program of a source tree, under the Python of this environment."""
    return [sys.executable, str(tree / "ferroxd.py")]


def says(*command: str) -> str:
    """The first line that a program prints: its version."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return (done.stdout.strip().splitlines() or ["unknown"])[0]
