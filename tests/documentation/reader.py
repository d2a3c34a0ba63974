"""Somebody who types what a page says, in a new directory, and looks at what comes of it.

Every block is run by a bash of its own; directory, variables and aliases go from one to the next.
A page that starts no server finds one with an empty data directory, and the variables that the
README's quick start sets. Where a page says port 9000, 9443 or 9444, the reader takes one from the
kernel, on the loopback interface, and its own folder where it says /etc/ferrox or /srv/ferrox.
"""

import os
import queue
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Self

from ferrox import __version__
from tests.clients.tool import python_of
from tests.documentation.blocks import Block
from tests.server_process import ROOT, START_LIMIT_S, STOP_LIMIT_S

LIMIT_S = 60.0
PORTS = ("9000", "9443", "9444")
OWN_FOLDERS = ("/etc/ferrox", "/srv/ferrox")
USUAL_SERVER = "ferroxd serve --access-key quickstart --secret-key quickstart-secret"
USUAL_VARIABLES = """\
export AWS_ENDPOINT_URL=http://127.0.0.1:9000
export AWS_ACCESS_KEY_ID=quickstart
export AWS_SECRET_ACCESS_KEY=quickstart-secret
export AWS_DEFAULT_REGION=us-east-1
"""

_ADDRESS = re.compile(r'"[a-z0-9.]*:(9000|9443|9444)"')
"""In a file of settings."""

_SCRIPT = """\
shopt -s expand_aliases
if [ -e "$READER/state" ]; then . "$READER/state"; fi
set -euo pipefail -o allexport
. "$READER/block"
{ declare -px; alias -p; printf 'cd %q\\n' "$PWD"; } >"$READER/state"
"""


class Stumbled(AssertionError):
    """What the page says does not work, or not like that."""


