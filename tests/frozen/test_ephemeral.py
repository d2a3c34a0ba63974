"""A frozen program as a server for tests: with its launchers, in the background, killed."""

import contextlib
import json
import os
import select
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.frozen.program import LIMIT_S, Program

WHERE = ("--ephemeral", "--seed-bucket", "seen", "--detach", "--print-env=json")


class Detached:
    """A server in the background, by the variables that its start printed."""

    def __init__(self, program: Program) -> None:
        run = program(*WHERE, "--ephemeral-dir", str(program.scratch))
        assert (0, "") == (run.returncode, run.stderr), run.stderr
        self.variables: dict[str, str] = json.loads(run.stdout)
        self.outermost = int(self.variables["FERROX_PID"])
        self._ended = os.pidfd_open(self.outermost)

    def send(self, number: signal.Signals) -> None:
        """Signal the process that was started, and wait for its end."""
        signal.pidfd_send_signal(self._ended, number)
        assert select.select([self._ended], [], [], LIMIT_S)[0], "it lives on"

    def close(self) -> None:
        """Leave nothing running."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._ended, signal.SIGKILL)
        os.close(self._ended)


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A folder with a short name: it is part of the path of a socket, which has 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="ferrox-") as folder:
        yield Path(folder)


@pytest.fixture
def detached(program: Program) -> Iterator[Detached]:
    server = Detached(program)
    yield server
    server.close()


def test_it_goes_on(program: Program, detached: Detached) -> None:
    ready = f"{detached.variables['AWS_ENDPOINT_URL']}/health/ready"
    with urlopen(ready, timeout=LIMIT_S) as answer:
        status = answer.status
    listed = program(
        "bucket", "list", "--json", "--admin-url", detached.variables["FERROX_ADMIN_URL"]
    )

    detached.send(signal.SIGTERM)

    assert 200 == status
    assert ["seen"] == [bucket["name"] for bucket in json.loads(listed.stdout)["buckets"]]
    assert [] == program.left_behind()


def test_it_is_swept_up(program: Program, detached: Detached) -> None:
    detached.send(signal.SIGKILL)
    left = program.left_behind()

    following = Detached(program)
    following.send(signal.SIGTERM)
    following.close()

    log = Path(detached.variables["FERROX_LOG"])
    assert any(name.startswith("ferrox-ephemeral-") for name in {*left} - {log.name})
    assert [log.name] == program.left_behind(), "for whoever wants to know why"
    assert "ferroxd 0" in log.read_text()


def test_it_says_why_not(program: Program) -> None:
    where = ("--ephemeral-dir", str(program.scratch), "--seed-bucket", "Not-A-Bucket")
    run = program("--ephemeral", "--detach", *where)

    assert (2, "") == (run.returncode, run.stdout)
    assert "ferroxd: seed_bucket: no bucket can be called 'Not-A-Bucket'\n" == run.stderr
    assert [] == program.left_behind()
