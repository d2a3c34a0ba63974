"""Measures several servers in turn, A B A B, so that a noisy minute hits all of them."""

import http.client
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from build.bench.figures import Figures, MeasurementFailed
from build.bench.measurements.table import Measurement
from build.bench.servers import Kind, RunningServer
from build.bench.target import Scale, Target


@dataclass
class Outcome:
    """One measurement of one server: a set of figures for each round, empty where it failed."""

    rounds: list[Figures] = field(default_factory=list)
    failure: str = ""


FAILURES = (MeasurementFailed, OSError, http.client.HTTPException)

MEASUREMENT_LIMIT_S = 75.0
"""When one measurement has taken that long no further round is begun, on a busy machine."""

Outcomes = dict[str, dict[str, Outcome]]
"""Measurement → server → what came out."""


@contextmanager
def running(kinds: Sequence[Kind], folder: Path, scale: Scale) -> Iterator[list[Target]]:
    """All servers, each with an empty bucket, for the length of a block."""
    with ExitStack() as stack:
        targets = []
        for kind in kinds:
            server = RunningServer(kind, folder / kind.name)
            stack.callback(server.stop)
            scratch = folder / f"{kind.name}-scratch"
            scratch.mkdir()
            target = Target(server, scale, scratch)
            kind.prepare(server)
            target.create_bucket()
            targets.append(target)
        yield targets


def run(
    measurements: Sequence[Measurement], targets: Sequence[Target], say: Callable[[str], None]
) -> Outcomes:
    """Every measurement on every server, as many rounds as the scale has."""
    return {one.name: _measure(one, targets, say) for one in measurements}


def _measure(
    measurement: Measurement, targets: Sequence[Target], say: Callable[[str], None]
) -> dict[str, Outcome]:
    outcomes = {target.server.name: Outcome() for target in targets}
    began = time.monotonic()
    count = min(targets[0].scale.rounds, measurement.most_rounds)
    for number in range(count):
        if time.monotonic() - began > MEASUREMENT_LIMIT_S:
            break
        for target in targets:
            outcome = outcomes[target.server.name]
            if not outcome.failure:  # what failed once is not tried again
                target.round = number
                _once(measurement, target, outcome)
    say(f"{measurement.name}: {time.monotonic() - began:.0f} s")
    return outcomes


def _once(measurement: Measurement, target: Target, outcome: Outcome) -> None:
    try:
        outcome.rounds.append(measurement.run(target))
    except FAILURES as error:
        outcome.failure = f"{type(error).__name__}: {error}"
        print(f"{measurement.name} on {target.server.name}: {outcome.failure}", file=sys.stderr)
