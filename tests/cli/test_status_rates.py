"""cli/status_rates.py: what happened between two looks at counters and a histogram."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferrox.cli.status_rates import Rates, between, quantile

BOUNDS = (0.001, 0.01, 0.1)


def answer(uptime_s: float, ended: int, durations: list[int], **more: Any) -> dict[str, Any]:
    return {
        "started": more.pop("started", "2026"),
        "uptime_s": uptime_s,
        "requests": {
            "ended": ended, "client_errors": 0, "server_errors": 0, "received_bytes": 0,
            "sent_bytes": 0,
        } | more,
        "latency": {"bounds_s": list(BOUNDS), "counts": durations},
    }  # fmt: skip


def test_rates_are_differences_by_the_time_between() -> None:
    before = answer(10.0, 100, [90, 10, 0, 0], client_errors=7)
    after = answer(
        12.0, 120, [90, 30, 0, 0], client_errors=8, server_errors=2, received_bytes=500,
        sent_bytes=10,
    )  # fmt: skip

    rates = between(before, after)

    assert rates is not None
    assert (2, 10, 0.5, 1, 250, 5) == rates[:6]
    assert pytest.approx(0.0055) == rates.p50_s
    assert pytest.approx(0.00991) == rates.p99_s


def test_without_requests_there_are_no_times() -> None:
    same = [5, 0, 0, 0]

    assert Rates(1.0, 0, 0, 0, 0, 0, None, None) == between(
        answer(1.0, 5, same), answer(2.0, 5, same)
    )


@pytest.mark.parametrize(
    "after",
    [
        answer(9.0, 9, [9, 0, 0, 0], started="2027"),
        answer(9.0, 4, [9, 0, 0, 0]),
        answer(9.0, 9, [4, 5, 0, 0]),
        answer(1.0, 9, [9, 0, 0, 0]),
    ],
    ids=["another start", "fewer requests", "fewer times", "no time"],
)
def test_answers_that_do_not_belong_together_tell_nothing(after: dict[str, Any]) -> None:
    assert None is between(answer(1.0, 5, [5, 0, 0, 0]), after)


@pytest.mark.parametrize(
    ("counts", "share", "value"),
    [
        ([0, 0, 0, 0], 0.5, None),
        ([10, 0, 0, 0], 0.5, 0.0005),
        ([10, 0, 0, 0], 1.0, 0.001),
        ([5, 0, 5, 0], 0.5, 0.001),
        ([5, 0, 5, 0], 0.9, 0.01 + 0.09 * 4 / 5),
        ([0, 0, 0, 3], 0.5, 0.1),
        ([0, 10, 0, 0], 0.0, 0.001),
    ],
)
def test_a_quantile_lies_in_its_bucket_by_its_rank(
    counts: list[int], share: float, value: float | None
) -> None:
    found = quantile(BOUNDS, counts, share)

    assert (None if value is None else pytest.approx(value)) == found


@given(st.lists(st.integers(0, 1000), min_size=4, max_size=4).filter(any), st.data())
def test_a_greater_share_is_never_a_smaller_value(counts: list[int], data: st.DataObject) -> None:
    shares = sorted(data.draw(st.lists(st.floats(0, 1), min_size=2, max_size=6)))

    values = [quantile(BOUNDS, counts, share) or 0.0 for share in shares]

    assert sorted(values) == values
    assert all(0 <= value <= BOUNDS[-1] for value in values)
