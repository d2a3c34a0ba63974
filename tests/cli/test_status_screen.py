"""cli/status_screen.py: values in, text out."""

import re
from typing import Any

import pytest

from ferrox.cli.status_rates import Rates
from ferrox.cli.status_screen import FINE, Style, bar, duration, elapsed, rate, render, spark

GIB = 1 << 30


def status(**more: Any) -> dict[str, Any]:
    told: dict[str, Any] = {
        "version": "1.2.3",
        "time": "2026-11-23T12:00:00.000Z",
        "started": "2026-11-20T07:55:00.000Z",
        "uptime_s": 3 * 86_400 + 4 * 3600 + 5 * 60,
        "addresses": ["http://127.0.0.1:9000", "https://127.0.0.1:9443"],
        "data_dir": "/srv/ferrox",
        "is_well": True,
        "troubles": [],
        "requests": {
            "ended": 1_234_567, "client_errors": 5, "server_errors": 1, "received_bytes": 1,
            "sent_bytes": 2, "under_way": 2, "connections": 40,
        },
        "latency": {"bounds_s": [0.1], "counts": [1, 0]},
        "capacity": {
            "drive_bytes": 100 * GIB, "drive_free_bytes": 60 * GIB, "index_bytes": GIB,
            "index_log_bytes": 4 << 20, "blobs": 12_345, "blob_bytes": 39 * GIB,
            "garbage_blobs": 0,
        },
        "stored": {
            "buckets": 3, "objects": 1_000_000, "versions": 1_200_000,
            "version_bytes": 40 * GIB, "part_bytes": 0,
        },
        "jobs": [
            job("upkeep", last_ended="2026-11-23T11:59:31.000Z"),
            job("scrub", "working", {"done": 30 * GIB, "total": 40 * GIB, "unit": "bytes"}),
            job("rewrapping", "working", {"done": 500, "total": None, "unit": "data keys"}),
            job("inventory", "working"),
            job("lifecycle"),
        ],
        "scrub": {"findings": 0, "last_ended": None},
        "events": [],
        "workers": [worker(0), worker(1)],
        "silent": [],
    }  # fmt: skip
    return told | more


def job(name: str, state: str = "resting", progress: Any = None, **more: Any) -> dict[str, Any]:
    return {"name": name, "state": state, "progress": progress, "last_ended": None} | more


def worker(number: int) -> dict[str, Any]:
    return {"worker": number, "pid": 100 + number, "connections": 20}


RATES = Rates(1.0, 1234.5, 2.25, 0.0, 12.5 * (1 << 20), 3 * GIB, 0.00085, 0.0123)


def test_the_whole_screen() -> None:
    lines = render(status(), RATES, history=[0, 600, 1200])

    assert """\
ferroxd 1.2.3  up 3 d 04:05  2 workers  well
http://127.0.0.1:9000  https://127.0.0.1:9443  /srv/ferrox

requests  1,234/s   2 under way   40 connections
errors    0/s failed   2.2/s refused
latency   half within 850 µs, 99 % within 12.3 ms
traffic   in 12.5 MiB/s   out 3.0 GiB/s
          _=#  up to 1,200/s

drive     [#########...............]  40 % of 100.0 GiB, 60.0 GiB free
stored    1,000,000 objects in 3 buckets   1,200,000 versions, 40.0 GiB
files     12,345 blobs, 39.0 GiB   index 1.0 GiB + 4.0 MiB

jobs      upkeep      29 s ago
          scrub       [##################......]  75 % of 40.0 GiB
          rewrapping  500 data keys
          inventory   working
          lifecycle   not yet
workers   0  process 100   20 connections
          1  process 101   20 connections""" == "\n".join(lines)


def test_before_rates_are_known_there_are_counts() -> None:
    lines = render(status(), None)

    assert "requests  1,234,567 requests so far   2 under way   40 connections" in lines
    assert not any(line.startswith(("latency", "traffic")) for line in lines)


def test_seconds_without_requests_have_no_latency() -> None:
    lines = render(status(), RATES._replace(requests=0, p50_s=None, p99_s=None))

    assert "latency   -" in lines
    assert "requests  0/s   2 under way   40 connections" in lines


