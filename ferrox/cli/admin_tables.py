"""What a server answered, for people: lists as tables, everything else line by line."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ferrox.admin import schema
from ferrox.admin.endpoint import Endpoint
from ferrox.admin.shapes.scrub import HolderView
from ferrox.admin.shapes.server import JobProgress
from ferrox.quantities import counted, size
from ferrox.storage.metadata.findings import Holder

COLUMNS = {
    "AccountView": ("name", "account_id", "created"),
    "BucketView": ("name", "account", "objects", "bytes", "max_bytes", "max_objects"),
    "ExposureView": ("bucket", "actions", "resource", "because", "conditional"),
    "FindingView": ("kind", "problem", "needed_by", "needed_by_count", "found", "last_seen"),
    "GroupView": ("name", "members", "policies"),
    "JobView": ("name", "state", "progress", "rounds", "last_began", "last_ended"),
    "KeyView": ("access_key_id", "user", "status", "created", "last_used"),
    "KmsKeyView": ("key", "aliases", "state", "versions", "created", "deleted"),
    "LetterView": ("id", "target", "attempts", "given_up", "failure"),
    "RateView": ("caller", "requests", "burst", "bytes"),
    "PolicySummary": ("name", "arn", "version", "updated"),
    "SettingView": ("name", "value", "source"),
    "RefusalSummary": ("time", "request_id", "code", "operation", "bucket", "key", "principal"),
    "TargetView": ("name", "host", "waiting", "dead", "configured"),
    "UserView": ("name", "groups", "policies", "keys", "created"),
}
"""What a table shows of each item, where that is not everything."""

_IN_LINES = frozenset({"canonical_request", "string_to_sign"})
"""Texts that are made of lines, and are compared line by line with those of a client."""

_PROGRESS = schema.members(JobProgress).keys()
_HOLDER = schema.members(HolderView).keys()

_NOTHING = {
    "ExposurePage": "Anonymous callers can reach nothing.",
    "FindingPage": "Nothing is known to be damaged.",
    "Refusals": "Nothing was refused since the server was started, or nobody remembers.",
}
"""What is said instead of an empty table."""


def shown(endpoint: Endpoint, answer: Any) -> str:
    """An answer as text; "" when there is nothing to say."""
    if endpoint.output is None or answer is None:
        return ""
    rows = _rows(endpoint.output, answer)
    if rows is not None:
        kind, items = rows
        if not items and endpoint.output.__name__ in _NOTHING:
            return _NOTHING[endpoint.output.__name__]
        return "\n".join(table(_header(kind, items), items))
    return "\n".join(_lines(answer))


def _rows(output: type, answer: Mapping[str, Any]) -> tuple[str, list[dict[str, Any]]] | None:
    """The items of a page, and what they are called; None if it is no page."""
    members = list(schema.members(output).values())
    first = members[0]
    if len(members) > 2 or not isinstance(answer[first.name], list):
        return None
    (kind,) = first.kind.__args__[:1]
    name = getattr(kind, "__name__", "")
    if name == "dict":
        return "event", [_event(item) for item in answer[first.name]]
    return name, answer[first.name]


def _header(kind: str, items: Sequence[Mapping[str, Any]]) -> Sequence[str]:
    return COLUMNS.get(kind) or (tuple(items[0]) if items else ())


def table(columns: Sequence[str], items: Iterable[Mapping[str, Any]]) -> list[str]:
    """Lines of a table whose columns are as wide as what stands in them."""
    rows = [[name.upper().replace("_", " ") for name in columns]]
    rows += [[text(item.get(name)) for name in columns] for item in items]
    widths = [max(len(row[at]) for row in rows) for at in range(len(columns))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _lines(answer: Mapping[str, Any], indent: str = "") -> Iterator[str]:
    width = max((len(name) for name in answer), default=0) + 2
    for name, value in answer.items():
        label = f"{indent}{name.replace('_', ' ').ljust(width)}"
        if isinstance(value, dict) and value.keys() != _PROGRESS:
            is_document = name in {"document", "message"}
            yield label.rstrip()
            yield from (
                (f"{indent}  {line}" for line in json.dumps(value, indent=2).splitlines())
                if is_document
                else _lines(value, indent + "  ")
            )
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            yield label.rstrip()
            yield from (f"{indent}  {line}" for line in table(tuple(value[0]), value))
        elif name in _IN_LINES and value:
            yield label.rstrip()
            yield from (f"{indent}  {text(line) if line else ''}" for line in value.split("\n"))
        else:
            yield label + text(value)


def text(value: Any) -> str:
    """One value; texts may hold anything, a terminal should not get it raw."""
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(text, value)) or "-"
    if isinstance(value, dict):
        if value.keys() == _PROGRESS:
            return progress(value)
        return Holder(**value).told if value.keys() == _HOLDER else json.dumps(value)
    told = str(value)
    return told if told.isprintable() else ascii(told)


def progress(told: Mapping[str, Any]) -> str:
    """How far a job is: "42 % of 1,200 keys", or "500 keys" where nobody knows of how many."""
    done, total, unit = told["done"], told["total"], told["unit"]
    if total is None:
        return amount(done, unit)
    return f"{percent(done, total)} % of {amount(total, unit)}"


def amount(number: int, unit: str) -> str:
    """So many of something."""
    return size(number) if unit == "bytes" else counted(number, unit.removesuffix("s"), unit)


def percent(done: int, total: int) -> int:
    """How much of it is done; never more than all, and all only when it is."""
    return min(100 * done // total, 100) if total > 0 else 100


def events(lines: Iterable[bytes], as_json: bool) -> Iterator[str]:
    """Server-sent events as they come: a line for each, or its record."""
    number = ""
    for line in lines:
        name, _, value = line.decode("utf-8", "replace").partition(": ")
        if name == "id":
            number = value
        elif name == "data":
            record = {"id": int(number)} | json.loads(value)
            yield json.dumps(record) if as_json else "  ".join(map(text, _event(record).values()))


def _event(record: Mapping[str, Any]) -> dict[str, Any]:
    """Of AWS's record of an event what one looks for."""
    told = record.get("s3", {})
    return {
        "id": record.get("id"),
        "time": record.get("eventTime"),
        "event": record.get("eventName"),
        "bucket": told.get("bucket", {}).get("name"),
        "key": told.get("object", {}).get("key"),
    }
