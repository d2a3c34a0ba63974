"""Exposition: families as text, in the two formats that Prometheus and its kin read.

https://prometheus.io/docs/instrumenting/exposition_formats/
https://prometheus.io/docs/specs/om/open_metrics_spec/

prometheus-client writes OpenMetrics. For what is told here the older format differs in three
things: counters are announced with the ending of their samples, quotation marks in meanings stand
for themselves, and the end is not marked.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

from ferrox.monitoring.family import Family
from ferrox.monitoring.prometheus_parts import floatToGoString, generate_latest

TEXT = "text/plain; version=0.0.4; charset=utf-8"
OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"

SAMPLES_AT_ONCE = 100
"""Written without a pause for anything else."""

_END = b"# EOF\n"
_TOTAL = "_total"
_VERSION = "1.0.0"


class Sample(NamedTuple):
    """One line, as prometheus-client wants it."""

    name: str
    labels: Mapping[str, str]
    value: float
    timestamp: None = None
    exemplar: None = None
    native_histogram: None = None


class Metric(NamedTuple):
    """A family, as prometheus-client wants it."""

    name: str
    documentation: str
    type: str
    samples: Sequence[Sample]
    unit: str = ""

    def collect(self) -> Iterator["Metric"]:
        """Itself: it passes for a registry of one metric."""
        yield self


def chosen(accept: str) -> str:
    """The format that a client asks for by its Accept header, as a media type."""
    best, best_quality = TEXT, 0.0
    for wish in accept.split(","):
        media_type, *parameters = (part.strip().lower() for part in wish.split(";"))
        given = dict(parameter.partition("=")[::2] for parameter in parameters)
        quality = _quality(given.get("q", "1"))
        if media_type == "application/openmetrics-text":
            is_known, found = given.get("version", _VERSION) == _VERSION, OPEN_METRICS
        else:
            is_known, found = media_type in ("text/plain", "text/*", "*/*"), TEXT
        if is_known and quality > best_quality:
            best, best_quality = found, quality
    return best


def _quality(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def write(family: Family, media_type: str) -> Iterator[bytes]:
    """One family in one of the formats, in pieces of a millisecond or two.

    OpenMetrics wants `end` after the last family.
    """
    series_samples = len(family.bounds) + 3 if family.bounds else 1
    step = max(1, SAMPLES_AT_ONCE // series_samples)
    for start in range(0, max(1, len(family.readings)), step):
        some = family._replace(readings=family.readings[start : start + step])
        heads, samples = _written(some, media_type)
        yield samples if start else heads + samples


def _written(family: Family, media_type: str) -> tuple[bytes, bytes]:
    """The lines that announce a family, which are two, and its samples."""
    text: bytes = generate_latest(metric_of(family), version=_VERSION)  # type: ignore[no-untyped-call] # of the library
    first, second, samples = text.removesuffix(_END).split(b"\n", 2)
    heads = first + b"\n" + second + b"\n"
    if media_type != OPEN_METRICS:
        name = family.metric.name
        if family.metric.kind == "counter":
            heads = heads.replace(name.removesuffix(_TOTAL).encode() + b" ", name.encode() + b" ")
        heads = heads.replace(b'\\"', b'"')
    return heads, samples


def end(media_type: str) -> bytes:
    """What comes after the last family."""
    return _END if media_type == OPEN_METRICS else b""


def metric_of(family: Family) -> Metric:
    """A family as prometheus-client wants it."""
    found = family.metric
    return Metric(found.name.removesuffix(_TOTAL), found.meaning, found.kind, [*_samples(family)])


def _samples(family: Family) -> Iterator[Sample]:
    name, names = family.metric.name, family.metric.labels
    if family.metric.kind != "histogram":
        for labels, cells in family.readings:
            yield Sample(name, dict(zip(names, labels, strict=True)), cells[0])
        return
    ends = [*map(floatToGoString, family.bounds), "+Inf"]
    for labels, (*counts, total) in family.readings:
        given = dict(zip(names, labels, strict=True))
        sums = list(accumulate(counts))
        for bound, count in zip(ends, sums, strict=True):
            yield Sample(f"{name}_bucket", {**given, "le": bound}, count)
        yield Sample(f"{name}_count", given, sums[-1])
        yield Sample(f"{name}_sum", given, total)
