"""Instruments: counters, gauges and histograms in memory that all processes of a server share.

Theory of operation. The memory is mapped before the fork and has a slot for each process. A process
writes to its own slot only, so nobody waits for anybody; who is asked adds up all of them. Who
takes the place of a dead process takes its slot, and goes on with what the dead one has counted:
no counter ever goes back. Gauges say what is so now, which went with the process: they begin anew.

A series, which is an instrument and a value for each of its labels, gets its place in a slot when
something is counted in it for the first time. A slot says itself what is where (ferrox/slots.py),
so processes need not agree on anything, and a series that is never used takes no memory.

Labels have few values, all of them words of the program or of its operator, never of a client.
Should there ever be more than MOST_SERIES of one instrument, further ones count as "other".

Counting costs some 0.15 µs. Instruments that are used by threads, too, hold a lock for as long.
"""

import math
import threading
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import ClassVar, Literal, NamedTuple, TypeVar

from ferrox.slots import Key, Slot, Slots

MOST_SERIES = 1000
"""Of one instrument in one process."""

OTHER = "other"
"""The value of every label of whatever comes after them."""

Kind = Literal["counter", "gauge", "histogram"]
Together = Literal["sum", "min", "max"]
AnyInstrument = TypeVar("AnyInstrument", bound="Instrument")


class Reading(NamedTuple):
    """One series, all processes together. A histogram has the count of each bucket, then the sum.

    labels  the values of them, in the order of the instrument
    """

    labels: tuple[str, ...]
    cells: Sequence[float]


class Instrument:
    """Something that is told to whoever watches the server.

    name, meaning  as they are shown
    labels         the names of its labels
    begins_with    values of labels that are shown from the start, so that the first one counts as
                   a change; without labels every instrument is
    from_threads   whether others than the event loop's thread use it
    """

    kind: ClassVar[Kind]
    cell_count = 1

    def __init__(
        self,
        name: str,
        meaning: str,
        *labels: str,
        begins_with: Sequence[str] = (),
        from_threads: bool = False,
    ) -> None:
        self.name = name
        self.meaning = meaning
        self.labels = labels
        self._lock: AbstractContextManager[object] | None = None
        if from_threads:
            self._lock = threading.Lock()
        self._begins_with = [(value,) for value in begins_with] if labels else [()]
        self._places: dict[tuple[str, ...], int] = {}
        self._series_count = 0
        self._slot: Slot
        self._cells: memoryview[float]
        self._known: dict[Key, int]
        self._adding: AbstractContextManager[object] = nullcontext()

    def count_in(
        self, slot: Slot, known: dict[Key, int], adding: AbstractContextManager[object]
    ) -> None:
        """Count in this slot from now on.

        known   the series that are in the slot
        adding  held by who adds one
        """
        self._slot, self._cells, self._known, self._adding = slot, slot.cells, known, adding
        self._places = {}
        self._series_count = sum(key[0] == self.name for key in known)
        for values in self._begins_with:
            self._place(values)

    def _place(self, values: tuple[str, ...]) -> int:
        """The first cell of a series, which is added if need be."""
        if len(values) != len(self.labels):
            raise ValueError(f"{self.name} has the labels {self.labels}, not {values}")
        with self._adding:
            key = (self.name, *values)
            if key not in self._known and self._series_count >= MOST_SERIES:
                key = (self.name, *[OTHER] * len(values))
            cell = self._known.get(key)
            if cell is None:
                cell = self._slot.add(key, self.cell_count)
                if cell is None:  # lost; but this is nothing to fail for
                    return 0
                self._known[key] = cell
                self._series_count += 1
            if self._series_count <= MOST_SERIES:
                self._places[values] = cell
            return cell

    def together(self, cells: Sequence[float], others: Sequence[float]) -> Sequence[float]:
        """What two processes have counted."""
        return [one + other for one, other in zip(cells, others, strict=True)]


class Number(Instrument):
    """Is one number."""

    def inc(self, count: float = 1, *values: str) -> None:
        """Count some more, or fewer."""
        at = self._places.get(values)
        if at is None:
            at = self._place(values)
        if self._lock is None:
            self._cells[at] += count
            return
        with self._lock:
            self._cells[at] += count


class Counter(Number):
    """Only ever rises."""

    kind = "counter"


