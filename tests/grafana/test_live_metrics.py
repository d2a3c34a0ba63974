"""What a busy server tells: everything, and in a form that Prometheus takes without complaint."""

import re

from ferrox import metrics
from tests.grafana.live_server import scrape
from tests.grafana.queries import labels_of, promtool
from tests.server_process import ServerProcess

ENDINGS = {"counter": ("",), "gauge": ("",), "histogram": ("_count", "_sum", "_bucket")}
"""What the names of samples have after that of the metric."""


def test_promtool_has_nothing_to_complain_about(text: str) -> None:
    assert "" == promtool("check", "metrics", stdin=text)


def test_every_metric_of_the_table_has_samples_with_its_labels_and_no_other_is_told(
    text: str,
) -> None:
    expected = {
        one.name + ending: frozenset(one.labels) | ({"le"} if ending == "_bucket" else set())
        for one in metrics.TABLE
        for ending in ENDINGS[one.kind]
    }

    assert expected == labels_of(text)


def test_openmetrics_says_the_same(server: ServerProcess, text: str) -> None:
    other = scrape(server, "application/openmetrics-text;version=1.0.0")

    assert other.endswith("# EOF\n")
    assert labels_of(text).keys() == set(re.findall(r"^(ferrox_\w+)[{ ]", other, re.MULTILINE))


def test_no_key_of_an_object_is_told(text: str) -> None:
    assert not re.search(r'"(small|large|parts|none)"', text)
