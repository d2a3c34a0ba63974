"""The page of docs/ about the admin API: its OpenAPI document and its commands, for people."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ferrox.admin import openapi
from ferrox.admin.endpoint import PREFIX, Endpoint

PAGE = """\
# The admin API

Every endpoint of the admin plane, what it takes, what it answers, and the command that asks it.
[Administration](admin.md) tells how to reach it, over the socket in the data directory or over
mutual TLS, and what is common to all: bodies, pages, errors. The same for programs is
[openapi.json](openapi.json) (OpenAPI 3.1).

Fields are in the path where the path names them; the others are in the query of GET and DELETE,
and otherwise in a body of JSON. Fields marked with * have to be there. Answers have all of their
fields, always.

This page is written by `scripts/docs` from the table in `ferrox/admin/table.py`.
"""

WITHOUT_COMMAND = "Without a command of their own"

_REFERENCE = "#/components/schemas/"

Schema = Mapping[str, Any]


def admin_api(endpoints: Iterable[Endpoint]) -> str:
    """What docs/admin-api.md holds."""
    rows = list(endpoints)
    described = openapi.document(rows)
    pieces = [PAGE]
    for title, group in _groups(rows):
        pieces.append(f"\n## {title}\n")
        pieces += [
            _endpoint(row, described["paths"][row.path][row.method.lower()]) for row in group
        ]
    pieces.append("\n## What is answered\n")
    for name, shape in sorted(described["components"]["schemas"].items()):
        pieces.append(f"\n### {name}\n\n{shape.get('description', '')}\n")
        pieces.append(
            _table((field, kind, False, said) for field, kind, _, said in _members(shape))
        )
    return "".join(pieces)


def _groups(rows: Iterable[Endpoint]) -> Iterator[tuple[str, list[Endpoint]]]:
    """The endpoints by the first word of their commands, in the order of the table."""
    groups: dict[str, list[Endpoint]] = {}
    for row in rows:
        word = row.command.partition(" ")[0]
        groups.setdefault(f"`ferroxd {word}`" if word else WITHOUT_COMMAND, []).append(row)
    yield from groups.items()


def _endpoint(row: Endpoint, operation: Schema) -> str:
    fields = [
        (one["name"], _field(one["schema"]), one["required"], one.get("description", ""))
        for one in operation["parameters"]
    ]
    if "requestBody" in operation:
        fields += _members(operation["requestBody"]["content"]["application/json"]["schema"])
    command = f"- `ferroxd {row.command}`\n" if row.command else ""
    return (
        f"\n### {row.name}\n\n{row.summary} Role: `{row.role}`.\n\n"
        f"- `{row.method} {PREFIX}{row.path}`\n{command}"
        f"- answers {_answer(row)}\n{_table(fields)}"
    )


def _answer(row: Endpoint) -> str:
    if row.stream:
        return f"a stream of `{row.stream}`"
    if row.output is None:
        return f"{row.status}, without a body"
    return _link(row.output.__name__)


def _members(shape: Schema) -> list[tuple[str, str, bool, str]]:
    required = shape.get("required", ())
    return [
        (name, _field(member), name in required, member.get("description", ""))
        for name, member in shape.get("properties", {}).items()
    ]


def _table(fields: Iterable[tuple[str, str, bool, str]]) -> str:
    lines = [
        f"| `{name}`{'*' if is_required else ''} | {kind} | {meaning} |\n"
        for name, kind, is_required, meaning in fields
    ]
    return "".join(("\n| field | type | meaning |\n|---|---|---|\n", *lines)) if lines else ""


def _field(shape: Schema) -> str:
    default = shape.get("default")
    return _kind(shape) + (f"; `{json.dumps(default)}` if not said" if default else "")


def _kind(shape: Schema) -> str:
    if "$ref" in shape:
        return _link(shape["$ref"].removeprefix(_REFERENCE))
    if "anyOf" in shape:
        return " or ".join(map(_kind, shape["anyOf"]))
    if "enum" in shape:
        return ", ".join(f"`{value}`" for value in shape["enum"])
    kind = shape["type"]
    if kind == "array":
        return f"list of {_kind(shape['items'])}"
    if kind == "object":
        return f"object of {_inside(shape)}" if shape.get("properties") else "object"
    return ("instant" if shape.get("format") == "date-time" else str(kind)) + _bounds(shape)


def _inside(shape: Schema) -> str:
    return ", ".join(f"`{name}`: {kind}" for name, kind, _, _ in _members(shape))


def _bounds(shape: Schema) -> str:
    low, high = shape.get("minimum"), shape.get("maximum")
    if "maxLength" in shape:
        return f" of {shape['minLength']} to {shape['maxLength']} characters"
    if low is not None and high is not None:
        return f" from {low:,} to {high:,}"
    return ""


def _link(name: str) -> str:
    return f"[{name}](#{name.lower()})"
