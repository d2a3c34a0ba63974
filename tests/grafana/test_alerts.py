"""The alerts: they ask for what is there, and speak up when they should."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from build.grafana import dashboard
from tests.grafana.queries import evaluated, grouped, labels_of, promtool, selectors

FOLDER = dashboard.FILE.parent
RULES: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((FOLDER / "alerts.yaml").read_text("utf-8"))["groups"]
    for rule in group["rules"]
]
BY_PROMETHEUS = {"up": frozenset[str]()}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_metrics_and_labels_of_a_rule_are_there(rule: dict[str, Any], text: str) -> None:
    found = labels_of(text) | BY_PROMETHEUS

    asked = selectors(rule["expr"])

    assert asked
    for metric, labels in asked:
        assert metric in found
        assert labels <= found[metric]
    assert grouped(rule["expr"]) <= frozenset().union(*(found[metric] for metric, _ in asked))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_a_rule_says_how_bad_it_is_and_whom_it_is_about(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in {"warning", "critical"}
    assert "$labels.instance" in rule["annotations"]["summary"]


def test_promtool_takes_the_rules() -> None:
    assert f"SUCCESS: {len(RULES)} rules found" in promtool(
        "check", "rules", str(FOLDER / "alerts.yaml")
    )


def test_rules_are_silent_on_a_sound_server_and_all_speak_up_on_a_broken_one() -> None:
    cases = FOLDER / "alerts_test.yaml"

    promtool("test", "rules", str(cases))

    tried = cases.read_text("utf-8")
    assert [] == [rule["alert"] for rule in RULES if f'alertname="{rule["alert"]}"' not in tried]


def test_what_rules_look_at_is_there_on_a_live_server(text: str, tmp_path: Path) -> None:
    metrics = {metric for rule in RULES for metric, _ in selectors(rule["expr"])} - {"up"}

    assert "SUCCESS" in evaluated(text, sorted(metrics), tmp_path)
