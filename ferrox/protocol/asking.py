"""The shapes the other way round, for who asks an S3: input shape → request, answer → output shape.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html

Other object stores are not held to what this one writes: what cannot be read of an answer's headers
is left out, as are elements that a shape does not know. A document that is none is MalformedXML.
"""

import contextlib
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

from ferrox.errors import MalformedXML, S3Error
from ferrox.protocol import decode, encode, etag, xml
from ferrox.protocol.operation import Operation, OutputT
from ferrox.protocol.shape import Field, Plan, Shape

ROOT_OF_ERRORS = "Error"


class Asked(NamedTuple):
    """A request, not signed yet; path and query are escaped as Signature Version 4 has them."""

    method: str
    path: str
    query_string: str
    headers: dict[str, str]
    body: bytes = b""


class Refusal(NamedTuple):
    """What an answer says that is none: the code is empty where there is no document."""

    code: str
    message: str
    details: Mapping[str, Any] = {}


def request(
    operation: Operation[Any, Any], args: Shape, more_query: Mapping[str, str] | None = None
) -> Asked:
    """What is sent to have an operation carried out.

    more_query  parameters that the operation does not know, but the other side does
    """
    plan = args.plan
    values = args.__dict__
    query = {**operation.tags, **(more_query or {})}
    for wire, field in plan.queries.items():
        if (value := values.get(field.name)) is not None:
            query[wire] = _text(field, value)
    headers = {
        wire: _text(field, value)
        for wire, field in plan.headers.items()
        if (value := values.get(field.name)) is not None
    }
    if plan.prefixed is not None:
        prefix = plan.prefixed.wire
        family: Mapping[str, str] = values[plan.prefixed.name]
        headers |= {prefix + name: value for name, value in family.items()}
    names = sorted(plan.paths, key=lambda field: field.wire)  # Bucket, Key
    path = "/" + "/".join(_component(values[field.name], "/") for field in names)
    pairs = sorted((_component(name), _component(value)) for name, value in query.items())
    query_string = "&".join(f"{name}={value}" for name, value in pairs)
    return Asked(operation.method, path, query_string, headers, _body(plan, values))


def output(operation: Operation[Any, OutputT], headers: Mapping[str, str], body: bytes) -> OutputT:
    """What an operation that succeeded gives; the bytes of an object are left to the caller.

    headers  under their names in lower case
    """
    shape = operation.output
    if shape is None:
        raise TypeError(f"{operation} has no output shape")
    plan = shape.plan
    values = _of_headers(plan, headers)
    if plan.elements:
        found = decode.structure(shape, _content(operation, plan.root, body))
        values |= {field.name: getattr(found, field.name) for field in plan.elements}
    elif plan.payload is not None and plan.payload.wire and body.strip():
        content = _content(operation, plan.payload.wire, body)
        values[plan.payload.name] = decode.structure(plan.payload.type, content)
    return shape.partial(values)


def _content(operation: Operation[Any, Any], root: str, body: bytes) -> dict[str, Any]:
    """The content of a document, whose root some servers call by the operation."""
    for name in (root, f"{operation.name}Response"):
        with contextlib.suppress(MalformedXML):
            return xml.parse(body, name)
    return xml.parse(body, f"{operation.name}Result")


def refusal(body: bytes) -> Refusal:
    """What the document of an error says."""
    try:
        content = xml.parse(body, ROOT_OF_ERRORS)
    except MalformedXML:
        return Refusal("", "")
    return Refusal(str(content.get("Code", "")), str(content.get("Message", "")), content)


def _of_headers(plan: Plan, headers: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    prefix = plan.prefixed.wire if plan.prefixed else None
    family: dict[str, str] = {}
    for wire, raw in headers.items():
        field = plan.headers.get(wire)
        if field is not None:
            with contextlib.suppress(S3Error):
                value = etag.unquote(raw) if field.is_etag else raw
                values[field.name] = value if field.is_text else decode.argument(field, raw)
        elif prefix and wire.startswith(prefix):
            family[wire[len(prefix) :]] = raw
    if plan.prefixed is not None:
        values[plan.prefixed.name] = family
    return values


def _text(field: Field, value: Any) -> str:
    if field.is_list:
        return ",".join(value)
    return str(value) if field.is_text else encode.scalar(field)(value)


def _body(plan: Plan, values: Mapping[str, Any]) -> bytes:
    field = plan.payload
    value = None if field is None else values.get(field.name)
    if field is None or value is None:
        return b""
    if not field.wire:
        return value.encode() if isinstance(value, str) else bytes(value)
    return xml.document(field.wire, encode.structure(field.type)(value))


def _component(text: str, safe: str = "") -> str:
    return quote(text, safe=safe + "-_.~")
