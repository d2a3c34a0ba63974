"""Command-line tools, kept from the settings of whoever runs the tests, and plain HTTP."""

import http.client
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tests.server_process import ROOT, ServerProcess

REGION = "us-east-1"
LIMIT_S = 90.0


def executable(name: str) -> str:
    """The tool beside this Python, or else the system's."""
    found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    assert found, f"{name} is not installed: scripts/test installs everything the tests need"
    return found


def python_of(name: str) -> Path:
    """The Python of an environment that scripts/setup makes."""
    found = ROOT / f".venv-{name}" / "bin" / "python"
    assert found.exists(), f"{found} is missing: scripts/setup {name} makes it"
    return found


def environment(home: Path, server: ServerProcess) -> dict[str, str]:
    """Credentials and region by the variables that every AWS tool reads; nobody's own settings."""
    return {
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "HOME": str(home),
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ACCESS_KEY_ID": server.access_key,
        "AWS_SECRET_ACCESS_KEY": server.secret_key,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "NO_PROXY": "127.0.0.1,localhost",
    }


class Tool:
    """A program with the arguments that every call of it has."""

    def __init__(self, *command: str, env: Mapping[str, str], cwd: Path) -> None:
        self.command = (executable(command[0]), *command[1:])
        self.env = env
        self.cwd = cwd

    def __call__(self, *arguments: str | Path, stdin: bytes = b"") -> str:
        """Run it, see it succeed, and return what it printed."""
        return self.raw(*arguments, stdin=stdin).decode()

    def raw(self, *arguments: str | Path, stdin: bytes = b"") -> bytes:
        """The same for output that is no text."""
        done = self._run(arguments, stdin)
        assert done.returncode == 0, self._story(done)
        return done.stdout

    def refused(self, *arguments: str | Path) -> str:
        """Run it, see it fail, and return what it complained of."""
        done = self._run(arguments, b"")
        assert done.returncode != 0, self._story(done)
        return (done.stderr + done.stdout).decode(errors="replace")

    def _run(
        self, arguments: tuple[str | Path, ...], stdin: bytes
    ) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [*self.command, *map(str, arguments)],
            env=self.env, cwd=self.cwd, input=stdin, capture_output=True,
            timeout=LIMIT_S, check=False,
        )  # fmt: skip

    def _story(self, done: subprocess.CompletedProcess[bytes]) -> str:
        out, err = (text.decode(errors="replace")[-4000:] for text in (done.stdout, done.stderr))
        return f"{done.args} ended with {done.returncode}\n{out}\n{err}"


def old_boto3(version: str, env: dict[str, str]) -> Tool:
    """The Python that has a former boto3, about to tell the story of a program that uses it."""
    python = python_of(f"boto3-{version}")
    return Tool(
        str(python),
        "-m",
        "tests.clients.boto3_story",
        env=env | {"PYTHONPATH": str(ROOT)},
        cwd=ROOT,
    )


@dataclass(frozen=True)
class Reply:
    """What came back from a plain request."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def fetch(
    url: str,
    method: str = "GET",
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """One request with nothing in it but what is asked for; header names come in lower case."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=LIMIT_S)
    try:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, body, dict(headers or {}))
        response = connection.getresponse()
        found = {name.lower(): value for name, value in response.getheaders()}
        return Reply(response.status, found, response.read())
    finally:
        connection.close()
