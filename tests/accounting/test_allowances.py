"""Allowances: what is left, how it comes back, and that processes share it."""

import fcntl
import math
import os
import random
import signal
import tempfile
from collections.abc import Callable, Iterator
from copy import copy
from functools import lru_cache
from typing import IO

import pytest

from ferrox.accounting.allowances import WAYS, Allowances, Limit

PROCESSES = 4
BURST = 500
SLOW = Limit(requests_per_s=1 / 3600, burst=3)


class Instant:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now_ns = 5_000_000_000

    def __call__(self) -> int:
        return self.now_ns

    def advance(self, seconds: float) -> None:
        self.now_ns += round(seconds * 1e9)


@pytest.fixture
def lock() -> Iterator[IO[bytes]]:
    with tempfile.TemporaryFile() as file:
        yield file


@pytest.fixture
def clock() -> Instant:
    return Instant()


@pytest.fixture
def allowances(lock: IO[bytes], clock: Instant) -> Allowances:
    return Allowances(lock, clock)


def taken(allowances: Allowances, caller: str, limit: Limit, attempts: int) -> int:
    """How many of so many requests may go on."""
    return sum(not allowances.take(caller, limit) for _ in range(attempts))


def test_a_burst_may_come_at_once_and_not_one_more(allowances: Allowances) -> None:
    assert 3 == taken(allowances, "AKIA", SLOW, 10)


def test_each_caller_has_an_allowance_of_its_own(allowances: Allowances) -> None:
    taken(allowances, "AKIA", SLOW, 10)

    assert 3 == taken(allowances, "AKIB", SLOW, 10)


def test_what_was_used_comes_back_at_the_rate_and_up_to_the_burst(
    allowances: Allowances, clock: Instant
) -> None:
    limit = Limit(requests_per_s=2, burst=5)
    taken(allowances, "AKIA", limit, 5)
    clock.advance(1.5)
    after_a_while = taken(allowances, "AKIA", limit, 10)
    clock.advance(1000)
    after_long = taken(allowances, "AKIA", limit, 10)

    assert (3, 5) == (after_a_while, after_long)


def test_who_is_refused_is_told_how_long_to_wait_and_then_may(
    allowances: Allowances, clock: Instant
) -> None:
    limit = Limit(requests_per_s=0.25)
    allowances.take("AKIA", limit)
    clock.advance(1)
    wait_s = allowances.take("AKIA", limit)
    clock.advance(3)

    assert 3 == pytest.approx(wait_s)
    assert 0 == allowances.take("AKIA", limit)


def test_being_refused_costs_nothing(allowances: Allowances, clock: Instant) -> None:
    limit = Limit(requests_per_s=1)
    allowances.take("AKIA", limit)
    taken(allowances, "AKIA", limit, 1000)
    clock.advance(1)

    assert 0 == allowances.take("AKIA", limit)


@pytest.mark.parametrize(
    ("limit", "most"),
    [
        (Limit(requests_per_s=0.001), 1),
        (Limit(requests_per_s=20), 20),
        (Limit(requests_per_s=20, burst=7), 7),
    ],
)
def test_without_a_burst_a_seconds_worth_may_come_at_once(
    allowances: Allowances, limit: Limit, most: int
) -> None:
    assert most == taken(allowances, "AKIA", limit, 50)


def test_bytes_are_taken_afterwards_and_a_debt_is_waited_for(
    allowances: Allowances, clock: Instant
) -> None:
    limit = Limit(bytes_per_s=1000)
    allowances.charge("AKIA", limit, 1000)
    with_nothing_left = allowances.take("AKIA", limit)
    allowances.charge("AKIA", limit, 2500)
    in_debt = allowances.take("AKIA", limit)
    clock.advance(2.5)

    assert (0, 2.5) == (with_nothing_left, in_debt)
    assert 0 == allowances.take("AKIA", limit)


def test_bytes_that_wait_are_taken_by_the_next_request_or_when_they_are_many(
    lock: IO[bytes], clock: Instant
) -> None:
    here = Allowances(lock, clock)
    elsewhere = copy(here)
    elsewhere._place = lru_cache(elsewhere._placed)  # as another process has it
    limit = Limit(bytes_per_s=1600)
    for _ in range(21):
        here.charge("AKIA", limit, 99)  # of which the last waits

    waits_s = [one.take("AKIA", limit) for one in (elsewhere, here, elsewhere)]

    owed = [20 * 99 - 1600, 21 * 99 - 1600, 21 * 99 - 1600]
    assert [count_bytes / 1600 for count_bytes in owed] == waits_s


def test_requests_and_bytes_are_limited_side_by_side(
    allowances: Allowances, clock: Instant
) -> None:
    limit = Limit(requests_per_s=1, burst=2, bytes_per_s=100)
    allowances.take("AKIA", limit)
    allowances.charge("AKIA", limit, 600)
    for_bytes = allowances.take("AKIA", limit)
    clock.advance(5)
    taken(allowances, "AKIA", limit, 2)
    for_requests = allowances.take("AKIA", limit)

    assert (5, 1) == (for_bytes, for_requests)


