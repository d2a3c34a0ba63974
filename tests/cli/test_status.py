"""cli/status.py: once, as JSON, on a terminal; and what its exit status says."""

import contextlib
import io
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import boto3
import pytest

from ferrox.cli import status as module
from ferrox.cli.admin_client import Place, Refused
from ferrox.cli.main import main
from ferrox.errors import StartError
from tests.cli.test_status_screen import status
from tests.server_process import ROOT, ServerProcess, serving

LIMIT_S = 60.0


class Server:
    """Answers what it is told to, and notes what it was asked."""

    answers: ClassVar[list[Any]] = []
    asked: ClassVar[list[tuple[str, str]]] = []

    def __init__(self, place: Place) -> None:
        self.place = place

    def ask(self, method: str, path: str, _query: object, _body: object) -> Any:
        self.asked.append((method, path))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> type[Server]:
    monkeypatch.setattr(module, "AdminClient", Server)
    monkeypatch.setattr(time, "sleep", lambda _: None)
    for name in ("answers", "asked"):
        monkeypatch.setattr(Server, name, [])
    return Server


def two(**more: Any) -> list[dict[str, Any]]:
    """A server that answers two requests in a second."""
    first, second = status(**more), status(**more)
    second["uptime_s"] += 1
    second["requests"] = second["requests"] | {"ended": second["requests"]["ended"] + 2}
    second["latency"] = {"bounds_s": [0.1], "counts": [3, 0]}
    return [first, second]


def test_it_is_printed_once_where_there_is_no_terminal(
    server: type[Server], capsys: pytest.CaptureFixture[str]
) -> None:
    server.answers.extend(two())

    code = main(["status"])

    out = capsys.readouterr().out
    assert 0 == code
    assert [("GET", "/admin/v1/status")] * 2 == server.asked
    assert out.startswith("ferroxd 1.2.3  up 3 d 04:05  2 workers  well\n")
    assert "requests  2.0/s   2 under way" in out
    assert "\x1b" not in out


def test_a_server_that_is_not_well_ends_with_1(
    server: type[Server], capsys: pytest.CaptureFixture[str]
) -> None:
    server.answers.extend(two(is_well=False) * 2)

    codes = main(["status", "--once"]), main(["status", "--json"])

    assert (1, 1) == codes
    assert "not well" in capsys.readouterr().out


def test_json_is_one_document_with_rates(
    server: type[Server], capsys: pytest.CaptureFixture[str]
) -> None:
    server.answers.extend(two())

    code = main(["status", "--json", "--interval", "0.5"])

    told = json.loads(capsys.readouterr().out)
    assert 0 == code
    assert ("1.2.3", 2.0) == (told["version"], told["rates"]["requests"])
    assert {"p50_s", "p99_s", "received_bytes", "sent_bytes"} < told["rates"].keys()


def test_a_server_that_began_anew_meanwhile_has_no_rates(
    server: type[Server], capsys: pytest.CaptureFixture[str]
) -> None:
    server.answers.extend([status(), status(started="2027")])

    main(["status", "--json"])

    assert None is json.loads(capsys.readouterr().out)["rates"]


@pytest.mark.parametrize("error", [StartError("no server is running"), Refused("no: not you")])
def test_who_cannot_be_asked_is_one_line_and_status_2(
    server: type[Server], capsys: pytest.CaptureFixture[str], error: Exception
) -> None:
    server.answers.append(error)

    code = main(["status"])

    assert 2 == code
    assert f"ferroxd: {error}\n" == capsys.readouterr().err


@pytest.mark.parametrize("text", ["0", "fast", "-1", "nan", "1e9"])
def test_intervals_that_are_none_are_refused(
    server: type[Server], capsys: pytest.CaptureFixture[str], text: str
) -> None:
    code = main(["status", "--interval", text])

    assert 2 == code
    assert "is not a number from 0.1 to 3600" in capsys.readouterr().err
    assert [] == server.asked


