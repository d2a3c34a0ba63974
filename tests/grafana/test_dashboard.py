"""The dashboard: each query of each panel finds something at a live server."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from build.grafana.dashboard import COLUMNS, FILE, dashboard
from tests.grafana.queries import OF_TARGET, evaluated, grouped, labels_of, selectors

WRITTEN: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
PANELS = [panel for panel in WRITTEN["panels"] if panel["type"] != "row"]
MARKS = WRITTEN["annotations"]["list"]
QUERIES: dict[str, str] = {
    f"{panel['title']} {target['refId']}": target["expr"]
    for panel in PANELS
    for target in panel["targets"]
}


def filled_in(query: str) -> str:
    """The query as Grafana sends it."""
    for variable, value in (
        ("$__rate_interval", "5m"), ("$job", ".*"), ("$instance", ".*"),
    ):  # fmt: skip
        query = query.replace(variable, value)
    assert "$" not in query
    return query


def test_the_file_is_what_the_table_says() -> None:
    assert dashboard() == WRITTEN, "run scripts/docs"


@pytest.mark.parametrize("query", [*QUERIES.values(), *(mark["expr"] for mark in MARKS)])
def test_metrics_and_labels_of_a_query_are_there(query: str, text: str) -> None:
    found = labels_of(text)

    asked = selectors(query)

    assert asked
    for metric, labels in asked:
        assert metric in found
        assert labels <= found[metric]
        assert "job=~" in query
        assert "instance=~" in query
    assert grouped(query) <= frozenset().union(*(found[metric] for metric, _ in asked))


def test_each_query_finds_something(text: str, tmp_path: Path) -> None:
    assert "SUCCESS" in evaluated(text, map(filled_in, QUERIES.values()), tmp_path)


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel["title"])
def test_names_of_lines_are_labels_that_are_left(panel: dict[str, Any], text: str) -> None:
    for target in panel["targets"]:
        named = frozenset(re.findall(r"{{(\w+)}}", target["legendFormat"])) - OF_TARGET
        left = grouped(target["expr"])
        if re.match(r"(time\(\) - )?ferrox_", target["expr"]):  # nothing is summed up
            left = labels_of(text)[selectors(target["expr"])[0].metric]
        assert named <= left


def test_panels_have_numbers_of_their_own_and_do_not_overlap() -> None:
    numbers = [panel["id"] for panel in WRITTEN["panels"]]
    taken: set[tuple[int, int]] = set()
    for panel in WRITTEN["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= COLUMNS
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert set() == cells & taken
        taken |= cells

    assert len(numbers) == len(set(numbers))


def test_every_panel_says_what_it_shows_and_takes_the_chosen_source() -> None:
    assert all(panel["description"] for panel in PANELS)
    assert {"${datasource}"} == {
        target["datasource"]["uid"] for panel in PANELS for target in panel["targets"]
    }
    variables = {one["name"]: one["type"] for one in WRITTEN["templating"]["list"]}
    assert {"datasource": "datasource", "job": "query", "instance": "query"} == variables