class Reader:
    """Follows one page from top to bottom. A context, at whose end nothing is left running."""

    def __init__(self, folder: Path) -> None:
        self.output = ""
        self._folder = folder / "reader"
        self._home = folder / "home"
        self._held = [_hold_port() for _ in PORTS]
        held = (str(one.getsockname()[1]) for one in self._held)
        self._ports = dict(zip(PORTS, held, strict=True))
        self._server: _Server | None = None
        self._sessions: list[int] = []
        for place in (self._folder, self._home, *(folder / path[1:] for path in OWN_FOLDERS)):
            place.mkdir(parents=True)
        self._own = {path: str(folder / path[1:]) for path in OWN_FOLDERS}
        self._make_commands(self._folder / "bin")
        self._environment = {
            "PATH": f"{self._folder / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "LANG": "C.UTF-8",
            "HOME": str(self._home),
            "READER": str(self._folder),
            "AWS_EC2_METADATA_DISABLED": "true",
            "FERROX_ADMIN_BIND": f"127.0.0.1:{self._ports['9444']}",
            "PYTHONWARNINGS": "default",
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        for process_group in self._sessions:
            _end(process_group, signal.SIGKILL)
        self._end_detached()
        if self._server is not None:
            self._server.end()
            if kind is None:
                self._server.expect_clean_log()
        for one in self._held:
            one.close()

    def read(self, blocks: list[Block]) -> None:
        """Follow the page; Stumbled where it cannot be followed."""
        if not any("serve" in block.marks for block in blocks):
            self._serve(USUAL_SERVER)
            self._type(USUAL_VARIABLES)
        for block in filter(_can_be_read, blocks):
            try:
                self._follow(block)
            except Stumbled as error:
                raise Stumbled(f"line {block.line}: {error}\n{self._log}") from None

    @property
    def _log(self) -> str:
        return self._server.log[-6000:] if self._server else ""

    @property
    def _state(self) -> str:
        path = self._folder / "state"
        return path.read_text("utf-8") if path.exists() else ""

    def _end_detached(self) -> None:
        """End the server in the background that a page has not come to end."""
        found = re.search(r'FERROX_PID="(\d+)"', self._state)
        command = Path("/proc", found[1], "cmdline") if found else Path("/nowhere")
        if found and command.exists() and b"--detach=off" in command.read_bytes():
            os.kill(int(found[1]), signal.SIGTERM)

    def _follow(self, block: Block) -> None:
        if "output" in block.marks:
            self._compare(block.text)
        elif "serve" in block.marks:
            self._serve(block.text)
        elif "run" in block.marks:
            if "stopped" in block.marks:
                self._stop()
            text = block.text
            if block.language == "python":
                with_ = block.marks.get("with")
                python = python_of(with_) if with_ else sys.executable
                (self._folder / "program.py").write_text(self._here(text), "utf-8")
                text = f'"{python}" "$READER/program.py"\n'
            self._type(text, must_fail="fails" in block.marks)

    def _type(self, text: str, must_fail: bool = False) -> None:
        (self._folder / "block").write_text(self._here(text), "utf-8")
        path = self._folder / "output"
        with path.open("wb") as output:
            process = subprocess.Popen(
                ["bash", "-c", _SCRIPT],
                cwd=self._home, env=self._environment, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
        self._sessions.append(process.pid)
        try:
            status = process.wait(LIMIT_S)
        except subprocess.TimeoutExpired:
            raise Stumbled(f"{text}\nhas not ended after {LIMIT_S:g} s") from None
        self.output = path.read_text("utf-8", errors="replace")
        if (status != 0) != must_fail:
            raise Stumbled(f"{text}\nended with {status}:\n{self.output}")

    def _compare(self, expected: str) -> None:
        printed = [line.rstrip() for line in self.output.splitlines()]
        for line in filter(None, (line.rstrip() for line in expected.splitlines())):
            pattern = re.compile(".*".join(map(re.escape, self._here(line).split("…"))))
            if not any(pattern.fullmatch(one) for one in printed):
                raise Stumbled(f"nothing like {line!r} is in the output:\n{self.output}")

    def _serve(self, text: str) -> None:
        self._stop()
        environment = dict(self._environment)
        if "FERROX_CONFIG" not in self._state:  # a file has to say where the server listens
            environment["FERROX_BIND"] = f"127.0.0.1:{self._ports['9000']}"
        here = re.sub(r"(?:[a-z0-9.]*):(9000|9443|9444)\b", r"127.0.0.1:\1", text)
        (self._folder / "server").write_text(self._here(here), "utf-8")
        script = _SCRIPT.replace("/block", "/server").rpartition("{ declare")[0]
        self._server = _Server(script, self._home, environment, self._folder / "log")

    def _stop(self) -> None:
        if self._server is not None:
            self._server.end()
            self._server.expect_clean_log()
            self._server = None

    def _here(self, text: str) -> str:
        text = _ADDRESS.sub(r'"127.0.0.1:\1"', text)
        for port, here in self._ports.items():
            text = re.sub(rf"(?<=:){port}\b", here, text)
        for path, here in self._own.items():
            text = text.replace(path, here)
        return text

    def _make_commands(self, folder: Path) -> None:
        ferroxd = f'exec "{sys.executable}" "{ROOT}/ferroxd.py"'
        for path, command in (
            (folder / "ferroxd", f'{ferroxd} "$@"'),
            (folder / "python", f'exec "{sys.executable}" "$@"'),
            (self._home / "scripts" / "serve", f'{ferroxd} serve "$@"'),
            (self._home / f"ferroxd-{__version__}-linux-amd64", f'{ferroxd} "$@"'),
        ):
            path.parent.mkdir(exist_ok=True)
            path.write_text(f"#!/bin/sh\n{command}\n", "utf-8")
            # The reader makes the downloaded file executable, or the page has forgotten to say so.
            path.chmod(0o755 if path.parent != self._home else 0o644)


class _Server:
    """A server that was started as a page says."""

    def __init__(self, script: str, home: Path, environment: dict[str, str], log: Path) -> None:
        self._path = log
        with log.open("wb") as errors:
            self._process = subprocess.Popen(
                ["bash", "-c", script],
                cwd=home, env=environment, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors,
            )  # fmt: skip
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._drain, daemon=True)
        self._thread.start()
        try:
            self._wait_until_ready()
        except BaseException:
            self.end(signal.SIGKILL)
            raise

    @property
    def log(self) -> str:
        """What it has logged."""
        return self._path.read_text("utf-8", errors="replace")

    def end(self, number: int = signal.SIGTERM) -> None:
        """Stop it, as whoever has typed the command would."""
        _end(self._process.pid, number)
        self._process.wait(STOP_LIMIT_S)
        self._thread.join()

    def expect_clean_log(self) -> None:
        """Fail if it has logged what nobody should ever see."""
        if re.search(r"^Traceback|^\S+ (?:ERROR|CRITICAL) ", self.log, re.MULTILINE):
            raise Stumbled(f"the server's log:\n{self.log[-6000:]}")

    def _drain(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as stdout:
            for line in stdout:
                self._lines.put(line.decode(errors="replace"))
        self._lines.put("")

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_LIMIT_S
        line = " "
        while "  data " not in line:
            try:
                line = self._lines.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                line = ""
            if not line:
                raise Stumbled(f"no server is there:\n{self.log}")


def _can_be_read(block: Block) -> bool:
    return all(map(shutil.which, block.marks.get("needs", "").split()))


def _hold_port() -> socket.socket:
    """A port that the kernel gives to nobody else, and on which a server may listen."""
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    held.bind(("127.0.0.1", 0))
    return held


def _end(process_group: int, number: int) -> None:
    try:
        os.killpg(process_group, number)
    except ProcessLookupError:
        return
