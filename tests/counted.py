"""What was counted meanwhile: the metrics of this process belong to all tests that run in it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from ferrox import metrics
from ferrox.instruments import Instrument

Counts = dict[tuple[str, ...], list[float]]


class Counted(Mapping[Instrument, Counts]):
    """By instrument, the series that have changed, by their labels: by how much each cell has."""

    def __init__(self) -> None:
        self._before = _now()
        self._changes: dict[Instrument, Counts] = {}

    def finish(self) -> None:
        """Have what was counted until now."""
        for instrument, series in _now().items():
            before = self._before[instrument]
            changes = {
                labels: [
                    after - former
                    for after, former in zip(
                        cells, before.get(labels, [0.0] * len(cells)), strict=True
                    )
                ]
                for labels, cells in series.items()
            }
            self._changes[instrument] = {
                labels: change for labels, change in changes.items() if any(change)
            }

    def __getitem__(self, instrument: Instrument) -> Counts:
        return self._changes[instrument]

    def __iter__(self) -> Iterator[Instrument]:
        return iter(self._changes)

    def __len__(self) -> int:
        return len(self._changes)


@contextmanager
def counting() -> Iterator[Counted]:
    """What is counted during a block; known at its end."""
    counted = Counted()
    yield counted
    counted.finish()


def _now() -> dict[Instrument, Counts]:
    return {
        instrument: {reading.labels: list(reading.cells) for reading in readings}
        for instrument, readings in metrics.PANEL.read()
    }
