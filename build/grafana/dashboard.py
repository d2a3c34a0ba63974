"""Makes dashboard.json of the table of panels: python -m build.grafana.dashboard.

https://grafana.com/docs/grafana/latest/visualizations/dashboards/build-dashboards/view-dashboard-json-model/

Whoever imports it is asked for a data source by nobody: the dashboard has a variable for it.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from build.grafana.panels import ROWS, Panel, Query, Row

FILE = Path(__file__).with_name("dashboard.json")
HERE = 'job=~"$job",instance=~"$instance"'
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
COLUMNS = 24


def dashboard() -> dict[str, Any]:
    """The whole of it."""
    return {
        "title": "ferrox",
        "uid": "ferrox",
        "description": "An S3-compatible object store: traffic, latency, errors, storage, jobs.",
        "tags": ["ferrox", "s3", "storage"],
        "editable": True,
        "graphTooltip": 1,
        "refresh": "30s",
        "schemaVersion": 39,
        "time": {"from": "now-6h", "to": "now"},
        "timezone": "browser",
        "templating": {"list": _variables()},
        "annotations": {"list": [_restarts()]},
        "panels": list(_placed()),
        "version": 1,
    }


def _variables() -> list[dict[str, Any]]:
    source = {
        "name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus",
        "current": {}, "hide": 0, "refresh": 1, "regex": "",
    }  # fmt: skip
    return [
        source,
        _values("job", "Job", "label_values(ferrox_build_info, job)"),
        _values("instance", "Server", 'label_values(ferrox_build_info{job=~"$job"}, instance)'),
    ]


def _values(name: str, label: str, query: str) -> dict[str, Any]:
    return {
        "name": name, "label": label, "type": "query", "datasource": SOURCE, "query": query,
        "definition": query, "includeAll": True, "allValue": ".*", "multi": True, "refresh": 2,
        "sort": 1, "current": {"selected": True, "text": ["All"], "value": ["$__all"]},
    }  # fmt: skip


def _restarts() -> dict[str, Any]:
    """A mark wherever a server was started."""
    return {
        "name": "Starts", "enable": True, "iconColor": "blue", "datasource": SOURCE,
        "expr": _here("changes(ferrox_start_time_seconds{$HERE}[$__rate_interval]) > 0"),
        "titleFormat": "started", "textFormat": "{{instance}}", "step": "60s",
    }  # fmt: skip


def _placed() -> Iterator[dict[str, Any]]:
    """Every row and panel at its place, from left to right and from top to bottom."""
    number, top = 0, 0
    for row in ROWS:
        number += 1
        yield _heading(row, number, top)
        top, left = top + 1, 0
        for panel in row.panels:
            if left + panel.width > COLUMNS:
                top, left = top + row.height, 0
            number += 1
            place = {"x": left, "y": top, "w": panel.width, "h": row.height}
            yield {"id": number, "gridPos": place, **_panel(panel)}
            left += panel.width
        top += row.height


def _heading(row: Row, number: int, top: int) -> dict[str, Any]:
    return {
        "id": number, "type": "row", "title": row.title, "collapsed": False, "panels": [],
        "gridPos": {"x": 0, "y": top, "w": COLUMNS, "h": 1},
    }  # fmt: skip


def _panel(panel: Panel) -> dict[str, Any]:
    return {
        "type": panel.shape,
        "title": panel.title,
        "description": panel.meaning,
        "datasource": SOURCE,
        "targets": [_target(panel, query, place) for place, query in enumerate(panel.queries)],
        "fieldConfig": {"defaults": _defaults(panel), "overrides": []},
        "options": _options(panel),
    }


def _target(panel: Panel, query: Query, place: int) -> dict[str, Any]:
    is_now = panel.shape in {"bargauge", "table"}
    return {
        "refId": chr(ord("A") + place),
        "datasource": SOURCE,
        "expr": _here(query.text),
        "legendFormat": query.legend or panel.title,
        "instant": is_now,
        "range": not is_now,
        "format": {"table": "table", "heatmap": "heatmap"}.get(panel.shape, "time_series"),
    }


def _here(query: str) -> str:
    return query.replace("$HERE", HERE)


def _defaults(panel: Panel) -> dict[str, Any]:
    steps = [
        {"color": colour, "value": value if place else None}
        for place, (colour, value) in enumerate(panel.steps or (("green", 0.0),))
    ]
    words = {
        value: {"text": text, "color": colour, "index": place}
        for place, (value, text, colour) in enumerate(panel.words)
    }
    found: dict[str, Any] = {
        "unit": panel.unit,
        "min": 0,
        "thresholds": {"mode": "absolute", "steps": steps},
        "mappings": [{"type": "value", "options": words}] if words else [],
    }
    if panel.shape == "timeseries":
        found["color"] = {"mode": "palette-classic"}
        found["custom"] = {
            "fillOpacity": 25 if panel.is_stacked else 8,
            "lineWidth": 1,
            "showPoints": "never",
            "stacking": {"mode": "normal" if panel.is_stacked else "none"},
        }
    if panel.shape in {"stat", "bargauge"}:
        found["color"] = {"mode": "thresholds"}
    return found


def _options(panel: Panel) -> dict[str, Any]:
    last = {"calcs": ["lastNotNull"], "fields": "", "values": False}
    match panel.shape:
        case "stat":
            return {"reduceOptions": last, "graphMode": "area", "colorMode": "value"}
        case "bargauge":
            return {"reduceOptions": last, "displayMode": "basic", "orientation": "horizontal"}
        case "heatmap":
            return {
                "calculate": False,
                "yAxis": {"unit": panel.unit},
                "color": {"mode": "scheme", "scheme": "Blues"},
            }
        case "state-timeline":
            return {"showValue": "never", "mergeValues": True, "legend": {"showLegend": False}}
        case "table":
            return {"showHeader": True}
        case "timeseries":
            legend = {"displayMode": "table", "placement": "bottom", "calcs": ["lastNotNull"]}
            return {"legend": legend, "tooltip": {"mode": "multi", "sort": "desc"}}


if __name__ == "__main__":
    FILE.write_text(json.dumps(dashboard(), indent=1) + "\n", "utf-8")
