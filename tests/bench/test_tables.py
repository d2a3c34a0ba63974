"""The table that people read."""

from build.bench import tables
from tests.bench.results import result


def test_others_are_shown_with_their_ratio_to_the_first() -> None:
    lines = tables.table(result(ferrox=[100, 102, 101], weed=[200, 204, 202]))

    assert [
        "| work | figure | ferrox | weed |",
        "|---|---|---|---|",
        "| GET 4 KiB | CPU, µs a request | 101 | 202 (2.00 x) |",
    ] == lines


def test_a_failure_is_shown_as_one() -> None:
    [*_, line] = tables.table(result(ferrox=[100], weed=[]))

    assert "| GET 4 KiB | CPU, µs a request | 100 | failed |" == line


def test_a_measurement_that_failed_everywhere_still_has_its_line() -> None:
    [*_, line] = tables.table(result(ferrox=[]))

    assert "| GET 4 KiB | | failed |" == line


def test_the_document_names_machine_and_servers() -> None:
    text = tables.document(result(ferrox=[100]))

    assert "- processor: imagined\n- scale: quick, a look: provisional" in text
    assert "| ferrox | ferrox 1.0 | no |\n" in text


def test_it_is_said_where_another_is_ahead() -> None:
    run = result(ferrox=[100, 100], weed=[120, 120], rclone=[50, 60], other=[99, 99])

    assert ["rclone is ahead of ferrox in: GET 4 KiB (CPU 0.55 x)."] == tables.behind(run)


def test_what_failed_is_ahead_in_nothing() -> None:
    assert [] == tables.behind(result(ferrox=[100], weed=[]))
