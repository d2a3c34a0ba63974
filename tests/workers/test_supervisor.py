"""A supervisor in a process of its own, with workers that the test commands."""

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LIMIT_S = 30.0

SCRIPT = """
import os, signal, socket, sys, time
from ferrox import log
from ferrox.errors import StartError
from ferrox.workers.frames import Kind, Message, encode
from ferrox.workers.supervisor import Supervisor

log.configure("debug", "text")

def say(*words):
    os.write(1, (" ".join(map(str, words)) + "\\n").encode())

told = []

def ready(number, end):
    if signal.getsignal(signal.SIGTERM) == signal.SIG_DFL:
        signal.signal(signal.SIGTERM, lambda *_: told.append(1))
    end.sendall(encode(Message(Kind.READY)))
    say("worker", number, os.getpid())

def stop_when_told():
    while not told:
        signal.sigtimedwait([], 0.01)

def work(number, end):
    {work}

supervisor = Supervisor(
    {count}, work, stop_limit_s={stop_limit_s},
    on_ready=lambda: say("complete"), on_stop=lambda: say("stopping"),
)
try:
    status = supervisor.run()
except StartError as error:
    say("refused", error)
    status = 2
say("status", status)
sys.exit(status)
"""
SERVE = """
    ready(number, end)
    stop_when_told()
    return 0
"""


class Supervised:
    """The supervisor's process and what it and its workers say."""

    def __init__(self, work: str, count: int = 3, stop_limit_s: float = 20.0) -> None:
        code = SCRIPT.format(
            work=textwrap.indent(textwrap.dedent(work), "    ").strip(),
            count=count,
            stop_limit_s=stop_limit_s,
        )
        self.process = subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.pids: dict[int, int] = {}

    def line(self) -> str:
        """The next line that anybody said; workers that are ready are noted."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline().strip()
        if line.startswith("worker "):
            _, number, pid = line.split()
            self.pids[int(number)] = int(pid)
        return line

    def wait_for(self, *words: str) -> None:
        """Read until each of these lines, or beginnings of lines, was there once."""
        missing = list(words)
        while missing:
            line = self.line()
            assert line, f"the end came before {missing}: {self.rest()}"
            found = next((word for word in missing if line.startswith(word)), None)
            if found is not None:
                missing.remove(found)

    def wait_complete(self) -> None:
        """All workers serve."""
        self.wait_for("complete", *("worker" for _ in range(3 - len(self.pids))))

    def rest(self) -> tuple[str, str]:
        """Everything up to the end: when nobody holds the terminal any more."""
        return self.process.communicate(timeout=LIMIT_S)


@pytest.fixture
def supervised() -> Iterator[list[Supervised]]:
    """Whatever is put in here is ended."""
    started: list[Supervised] = []
    yield started
    for one in started:
        one.process.kill()
        one.process.communicate(timeout=LIMIT_S)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_all_workers_start_and_stop_together(
    supervised: list[Supervised], number: signal.Signals
) -> None:
    one = Supervised(SERVE)
    supervised.append(one)
    one.wait_complete()

    one.process.send_signal(number)
    output, errors = one.rest()

    assert 3 == len(set(one.pids.values()))
    assert "stopping\nstatus 0\n" == output, errors
    assert 0 == one.process.returncode


def test_ctrl_c_reaches_workers_through_the_supervisor_only(supervised: list[Supervised]) -> None:
    one = Supervised(SERVE)
    supervised.append(one)
    one.wait_complete()
    for pid in one.pids.values():
        os.kill(pid, signal.SIGINT)
    one.process.send_signal(signal.SIGINT)

    output, errors = one.rest()

    assert "stopping\nstatus 0\n" == output, errors


def test_a_worker_that_is_killed_is_replaced_and_the_others_go_on(
    supervised: list[Supervised],
) -> None:
    one = Supervised(SERVE)
    supervised.append(one)
    one.wait_complete()
    before = dict(one.pids)

    os.kill(before[1], signal.SIGKILL)
    one.wait_for("worker 1")
    one.process.terminate()
    output, errors = one.rest()

    assert before[1] != one.pids[1]
    assert (before[0], before[2]) == (one.pids[0], one.pids[2])
    assert "stopping\nstatus 0\n" == output
    assert "worker 1: killed by SIGKILL; it is started again" in errors


def test_a_worker_that_ends_by_itself_is_replaced(supervised: list[Supervised]) -> None:
    one = Supervised(SERVE)
    supervised.append(one)
    one.wait_complete()

    os.kill(one.pids[2], signal.SIGTERM)
    one.wait_for("worker 2")
    one.process.terminate()

    assert "worker 2: ended with 0; it is started again" in one.rest()[1]


def test_workers_do_not_outlive_a_supervisor_that_is_killed(supervised: list[Supervised]) -> None:
    one = Supervised(SERVE)
    supervised.append(one)
    one.wait_complete()

    one.process.kill()

    # Each of them holds the terminal's other end as long as it lives.
    assert "" == one.rest()[0]


def test_a_worker_that_cannot_start_is_the_end_of_the_start(supervised: list[Supervised]) -> None:
    one = Supervised(
        """
    if number == 1:
        end.sendall(encode(Message(Kind.FAILED, payload=b"no index")))
        return 2
    ready(number, end)
    stop_when_told()
    return 0
