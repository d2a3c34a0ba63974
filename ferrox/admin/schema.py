"""Schema: what endpoints take and give: dataclasses, read from JSON, written to it, described.

    @dataclass(frozen=True, kw_only=True)
    class NewAccount:
        '''An account that is to be made.'''
        name: Annotated[str, "What it is called.", Between(1, 50)]

The annotation of a field is all there is to say of it: `read`, `plain` and `describe` walk it. What
may stand there: str, int, float, bool, a Literal, dict[str, Any] (any JSON object), another
dataclass, tuple[X, ...], and X | None. A field with a default may be left out. `Instant` is text.
"""

import dataclasses
import math
from collections.abc import Mapping
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Literal,
    NamedTuple,
    NewType,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    overload,
)

from ferrox.admin.errors import InvalidRequest
from ferrox.protocol.dates import iso8601

Instant = NewType("Instant", str)
"""A moment as ISO 8601 says it, UTC."""


@overload
def instant(ms: int) -> Instant: ...
@overload
def instant(ms: int | None) -> Instant | None: ...
def instant(ms: int | None) -> Instant | None:
    """A moment as endpoints show it; None: there is none."""
    return None if ms is None else Instant(iso8601(ms))


_JSON_NAMES = {str: "string", int: "integer", float: "number", bool: "boolean"}
_SAID = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}


class Between(NamedTuple):
    """The least and the greatest value of a number, or length of a text."""

    least: int
    most: int


class Member(NamedTuple):
    """One field of a dataclass."""

    name: str
    kind: Any
    meaning: str
    between: Between | None
    is_required: bool
    default: Any
    is_optional: bool
    """Whether it may be null."""


_known: dict[Any, dict[str, Member]] = {}


def members(shape: Any) -> dict[str, Member]:
    """The fields of a dataclass, by name."""
    if shape not in _known:
        hints = get_type_hints(shape, include_extras=True)
        fields = dataclasses.fields(shape)
        _known[shape] = {field.name: _member(field, hints[field.name]) for field in fields}
    return _known[shape]


def _member(field: "dataclasses.Field[Any]", hint: Any) -> Member:
    meaning, between = "", None
    if get_origin(hint) is Annotated:
        hint, *remarks = get_args(hint)
        meaning = next((one for one in remarks if isinstance(one, str)), "")
        between = next((one for one in remarks if isinstance(one, Between)), None)
    is_optional = get_origin(hint) in {UnionType, Union}
    if is_optional:
        (hint,) = (kind for kind in get_args(hint) if kind is not NoneType)
    is_required = field.default is dataclasses.MISSING
    default = None if is_required else field.default
    return Member(field.name, hint, meaning, between, is_required, default, is_optional)


# From JSON


def read(shape: type, given: Mapping[str, Any], *, is_text: bool = False) -> Any:
    """Make a dataclass of what JSON said; InvalidRequest names everything that does not fit.

    is_text  the values come out of an address, where everything is text
    """
    known = members(shape)
    if unknown := sorted(given.keys() - known.keys()):
        raise InvalidRequest(f"unknown: {', '.join(unknown)}; known: {', '.join(known) or 'none'}")
    missing = [one.name for one in known.values() if one.is_required and one.name not in given]
    if missing:
        raise InvalidRequest(f"missing: {', '.join(missing)}")
    return shape(**{name: _value(known[name], given[name], is_text) for name in given})


def _value(member: Member, given: Any, is_text: bool) -> Any:
    if given is None and member.is_optional:
        return None
    if is_text:
        given = _from_text(member, given)
    return _read(member.kind, given, member)


def _from_text(member: Member, text: str) -> Any:
    """What a text in an address stands for."""
    if member.kind is int and text.isascii() and text.isdecimal() and len(text) <= 18:
        return int(text)
    if member.kind is bool and text in {"true", "false"}:
        return text == "true"
    return text


