"""Two runs, or two servers of one run, side by side: what got worse by more than noise."""

from collections.abc import Iterator
from dataclasses import dataclass

from build.bench.figures import FIGURES, rounded, summary, worsening
from build.bench.result import Result


@dataclass(frozen=True)
class Change:
    """One figure of one server, before and now."""

    measurement: str
    server: str
    figure: str
    before: float
    now: float
    worse_by: float
    is_worse: bool


def changes(before: Result, now: Result) -> Iterator[Change]:
    """Every figure that both runs have, in the order of the run of now."""
    for measurement, servers in now.outcomes.items():
        for server in servers:
            for figure in FIGURES:
                old = before.values(measurement, server, figure)
                new = now.values(measurement, server, figure)
                if old and new:
                    yield _change(measurement, server, figure, old, new)


def within(result: Result, before: str, now: str) -> Iterator[Change]:
    """Every figure that both of two servers have in one run."""
    for measurement in result.outcomes:
        for figure in FIGURES:
            old = result.values(measurement, before, figure)
            new = result.values(measurement, now, figure)
            if old and new:
                yield _change(measurement, now, figure, old, new)


def _change(
    measurement: str, server: str, figure: str, old: list[float], new: list[float]
) -> Change:
    before, after = summary(old), summary(new)
    limit = FIGURES[figure].worse_by
    by = worsening(figure, before.median, after.median)
    # A noisy round must not count: even the best of now must be worse than the median of before.
    best = after.high if FIGURES[figure].is_more_better else after.low
    is_worse = by > limit and worsening(figure, before.median, best) > 0
    return Change(measurement, server, figure, before.median, after.median, by, is_worse)


def table(rows: list[Change]) -> str:
    """The comparison as Markdown, worst first."""
    lines = [
        "| work | server | figure | before | now | worse by | |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in sorted(rows, key=lambda one: (not one.is_worse, -one.worse_by)):
        unit = f"{FIGURES[row.figure].title}, {FIGURES[row.figure].unit}"
        lines.append(
            f"| {row.measurement} | {row.server} | {unit} | {rounded(row.before)} "
            f"| {rounded(row.now)} | {row.worse_by:+.0%} | {'**WORSE**' if row.is_worse else ''} |"
        )
    return "\n".join(lines)
