"""Two runs: what counts as worse."""

from build.bench import comparison
from tests.bench.results import result


def worse(before: list[float], now: list[float]) -> bool:
    [change] = comparison.changes(result(ferrox=before), result(ferrox=now))
    return change.is_worse


def test_more_than_the_tolerance_is_worse() -> None:
    assert worse([100, 101, 102], [120, 121, 122])


def test_less_than_the_tolerance_is_noise() -> None:
    assert not worse([100, 101, 102], [110, 111, 112])


def test_better_is_not_worse() -> None:
    assert not worse([100, 101, 102], [50, 51, 52])


def test_one_good_round_shows_that_the_others_were_noise() -> None:
    assert not worse([100, 101, 102], [99, 150, 160])


def test_only_what_both_runs_have_is_compared() -> None:
    before, now = result(ferrox=[100], weed=[300]), result(ferrox=[100], rclone=[100])

    assert ["ferrox"] == [one.server for one in comparison.changes(before, now)]


def test_what_failed_is_not_compared() -> None:
    assert [] == list(comparison.changes(result(ferrox=[]), result(ferrox=[100])))


def test_two_servers_of_one_run_are_compared_like_two_runs() -> None:
    run = result(baseline=[100, 101, 102], ferrox=[120, 121, 122], weed=[500])

    [change] = comparison.within(run, "baseline", "ferrox")

    assert ("ferrox", 101, 121, True) == (
        change.server, change.before, change.now, change.is_worse,
    )  # fmt: skip
    assert [] == list(comparison.within(run, "frozen", "ferrox"))


def test_the_table_begins_with_what_got_worse() -> None:
    before, now = result(weed=[100], ferrox=[100]), result(weed=[90], ferrox=[200])

    lines = comparison.table(list(comparison.changes(before, now))).splitlines()

    assert [
        "| get-4k | ferrox | CPU, µs a request | 100 | 200 | +100% | **WORSE** |",
        "| get-4k | weed | CPU, µs a request | 100 | 90.0 | -10% |  |",
    ] == lines[2:]
