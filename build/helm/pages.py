"""What the chart tells of itself: the table of values in its README, the settings in its schema.

Both are made of what is written elsewhere: the table of the comments in values.yaml, the settings
of the table in ferrox/config.py, so that helm refuses a setting that ferroxd does not know. Alerts
and dashboard are copies, since a chart reads no files but its own.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from ferrox.config import SETTINGS
from ferrox.setting import Setting

CHART = Path(__file__).parent / "ferrox"
COPIED = Path(__file__).parents[1] / "grafana"
COPIES = ("alerts.yaml", "dashboard.json")

OWN = frozenset(
    {
        *("data_dir", "bind", "tls_bind", "tls_certificate", "tls_key", "tls_client_ca"),
        *("admin_bind", "admin_certificate", "admin_key", "admin_client_ca", "admin_subject"),
        *("access_key", "secret_key", "master_passphrase", "master_passphrase_file"),
        *("sse_master_key", "sse_master_key_file", "sse_passphrase_file", "sse_mode"),
        *("metrics", "metrics_token", "metrics_token_file", "seed_bucket"),
        *("ephemeral", "ephemeral_bind", "ephemeral_dir", "print_env", "detach", "stop_with_stdin"),
        *("inject", "inject_seed"),
    }
)
"""Settings that other values of the chart decide, and those of servers for tests."""

_BEGIN, _END = "<!-- values -->\n", "<!-- end of values -->\n"
_SIZE = r"^[0-9]{1,15} ?([KkMm]([Ii][Bb])?)?$"


class Value(NamedTuple):
    """One value that is described: its path, what it is by default, what it means."""

    path: str
    default: str
    meaning: str


def main() -> None:
    """Write all of it anew."""
    readme, schema = CHART / "README.md", CHART / "values.schema.json"
    readme.write_text(readme_with_values(readme.read_text("utf-8")), "utf-8")
    schema.write_text(schema_with_settings(schema.read_text("utf-8")), "utf-8")
    for name in COPIES:
        (CHART / "files" / name).write_bytes((COPIED / name).read_bytes())


def readme_with_values(text: str) -> str:
    """The README with the table of values as values.yaml has them."""
    before, rest = text.split(_BEGIN)
    after = rest.split(_END)[1]
    lines = ["| value | default | meaning |", "|---|---|---|"]
    for value in values((CHART / "values.yaml").read_text("utf-8")):
        meaning = value.meaning.replace("|", "\\|")
        lines.append(f"| `{value.path}` | {value.default} | {meaning} |")
    return before + _BEGIN + "\n".join(lines) + "\n" + _END + after


def schema_with_settings(text: str) -> str:
    """The schema with the settings that ferroxd has."""
    schema = json.loads(text)
    schema["definitions"]["settings"] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            setting.name: schema_of(setting) for setting in SETTINGS if setting.name not in OWN
        },
    }
    return json.dumps(schema, indent=2) + "\n"


def schema_of(setting: Setting) -> dict[str, Any]:
    """What may stand for a setting. The server itself reads more closely."""
    kind = setting.kind.name
    if kind == "on|off":
        choice: dict[str, Any] = {"enum": [True, False, "on", "off"]}
    elif "|" in kind:
        choice = {"enum": kind.split("|")}
    elif kind == "number":
        choice = {"type": "number", "minimum": 0}
    elif kind == "count":
        choice = {"type": "integer", "minimum": 0}
    elif kind == "size":
        choice = {
            "oneOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": _SIZE}]
        }
    elif kind == "auto or count":
        choice = {"oneOf": [{"const": "auto"}, {"type": "integer", "minimum": 1}]}
    elif setting.kind.is_list:
        choice = {"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
    else:
        choice = {"type": "string"}
    return {"description": setting.meaning, **choice}


def values(text: str) -> Iterator[Value]:
    """Every described value, in the order of the file."""
    lines = text.splitlines()
    parents: list[tuple[int, str]] = []
    meaning: list[str] = []
    for at, line in enumerate(lines):
        comment = re.fullmatch(r" *# (-- )?(.*)", line)
        if comment:
            if comment[1] or meaning:
                meaning.append(comment[2])
            continue
        key = re.fullmatch(r"( *)([A-Za-z]+):(?: +(.+))?", line)
        if key:
            indent = len(key[1])
            parents = [parent for parent in parents if parent[0] < indent] + [(indent, key[2])]
            if meaning:
                path = ".".join(name for _, name in parents)
                yield Value(path, _default(key[3], lines[at + 1 :]), " ".join(meaning))
        meaning = []


def _default(text: str | None, following: list[str]) -> str:
    """The default in the table; what takes several lines stands in one."""
    if text is None:
        indent = len(following[0]) - len(following[0].lstrip())
        block = []
        for line in following:
            if line.strip() and len(line) - len(line.lstrip()) < indent:
                break
            block.append(line)
        return "see values.yaml" if len(block) > 1 else f"`{block[0].strip()}`"
    return f"`{text}`"


if __name__ == "__main__":
    main()
