"""Request → input shape: path, query and headers first; the document of the body when it is wanted.

Values that cannot be what the field says are refused with InvalidArgument, documents that do not
fit their shape with MalformedXML. Elements that the shape does not know are ignored, unless the
shape of the document is strict.
"""

from collections.abc import Callable, Mapping
from typing import Any

from ferrox.document_errors import MalformedACLError
from ferrox.errors import InvalidArgument, InvalidRequest, MalformedXML, MissingRequestBodyError
from ferrox.protocol import encryption, xml
from ferrox.protocol.address import Target
from ferrox.protocol.dates import parse_http_date, parse_iso8601
from ferrox.protocol.etag import unquote
from ferrox.protocol.message import Request
from ferrox.protocol.operation import InputT, Operation
from ferrox.protocol.shape import Field, Location, Plan, S, Shape, Timestamp

_MALFORMED = {"AccessControlPolicy": MalformedACLError}
"""Documents for which AWS has an error of their own."""

_RANGES = {Location.QUERY: (-(2**31), 2**31 - 1), Location.HEADER: (0, 2**63 - 1)}
"""What an integer may be that has no bounds of its own."""

_VERSION_ID = "versionId"
"""Refused where an operation is not about one version: what is meant is not what would be done."""

_READERS: dict[Timestamp, Callable[[str], int | None]] = {
    "http": parse_http_date,
    "iso8601": parse_iso8601,
}


def parameters(operation: Operation[InputT, Any], request: Request, target: Target) -> InputT:
    """The input of an implemented operation without its payload."""
    shape = operation.input
    if shape is None:
        raise TypeError(f"{operation} has no input shape")
    plan = shape.plan
    if encryption.PREFIX in request.headers and encryption.PREFIX not in plan.headers:
        raise encryption.misplaced(request.headers[encryption.PREFIX])
    values: dict[str, Any] = {field.name: getattr(target, field.name) for field in plan.paths}
    _read_headers(plan, request.headers, values)
    if request.query_string:
        _read_query(plan, request.query, values)
    if not plan.required <= values.keys():
        _require(plan, values)
    return shape.partial(values)


def payload(operation: Operation[InputT, Any], args: InputT, body: bytes) -> None:
    """Read the document in the body, where the operation has one, into the payload field."""
    field = args.plan.payload
    if field is None:
        return
    if body.strip() and not field.wire:
        setattr(args, field.name, body.decode("utf-8", "replace"))
    elif body.strip():
        shape: type[Shape] = field.type
        try:
            content = xml.parse(body, field.wire)
            setattr(args, field.name, structure(shape, content, shape.is_strict))
        except MalformedXML:
            raise _MALFORMED.get(field.wire, MalformedXML) from None
    elif field.is_required:
        raise MalformedXML if body and field.wire else MissingRequestBodyError


def structure(shape: type[S], content: Mapping[str, Any], is_strict: bool = False) -> S:
    """One element with children as a shape; a strict one knows all children there may be."""
    values = {}
    for field in shape.plan.elements:
        if field.wire in content:
            raw = content[field.wire]
            read = _list if field.is_list else _item
            values[field.name] = read(field, raw, is_strict)
        elif field.is_required:
            raise MalformedXML
    if shape.plan.attribute is not None:
        values[shape.plan.attribute.name] = _item(
            shape.plan.attribute, content.get(xml.XSI_TYPE), is_strict
        )
    if is_strict and len(content) > len(values):
        _refuse_strangers(content, {field.wire for field in shape.plan.elements})
    return shape.partial(values)


def _refuse_strangers(content: Mapping[str, Any], known: set[str]) -> None:
    if not content.keys() - {xml.XSI_TYPE} <= known:
        raise MalformedXML


def _read_headers(plan: Plan, headers: Mapping[str, str], values: dict[str, Any]) -> None:
    fields = plan.headers
    prefix = plan.prefixed.wire if plan.prefixed else None
    family: dict[str, str] = {}
    for wire, raw in headers.items():
        field = fields.get(wire)
        if field is not None:
            values[field.name] = raw if field.is_text else argument(field, raw)
        elif prefix and wire.startswith(prefix):
            family[wire[len(prefix) :]] = raw
    if plan.prefixed and family:
        values[plan.prefixed.name] = family