def _read(kind: Any, given: Any, member: Member) -> Any:
    if get_origin(kind) is tuple:
        if not isinstance(given, list):
            raise InvalidRequest(f"{member.name} is not a list")
        return tuple(_read(get_args(kind)[0], one, member) for one in given)
    if get_origin(kind) is Literal:
        if given not in get_args(kind):
            raise InvalidRequest(f"{member.name} is not one of {', '.join(get_args(kind))}")
        return given
    if get_origin(kind) is dict:
        if not isinstance(given, dict):
            raise InvalidRequest(f"{member.name} is not a JSON object")
        return given
    if dataclasses.is_dataclass(kind):
        if not isinstance(given, dict):
            raise InvalidRequest(f"{member.name} is not a JSON object")
        return read(kind, given)  # type: ignore[arg-type] # a class, as is what fields are made of
    return _read_scalar(_scalar(kind), given, member)


def _read_scalar(kind: type, given: Any, member: Member) -> Any:
    if kind is float and isinstance(given, int) and not isinstance(given, bool):
        given = float(given)
    if not _is_a(kind, given):
        raise InvalidRequest(f"{member.name} is not {_SAID[kind]}")
    if member.between is not None:
        least, most = member.between
        measured = len(given) if kind is str else given
        if not least <= measured <= most:
            of = "has" if kind is str else "is"
            unit = " characters" if kind is str else ""
            raise InvalidRequest(f"{member.name} {of} not {least} to {most}{unit}")
    return given


def _is_a(kind: Any, given: Any) -> bool:
    if isinstance(given, bool):  # which Python takes for a whole number
        return kind is bool
    return isinstance(given, kind) and (kind is not float or math.isfinite(given))


def _scalar(kind: Any) -> type:
    return str if kind is Instant else kind


# To JSON


def plain(value: Any) -> Any:
    """A dataclass, and whatever it holds, as what JSON can say."""
    if dataclasses.is_dataclass(value):
        return {name: plain(getattr(value, name)) for name in members(type(value))}
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]
    return value


# In words


def describe(shape: type) -> dict[str, Any]:
    """The JSON Schema of a dataclass; those that it is made of are named, not repeated."""
    known = members(shape)
    required = [one.name for one in known.values() if one.is_required]
    described: dict[str, Any] = {
        "type": "object",
        "description": " ".join((shape.__doc__ or "").split()),
        "properties": {one.name: described_member(one) for one in known.values()},
        "additionalProperties": False,
    }
    return described | ({"required": required} if required else {})


def described_member(member: Member) -> dict[str, Any]:
    """The JSON Schema of one field."""
    described = _described(member.kind)
    if member.between is not None:
        least, most = ("minLength", "maxLength") if member.kind is str else ("minimum", "maximum")
        described |= {least: member.between.least, most: member.between.most}
    if member.is_optional:
        described = {"anyOf": [described, {"type": "null"}]}
    if member.meaning:
        described["description"] = member.meaning
    if not member.is_required and member.default is not None:
        described["default"] = plain(member.default)
    return described


def _described(kind: Any) -> dict[str, Any]:
    if get_origin(kind) is tuple:
        return {"type": "array", "items": _described(get_args(kind)[0])}
    if get_origin(kind) is Literal:
        return {"type": "string", "enum": list(get_args(kind))}
    if get_origin(kind) is dict:
        return {"type": "object"}
    if dataclasses.is_dataclass(kind):
        return {"$ref": f"#/components/schemas/{kind.__name__}"}  # type: ignore[union-attr] # a class
    if kind is Instant:
        return {"type": "string", "format": "date-time"}
    return {"type": _JSON_NAMES[kind]}


def parts(shape: type) -> dict[str, type]:
    """A dataclass and all those that it is made of, by name."""
    found = {shape.__name__: shape}
    for member in members(shape).values():
        kind = get_args(member.kind)[0] if get_origin(member.kind) is tuple else member.kind
        if dataclasses.is_dataclass(kind):
            found |= parts(kind)  # type: ignore[arg-type] # a class
    return found
