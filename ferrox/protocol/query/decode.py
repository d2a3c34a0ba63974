"""The parameters of a query request → input shape, and every refusal of a value.

The wording is that of AWS. Everything that is wrong with lengths, ranges and lists of values is
told at once, `2 validation errors detected: …; …`. A text that does not match its pattern is told
alone and in words, where AWS has words for it. Parameters that the shape does not know are ignored.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from ferrox.iam_errors import MalformedInput, ValidationError
from ferrox.protocol.query.form import OWN, Tree, tree
from ferrox.protocol.shape import Field, Limit, S, Shape

_MAX_SHOWN = 1_024
"""A longer text is not repeated in the refusal."""

_SEPARATORS = " \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"


def structure(shape: type[S], parameters: dict[str, str]) -> S:
    """The input of an operation."""
    faults = Faults()
    args = _structure(shape, tree(parameters), "", faults)
    faults.tell()
    return args


class Faults:
    """What is wrong with the parameters of one request."""

    def __init__(self) -> None:
        self._detected: list[str] = []
        self._explained: list[str] = []

    def constraint(self, at: str, shown: str, constraint: str) -> None:
        """Note a value that is not within the limits of its member."""
        value = f"Value {shown} at" if shown else "Value at"
        self._detected.append(f"{value} '{at}' failed to satisfy constraint: {constraint}")

    def explained(self, at: str, words: str) -> None:
        """Note a text for whose pattern there are words."""
        self._explained.append(f"The specified value for {at} is invalid. {words}")

    def tell(self) -> None:
        """Refuse the request if anything is wrong with it."""
        if self._detected:
            count = len(self._detected)
            plural = "s" if count > 1 else ""
            raise ValidationError(
                f"{count} validation error{plural} detected: {'; '.join(self._detected)}"
            )
        if self._explained:
            raise ValidationError(self._explained[0])


def _structure(shape: type[S], node: Tree, at: str, faults: Faults) -> S:
    values = {}
    for field in shape.plan.elements:
        name = at + field.wire[0].lower() + field.wire[1:]
        given = node.get(field.wire)
        if isinstance(given, dict) and given:
            value = _list(field, given, name, faults) if field.is_list else None
            values[field.name] = value if field.is_list else _item(field, given, name, faults)
        elif field.is_required:
            faults.constraint(name, "null", "Member must not be null")
    return shape.partial(values)


def _list(field: Field, node: Tree, at: str, faults: Faults) -> list[Any]:
    """The items in the order of their numbers, of which some may be left out."""
    items = node.get(field.item)
    numbered = _numbered(items) if isinstance(items, dict) else []
    if field.at_most is not None and len(numbered) > field.at_most:
        faults.constraint(at, "", at_most("length", field.at_most))
    return [
        _item(field, item, f"{at}.{number}.{field.item}", faults)
        for number, item in enumerate(numbered, start=1)
    ]


def _numbered(items: Tree) -> list[Tree]:
    numbers = sorted(
        int(key) for key in items if key.isascii() and key.isdecimal() and len(key) < 6
    )
    nodes = (items.get(str(number)) for number in numbers)
    return [node for node in nodes if isinstance(node, dict)]


def _item(field: Field, node: Tree, at: str, faults: Faults) -> Any:
    if issubclass(field.type, Shape):
        return _structure(field.type, node, f"{at}.", faults)
    text = node.get(OWN, "")
    assert isinstance(text, str)  # noqa: S101 - no piece of a name is empty
    value = _scalar(field.type, text)
    if field.type is not bool:
        shown = "" if field.sensitive or len(text) > _MAX_SHOWN else f"'{text}'"
        for constraint in broken(field.limit, value):
            faults.constraint(at, shown, constraint)
        if field.limit.explained and text and not _pattern(field.limit.pattern)(text):
            faults.explained(at, field.limit.explained)
    return value


def _scalar(kind: type, text: str) -> Any:
    if kind is bool:
        if text.lower() not in {"true", "false"}:
            raise MalformedInput
        return text.lower() == "true"
    if kind is int:
        digits = text.removeprefix("-")
        if not (digits.isascii() and digits.isdecimal() and len(digits) < 11):
            raise MalformedInput
        return int(text)
    return text


def broken(limit: Limit, value: str | bytes | int) -> Iterator[str]:
    """Every constraint that a value breaks, as AWS says it."""
    what, size = ("value", value) if isinstance(value, int) else ("length", len(value))
    if limit.most is not None and size > limit.most:
        yield at_most(what, limit.most)
    if limit.least is not None and size < limit.least:
        yield f"Member must have {what} greater than or equal to {limit.least}"
    if limit.one_of and value not in limit.one_of:
        yield f"Member must satisfy enum value set: [{', '.join(limit.one_of)}]"
    if limit.pattern and not limit.explained and not _pattern(limit.pattern)(str(value)):
        yield f"Member must satisfy regular expression pattern: {limit.pattern}"


def at_most(what: str, most: int) -> str:
    """How AWS says that there is a greatest value, or length."""
    return f"Member must have {what} less than or equal to {most}"


@lru_cache(maxsize=128)
def _pattern(pattern: str) -> Any:
    r"""What matches a whole text. The model's \w is ASCII, \p{L}, \p{N} and \p{Z} any script's."""
    if "\\p{" in pattern:
        letters = pattern.replace("\\p{L}", "\\w").replace("\\p{N}", "\\d")
        return re.compile(letters.replace("\\p{Z}", _SEPARATORS)).fullmatch
    return re.compile(pattern, re.ASCII).fullmatch
