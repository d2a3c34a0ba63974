"""Families: a metric with all its series, as it is told."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ferrox.instruments import Found, Histogram, Instrument, Panel, Reading


class Family(NamedTuple):
    """One metric and what there is of it."""

    metric: Instrument | Found
    readings: Sequence[Reading]

    @property
    def bounds(self) -> tuple[float, ...]:
        """The largest values of the buckets of a histogram, but for the last, which has none."""
        return self.metric.bounds if isinstance(self.metric, Histogram) else ()


def counted(panel: Panel) -> Iterator[Family]:
    """What all processes have counted."""
    for instrument, readings in panel.read():
        yield Family(instrument, readings)


def one(metric: Found, value: float) -> Family:
    """A metric without labels."""
    return Family(metric, [Reading((), [value])])


def several(metric: Found, values: dict[str, float]) -> Family:
    """A metric with one label."""
    return Family(metric, [Reading((label,), [value]) for label, value in values.items()])
