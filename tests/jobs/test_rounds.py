"""jobs/rounds.py: a job works, rests, and works again when it is time or when it is asked."""

import asyncio

import pytest

from ferrox import metrics
from ferrox.clock import SettableClock
from ferrox.jobs.rounds import Progress, Rounds
from tests.counted import counting

LONG_S = 1000.0


@pytest.fixture
def rounds(clock: SettableClock) -> Rounds:
    return Rounds("sweeping", clock)


def test_a_job_that_has_not_worked_yet_says_so(rounds: Rounds) -> None:
    told = (rounds.name, rounds.count, rounds.began_ms, rounds.ended_ms, rounds.is_working)

    assert ("sweeping", 0, None, None, False) == told


def test_rounds_are_counted_and_timed(rounds: Rounds, clock: SettableClock) -> None:
    began_ms = clock.now_ms()
    with rounds.round():
        during = rounds.is_working, rounds.ended_ms
        clock.advance(2)

    assert (True, None) == during
    assert (1, began_ms, began_ms + 2000, False) == (
        rounds.count, rounds.began_ms, rounds.ended_ms, rounds.is_working,
    )  # fmt: skip


async def test_work_is_repeated_with_a_rest_after_each_round(rounds: Rounds) -> None:
    worked = asyncio.Event()

    async def work() -> None:
        assert rounds.is_working
        worked.set()

    repeating = asyncio.ensure_future(rounds.repeat(work, LONG_S))
    for _ in range(2):
        await worked.wait()
        worked.clear()
        rounds.ask()
    await worked.wait()
    repeating.cancel()
    with pytest.raises(asyncio.CancelledError):
        await repeating

    assert 3 == rounds.count


def test_a_round_that_fails_has_ended(rounds: Rounds) -> None:
    with pytest.raises(OSError, match="full"), rounds.round():
        raise OSError("full")

    assert (1, False) == (rounds.count, rounds.is_working)


def test_a_round_tells_how_far_it_is_as_long_as_it_is_under_way(rounds: Rounds) -> None:
    before = rounds.progress
    with rounds.round():
        at_first = rounds.progress
        rounds.advance(3, 8, "buckets")
        during = rounds.progress
        rounds.advance(9, None, "keys")
        later = rounds.progress

    assert (None, None) == (before, at_first)
    assert (Progress(3, 8, "buckets"), Progress(9, None, "keys")) == (during, later)
    assert rounds.progress is None


async def test_a_rest_ends_when_it_is_over(rounds: Rounds) -> None:
    assert await rounds.rest(0.001) is False


async def test_who_asks_ends_the_rest(rounds: Rounds) -> None:
    resting = asyncio.ensure_future(rounds.rest(LONG_S))
    await asyncio.sleep(0)
    rounds.ask()

    assert await resting is True


async def test_who_asks_during_a_round_has_the_next_one_follow(rounds: Rounds) -> None:
    with rounds.round():
        rounds.ask()
    is_asked = await rounds.rest(LONG_S)
    with rounds.round():
        pass

    assert is_asked is True
    assert await rounds.rest(0.001) is False, "one question is answered by one round"


def test_metrics_tell_of_rounds(rounds: Rounds, clock: SettableClock) -> None:
    with counting() as counts:
        with rounds.round(), counting() as meanwhile:
            rounds.advance(3, 8, "buckets")
        now = dict(metrics.PANEL.read())

    assert {("sweeping",): [1]} == counts[metrics.JOB_ROUNDS]
    assert {} == counts[metrics.JOB_WORKING] | meanwhile[metrics.JOB_ROUNDS]
    told = {
        one: next(found.cells for found in now[one] if found.labels[0] == "sweeping")
        for one in (metrics.JOB_LAST_END, metrics.JOB_DONE, metrics.JOB_EXPECTED)
    }
    assert [[clock.now_ms() / 1000], [3], [8]] == list(told.values())
