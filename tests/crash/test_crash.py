"""The server is killed again and again while many write; what it acknowledged must be there, whole.

SIGKILL spares the page cache, so this proves what the program does in which order, not what a drive
does; that bytes are durable before they get a name is proved in tests/storage/test_durability.py.
"""

import logging
import os
import random
import signal
import sqlite3
import threading
import time
from functools import partial
from pathlib import Path

import pytest

from tests.crash.observer import Observer
from tests.crash.oracle import Oracle
from tests.crash.writer import Event, Writer
from tests.raw_http import Wire, request
from tests.server_process import ServerProcess

WRITERS = 5
MOST_EVENTS = 150
SETTLE_LIMIT_S = 30.0

log = logging.getLogger(__name__)


class Countdown:
    """Kills processes at the very moments at which something has happened so many times.

    victims  process ids, each with the number of events before its end; the server comes last
    """

    def __init__(self, event: Event, victims: list[tuple[int, int]]) -> None:
        self._event = event
        self._victims = victims
        self._count = 0
        self._lock = threading.Lock()

    def note(self, event: Event) -> None:
        """Count an event; whoever sees the last one kills, without asking another thread."""
        with self._lock:
            self._count += event is self._event
            while self._victims and self._victims[0][1] <= self._count:
                os.kill(self._victims.pop(0)[0], signal.SIGKILL)

    def fire(self) -> None:
        """Kill now, all of them."""
        with self._lock:
            while self._victims:
                os.kill(self._victims.pop(0)[0], signal.SIGKILL)


def run_until_killed(server: ServerProcess, writers: list[Writer], seed: str) -> None:
    """Let everybody write, and kill the server at an instant that nobody can foresee."""
    rng = random.Random(seed)
    event, count = rng.choice(list(Event)), rng.randrange(1, MOST_EVENTS)
    victims = [(server.pid, count)]
    if server.workers:
        victims.insert(0, (rng.choice(server.workers), rng.randrange(count)))
    countdown = Countdown(event, victims)
    failures: list[BaseException] = []

    def work(writer: Writer) -> None:
        try:
            writer.work(f"{seed}/{writer.number}", countdown.note)
        except BaseException as error:  # noqa: BLE001 - raised again by the test itself
            failures.append(error)
            countdown.fire()

    threads = [threading.Thread(target=work, args=(writer,)) for writer in writers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    server.kill()
    if failures:
        raise failures[0]


def retry_completions(writers: list[Writer]) -> int:
    """Ask again for what was never answered: it was done, or is done now."""
    count = 0
    for writer in writers:
        for completion in writer.interrupted:
            writer.change(completion.key, completion.value, partial(writer.complete, completion))
            count += 1
        writer.interrupted.clear()
    return count


def blobs_on_disk(data_dir: Path) -> set[str]:
    """The names of all blob files."""
    return {path.name for path in (data_dir / "blobs").rglob("*") if path.is_file()}


def blobs_in_index(data_dir: Path) -> set[str]:
    """The names of all blobs that some version or part consists of."""
    index = sqlite3.connect(f"file:{data_dir / 'index.db'}?mode=ro", uri=True)
    try:
        return {name for (name,) in index.execute("SELECT lower(hex(name)) FROM blobs")}
    finally:
        index.close()


def wait_no_orphan(data_dir: Path) -> None:
    """Wait until the server has removed what crashes left behind."""
    deadline = time.monotonic() + SETTLE_LIMIT_S
    while orphans := blobs_on_disk(data_dir) - blobs_in_index(data_dir):
        assert time.monotonic() < deadline, f"orphans remain: {orphans}"
        threading.Event().wait(0.05)


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("workers", "rounds"), [(1, 50), (3, 25)])
def test_what_was_acknowledged_survives_every_kill(
    tmp_path: Path, workers: int, rounds: int
) -> None:
    """Of several workers one is killed, and when its connections are gone the whole server."""
    seed = random.randrange(2**32)
    log.warning("seed %d", seed)
    data_dir = tmp_path / "data"
    server = ServerProcess(data_dir, "--workers", str(workers))
    oracle = Oracle()
    observer = Observer(server, oracle)
    writers = [Writer(server, oracle, number) for number in range(WRITERS)]
    retried_count = 0
    try:
        with Wire(server) as wire:
            assert 200 == wire.ask(request(server, "PUT", "/crash")).status
        for number in range(rounds):
            run_until_killed(server, writers, f"{seed}/{number}")
            server.restart()
            observer.check_everything(writers)
            retried_count += retry_completions(writers)
            observer.check_everything(writers)
            for writer in writers:
                writer.hang_up()
        server.restart()
        wait_no_orphan(data_dir)
        server.stop()
    except BaseException:
        server.kill()
        raise

    log.warning(
        "%d acknowledged, %d completions asked for again, orphans after %d kills",
        oracle.acknowledged_count,
        retried_count,
        server.log.count("that a crash had left"),
    )
    if workers == 1:
        server.expect_clean_log()  # the end of a worker is an error in the log
    assert blobs_on_disk(data_dir) == blobs_in_index(data_dir)
