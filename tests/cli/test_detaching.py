"""A server that goes on in the background of a shell, and what the shell knows of it."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ferrox.cli import detaching
from tests.cli.test_server_life import LIMIT_S, environment, ferroxd
from tests.server_process import ROOT

SCRIPT = f"""
cd {ROOT}
set -eu
ferroxd() {{ {sys.executable} ferroxd.py "$@"; }}
eval "$(ferroxd --ephemeral --ephemeral-dir "$PLACE" --seed-bucket seen --detach)"
trap 'kill "$FERROX_PID"' EXIT
ferroxd bucket list
curl --silent --fail "$AWS_ENDPOINT_URL/health/ready"
cat "$FERROX_LOG"
"""


def test_a_shell_goes_on_when_the_server_is_ready_and_ends_it(tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.mkdir()
    run = subprocess.run(
        ["sh", "-c", SCRIPT],
        env=environment({"PLACE": str(place)}),
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )

    assert (0, "") == (run.returncode, run.stderr)
    assert "seen" in run.stdout
    assert '{"status": "ready"}' in run.stdout
    assert "ferroxd 0" in run.stdout.partition('"ready"')[2], "the log"
    _expect_soon_empty(place)


def test_variables_can_be_asked_for_in_another_form(tmp_path: Path) -> None:
    where = ("--ephemeral", "--ephemeral-dir", str(tmp_path))
    run = ferroxd(*where, "--detach", "--print-env", "github")
    variables = dict(line.split("=", 1) for line in run.stdout.splitlines())
    os.kill(int(variables["FERROX_PID"]), signal.SIGTERM)

    assert {"AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "FERROX_LOG"} <= variables.keys()
    _expect_soon_empty(tmp_path)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_the_log_is_there_when_the_server_has_crashed(tmp_path: Path, workers: str) -> None:
    """It lay in the memory of the server, and was gone with it."""
    where = ("--ephemeral", "--ephemeral-dir", str(tmp_path), "--workers", workers)
    run = ferroxd(*where, "--detach", "--print-env=json")
    variables = json.loads(run.stdout)
    log = Path(variables["FERROX_LOG"])

    os.kill(int(variables["FERROX_PID"]), signal.SIGKILL)
    _wait_until_unlocked(log)
    after = ferroxd(*where, "--detach", "--print-env=json")
    os.kill(int(json.loads(after.stdout)["FERROX_PID"]), signal.SIGTERM)

    assert tmp_path == log.parent
    assert "ferroxd 0" in log.read_text()
    _expect_soon_gone(f'[ "$(ls "{tmp_path}")" != "{log.name}" ]')


def test_a_start_that_fails_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    where = ("--ephemeral", "--ephemeral-dir", str(tmp_path))
    run = ferroxd(*where, "--detach", "--seed-bucket", "Not-A-Bucket")

    assert (2, "") == (run.returncode, run.stdout)
    assert "ferroxd: seed_bucket: no bucket can be called 'Not-A-Bucket'\n" == run.stderr
    assert [] == list(tmp_path.iterdir())


INTERRUPTED = """
import sys
from ferrox.cli import detaching
from ferrox.cli.main import main
server = "import os, time; print(os.getpid(), file=open(sys.argv[1], 'w')); time.sleep(600)"
detaching.program = lambda: [sys.executable, "-c", "import sys; " + server, sys.argv[1]]
sys.exit(main(["--ephemeral", "--detach"]))
"""


EARLY = """
import os, signal, subprocess, sys
from ferrox.cli import detaching
from ferrox.cli.main import main
popen = subprocess.Popen
def start(*arguments, **keywords):
    server = popen(*arguments, **keywords)
    print(server.pid, flush=True)
    os.kill(os.getpid(), int(sys.argv[1]))
    return server
subprocess.Popen = start
detaching.program = lambda: [sys.executable, "-c", "import time; time.sleep(600)"]
sys.exit(main(["--ephemeral", "--detach"]))
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_interruption_while_the_server_is_being_started_leaves_none(
    number: signal.Signals,
) -> None:
    command = [sys.executable, "-c", EARLY, str(int(number))]

    run = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=LIMIT_S, check=False)

    assert (128 + number, b"") == (run.returncode, run.stderr)
    with pytest.raises(ProcessLookupError):
        os.kill(int(run.stdout), 0)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_start_that_is_interrupted_leaves_no_server(
    tmp_path: Path, number: signal.Signals
) -> None:
    told = tmp_path / "pid"
    front = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, str(told)], cwd=ROOT, stderr=subprocess.PIPE
    )
    deadline_s = time.monotonic() + LIMIT_S
    while not told.exists() or not told.read_text().endswith("\n"):
        assert time.monotonic() < deadline_s
    front.send_signal(number)
    _, said = front.communicate(timeout=LIMIT_S)

    assert (128 + number, b"") == (front.returncode, said)
    with pytest.raises(ProcessLookupError):
        os.kill(int(told.read_text()), 0)


def test_the_program_is_started_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "orig_argv", ["python3", "-I", "/x/ferroxd.py", "serve", "--detach"])
    monkeypatch.setattr(sys, "argv", ["/x/ferroxd.py", "serve", "--detach"])

    assert [sys.executable, "-I", "/x/ferroxd.py"] == detaching.program()


def test_a_frozen_program_is_the_file_that_was_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unpacked = tmp_path / "staticx-abc"
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(unpacked / "ferroxd"))

    monkeypatch.setenv("STATICX_PROG_PATH", "/usr/bin/ferroxd")
    monkeypatch.setenv("STATICX_BUNDLE_DIR", str(unpacked))
    assert ["/usr/bin/ferroxd"] == detaching.program()

    monkeypatch.setenv("STATICX_BUNDLE_DIR", "/of/somebody/else")
    assert [str(unpacked / "ferroxd")] == detaching.program()


def _expect_soon_empty(place: Path) -> None:
    """A server that is in the background of nobody ends when it has cleared up."""
    _expect_soon_gone(f'ls "{place}" | grep -q .')


def _wait_until_unlocked(log: Path) -> None:
    """Until none of its processes is left."""
    with log.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)


def _expect_soon_gone(condition: str) -> None:
    watch = ["timeout", str(LIMIT_S), "sh", "-c", f"while {condition}; do :; done"]
    assert 0 == subprocess.run(watch, check=False).returncode
