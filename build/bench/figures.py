"""What can be measured: units, which way is better, and how several rounds become one figure."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Figures = Mapping[str, float]
"""What one measurement of one server gives in one round: figure → value."""


class MeasurementFailed(Exception):
    """The server refused, broke off or gave something else than it should."""


@dataclass(frozen=True)
class Figure:
    """One column of a measurement.

    worse_by  what part worse than before `--against` takes for worse, not for noise
    """

    title: str
    unit: str
    is_more_better: bool
    worse_by: float


FIGURES = {
    "rate": Figure("rate", "/s", True, 0.25),
    "cpu": Figure("CPU", "µs a request", False, 0.15),
    "p50": Figure("p50", "ms", False, 0.35),
    "p99": Figure("p99", "ms", False, 1.0),
    "throughput": Figure("throughput", "MB/s", True, 0.25),
    "cpu_gb": Figure("CPU", "s a GB", False, 0.15),
    "keys": Figure("keys", "/s", True, 0.25),
    "cpu_page": Figure("CPU", "µs a page", False, 0.15),
    "files": Figure("rate", "files/s", True, 0.25),
    "start": Figure("start", "ms", False, 0.25),
    "cpu_start": Figure("CPU", "ms a start", False, 0.15),
    "written": Figure("written to disk", "bytes a byte", False, 0.15),
    "pss": Figure("PSS", "MB", False, 0.10),
    "pss_worker": Figure("PSS", "MB a further worker", False, 0.10),
}


@dataclass(frozen=True)
class Summary:
    """Several rounds in one line."""

    median: float
    low: float
    high: float


def summary(values: Sequence[float]) -> Summary:
    """Median and range of at least one round."""
    return Summary(statistics.median(values), min(values), max(values))


def paired_ratio(values: Sequence[float], others: Sequence[float]) -> float | None:
    """How many times `others` a value is: the median over rounds that lay side by side in time.

    A round in which one of them failed is missing at its end, so the lists may differ in length.
    """
    ratios = [ours / theirs for ours, theirs in zip(values, others, strict=False) if theirs]
    return statistics.median(ratios) if ratios else None


def worsening(name: str, before: float, now: float) -> float:
    """By what part a figure got worse, negative if better: 0.5 is half as long again."""
    if not before or not now:
        return 0.0
    return (before / now if FIGURES[name].is_more_better else now / before) - 1


def rounded(value: float) -> str:
    """Three digits that matter, and thousands apart."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