def test_a_limit_that_is_changed_counts_from_now(allowances: Allowances, clock: Instant) -> None:
    taken(allowances, "AKIA", SLOW, 10)
    quick = Limit(requests_per_s=1000, burst=100)
    clock.advance(0.01)

    assert 10 == taken(allowances, "AKIA", quick, 100)


def test_requests_that_were_not_limited_before_start_full(allowances: Allowances) -> None:
    taken(allowances, "AKIA", Limit(bytes_per_s=10), 100)

    assert 3 == taken(allowances, "AKIA", SLOW, 10)


def test_bytes_that_were_not_limited_before_start_full(allowances: Allowances) -> None:
    allowances.charge("AKIA", SLOW, 10**9)

    assert 3 == taken(allowances, "AKIA", SLOW._replace(bytes_per_s=1), 10)


def test_rates_beyond_reason_are_no_error(allowances: Allowances) -> None:
    limit = Limit(requests_per_s=1e-12, burst=10**6, bytes_per_s=1e-12)

    allowances.charge("AKIA", limit, 2**60)

    assert math.isfinite(allowances.take("AKIA", limit))


def test_a_place_is_taken_from_whoever_has_all_of_its_allowance(
    lock: IO[bytes], clock: Instant
) -> None:
    allowances = Allowances(lock, clock, groups=1)
    names = [f"AKIA{number}" for number in range(WAYS)]
    for name in names[1:]:
        taken(allowances, name, SLOW, 3)
    quick = Limit(requests_per_s=1)
    allowances.take(names[0], quick)
    clock.advance(1)  # now there is nothing to remember of that one

    taken(allowances, "another", SLOW, 3)

    assert [0] * WAYS == [taken(allowances, one, SLOW, 3) for one in [*names[1:], "another"]]
    assert 0 == allowances.take(names[0], quick)


def test_when_all_are_short_the_one_that_is_so_for_the_shortest_time_is_forgiven(
    lock: IO[bytes], clock: Instant
) -> None:
    allowances = Allowances(lock, clock, groups=1)
    for number in range(WAYS):
        taken(allowances, f"AKIA{number}", SLOW, 3 if number else 2)

    taken(allowances, "another", SLOW, 1)

    assert 3 == taken(allowances, "AKIA0", SLOW, 10)


def test_names_of_any_length_and_kind_have_allowances(allowances: Allowances) -> None:
    names = ["", "ü" * 2000, "ü" * 2001, "\udc80"]

    assert [3] * 4 == [taken(allowances, name, SLOW, 10) for name in names]


def test_levels_agree_with_a_simple_model(allowances: Allowances, clock: Instant) -> None:
    rng = random.Random(3)
    limit = Limit(requests_per_s=4, burst=6, bytes_per_s=512)
    requests, count_bytes = 6.0, 512.0
    for _ in range(2000):
        if rng.random() < 0.4:
            passed_s = rng.choice([0.125, 0.5, 2.0])
            clock.advance(passed_s)
            requests = min(6.0, requests + 4 * passed_s)
            count_bytes = min(512.0, count_bytes + 512 * passed_s)
        if rng.random() < 0.5:
            size = rng.choice([0, 64, 640])
            allowances.charge("AKIA", limit, size)
            count_bytes -= size
        may = requests >= 1 and count_bytes >= 0
        assert may is not bool(allowances.take("AKIA", limit))
        requests -= may


def in_child(work: Callable[[], int]) -> int:
    """The process id of a child that ends with what `work` returns."""
    pid = os.fork()
    if not pid:
        status = 99
        try:
            status = work()
        finally:
            os._exit(status)
    return pid


def test_of_all_requests_in_all_processes_exactly_the_burst_may_go_on(lock: IO[bytes]) -> None:
    allowances = Allowances(lock)
    limit = Limit(requests_per_s=1 / 3600, burst=BURST)
    counts, report = os.pipe()

    def work() -> int:
        os.write(report, taken(allowances, "AKIA", limit, BURST).to_bytes(4, "big"))
        return 0

    pids = [in_child(work) for _ in range(PROCESSES)]
    statuses = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]
    per_process = [int.from_bytes(os.read(counts, 4), "big") for _ in pids]
    os.close(counts)
    os.close(report)

    assert [0] * PROCESSES == statuses
    assert BURST == sum(per_process)


def test_a_process_that_is_killed_while_it_holds_a_group_blocks_nobody(lock: IO[bytes]) -> None:
    allowances = Allowances(lock, groups=1)
    told, tell = os.pipe()

    def hold() -> int:
        fcntl.lockf(lock, fcntl.LOCK_EX, 1, 0)
        os.write(tell, b"x")
        signal.pause()
        return 0

    pid = in_child(hold)
    os.read(told, 1)
    with pytest.raises(BlockingIOError):
        fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, 0)
    os.kill(pid, signal.SIGKILL)

    taken_by_the_living = taken(allowances, "AKIA", SLOW, 10)

    os.waitpid(pid, 0)
    os.close(told)
    os.close(tell)
    assert 3 == taken_by_the_living
