"""bench.json, written and read."""

import pytest

from build.bench import result as results
from tests.bench.results import result


def test_what_was_written_is_read_as_it_was() -> None:
    run = result(ferrox=[1.5, 2], weed=[])

    assert run == results.from_json(results.to_json(run))


def test_another_format_is_refused() -> None:
    with pytest.raises(ValueError, match="format 1"):
        results.from_json("{}")


def test_figures_of_what_was_not_measured_are_none() -> None:
    run = result(ferrox=[1.5])

    assert [1.5] == run.values("get-4k", "ferrox", "cpu")
    assert [] == run.values("get-4k", "ferrox", "p50")
    assert [] == run.values("get-4k", "weed", "cpu")
    assert [] == run.values("put-4k", "ferrox", "cpu")