"""
    )
    supervised.append(one)

    output, _ = one.rest()

    assert "complete" not in output
    assert output.endswith("refused no index\nstatus 2\n")


def test_a_server_whose_workers_end_at_once_gives_up_in_words(supervised: list[Supervised]) -> None:
    one = Supervised(
        """
    if number == 1:
        raise MemoryError("as ever")
    ready(number, end)
    stop_when_told()
    return 0
"""
    )
    supervised.append(one)

    output, errors = one.rest()

    assert output.endswith("refused worker 1 ends as soon as it starts: ended with 70\nstatus 2\n")
    assert 5 == errors.count("MemoryError: as ever")


def test_a_server_that_was_complete_and_cannot_be_again_gives_up_with_status_1(
    supervised: list[Supervised], tmp_path: Path
) -> None:
    one = Supervised(
        f"""
    if os.path.exists({str(tmp_path / "gone")!r}):
        end.sendall(encode(Message(Kind.FAILED, payload=b"the index is gone")))
        return 2
    ready(number, end)
    stop_when_told()
    return 0
"""
    )
    supervised.append(one)
    one.wait_complete()

    (tmp_path / "gone").touch()
    os.kill(one.pids[0], signal.SIGKILL)
    output, errors = one.rest()

    assert "stopping\nstatus 1\n" == output
    assert "giving up: worker 0 ends as soon as it starts: the index is gone" in errors


def test_what_does_not_stop_is_killed(supervised: list[Supervised]) -> None:
    one = Supervised(
        """
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    ready(number, end)
    time.sleep(60)
    return 0
""",
        stop_limit_s=0.2,
    )
    supervised.append(one)
    one.wait_complete()

    one.process.terminate()
    output, errors = one.rest()

    assert "stopping\nstatus 1\n" == output
    assert "did not end in 0.2 s" in errors


def test_a_stop_before_everybody_is_ready_is_a_good_end(supervised: list[Supervised]) -> None:
    one = Supervised(
        """
    say("begun", number)
    time.sleep(60)
    return 0
"""
    )
    supervised.append(one)
    one.wait_for("begun 0", "begun 1", "begun 2")

    one.process.terminate()
    output, errors = one.rest()

    assert "stopping\nstatus 0\n" == output, errors


def test_a_worker_that_fails_while_it_is_to_stop_is_told_by_the_status(
    supervised: list[Supervised],
) -> None:
    one = Supervised(
        """
    ready(number, end)
    stop_when_told()
    return 3 if number == 1 else 0
"""
    )
    supervised.append(one)
    one.wait_complete()

    one.process.terminate()
    output, errors = one.rest()

    assert "stopping\nstatus 1\n" == output
    assert "worker 1: ended with 3 while it was to stop" in errors


def test_a_worker_whose_channel_is_out_of_order_is_replaced(supervised: list[Supervised]) -> None:
    one = Supervised(
        """
    ready(number, end)
    signal.signal(signal.SIGUSR1, lambda *_: end.sendall(b"\\xff" * 100))
    stop_when_told()
    return 0
"""
    )
    supervised.append(one)
    one.wait_complete()
    before = one.pids[2]

    os.kill(before, signal.SIGUSR1)
    one.wait_for("worker 2")
    one.process.terminate()
    output, _ = one.rest()

    assert before != one.pids[2]
    assert "stopping\nstatus 0\n" == output


def test_a_process_has_only_its_own_end_of_the_channels(supervised: list[Supervised]) -> None:
    one = Supervised(SERVE)
    supervised.append(one)
    one.wait_complete()
    os.kill(one.pids[0], signal.SIGKILL)
    one.wait_for("worker 0")

    sockets = {
        number: sum(
            os.readlink(entry).startswith("socket:") for entry in Path(f"/proc/{pid}/fd").iterdir()
        )
        for number, pid in one.pids.items()
    }

    assert {0: 1, 1: 1, 2: 1} == sockets
