import time

from ferrox.clock import SettableClock, SystemClock


def test_the_system_clock_tells_the_time_of_day() -> None:
    before, now, after = time.time_ns(), SystemClock().now_ms(), time.time_ns()

    assert before // 1_000_000 <= now <= after // 1_000_000


def test_a_settable_clock_moves_only_when_told() -> None:
    clock = SettableClock(1000)

    clock.advance(1.5)
    clock.advance(-0.5)

    assert 2000 == clock.now_ms()