def test_troubles_stand_on_top_and_complaints_above_them() -> None:
    troubles = [
        {"level": "critical", "name": "read-only", "message": "nothing can be written: I/O"},
        {"level": "warning", "name": "x", "message": "raw \x1b[2J"},
    ]

    lines = render(status(is_well=False, troubles=troubles), None, complaint="it is gone")

    assert lines[0].endswith("not well")
    assert [
        "! it is gone", "! nothing can be written: I/O", "! 'raw \\x1b[2J'",
    ] == lines[2:5]  # fmt: skip


def test_what_there_is_only_at_times() -> None:
    told = status(silent=[1], workers=[worker(0)])
    told["capacity"]["garbage_blobs"] = 1
    told["stored"]["part_bytes"] = GIB
    told["scrub"]["last_ended"] = "2026-11-21T12:00:00.000Z"
    told["jobs"] = [job("scrub")]
    told["events"] = [
        {"target": "hook", "waiting": 1, "dead": 0},
        {"target": "queue", "waiting": 2000, "dead": 7},
    ]

    lines = render(told, None)

    for line in (
        "          1 blob to be removed",
        "          1.0 GiB in unfinished uploads",
        "jobs      scrub  2 d 00:00 ago",
        "events    hook  1 event to be told",
        "          queue  2,000 events to be told   7 given up",
        "          1  does not answer",
    ):
        assert line in lines
    assert "2 workers" in lines[0]


def test_an_index_that_cannot_be_read_leaves_the_rest() -> None:
    lines = render(status(stored=None, scrub=None, jobs=[job("scrub")]), None)

    assert "stored    the index cannot be read" in lines
    assert "jobs      scrub  not yet" in lines


@pytest.mark.parametrize("width", [20, 40, 80])
@pytest.mark.parametrize("style", [Style(), FINE])
def test_no_line_is_wider_than_the_screen(width: int, style: Style) -> None:
    told = status(data_dir="/" + 200 * "x")

    lines = render(told, RATES, width=width, style=style, history=[1.0] * 100)

    assert width == max(map(len, lines))


def test_colours_are_paint_and_no_text() -> None:
    plain = render(status(), RATES, history=[1.0])
    painted = render(status(), RATES, history=[1.0], style=Style(has_colour=True))

    assert "\x1b[1mferroxd 1.2.3\x1b[0m" in painted[0]
    assert "\x1b[32mwell\x1b[0m" in painted[0]
    assert plain == [re.sub(r"\x1b\[[0-9;]+m", "", line).rstrip() for line in painted]


def test_a_tight_drive_and_failures_stand_out() -> None:
    told = status()
    told["capacity"]["drive_free_bytes"] = GIB

    lines = render(told, RATES._replace(server_errors=3.0), style=Style(has_colour=True))

    assert any("\x1b[33m[#######################.]  99 %\x1b[0m" in line for line in lines)
    assert any("\x1b[1;31m3.0/s failed\x1b[0m" in line for line in lines)


@pytest.mark.parametrize(
    ("done", "total", "drawn"),
    [
        (0, 10, "[........................]   0 %"),
        (5, 10, "[############............]  50 %"),
        (999, 1000, "[#######################.]  99 %"),
        (10, 10, "[########################] 100 %"),
        (11, 10, "[########################] 100 %"),
        (0, 0, "[########################] 100 %"),
    ],
)
def test_a_bar_is_full_only_when_all_is_done(done: int, total: int, drawn: str) -> None:
    assert drawn == bar(done, total, Style())


def test_a_chart_has_its_peak_at_the_top_and_shows_that_there_is_something() -> None:
    assert "▁▁▁" == spark([0, 0, 0], FINE)
    assert "▁▂█▅" == spark([0, 0.1, 100, 50], FINE)


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (-5, "0 s"), (0.9, "0 s"), (59, "59 s"), (61, "1 min 1 s"), (3600, "1:00:00"),
        (86_399, "23:59:59"), (86_400, "1 d 00:00"), (100 * 86_400 + 60, "100 d 00:01"),
    ],
)  # fmt: skip
def test_long_times(seconds: float, told: str) -> None:
    assert told == duration(seconds)


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(None, "-"), (0.0000004, "0 µs"), (0.00099, "990 µs"), (0.0015, "1.5 ms"), (30, "30.0 s")],
)
def test_short_times(seconds: float | None, told: str) -> None:
    assert told == elapsed(seconds)


@pytest.mark.parametrize(
    ("value", "told"), [(0, "0"), (0.04, "0.0"), (2.25, "2.2"), (10, "10"), (12_345.6, "12,346")]
)
def test_rates(value: float, told: str) -> None:
    assert told == rate(value)
