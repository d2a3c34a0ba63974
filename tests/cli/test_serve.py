"""`ferroxd serve` up to the point where the server itself takes over."""

import gc
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from ferrox.cli import serve
from ferrox.config import Config
from ferrox.errors import StartError


def test_help_is_printed_and_nothing_is_started(capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == serve.run(["--help"])
    assert "--data-dir" in capsys.readouterr().out


class Program(ModuleType):
    """Stands for the module that serves, and notes what it is to serve."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.seen: list[tuple[Config, int]] = []

    def serve(self, settings: Config, worker_count: int = 1) -> int:
        self.seen.append((settings, worker_count))
        return 3


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Program:
    return stand_in(monkeypatch, "ferrox.app")


@pytest.fixture
def prefork(monkeypatch: pytest.MonkeyPatch) -> Program:
    return stand_in(monkeypatch, "ferrox.prefork")


def stand_in(monkeypatch: pytest.MonkeyPatch, name: str) -> Program:
    program = Program(name)
    monkeypatch.setitem(sys.modules, name, program)
    monkeypatch.setattr(name, program, raising=False)
    return program


def test_the_server_gets_the_settings_and_its_status_is_handed_on(
    app: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FERROX_REGION", "eu-west-9")

    status = serve.run(["--bind", "127.0.0.1:0", "--workers", "1"])

    ((settings, _),) = app.seen
    assert 3 == status
    assert ("eu-west-9", "127.0.0.1:0") == (settings.region, str(settings.bind))


@pytest.mark.parametrize(
    ("asked", "cores", "count"),
    [("auto", 1, 1), ("auto", 3, 3), ("auto", 64, 4), ("1", 64, 1), ("7", 2, 7)],
)
def test_several_processes_serve_if_there_are_cores_for_them_or_if_told_to(
    app: Program,
    prefork: Program,
    monkeypatch: pytest.MonkeyPatch,
    asked: str,
    cores: int,
    count: int,
) -> None:
    monkeypatch.setattr("ferrox.workers.cores.usable_cores", lambda: cores)

    status = serve.run(["--workers", asked])

    assert 3 == status
    assert [count] == [worker_count for _, worker_count in app.seen + prefork.seen]
    assert (count == 1) == bool(app.seen)


def test_garbage_is_looked_for_again_whatever_comes_of_a_start(
    app: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []

    def start(settings: Config, worker_count: int = 1) -> int:
        seen.append(gc.isenabled())
        return 0

    monkeypatch.setattr(app, "serve", start)
    serve.run(["--workers", "1"])
    with pytest.raises(StartError):
        serve.run(["--workers", "none"])

    assert [False] == seen
    assert gc.isenabled()


READY = """
import gc, os, signal, sys
from ferrox import app
from ferrox.cli.main import main
from ferrox.workers.channel import Channel

def ready(*_):
    os.write(1, f"{gc.isenabled() and gc.get_threshold()[0] == app.GARBAGE_THRESHOLD} ".encode())
    os.kill(main_process, signal.SIGTERM)

main_process = os.getpid()
app.announce = Channel.say_ready = ready
sys.exit(main(["--ephemeral", "--ephemeral-dir", sys.argv[1], "--workers", sys.argv[2]]))
"""


@pytest.mark.parametrize("workers", ["1", "2"])
def test_who_serves_looks_for_garbage(tmp_path: Path, workers: str) -> None:
    run = subprocess.run(
        [sys.executable, "-c", READY, str(tmp_path), workers],
        capture_output=True,
        text=True,
        check=False,
    )

    assert {"True"} == set(run.stdout.split()), run.stderr