def _read_query(plan: Plan, query: Mapping[str, str], values: dict[str, Any]) -> None:
    fields = plan.queries
    if _VERSION_ID in query and _VERSION_ID not in fields:
        raise InvalidArgument(
            "This operation does not accept a version-id.",
            ArgumentName=_VERSION_ID,
            ArgumentValue=query[_VERSION_ID],
        )
    for wire, raw in query.items():
        field = fields.get(wire)
        if field is None:
            continue
        if field.is_text:
            values[field.name] = raw
        elif raw or field.is_required:  # `max-keys=` means the default
            values[field.name] = argument(field, raw)


def _require(plan: Plan, values: Mapping[str, Any]) -> None:
    for field in (*plan.headers.values(), *plan.queries.values()):
        if field.is_required and field.name not in values:
            raise InvalidRequest(f"Missing required parameter for this request: {field.wire}")


def argument(field: Field, raw: str) -> Any:
    """The value of a header or a query parameter that is no text."""
    if field.is_list:
        return [item.strip() for item in raw.split(",")]
    if field.timestamp:
        return _instant(field, field.timestamp, raw)
    return _boolean(field, raw) if field.type is bool else _integer(field, raw)


def _instant(field: Field, timestamp: Timestamp, raw: str) -> int | None:
    instant = _READERS[timestamp](raw)
    # RFC 9110 13.1.3 and 13.1.4: a condition whose date cannot be read is no condition.
    if instant is None and not field.wire.lower().endswith("modified-since"):
        if timestamp == "iso8601":  # in a header there is only this one
            raise _invalid(field, raw, "The retain until date must be provided in ISO 8601 format")
        raise _invalid(field, raw, f"Argument {field.wire} is not a valid date")
    return instant


def _boolean(field: Field, raw: str) -> bool:
    if field.location is Location.QUERY:  # fetch-owner: what is not "true" is not asked for
        return raw == "true"
    value = raw.strip().lower()
    if value not in {"true", "false"}:
        raise _invalid(field, raw, f"Argument {field.wire} must be true or false")
    return value == "true"


def _integer(field: Field, raw: str) -> int:
    least, greatest = field.between or _RANGES[field.location]
    value = _parse_integer(raw)
    if value is not None and least <= value <= greatest:
        return value
    if field.wire == "x-amz-mp-object-size":
        raise InvalidRequest(f"Value for {field.wire} header is invalid: '{raw}'")
    if field.wire == "partNumber":
        message = f"Part number must be an integer between {least} and {greatest}, inclusive"
    elif value is not None and field.between:
        message = f"Argument {field.wire} must be an integer between {least} and {greatest}"
    else:
        message = f"Provided {field.wire} not an integer or within integer range"
    raise _invalid(field, raw, message)


def _parse_integer(text: str) -> int | None:
    """Plain decimal digits: int() would take `1_000`, other scripts' digits and endless ones."""
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdecimal() and len(digits) < 20 else None


def _invalid(field: Field, raw: str, message: str) -> InvalidArgument:
    return InvalidArgument(message, ArgumentName=field.wire, ArgumentValue=raw)


def _list(field: Field, raw: Any, is_strict: bool) -> list[Any]:
    if not field.flattened:
        content = _children(raw)
        if is_strict:
            _refuse_strangers(content, {field.item})
        raw = content.get(field.item, [])
    return [_item(field, item, is_strict) for item in (raw if isinstance(raw, list) else [raw])]


def _item(field: Field, raw: Any, is_strict: bool) -> Any:
    """One element as its field's type; where one is wanted, several are malformed."""
    if issubclass(field.type, Shape):
        return structure(field.type, _children(raw), is_strict)
    if not isinstance(raw, str) or (field.one_of and raw not in field.one_of):
        raise MalformedXML
    if field.is_etag:
        return unquote(raw)
    return raw if field.is_text else _scalar(field, raw.strip())


def _scalar(field: Field, raw: str) -> Any:
    value: Any
    if field.timestamp:
        value = _READERS[field.timestamp](raw)
    elif field.type is bool:
        value = {"true": True, "false": False}.get(raw.lower())
    else:
        value = _parse_integer(raw)
    if value is None:
        raise MalformedXML
    return value


def _children(raw: Any) -> Mapping[str, Any]:
    if isinstance(raw, dict):
        return raw
    if isinstance(raw, str) and not raw.strip():
        return {}
    raise MalformedXML
