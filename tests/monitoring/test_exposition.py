"""Both formats, held against what prometheus-client itself reads and writes."""

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import prometheus_client
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_open
from prometheus_client.parser import text_string_to_metric_families as read_text

from ferrox.instruments import Counter, Found, Gauge, Histogram, Panel, Reading
from ferrox.monitoring import exposition
from ferrox.monitoring.exposition import OPEN_METRICS, TEXT
from ferrox.monitoring.family import Family, counted

PROMETHEUS = (
    "application/openmetrics-text;version=1.0.0;q=0.5,"
    "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
)
READERS: dict[str, Callable[[str], Iterable[Metric]]] = {TEXT: read_text, OPEN_METRICS: read_open}
values = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
numbers = st.floats(0, 1e15)


def written(*families: Family, media_type: str) -> str:
    parts = [part for family in families for part in exposition.write(family, media_type)]
    return b"".join([*parts, exposition.end(media_type)]).decode()


def samples(found: Iterable[Metric]) -> dict[str, dict[tuple[str, ...], float]]:
    """Name of the sample → values of labels, sorted by their names → value."""
    read: dict[str, dict[tuple[str, ...], float]] = {}
    for metric in found:
        for sample in metric.samples:
            labels = tuple(value for _, value in sorted(sample.labels.items()))
            read.setdefault(sample.name, {})[labels] = sample.value
    return read


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", TEXT),
        ("*/*", TEXT),
        ("text/html,application/xhtml+xml", TEXT),
        ("application/openmetrics-text", OPEN_METRICS),
        ("application/openmetrics-text; version=1.0.0; charset=utf-8", OPEN_METRICS),
        ("application/openmetrics-text;version=0.0.1", TEXT),
        ("application/openmetrics-text;version=9.0.0,text/plain;q=0.1", TEXT),
        (PROMETHEUS, OPEN_METRICS),
        ("text/plain;version=0.0.4;q=0.9,application/openmetrics-text;q=0.5", TEXT),
        ("Application/OpenMetrics-Text;Q=0.5,text/plain;q=0.1", OPEN_METRICS),
        ("application/openmetrics-text;q=nonsense,;;=,", TEXT),
    ],
)
def test_the_format_is_the_one_that_is_asked_for(accept: str, expected: str) -> None:
    assert expected == exposition.chosen(accept)


@given(values, numbers)
def test_labels_and_numbers_come_back_as_they_were(value: str, number: float) -> None:
    family = Family(Found("held_bytes", "Held.", ("bucket",)), [Reading((value,), [number])])

    for media_type, read in READERS.items():
        text = written(family, media_type=media_type)
        assert {"held_bytes": {(value,): number}} == samples(read(text))


@given(st.lists(st.floats(0, 20), max_size=20))
def test_a_histogram_comes_back_with_sums_of_buckets(observed: list[float]) -> None:
    panel = Panel()
    sizes = panel.add(Histogram("sizes", "Sizes.", "page", bounds=(1, 10)))
    for value in (*observed, 0.5):
        sizes.observe(value, "a")
    (family,) = counted(panel)

    for media_type, read in READERS.items():
        found = samples(read(written(family, media_type=media_type)))
        assert {
            ("1.0", "a"): sum(value <= 1 for value in observed) + 1,
            ("10.0", "a"): sum(value <= 10 for value in observed) + 1,
            ("+Inf", "a"): len(observed) + 1,
        } == found["sizes_bucket"]
        assert {("a",): len(observed) + 1} == found["sizes_count"]
        assert math.isclose(sum(observed) + 0.5, found["sizes_sum"]["a",])


def test_the_older_format_is_as_the_library_itself_writes_it() -> None:
    panel = Panel()
    panel.add(Counter("hits_total", 'Hits that "count".', "page")).inc(3, 'a "b" \\ c')
    panel.add(Gauge("open", "Open.")).set(math.inf)
    panel.add(Histogram("sizes", "Sizes.", bounds=(0.001, 1))).observe(0.5)
    families = list(counted(panel))

    class Registry:
        def collect(self) -> Iterator[Any]:
            return map(exposition.metric_of, families)

    expected = prometheus_client.generate_latest(Registry())
    assert expected.decode() == written(*families, media_type=TEXT)


@pytest.mark.parametrize("media_type", [TEXT, OPEN_METRICS])
def test_a_large_family_is_written_in_pieces_and_announced_once(media_type: str) -> None:
    panel = Panel()
    sizes = panel.add(Histogram("sizes", "Sizes.", "page", bounds=(1, 10, 100)))
    for number in range(100):
        sizes.observe(number, f"page {number}")
    (family,) = counted(panel)

    pieces = list(exposition.write(family, media_type))

    assert len(pieces) > 5
    assert all(piece.count(b"\n") <= exposition.SAMPLES_AT_ONCE + 2 for piece in pieces)
    assert 1 == b"".join(pieces).count(b"# TYPE")
    text = b"".join(pieces).decode() + exposition.end(media_type).decode()
    assert 100 == len(samples(READERS[media_type](text))["sizes_count"])


def test_openmetrics_has_an_end_and_only_one() -> None:
    family = Family(Found("up", "Up."), [Reading((), [1])])

    text = written(family, family._replace(metric=Found("down", "Down.")), media_type=OPEN_METRICS)

    assert text.endswith("# EOF\n")
    assert 1 == text.count("# EOF")
    assert "# EOF" not in written(family, media_type=TEXT)


def test_a_metric_without_series_is_announced_all_the_same() -> None:
    family = Family(Found("held_bytes", "Held.", ("bucket",)), [])

    assert "# HELP held_bytes Held.\n# TYPE held_bytes gauge\n" == written(family, media_type=TEXT)
