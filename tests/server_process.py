"""A real ferroxd in its own process: kernel-chosen port, ended by signal, its log judged."""

import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[1]
START_LIMIT_S = 30.0
STOP_LIMIT_S = 40.0  # above the 30 s of grace that requests under way are given


class ServerProcess:
    """One data directory and the process that serves it. Starts at once."""

    access_key = "FERROXCLIENTTESTS"
    secret_key = "secret/of+the/client=tests"
    environment: Mapping[str, str] | None = None
    prepare: Callable[[], None] | None = None

    def __init__(
        self, data_dir: Path, *options: str, program: Sequence[str] = (sys.executable, "ferroxd.py")
    ) -> None:
        self.data_dir = data_dir
        self.endpoint = ""
        self.tls_endpoint = ""
        self._program = program
        self._options: Sequence[str] = options
        self._log_path = data_dir.with_name(data_dir.name + ".log")
        self._judged_bytes = 0
        self._start(port=0)

    @property
    def pid(self) -> int:
        """The process that serves now."""
        return self._process.pid

    @property
    def workers(self) -> list[int]:
        """The processes that it has started."""
        return children(self.pid)

    @property
    def host(self) -> str:
        """The address to connect to."""
        return urlsplit(self.endpoint).hostname or ""

    @property
    def port(self) -> int:
        """The port that the kernel chose."""
        return urlsplit(self.endpoint).port or 0

    @property
    def log(self) -> str:
        """Everything that was logged so far, over all restarts."""
        return self._log_path.read_text(errors="replace")

    def stop(self) -> None:
        """Ask it to end as an operator would; it must do so, and be content."""
        self._process.send_signal(signal.SIGTERM)
        status = self._process.wait(STOP_LIMIT_S)
        assert status == 0, f"exit status {status} after SIGTERM\n{self.log[-4000:]}"
        self._reader.join()

    def kill(self) -> None:
        """End it as a power failure would."""
        self._process.kill()
        self._process.wait()
        self._reader.join()

    def restart(self) -> None:
        """Serve the same data again, on the same port unless somebody else took it meanwhile."""
        if self._process.poll() is None:
            self.stop()
        try:
            self._start(self.port)
        except NotReady:
            self._start(port=0)

    def expect_clean_log(self) -> None:
        """Fail if anything was logged since the last look that nobody should ever see."""
        text = self._log_path.read_bytes()[self._judged_bytes :]
        self._judged_bytes += len(text)
        bad = [line for line in text.decode(errors="replace").splitlines() if _is_alarming(line)]
        assert not bad, "the server's log:\n" + text.decode(errors="replace")[-8000:]

    def _start(self, port: int) -> None:
        command = [
            *self._program, "serve", "--data-dir", str(self.data_dir),
            "--bind", f"127.0.0.1:{port}",
            "--access-key", self.access_key, "--secret-key", self.secret_key, *self._options,
        ]  # fmt: skip
        with self._log_path.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=self.environment,
                preexec_fn=self.prepare,  # noqa: PLW1509 - None in all but the tests of the frozen form
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._drain, args=(lines,), daemon=True)
        self._reader.start()
        try:
            addresses = self._announced_addresses(lines)
        except BaseException:
            self.kill()
            raise
        self.endpoint = addresses[0]
        self.tls_endpoint = next((one for one in addresses if one.startswith("https:")), "")

    def _drain(self, lines: "queue.SimpleQueue[str | None]") -> None:
        """Take the terminal's lines as they come, so that the pipe never fills."""
        assert self._process.stdout is not None
        with self._process.stdout as stdout:
            for line in stdout:
                lines.put(line.decode(errors="replace"))
        lines.put(None)

    def _announced_addresses(self, lines: "queue.SimpleQueue[str | None]") -> list[str]:
        found: list[str] = []
        deadline = time.monotonic() + START_LIMIT_S
        while True:
            try:
                line = lines.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                line = None
            if line is None:
                raise NotReady(f"no address within {START_LIMIT_S:g} s\n{self.log[-4000:]}")
            words = line.split()
            if words[:1] == ["address"]:
                found.append(words[1])
            elif found:
                return found


def children(process_id: int) -> list[int]:
    """The children of a process, threads not counted."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_bytes().rpartition(b")")[2].split()
            except OSError:
                continue  # it has ended meanwhile
            if int(fields[1]) == process_id:
                found.append(int(entry.name))
    return sorted(found)


class NotReady(Exception):
    """The server never said where it listens."""


def _is_alarming(line: str) -> bool:
    words = line.split(maxsplit=2)
    return "Traceback" in line or any(level in words[1:2] for level in ("ERROR", "CRITICAL"))


@contextmanager
def serving(data_dir: Path, *options: str) -> Iterator[ServerProcess]:
    """A server for the length of a block; it must end well and have logged no error."""
    server = ServerProcess(data_dir, *options)
    try:
        yield server
    except BaseException:
        server.kill()
        raise
    server.stop()
    server.expect_clean_log()