class Gauge(Number):
    """Says what is so now.

    together   what is told where several processes say something
    outlives   whether it is still so when the process has ended
    """

    kind = "gauge"

    def __init__(
        self,
        name: str,
        meaning: str,
        *labels: str,
        together: Together = "sum",
        outlives: bool = False,
        from_threads: bool = False,
    ) -> None:
        super().__init__(name, meaning, *labels, from_threads=from_threads)
        self._together = together
        self._outlives = outlives
        self._unknown = 0.0 if together == "sum" else math.nan

    def count_in(
        self, slot: Slot, known: dict[Key, int], adding: AbstractContextManager[object]
    ) -> None:
        """Count in this slot from now on, and anew."""
        if not self._outlives:
            for key, cell in known.items():
                if key[0] == self.name:
                    slot.cells[cell] = self._unknown
        super().count_in(slot, known, adding)

    def set(self, value: float, *values: str) -> None:
        """Say what is so."""
        at = self._places.get(values)
        if at is None:
            at = self._place(values)
        self._cells[at] = value

    def clear(self, *values: str) -> None:
        """Say nothing any more."""
        self._cells[self._place(values)] = math.nan

    def together(self, cells: Sequence[float], others: Sequence[float]) -> Sequence[float]:
        """What two processes say; who says nothing does not count."""
        said = [value for value in (*cells, *others) if not math.isnan(value)]
        if not said:
            return [math.nan]
        match self._together:
            case "sum":
                return [sum(said)]
            case "min":
                return [min(said)]
            case "max":
                return [max(said)]


class Histogram(Instrument):
    """Counts how often something was how large.

    bounds  the largest value of each bucket, but for the last, which has none
    """

    kind = "histogram"

    def __init__(
        self,
        name: str,
        meaning: str,
        *labels: str,
        bounds: Sequence[float],
        from_threads: bool = False,
    ) -> None:
        super().__init__(name, meaning, *labels, from_threads=from_threads)
        self.bounds = tuple(bounds)
        self.cell_count = len(bounds) + 2  # the last bucket, and the sum
        self._sum = len(bounds) + 1

    def observe(self, value: float, *values: str, times: int = 1) -> None:
        """Count one value, or several that are the same."""
        at = self._places.get(values)
        if at is None:
            at = self._place(values)
        bucket = at + bisect_left(self.bounds, value)
        if self._lock is None:
            self._cells[bucket] += times
            self._cells[at + self._sum] += value * times
            return
        with self._lock:
            self._cells[bucket] += times
            self._cells[at + self._sum] += value * times


class Found(NamedTuple):
    """What nobody counts, as it can be looked up when somebody asks for it."""

    name: str
    meaning: str
    labels: tuple[str, ...] = ()
    kind: Kind = "gauge"


class Panel:
    """All instruments of a program, and the memory that this process shares with others.

    Until it shares some it has one slot of its own.
    """

    def __init__(self) -> None:
        self.instruments: list[Instrument] = []
        self.found: list[Found] = []
        self._adding = threading.RLock()
        self._known: dict[Key, int] = {}
        self.share(Slots(1), 0)

    def add(self, instrument: AnyInstrument) -> AnyInstrument:
        """Have one more."""
        self.instruments.append(instrument)
        instrument.count_in(self._slot, self._known, self._adding)
        return instrument

    def finds(self, found: Found) -> Found:
        """Have one more of those that are looked up."""
        self.found.append(found)
        return found

    def share(self, slots: Slots, number: int) -> None:
        """Count in this slot from now on. Called before the process has any thread."""
        self.slots = slots
        self._slot = slots[number]
        self._known = self._slot.enter()
        for instrument in self.instruments:
            instrument.count_in(self._slot, self._known, self._adding)

    def read(self) -> Iterator[tuple[Instrument, list[Reading]]]:
        """What all processes have counted, in the order of the instruments."""
        by_name = {instrument.name: instrument for instrument in self.instruments}
        sums: dict[str, dict[tuple[str, ...], Sequence[float]]] = {name: {} for name in by_name}
        for slot in map(self.slots.__getitem__, range(self.slots.count)):
            for (name, *values), cell in slot.series():
                if name not in by_name:
                    continue
                instrument, series, labels = by_name[name], sums[name], tuple(values)
                cells: Sequence[float] = slot.cells[cell : cell + instrument.cell_count].tolist()
                if (before := series.get(labels)) is not None:
                    cells = instrument.together(before, cells)
                series[labels] = cells
        for name, series in sums.items():
            yield (
                by_name[name],
                [
                    Reading(labels, cells)
                    for labels, cells in sorted(series.items())
                    if not math.isnan(cells[0])
                ],
            )

    def pids(self) -> dict[int, int]:
        """The process of each slot that has had one."""
        found = {number: self.slots[number].pid for number in range(self.slots.count)}
        return {number: pid for number, pid in found.items() if pid}
