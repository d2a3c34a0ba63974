"""The files of the Helm chart agree with one another and with ferroxd; needs no helm."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from build.helm import pages
from ferrox import __version__
from ferrox.config import SETTINGS

CHART = pages.CHART
VALUES_TEXT = (CHART / "values.yaml").read_text("utf-8")
VALUES = yaml.safe_load(VALUES_TEXT)
SCHEMA = json.loads((CHART / "values.schema.json").read_text("utf-8"))
TEMPLATES = "".join(path.read_text("utf-8") for path in sorted((CHART / "templates").rglob("*.*")))
DESCRIBED = {value.path for value in pages.values(VALUES_TEXT)}


def leaves(values: dict[str, Any], prefix: str = "") -> Iterator[str]:
    """The paths of values that are described by themselves, or should be."""
    for name, value in values.items():
        path = f"{prefix}{name}"
        if isinstance(value, dict) and value and path not in DESCRIBED:
            yield from leaves(value, f"{path}.")
        else:
            yield path


def in_schema(schema: dict[str, Any], prefix: str = "") -> Iterator[str]:
    """The paths that a schema lists, as deep as values are described."""
    for name, value in schema.get("properties", {}).items():
        path = f"{prefix}{name}"
        if "properties" in value and path not in DESCRIBED:
            yield from in_schema(value, f"{path}.")
        else:
            yield path


def test_what_is_made_of_other_files_is_up_to_date() -> None:
    readme = (CHART / "README.md").read_text("utf-8")
    schema = (CHART / "values.schema.json").read_text("utf-8")

    assert pages.readme_with_values(readme) == readme, "run scripts/docs"
    assert pages.schema_with_settings(schema) == schema, "run scripts/docs"
    for name in pages.COPIES:
        copy = (CHART / "files" / name).read_text("utf-8")
        assert (pages.COPIED / name).read_text("utf-8") == copy, "run scripts/docs"


def test_every_value_is_described() -> None:
    assert set(leaves(VALUES)) == DESCRIBED


def test_the_schema_lists_every_value_and_no_other() -> None:
    assert {*leaves(VALUES), "global"} == set(in_schema(SCHEMA))


def test_templates_use_every_value_and_no_other() -> None:
    named = set(re.findall(r"\.Values\.([A-Za-z.]+[A-Za-z])", TEMPLATES))
    known = set(leaves(VALUES))

    unknown = {
        name
        for name in named
        if not known & set(beginnings(name)) and not any(leaf.startswith(name) for leaf in known)
    }
    unused = {leaf for leaf in leaves(VALUES) if not named & set(beginnings(leaf))}

    assert (set(), set()) == (unknown, unused)


def beginnings(path: str) -> list[str]:
    """The path itself and all that it lies in: whoever uses a.b may go on to a.b.c."""
    names = path.split(".")
    return [".".join(names[: count + 1]) for count in range(len(names))]


def test_the_chart_is_of_this_version() -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text("utf-8"))

    assert (__version__, __version__) == (chart["version"], chart["appVersion"])


def test_what_the_chart_keeps_to_itself_are_settings() -> None:
    assert set() == pages.OWN - {setting.name for setting in SETTINGS}


@pytest.mark.parametrize("name", ["log_format", "workers", "inline_limit", "upload_expiry"])
def test_the_schema_lets_the_default_of_a_setting_pass(name: str) -> None:
    [setting] = [setting for setting in SETTINGS if setting.name == name]
    schema = SCHEMA["definitions"]["settings"]["properties"][name]

    choices = schema.get("enum") or schema.get("oneOf") or [schema]

    assert setting.default in choices or any(fits(one, setting.default) for one in choices)


def fits(schema: object, value: object) -> bool:
    """Enough of JSON Schema for one number or word."""
    types: dict[str, tuple[type, ...]] = {"integer": (int,), "number": (int, float)}
    match schema:
        case {"const": constant}:
            return bool(constant == value)
        case {"type": str(name)}:
            return isinstance(value, types.get(name, (str,)))
        case _:
            return False


def test_a_table_of_values_has_a_row_for_each_with_its_default() -> None:
    text = (
        "# -- Size\n# of it, a|b.\nsize: 5Gi\nouter:\n  # -- Labels.\n  labels:\n    a: b\n  c: 1\n"
    )

    assert [
        ("size", "`5Gi`", "Size of it, a|b."),
        ("outer.labels", "`a: b`", "Labels."),
    ] == list(pages.values(text))
