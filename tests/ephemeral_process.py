"""A real ephemeral server in its own process, found by the variables it prints."""

import contextlib
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from tests.cli.test_server_life import LIMIT_S, environment
from tests.server_process import ROOT


class Ephemeral:
    """One server, from its start to its end."""

    def __init__(self, place: Path | None, *options: str, **more: Any) -> None:
        where = [] if place is None else ["--ephemeral-dir", str(place)]
        self.process = subprocess.Popen(
            [sys.executable, "ferroxd.py", "--ephemeral", "--print-env=json", *where, *options],
            cwd=ROOT,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=_with_signals_as_in_a_shell,  # noqa: PLW1509 - it runs no other thread's code
            **{"stdin": subprocess.DEVNULL, **more},
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.process.communicate()[1]
        self.variables: dict[str, str] = json.loads(line)

    @property
    def s3(self) -> Any:
        """A client of it that tries nothing twice."""
        names = {
            "AWS_ENDPOINT_URL": "endpoint_url",
            "AWS_ACCESS_KEY_ID": "aws_access_key_id",
            "AWS_SECRET_ACCESS_KEY": "aws_secret_access_key",
            "AWS_REGION": "region_name",
        }
        once = Config(retries={"total_max_attempts": 1}, proxies={})
        place = {to: self.variables[name] for name, to in names.items()}
        return boto3.client("s3", **place, config=once)

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str, str]:
        """Send a signal; the exit status, and the rest of both outputs."""
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> tuple[int, str, str]:
        """Wait for its end; the exit status, and the rest of both outputs."""
        printed, logged = self.process.communicate(timeout=LIMIT_S)
        return self.process.returncode, printed, logged


def _with_signals_as_in_a_shell() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@contextlib.contextmanager
def started(place: Path | None, *options: str, **more: Any) -> Iterator[Ephemeral]:
    """A server for the length of a block, which is killed if it has not ended."""
    server = Ephemeral(place, *options, **more)
    try:
        yield server
    finally:
        server.process.kill()
        server.process.communicate(timeout=LIMIT_S)
