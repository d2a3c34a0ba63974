"""Medians, ratios between neighbours in time, and what worse means."""

import pytest

from build.bench import figures
from build.bench.figures import Summary


def test_rounds_are_summed_up_by_their_median_and_range() -> None:
    assert Summary(median=3, low=1, high=9) == figures.summary([9, 1, 3])


def test_a_ratio_is_that_of_rounds_beside_each_other() -> None:
    """A minute in which everything takes thrice as long changes no ratio."""
    assert 2.0 == figures.paired_ratio([200, 600, 202], [100, 300, 101])


def test_rounds_that_one_of_them_lacks_are_left_out() -> None:
    assert 2.0 == figures.paired_ratio([200], [100, 300])
    assert figures.paired_ratio([], [100]) is None
    assert figures.paired_ratio([100], [0]) is None


@pytest.mark.parametrize(
    ("name", "before", "now", "worse_by"),
    [
        ("cpu", 100, 150, 0.5),
        ("cpu", 150, 75, -0.5),
        ("rate", 150, 100, 0.5),
        ("rate", 100, 200, -0.5),
        ("rate", 0, 200, 0.0),
        ("cpu", 100, 0, 0.0),
    ],
)
def test_worse_is_more_of_a_cost_and_less_of_a_gain(
    name: str, before: float, now: float, worse_by: float
) -> None:
    assert worse_by == figures.worsening(name, before, now)


@pytest.mark.parametrize(
    ("value", "text"), [(12345.6, "12,346"), (99.94, "99.9"), (9.994, "9.99"), (0, "0.00")]
)
def test_figures_are_written_with_the_digits_that_matter(value: float, text: str) -> None:
    assert text == figures.rounded(value)
