import os
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

from ferrox.workers.lines import WholeLines, new_lock

ROOT = Path(__file__).parents[2]
PROCESSES = 3
THREADS = 2
BATCHES = 60

WRITERS = f"""
import os, sys, threading
from ferrox.workers.lines import WholeLines, new_lock
lock = new_lock()
pids = []
for letter in "abc"[:{PROCESSES}]:
    pid = os.fork()
    if not pid:
        stream = WholeLines(sys.stdout, lock)
        def write():
            for number in range({BATCHES}):
                stream.write((letter * (9_000 + number) + "\\n") * 3)
        threads = [threading.Thread(target=write) for _ in range({THREADS})]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        os._exit(0)
    pids.append(pid)
for pid in pids:
    os.waitpid(pid, 0)
"""


def test_lines_longer_than_the_kernel_keeps_together_stay_whole() -> None:
    written = subprocess.run(
        [sys.executable, "-c", WRITERS], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout

    lines = written.splitlines()
    expected = Counter(
        letter * (9_000 + number)
        for letter in "abc"[:PROCESSES]
        for number in range(BATCHES)
        for _ in range(3 * THREADS)
    )
    assert expected == Counter(lines)


def test_what_cannot_be_encoded_is_written_all_the_same(tmp_path: Path) -> None:
    with (tmp_path / "log").open("w", encoding="ascii") as stream, new_lock() as lock:
        count = WholeLines(stream, lock).write("ü\udc80\n")

    assert 3 == count
    assert "\\xfc\\udc80\n" == (tmp_path / "log").read_text()


def test_a_reader_that_is_slow_gets_everything() -> None:
    source, drain = os.pipe()
    with os.fdopen(source) as reader, os.fdopen(drain, "w") as stream, new_lock() as lock:
        lines = WholeLines(stream, lock)
        writing = threading.Thread(target=lines.write, args=("x" * 200_000 + "\n",))
        writing.start()
        line = reader.readline()
        writing.join()

    assert 200_001 == len(line)
