"""What a query in PromQL asks for: metrics with labels; and how it is tried on what was scraped."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from prometheus_client.parser import text_string_to_metric_families

OF_TARGET = frozenset({"job", "instance"})
"""Labels that Prometheus adds to everything that it scrapes."""

_SELECTOR = re.compile(r"\b((?:ferrox_\w+)|up)\b\s*(?:\{([^}]*)\})?")
_MATCHER = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)")
_GROUPED = re.compile(r"\b(?:by|without|on|ignoring)\s*\(([^)]*)\)")


class Asked(NamedTuple):
    """A metric with the labels that are asked for."""

    metric: str
    labels: frozenset[str]


def selectors(query: str) -> list[Asked]:
    """Every metric that a query names, with the labels of its matchers."""
    return [
        Asked(name, frozenset(_MATCHER.findall(matchers)) - OF_TARGET)
        for name, matchers in _SELECTOR.findall(query)
    ]


def grouped(query: str) -> frozenset[str]:
    """The labels that a query groups by."""
    named = ",".join(_GROUPED.findall(query))
    return frozenset(filter(None, re.split(r"[\s,]+", named))) - OF_TARGET


def labels_of(text: str) -> dict[str, frozenset[str]]:
    """Each sample's name in an exposition → the labels it has."""
    return {
        sample.name: frozenset(sample.labels)
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def promtool(*arguments: str, stdin: str = "") -> str:
    """Run it; what it says, which must be no complaint."""
    found = shutil.which("promtool")
    assert found, "promtool is missing: scripts/test installs it"
    run = subprocess.run(
        [found, *arguments], input=stdin, capture_output=True, text=True, check=False
    )
    assert 0 == run.returncode, run.stdout + run.stderr
    return run.stdout + run.stderr


def evaluated(text: str, queries: Iterable[str], folder: Path) -> str:
    """What promtool says of queries that are to find something among scraped samples."""
    tests = [
        {
            "interval": "1m",
            "input_series": list(_series(text)),
            "promql_expr_test": [
                {
                    "expr": f"count({query}) > bool 0",
                    "eval_time": "20m",
                    "exp_samples": [{"labels": "{}", "value": 1}],
                }
                for query in queries
            ],
        }
    ]
    path = folder / "queries_test.json"  # JSON is YAML
    path.write_text(json.dumps({"rule_files": [], "evaluation_interval": "1m", "tests": tests}))
    return promtool("test", "rules", str(path))


def _series(text: str) -> Iterator[Mapping[str, str]]:
    """The samples as series of half an hour, in which counters go on rising."""
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = {"job": "ferrox", "instance": "here", **sample.labels}
            chosen = ",".join(f"{name}={json.dumps(value)}" for name, value in labels.items())
            step = "" if family.type == "gauge" else "+1"
            values = f"{sample.value:.3f}{step}x30"
            yield {"series": f"{sample.name}{{{chosen}}}", "values": values}
