"""The JSON of a request → input shape, and every refusal of a value.

Limits are told as the query APIs tell them (protocol/query/decode.py); a value of another type than
its member has is not even looked at. Members that the shape does not know are ignored.
"""

import base64
import binascii
import json
from typing import Any

from ferrox.kms_errors import Serialization
from ferrox.protocol.query.decode import Faults, at_most, broken
from ferrox.protocol.shape import Field, S, Shape

_MAX_SHOWN = 1_024
"""A longer text is not repeated in the refusal."""


def document(body: bytes) -> dict[str, Any]:
    """The JSON object that a body is; an empty one is one without members."""
    try:
        found = json.loads(body) if body else {}
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Serialization
    return found


def structure(shape: type[S], given: dict[str, Any]) -> S:
    """The input of an operation."""
    faults = Faults()
    args = _structure(shape, given, "", faults)
    faults.tell()
    return args


def _structure(shape: type[S], given: dict[str, Any], at: str, faults: Faults) -> S:
    values = {}
    for field in shape.plan.elements:
        name = at + field.wire[0].lower() + field.wire[1:]
        value = given.get(field.wire)
        if value is not None:
            read = _list if field.is_list else _item
            values[field.name] = read(field, value, name, faults)
        elif field.is_required:
            faults.constraint(name, "null", "Member must not be null")
    return shape.partial(values)


def _list(field: Field, given: object, at: str, faults: Faults) -> list[Any]:
    if not isinstance(given, list):
        raise Serialization
    if field.at_most is not None and len(given) > field.at_most:
        faults.constraint(at, "", at_most("length", field.at_most))
    return [
        _item(field, item, f"{at}.{number}.member", faults)
        for number, item in enumerate(given, start=1)
    ]


def _item(field: Field, given: Any, at: str, faults: Faults) -> Any:
    if issubclass(field.type, Shape):
        return _structure(field.type, _of_kind(dict, given), f"{at}.", faults)
    if field.type is dict:
        pairs = _of_kind(dict, given)
        return {_of_kind(str, name): _of_kind(str, value) for name, value in pairs.items()}
    if field.type is bytes:
        value: Any = _blob(_of_kind(str, given))
    else:
        value = _of_kind(field.type, given)
    if field.type is not bool:
        is_shown = not (field.sensitive or field.type is bytes or len(str(value)) > _MAX_SHOWN)
        for constraint in broken(field.limit, value):
            faults.constraint(at, f"'{value}'" if is_shown else "", constraint)
    return value


def _of_kind(kind: type, given: Any) -> Any:
    """A value of a type; numbers and truth values are not each other's."""
    if not isinstance(given, kind) or (kind is int and isinstance(given, bool)):
        raise Serialization
    if isinstance(given, str):
        try:
            given.encode()
        except UnicodeEncodeError:  # half of a surrogate pair is no character
            raise Serialization from None
    return given


def _blob(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Serialization from None
