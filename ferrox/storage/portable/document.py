"""The document of settings: its outer form, and the fields of what is in it.

One JSON object. Lists are in the order of names, members in a fixed one, and what has its default
is left out, so that two documents differ where settings differ. Secrets are sealed under a key made
of a passphrase, or not there (see `secrets`).

    kind, format     "ferrox settings", 1
    secrets          how the key is derived, and a word to know it by; null: there are none
    first_account    the number of the account that the start-up key pair is the root of
    accounts         with their keys, users, groups, roles, policies, providers and keys of KMS
    documents        further settings, by table and name
    buckets          with all that is configured; no objects
"""

import json
from collections.abc import Mapping
from types import UnionType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from ferrox.errors import StartError

KIND = "ferrox settings"
FORMAT = 1

LATEST_MS = 253_402_300_799_999
"""The end of the last year that has four digits: clients understand no later one."""

MOST = (1 << 62) - 1
"""What every number may be; SQLite's end is not far."""

MEMBERS = ("kind", "format", "secrets", "first_account", "accounts", "documents", "buckets")

Plain = dict[str, Any]
N = TypeVar("N")


class Unacceptable(ValueError):
    """Something in a document cannot be taken in; the message names it."""


def encode(document: Plain) -> str:
    """The text of a document."""
    ordered = {name: document[name] for name in MEMBERS}
    return json.dumps(ordered, indent=2, ensure_ascii=False) + "\n"


def decode(text: str) -> Plain:
    """The document of a text; StartError if it is none that can be read."""
    try:
        document = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise StartError(f"this is no export of settings: {error}") from None
    if not isinstance(document, dict) or document.get("kind") != KIND:
        raise StartError("this is no export of settings")
    if document.get("format") != FORMAT:
        raise StartError(f"this export has format {document.get('format')}, this ferroxd knows 1")
    kinds = {"accounts": list, "documents": dict, "buckets": list}
    for name, kind in kinds.items():
        if not isinstance(document.get(name), kind):
            raise StartError(f"this export has no {name}")
    strangers = document.keys() - set(MEMBERS)
    if strangers:
        raise StartError(f"this export has {min(strangers)!r}, which means nothing")
    return document


def entry_of(record: Any, *without: str) -> Plain:
    """The fields of a record that have not their default, but for some."""
    defaults = record._field_defaults
    return {
        name: _plain(value)
        for name, value in record._asdict().items()
        if name not in without and (name not in defaults or defaults[name] != value)
    }


def record_of(kind: type[N], entry: Mapping[str, Any], what: str, **given: Any) -> N:
    """The record of an entry; Unacceptable if a field is not what it should be, or unknown.

    given  fields that are not in the entry
    """
    hints = get_type_hints(kind)
    values = dict(given)
    for name, value in entry.items():
        if name not in hints or name in given:
            raise Unacceptable(f"{what} has {name!r}, which means nothing")
        values[name] = _typed(hints[name], value, f"{name} of {what}")
        if type(value) is int and not 0 <= value <= (LATEST_MS if name.endswith("_ms") else MOST):
            raise Unacceptable(f"{name} of {what} cannot be {value}")
    missing = hints.keys() - values.keys() - getattr(kind, "_field_defaults", {}).keys()
    if missing:
        raise Unacceptable(f"{what} has no {min(missing)}")
    return kind(**values)


def entries(parent: Mapping[str, Any], name: str, what: str) -> list[Plain]:
    """A list of objects that may be absent."""
    found = parent.get(name, [])
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise Unacceptable(f"{name} of {what} is no list of objects")
    return found


def _refuse_constant(text: str) -> float:
    raise ValueError(f"{text} is no JSON")


def _plain(value: Any) -> Any:
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return entry_of(value)
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {name: value[name] for name in sorted(value)}
    return value


def _typed(hint: Any, value: Any, what: str) -> Any:
    """A value of JSON as a field wants it."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin is UnionType:
        return None if value is None else _typed(inner[0], value, what)
    if origin is Literal and value in inner:
        return value
    if origin is tuple and isinstance(value, list):
        return tuple(_typed(inner[0], item, what) for item in value)
    if origin is not None and isinstance(value, dict) and len(inner) == 2:
        return {name: _typed(inner[1], item, what) for name, item in value.items()}
    if isinstance(hint, type):
        if hasattr(hint, "_fields") and isinstance(value, dict):
            return record_of(hint, value, what)
        if hint in (str, int, bool) and type(value) is hint:
            return value
        if not issubclass(hint, int | bool) and issubclass(hint, str) and isinstance(value, str):
            return _one_of(hint, value, what)
    raise Unacceptable(f"{what} is not what it should be")


def _one_of(kind: Any, value: str, what: str) -> Any:
    try:
        return kind(value)
    except ValueError:
        raise Unacceptable(f"{what} cannot be {value!r}") from None
