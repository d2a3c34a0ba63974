"""What wrk says at its end."""

import json

import pytest

from build.bench import wrk
from build.bench.figures import MeasurementFailed

REPORT = {
    "count": 10, "duration_us": 2_000_000, "bytes": 4096, "refused": 0, "broken": 0,
    "p50_us": 100, "p99_us": 900,
}  # fmt: skip


def output(**changed: int) -> str:
    return f"Running 2s test\n\n{json.dumps({**REPORT, **changed})}\n"


def test_the_report_is_found_among_what_wrk_prints() -> None:
    assert wrk.parse(output()) == REPORT


@pytest.mark.parametrize("spoilt", [{"refused": 1}, {"broken": 1}, {"count": 0}])
def test_a_refusal_spoils_the_figures(spoilt: dict[str, int]) -> None:
    with pytest.raises(MeasurementFailed):
        wrk.parse(output(**spoilt))


def test_an_end_without_a_report_is_a_failure() -> None:
    with pytest.raises(MeasurementFailed, match="unable to connect"):
        wrk.parse("unable to connect to 127.0.0.1:1 Connection refused")
