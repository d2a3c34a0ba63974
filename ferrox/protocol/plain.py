"""Plain: a shape made of elements and attributes as what JSON can say, and back.

Elements keep the names they have on the wire, those of the API reference, which never change; a
list is a list, an instant is milliseconds since the epoch, and what a shape lacks is left out.
"""

from collections.abc import Mapping
from typing import Any

from ferrox.protocol.shape import Field, S, Shape


def as_plain(shape: Shape) -> dict[str, Any]:
    """Dictionaries, lists, text and numbers that say what the shape says."""
    plain = {}
    for field in shape.plan.fields.values():
        value = getattr(shape, field.name)
        if value is not None:
            plain[field.wire] = [_plain(item) for item in value] if field.is_list else _plain(value)
    return plain


def from_plain(shape: type[S], plain: Mapping[str, Any]) -> S:
    """The shape that `as_plain` was given."""
    values = {}
    for field in shape.plan.fields.values():
        if field.wire in plain:
            raw = plain[field.wire]
            values[field.name] = (
                [_shaped(field, item) for item in raw] if field.is_list else _shaped(field, raw)
            )
    return shape.partial(values)


def _plain(value: Any) -> Any:
    return as_plain(value) if isinstance(value, Shape) else value


def _shaped(field: Field, raw: Any) -> Any:
    return from_plain(field.type, raw) if issubclass(field.type, Shape) else raw
