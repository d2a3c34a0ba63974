"""Output shape or S3Error → Response.

Theory of operation. For each shape class a writer is compiled when it is first needed: closures
that already know every tag and how each value is written, so that a page of a thousand keys costs
one walk over its values. What is None is left out; elements come in the order of the fields. A
list that is `xml.Written` already is taken as it is: the longest ones are not made of shapes.
Header names leave in lower case, as everywhere in messages.
"""

import re
from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any, NamedTuple
from urllib.parse import quote as quote_component

from ferrox.errors import InvalidArgument, S3Error
from ferrox.protocol import dates, xml
from ferrox.protocol.etag import quote
from ferrox.protocol.message import Response
from ferrox.protocol.operation import Operation, OutputT
from ferrox.protocol.shape import Field, Shape

NOTHING: Mapping[str, str] = {}
XML_TYPE = "application/xml"
JSON_TYPE = "application/json"
"""Of a text: only policies are one."""

_Render = Callable[[Any], str]
_CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f]")


class _Writer(NamedTuple):
    """How one class of output becomes a response."""

    headers: dict[str, tuple[str, _Render]]
    """By field name: wire name and how the value is written."""
    prefixed: tuple[str, str] | None
    """Field name and prefix of the family of headers, if it has one."""
    body: Callable[[Any], Any] | None
    content_type: str
    """Of that body; the bytes of an object have one of their own."""
    status: str
    """Name of the field that is the status, if there is one."""


_WRITERS: dict[type[Shape], _Writer] = {}


def response(operation: Operation[Any, OutputT], output: OutputT) -> Response:
    """The answer of an operation that succeeded; part of an object is answered with 206."""
    writer = _WRITERS.get(type(output)) or _compile(type(output))
    headers = {}
    values = output.__dict__
    for name, value in values.items():
        if value is not None and name in writer.headers:
            wire, render = writer.headers[name]
            headers[wire] = render(value)
    if writer.prefixed:
        name, prefix = writer.prefixed
        for suffix, value in values[name].items():
            headers[prefix + suffix.lower()] = _safe(value)
    status = 206 if values.get("content_range") is not None else operation.status
    if writer.status:
        status = values.get(writer.status) or status
    body = writer.body(output) if writer.body else b""
    if body and writer.content_type:
        headers["content-type"] = writer.content_type
    return Response(status, headers, body)


def error(
    error: S3Error,
    request_id: str,
    host_id: str,
    resource: str,
    *,
    is_head: bool,
    is_wrapped: bool = False,
    explanation: Mapping[str, str] = NOTHING,
) -> Response:
    """The answer to a request that was refused; `resource` is the path that was asked for.

    is_wrapped    whether the ids of the request stand beside the error, as S3 Control has them
    explanation   why, by element, for a caller that may know
    """
    if error.status == 304:
        return Response(304, dict(error.headers))
    headers = {"content-type": XML_TYPE, **error.headers}
    if is_head:
        return Response(error.status, headers)
    elements: dict[str, str | int] = {"Code": error.code, "Message": error.message}
    elements |= error.details
    ids: dict[str, str | int] = {"RequestId": request_id, "HostId": host_id}
    if is_wrapped:
        content = f"<Error>{_texts(elements)}{explained(explanation)}</Error>{_texts(ids)}"
        body = xml.document("ErrorResponse", content, namespace="")
        return Response(error.status, headers, body)
    content = _texts(elements | {"Resource": resource} | ids) + explained(explanation)
    return Response(error.status, headers, xml.document("Error", content, namespace=""))


def explained(explanation: Mapping[str, str]) -> str:
    """The element that tells a caller who may know why it was refused; nothing to others."""
    return f"<Explanation>{_texts(explanation)}</Explanation>" if explanation else ""


def _texts(elements: Mapping[str, str | int]) -> str:
    return "".join(f"<{tag}>{xml.escape(str(text))}</{tag}>" for tag, text in elements.items())


def _compile(shape: type[Shape]) -> _Writer:
    plan = shape.plan
    family = plan.prefixed
    writer = _WRITERS[shape] = _Writer(
        {field.name: (wire, _header(field)) for wire, field in plan.headers.items()},
        (family.name, family.wire) if family else None,
        _body(shape),
        content_type=_content_type(plan.payload),
        status=plan.status.name if plan.status else "",
    )
    return writer


