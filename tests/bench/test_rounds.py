"""Rounds over servers that are only imagined."""

from pathlib import Path
from typing import cast

from build.bench import rounds
from build.bench.figures import Figures, MeasurementFailed
from build.bench.measurements.table import Measurement
from build.bench.servers import RunningServer
from build.bench.target import QUICK, Target


class Imagined:
    """Nothing but its name."""

    def __init__(self, name: str) -> None:
        self.name = name


def targets(*names: str) -> list[Target]:
    return [Target(cast(RunningServer, Imagined(name)), QUICK, Path("/nowhere")) for name in names]


def test_servers_take_turns() -> None:
    seen = []

    def work(target: Target) -> Figures:
        seen.append((target.round, target.server.name))
        return {"cpu": len(seen)}

    outcomes = rounds.run([Measurement("x", "", "", work)], targets("a", "b"), lambda _: None)

    assert [(0, "a"), (0, "b"), (1, "a"), (1, "b"), (2, "a"), (2, "b")] == seen
    assert [{"cpu": 2}, {"cpu": 4}, {"cpu": 6}] == outcomes["x"]["b"].rounds


def test_a_failure_is_kept_and_not_tried_again() -> None:
    seen = []

    def work(target: Target) -> Figures:
        seen.append(target.server.name)
        if target.server.name == "b":
            raise MeasurementFailed("it broke")
        return {"cpu": 1}

    outcomes = rounds.run([Measurement("x", "", "", work)], targets("a", "b"), lambda _: None)

    assert ["a", "b", "a", "a"] == seen
    assert "MeasurementFailed: it broke" == outcomes["x"]["b"].failure
    assert [{"cpu": 1}] * 3 == outcomes["x"]["a"].rounds


def test_a_measurement_may_want_fewer_rounds() -> None:
    work = Measurement("x", "", "", lambda _: {"cpu": 1}, most_rounds=1)

    assert 1 == len(rounds.run([work], targets("a"), lambda _: None)["x"]["a"].rounds)