def test_what_is_cut_off_by_a_pipe_is_no_failure(
    server: type[Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    server.answers.extend(two())

    class Closed(io.StringIO):
        def write(self, _: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stdout", Closed())

    code = main(["status"])
    sys.stdout.close()  # which is no longer the one above

    assert 0 == code


class Terminal(io.StringIO):
    """A stream that says it is one."""

    def __init__(self, encoding: str) -> None:
        super().__init__()
        self._encoding = encoding

    @property
    def encoding(self) -> str:  # type: ignore[override] # what the stream says
        return self._encoding

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("encoding", "environment", "bar", "has_colour"),
    [
        ("UTF-8", {"TERM": "xterm"}, "█░", True),
        ("utf8", {"TERM": "xterm", "NO_COLOR": "1"}, "█░", False),
        ("ascii", {"TERM": "xterm"}, "#.", True),
        ("utf-8", {"TERM": "dumb"}, "█░", False),
    ],
)
def test_a_terminal_gets_what_it_can_show(
    monkeypatch: pytest.MonkeyPatch,
    encoding: str,
    environment: dict[str, str],
    bar: str,
    has_colour: bool,
) -> None:
    for name in ("TERM", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    style = module._style(Terminal(encoding))

    assert (bar, has_colour) == (style.bar, style.has_colour)


# Real servers


@contextlib.contextmanager
def on_a_terminal(server: ServerProcess, *words: str) -> Iterator[tuple[Any, int]]:
    """`ferroxd status` on a terminal of its own: the process, and the other end."""
    main_fd, other_fd = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "ferroxd.py", "status", "--data-dir", str(server.data_dir), *words],
        cwd=ROOT, stdin=other_fd, stdout=other_fd, stderr=other_fd, start_new_session=True,
        env=os.environ | {"TERM": "xterm", "COLUMNS": "80", "LINES": "24", "PYTHONUTF8": "1"},
    )  # fmt: skip
    os.close(other_fd)
    try:
        yield process, main_fd
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        os.close(main_fd)


def read_until(fd: int, pattern: str) -> str:
    """What appears on a terminal up to what is waited for."""
    seen, deadline = "", time.monotonic() + LIMIT_S
    while not re.search(pattern, seen, re.DOTALL):
        ready, _, _ = select.select([fd], [], [], max(0.0, deadline - time.monotonic()))
        assert ready, seen
        try:
            data = os.read(fd, 65_536)
        except OSError:  # the program at the other end has gone
            data = b""
        assert data, seen
        seen += data.decode("utf-8", "replace")
    return seen


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_real_server_tells_everything(tmp_path: Path, workers: str) -> None:
    with serving(tmp_path / "data", "--workers", workers) as server:
        s3 = boto3.client(
            "s3", endpoint_url=server.endpoint, region_name="us-east-1",
            aws_access_key_id=server.access_key, aws_secret_access_key=server.secret_key,
        )  # fmt: skip
        s3.create_bucket(Bucket="photos")
        s3.put_object(Bucket="photos", Key="large", Body=bytes(300_000))
        s3.put_object(Bucket="photos", Key="small", Body=b"12345")
        words = ["status", "--json", "--interval", "0.1", "--data-dir", str(server.data_dir)]
        run = subprocess.run(
            [sys.executable, "ferroxd.py", *words], cwd=ROOT, capture_output=True, text=True,
            check=False, timeout=LIMIT_S,
        )  # fmt: skip
    told = json.loads(run.stdout)

    assert 0 == run.returncode, run.stderr
    assert [server.endpoint] == told["addresses"]
    assert int(workers) == len(told["workers"])
    assert [] == told["troubles"] or ["drive-nearly-full"] == [
        trouble["name"] for trouble in told["troubles"]
    ]
    assert 3 == told["requests"]["ended"]
    assert 300_005 == told["requests"]["received_bytes"]
    assert 3 == sum(told["latency"]["counts"])
    assert len(told["latency"]["bounds_s"]) + 1 == len(told["latency"]["counts"])
    assert (1, 2, 300_005) == tuple(
        told["stored"][name] for name in ("buckets", "objects", "version_bytes")
    )
    assert (1, 300_000) == (told["capacity"]["blobs"], told["capacity"]["blob_bytes"])
    assert {"upkeep", "scrub", "lifecycle"} <= {job["name"] for job in told["jobs"]}


def test_a_terminal_is_drawn_again_and_again_and_left_as_it_was(tmp_path: Path) -> None:
    with (
        serving(tmp_path / "data", "--workers", "2") as server,
        on_a_terminal(server, "--interval", "0.1") as (process, fd),
    ):
        first = read_until(fd, r"latency.*\x1b\[J")
        os.write(fd, b"x")
        second = read_until(fd, r"\x1b\[H.*ferroxd")
        os.write(fd, b"q")
        rest = read_until(fd, re.escape("\x1b[?1049l"))
        code = process.wait(LIMIT_S)

    assert 0 == code
    assert first.startswith("\x1b[?1049h")
    assert "2 workers" in first
    assert second
    assert "Traceback" not in first + second + rest


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_a_server_that_goes_is_told_on_the_screen_and_one_that_comes_back_is_shown(
    tmp_path: Path, end: signal.Signals
) -> None:
    with (
        serving(tmp_path / "data", "--workers", "1") as server,
        on_a_terminal(server, "--interval", "0.1") as (process, fd),
    ):
        read_until(fd, "latency")
        server.stop()
        read_until(fd, "! no server is running")
        server.restart()
        read_until(fd, r"latency.*\x1b\[J")
        process.send_signal(end)
        read_until(fd, re.escape("\x1b[?1049l"))
        code = process.wait(LIMIT_S)

    assert 0 == code
