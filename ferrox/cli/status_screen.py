"""The screen of `ferroxd status`: values in, lines of text out.

A line is made of spans, each with a tone; how a tone looks, and whether it does, is the business of
a style. Lines are cut to the width before they are painted, so that no escape sequence is.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from ferrox.cli.admin_tables import amount, percent, text
from ferrox.cli.status_rates import Rates
from ferrox.quantities import counted, size

Tone = Literal["plain", "strong", "faint", "good", "warning", "bad"]

_PAINT = {"strong": "1", "faint": "2", "good": "32", "warning": "33", "bad": "1;31"}
_RESET = "\x1b[0m"

LABEL_WIDTH = 10
BAR_WIDTH = 24
SPARK_WIDTH = 30


class Style(NamedTuple):
    """How things are drawn.

    bar     a full piece of a bar and an empty one
    spark   heights of a chart, from nothing upwards
    """

    has_colour: bool = False
    bar: str = "#."
    spark: str = "_.-=*#"


FINE = Style(bar="█░", spark="▁▂▃▄▅▆▇█")
"""For terminals that know more than ASCII."""


class Span(NamedTuple):
    """Some text of a line."""

    text: str
    tone: Tone = "plain"


Line = list[Span]


def render(
    status: Mapping[str, Any],
    rates: Rates | None,
    *,
    width: int = 80,
    style: Style = Style(),  # noqa: B008 - a tuple, never changed
    history: Sequence[float] = (),
    complaint: str = "",
) -> list[str]:
    """Return the lines of the screen.

    status     what GetStatus answered
    rates      since it was asked before; None: that is not known
    history    requests a second of late
    complaint  why this is not how the server is now
    """
    lines = [
        *_head(status),
        *_troubles(status, complaint),
        [],
        *_requests(status, rates, history, style),
        [],
        *_capacity(status, style),
        [],
        *_jobs(status, style),
        *_events(status),
        *_workers(status),
    ]
    return [_painted(_cut(line, width), style) for line in lines]


def _head(status: Mapping[str, Any]) -> Iterator[Line]:
    state = Span("well", "good") if status["is_well"] else Span("not well", "bad")
    count = len(status["workers"]) + len(status["silent"])
    yield [
        Span(f"ferroxd {status['version']}", "strong"),
        Span(f"  up {duration(status['uptime_s'])}  {counted(count, 'worker')}  "),
        state,
    ]
    yield [Span("  ".join([*status["addresses"], text(status["data_dir"])]), "faint")]


def _troubles(status: Mapping[str, Any], complaint: str) -> Iterator[Line]:
    if complaint:
        yield [Span(f"! {complaint}", "bad")]
    for trouble in status["troubles"]:
        tone: Tone = "bad" if trouble["level"] == "critical" else "warning"
        yield [Span(f"! {text(trouble['message'])}", tone)]


def _requests(
    status: Mapping[str, Any], rates: Rates | None, history: Sequence[float], style: Style
) -> Iterator[Line]:
    counts = status["requests"]
    now = f"{counted(counts['under_way'], 'under way', 'under way')}"
    now += f"   {counted(counts['connections'], 'connection')}"
    if rates is None:
        yield _labelled("requests", Span(f"{counted(counts['ended'], 'request')} so far   {now}"))
        return
    yield _labelled("requests", Span(f"{rate(rates.requests)}/s", "strong"), Span(f"   {now}"))
    errors = Span(
        f"{rate(rates.server_errors)}/s failed", "bad" if rates.server_errors else "plain"
    )
    refused = Span(f"   {rate(rates.client_errors)}/s refused")
    yield _labelled("errors", errors, refused)
    times = f"half within {elapsed(rates.p50_s)}, 99 % within {elapsed(rates.p99_s)}"
    yield _labelled("latency", Span("-" if rates.p50_s is None else times))
    moved = f"in {size(int(rates.received_bytes))}/s   out {size(int(rates.sent_bytes))}/s"
    yield _labelled("traffic", Span(moved))
    if history:
        peak = f"  up to {rate(max(history))}/s"
        yield _labelled("", Span(spark(history[-SPARK_WIDTH:], style)), Span(peak, "faint"))


def _capacity(status: Mapping[str, Any], style: Style) -> Iterator[Line]:
    held, stored = status["capacity"], status["stored"]
    used_bytes = held["drive_bytes"] - held["drive_free_bytes"]
    is_tight = held["drive_free_bytes"] * 10 < held["drive_bytes"]
    yield _labelled(
        "drive",
        Span(bar(used_bytes, held["drive_bytes"], style), "warning" if is_tight else "plain"),
        Span(f" of {size(held['drive_bytes'])}, {size(held['drive_free_bytes'])} free"),
    )
    if stored is None:
        yield _labelled("stored", Span("the index cannot be read", "bad"))
    else:
        yield _labelled(
            "stored",
            Span(
                f"{counted(stored['objects'], 'object')} in {counted(stored['buckets'], 'bucket')}"
            ),
            Span(f"   {counted(stored['versions'], 'version')}, {size(stored['version_bytes'])}"),
        )
        if stored["part_bytes"]:
            yield _labelled("", Span(f"{size(stored['part_bytes'])} in unfinished uploads"))
    blobs = f"{counted(held['blobs'], 'blob')}, {size(held['blob_bytes'])}"
    index = f"   index {size(held['index_bytes'])} + {size(held['index_log_bytes'])}"
    yield _labelled("files", Span(blobs + index))
    if held["garbage_blobs"]:
        count = counted(held["garbage_blobs"], "blob")
        yield _labelled("", Span(f"{count} to be removed"))


def _jobs(status: Mapping[str, Any], style: Style) -> Iterator[Line]:
    name_width = max((len(job["name"]) for job in status["jobs"]), default=0)
    for at, job in enumerate(status["jobs"]):
        name = Span(f"{text(job['name']):<{name_width}}  ")
        yield _labelled("jobs" if not at else "", name, *_job(job, status, style))


def _job(job: Mapping[str, Any], status: Mapping[str, Any], style: Style) -> Line:
    progress = job["progress"]
    if job["state"] == "working" and progress is not None:
        done, total, unit = progress["done"], progress["total"], progress["unit"]
        if total is None:
            return [Span(amount(done, unit), "strong")]
        return [
            Span(bar(done, total, style), "strong"),
            Span(f" of {amount(total, unit)}"),
        ]
    if job["state"] == "working":
        return [Span("working", "strong")]
    last = job["last_ended"]
    if job["name"] == "scrub" and status["scrub"] is not None:
        last = status["scrub"]["last_ended"]  # one that was over before the server was started
    ago = "not yet" if last is None else f"{duration(_seconds(last, status['time']))} ago"
    return [Span(ago, "faint")]


def _events(status: Mapping[str, Any]) -> Iterator[Line]:
    for at, target in enumerate(status["events"]):
        waiting = f"{text(target['target'])}  {counted(target['waiting'], 'event')} to be told"
        spans = [Span(waiting)]
        if target["dead"]:
            spans.append(Span(f"   {target['dead']:,} given up", "warning"))
        yield _labelled("events" if not at else "", *spans)


def _workers(status: Mapping[str, Any]) -> Iterator[Line]:
    for at, worker in enumerate(status["workers"]):
        told = f"{worker['worker']}  process {worker['pid']}   "
        told += counted(worker["connections"], "connection")
        yield _labelled("workers" if not at else "", Span(told, "faint"))
    for number in status["silent"]:
        yield _labelled("", Span(f"{number}  does not answer", "bad"))


def _labelled(label: str, *spans: Span) -> Line:
    return [Span(f"{label:<{LABEL_WIDTH}}", "faint"), *spans]


# Values in words


def bar(done: float, total: float, style: Style) -> str:
    """How much of something: [#####.....]  50 %."""
    share = percent(int(done), int(total))
    full = share * BAR_WIDTH // 100
    drawn = style.bar[0] * full + style.bar[1] * (BAR_WIDTH - full)
    return f"[{drawn}] {share:>3} %"


def spark(values: Sequence[float], style: Style) -> str:
    """A chart one line high."""
    most, steps = max(values), len(style.spark) - 1
    return "".join(style.spark[math.ceil(value / most * steps) if most else 0] for value in values)


def duration(seconds: float) -> str:
    """How long something took that takes long: 3 d 04:05, 04:05:06, 12 s."""
    whole = max(0, int(seconds))
    days, rest = divmod(whole, 86_400)
    hours, minutes = rest // 3600, rest % 3600 // 60
    if days:
        return f"{days} d {hours:02}:{minutes:02}"
    if hours:
        return f"{hours}:{minutes:02}:{whole % 60:02}"
    return f"{minutes} min {whole % 60} s" if minutes else f"{whole} s"


def elapsed(seconds: float | None) -> str:
    """How long something took that should be quick."""
    if seconds is None:
        return "-"
    if seconds < 0.001:
        return f"{seconds * 1_000_000:.0f} µs"
    return f"{seconds * 1000:.1f} ms" if seconds < 1 else f"{seconds:.1f} s"


def rate(value: float) -> str:
    """So often a second."""
    return f"{value:,.0f}" if value >= 10 or not value else f"{value:.1f}"


def _seconds(earlier: str, later: str) -> float:
    """What lies between two instants."""
    from datetime import datetime

    return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds()


# Lines on a terminal


def _cut(line: Line, width: int) -> Line:
    shown: Line = []
    for span in line:
        if width <= 0:
            break
        shown.append(span._replace(text=span.text[:width]))
        width -= len(span.text)
    return shown


def _painted(line: Line, style: Style) -> str:
    if not style.has_colour:
        return "".join(span.text for span in line).rstrip()
    return "".join(
        f"\x1b[{_PAINT[span.tone]}m{span.text}{_RESET}" if span.tone in _PAINT else span.text
        for span in line
    )
