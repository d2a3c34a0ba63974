"""What /proc says, read from texts and from a process of this test's own."""

import os
import subprocess
import sys

import pytest

from build.bench import process_tree
from build.bench.process_tree import Process

STAT = (
    "4242 (a (strange) name) S 17 4242 4242 0 -1 4194560 1 2 3 4 250 50 7 3 20 0 8 0 "
    "12345 1000000 2000 18446744073709551615"
)
ROLLUP = "5581 ---p [rollup]\nRss:    34567 kB\nPss:    12345 kB\nPss_Dirty:  1 kB\n"
IO = "rchar: 1\nwchar: 2\nread_bytes: 3\nwrite_bytes: 4096\ncancelled_write_bytes: 5\n"


def test_a_name_with_brackets_and_spaces_does_not_shift_the_fields() -> None:
    assert Process(pid=4242, parent=17, cpu_ticks=310) == process_tree.parse_stat(STAT)


def test_memory_is_the_shared_one_in_bytes() -> None:
    assert 12345 * 1024 == process_tree.parse_pss_bytes(ROLLUP)


def test_what_was_written_is_what_went_to_storage() -> None:
    assert 4096 == process_tree.parse_written_bytes(IO)


@pytest.mark.parametrize("text", ["", "Rss: 1 kB\n"])
def test_what_is_not_told_is_nothing(text: str) -> None:
    assert (0, 0) == (process_tree.parse_pss_bytes(text), process_tree.parse_written_bytes(text))


def test_a_tree_is_the_process_and_all_below_it_whatever_the_order() -> None:
    processes = [Process(4, 3, 0), Process(3, 2, 0), Process(2, 1, 0), Process(5, 1, 0)]

    assert [2, 3, 4] == [one.pid for one in process_tree.descendants(2, processes)]


def test_a_tree_that_is_gone_is_empty() -> None:
    assert [] == process_tree.descendants(9, [Process(2, 1, 0)])


def test_a_real_tree_uses_time_and_memory() -> None:
    burn = "import time; t = time.process_time()\nwhile time.process_time() - t < 0.05: pass\n"
    child = f"import sys; exec({burn!r}); print('x', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", child], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert b"x" == process.stdout.read(1)

        assert process.pid in [one.pid for one in process_tree.tree(os.getpid())]
        assert process_tree.cpu_s(process.pid) >= 0.03
        assert process_tree.pss_bytes(process.pid) > 1_000_000
        assert [process.pid] == list(process_tree.pss_bytes_each(process.pid))
        assert process_tree.written_bytes(process.pid) >= 0

        process.communicate()
    assert 0.0 == process_tree.cpu_s(process.pid)
