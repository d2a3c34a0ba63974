import os
from collections.abc import Callable

import pytest

from ferrox.storage.read_only import ReadOnlyMark

# The forked process does nothing that a thread of the test runner could have in hand.
pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")


def in_a_fork(work: Callable[[], bool]) -> bool:
    """What a process says that was forked from this one."""
    pid = os.fork()
    if pid == 0:
        try:
            os._exit(0 if work() else 1)
        finally:  # whatever happens, this process must not go on as a second test runner
            os._exit(2)
    return os.waitpid(pid, 0)[1] == 0


def test_nothing_is_refused_at_first() -> None:
    assert ReadOnlyMark().reason is None


def test_the_first_reason_is_kept() -> None:
    mark = ReadOnlyMark()

    assert mark.set("the drive lost a write: Prüfung")
    assert not mark.set("and another, which is a good deal longer than the first one was")
    assert "the drive lost a write: Prüfung" == mark.reason


def test_what_one_process_met_all_others_know_also_those_that_come_later() -> None:
    mark = ReadOnlyMark()

    assert in_a_fork(lambda: mark.set("met by a worker"))
    assert "met by a worker" == mark.reason
    assert in_a_fork(lambda: mark.reason == "met by a worker")


def test_the_operator_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    mark = ReadOnlyMark()

    mark.refuse("the drive lost a write")
    mark.refuse("and another")

    assert ["the store turns read-only: the drive lost a write"] == caplog.messages


def test_a_reason_of_any_length_does() -> None:
    mark = ReadOnlyMark()

    mark.set("x" * 100_000)

    assert mark.reason
    assert set(mark.reason) == {"x"}
