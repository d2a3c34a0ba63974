"""What can be asked for, and what cannot."""

from pathlib import Path

import pytest

from build.bench import options
from build.bench.measurements.table import MEASUREMENTS, Part


def test_by_default_everything_but_the_big_is_measured_beside_others() -> None:
    given = options.parse([])

    assert ["ferrox", "weed", "rclone"] == [kind.name for kind in options.kinds(given)]
    assert [one for one in MEASUREMENTS if one.part != Part.BIG] == options.measurements(given)


def test_quick_is_less_of_everything() -> None:
    quick, full = options.parse(["--quick"]), options.parse([])

    assert set(options.measurements(quick)) < set(options.measurements(full))
    assert options.scale(quick).rounds < options.scale(full).rounds


def test_counts_can_be_given() -> None:
    scale = options.scale(options.parse(["--rounds", "1", "--keys", "1000000"]))

    assert (1, 1_000_000) == (scale.rounds, scale.listing_keys)


def test_workers_are_asked_for_by_the_name() -> None:
    given = options.parse(["--servers", "ferrox,ferrox-w4", "--options", "--access-log off"])

    one, four = [kind.command(Path("/d"), [1]) for kind in options.kinds(given)]

    assert ["--access-log", "off"] == one[-2:]
    assert ["--access-log", "off", "--workers", "4"] == four[-4:]


def test_another_tree_is_the_baseline(tmp_path: Path) -> None:
    given = options.parse(["--servers", "ferrox,baseline", "--baseline", str(tmp_path)])

    _, baseline = options.kinds(given)

    assert str(tmp_path / "ferroxd.py") in baseline.command(Path("/d"), [1])


@pytest.mark.parametrize("name", ["nginx", "ferrox-wx", "ferrox2", "baseline"])
def test_an_unknown_server_ends_the_command(name: str) -> None:
    with pytest.raises(SystemExit, match=name):
        options.kinds(options.parse(["--servers", name]))


def test_an_unknown_measurement_ends_the_command() -> None:
    with pytest.raises(SystemExit, match="get-5k"):
        options.measurements(options.parse(["--only", "get-4k,get-5k"]))


def test_names_of_measurements_are_unique() -> None:
    names = [one.name for one in MEASUREMENTS]

    assert sorted(set(names)) == sorted(names)