def _content_type(body: Field | None) -> str:
    if body is None or body.wire:
        return XML_TYPE
    return JSON_TYPE if body.type is str else ""


def _body(shape: type[Shape]) -> Callable[[Any], Any] | None:
    plan = shape.plan
    field = plan.payload
    namespace = shape.namespace or xml.NAMESPACE
    if field is None:
        return _documents(plan.root, structure(shape), namespace) if plan.elements else None
    value_of = attrgetter(field.name)
    if not field.wire:
        return (lambda output: value_of(output).encode()) if field.type is str else value_of
    write = _documents(field.wire, _content(field), namespace)

    def payload(output: Shape) -> bytes:
        value = value_of(output)
        return b"" if value is None else write(value)

    return payload


def _documents(root: str, content: _Render, namespace: str) -> Callable[[Any], bytes]:
    return lambda value: xml.document(root, content(value), namespace)


def structure(shape: type[Shape]) -> _Render:
    """What writes the elements of a shape, without a tag around them."""
    elements = shape.plan.elements
    if not elements:
        return lambda _: ""
    steps = [_element(field) for field in elements]
    if len(elements) == 1:
        value_of, step = attrgetter(elements[0].name), steps[0]
        return lambda value: "" if (only := value_of(value)) is None else step(only)
    values_of = attrgetter(*(field.name for field in elements))

    def write(value: Shape) -> str:
        pairs = zip(steps, values_of(value), strict=True)
        return "".join([step(item) for step, item in pairs if item is not None])

    return write


def _element(field: Field) -> _Render:
    start, end, content = f"<{field.wire}>", f"</{field.wire}>", _content(field)
    kind = field.type.plan.attribute if issubclass(field.type, Shape) else None
    if kind is not None:
        kind_of, opened = attrgetter(kind.name), f"<{field.wire} {xml.XSI_NAMESPACE} {kind.wire}="
        return lambda value: f'{opened}"{xml.escape(kind_of(value))}">{content(value)}{end}'
    if not field.is_list:
        return lambda value: f"{start}{content(value)}{end}"
    if field.flattened:
        return lambda items: (
            items
            if isinstance(items, xml.Written)
            else "".join([f"{start}{content(item)}{end}" for item in items])
        )
    first, last = f"<{field.item}>", f"</{field.item}>"

    def wrapped(items: list[Any]) -> str:
        return start + "".join([f"{first}{content(item)}{last}" for item in items]) + end

    return wrapped


def _content(field: Field) -> _Render:
    """Writes one value between its tags."""
    if issubclass(field.type, Shape):
        return structure(field.type)
    if field.type is dict:
        return _entries
    if field.is_escaped:
        return _escaped
    if field.is_etag:
        return lambda etag: f"&quot;{xml.escape(etag)}&quot;"
    return xml.escape if field.is_text else scalar(field)


def _header(field: Field) -> _Render:
    if field.is_etag:
        return quote
    return _safe if field.is_text else scalar(field)


def scalar(field: Field) -> _Render:
    """What writes a value that is no text, in a header or an element."""
    if field.timestamp == "iso8601":
        return dates.iso8601
    if field.timestamp == "seconds":
        return dates.iso8601_seconds
    if field.timestamp == "http":
        return dates.http_date
    return _boolean if field.type is bool else str


def _entries(values: dict[str, Any]) -> str:
    """A map, as the query protocol writes it."""
    return "".join(
        f"<entry><key>{xml.escape(key)}</key><value>{xml.escape(str(value))}</value></entry>"
        for key, value in values.items()
    )


def _escaped(text: str) -> str:
    return quote_component(text, safe="")


def _boolean(value: bool) -> str:
    return "true" if value else "false"


def _safe(value: str) -> str:
    """A header value as it is, unless it would end the header (`response-expires=%0a`)."""
    if not value.isprintable() and _CONTROL.search(value):
        raise InvalidArgument("A header value may not contain control characters")
    return value
