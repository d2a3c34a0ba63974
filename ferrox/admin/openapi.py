"""The OpenAPI document, made from the table of endpoints.

https://spec.openapis.org/oas/v3.1.0
"""

from collections.abc import Iterable
from typing import Any

from ferrox import __version__
from ferrox.admin import schema
from ferrox.admin.endpoint import PREFIX, Endpoint

_ERROR = {
    "type": "object",
    "description": "What went wrong.",
    "properties": {
        "error": {
            "type": "object",
            "properties": {
                "code": {"type": "string", "description": "What programs go by."},
                "message": {"type": "string", "description": "What people read."},
                "request_id": {"type": "string", "description": "Of this request, as in the log."},
            },
            "required": ["code", "message", "request_id"],
        }
    },
    "required": ["error"],
}


def document(endpoints: Iterable[Endpoint]) -> dict[str, Any]:
    """Describe the endpoints."""
    paths: dict[str, dict[str, Any]] = {}
    schemas: dict[str, Any] = {"Error": _ERROR}
    for endpoint in endpoints:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint)
        if endpoint.output is not None:
            for name, part in schema.parts(endpoint.output).items():
                schemas[name] = schema.describe(part)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "ferrox admin API",
            "version": __version__,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": PREFIX}],
        "security": [{"certificate": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "certificate": {
                    "type": "mutualTLS",
                    "description": "The subject of the client's certificate says its role.",
                }
            },
        },
    }


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "description": f"Role: {endpoint.role}.",
        "parameters": list(_parameters(endpoint)),
        "responses": {
            str(endpoint.status): _response(endpoint),
            "default": _content("An error.", {"$ref": "#/components/schemas/Error"}),
        },
    }
    if endpoint.has_body:
        body = _body(endpoint)
        operation["requestBody"] = {
            "required": bool(body.get("required")),
            "content": {"application/json": {"schema": body}},
        }
    return operation


def _parameters(endpoint: Endpoint) -> Iterable[dict[str, Any]]:
    known = schema.members(endpoint.input)
    for name in endpoint.in_path:
        yield _parameter(known[name], "path", is_required=True)
    if not endpoint.has_body:
        for member in endpoint.elsewhere:
            yield _parameter(member, "query", is_required=member.is_required)


def _parameter(member: schema.Member, place: str, *, is_required: bool) -> dict[str, Any]:
    described = schema.described_member(member._replace(is_optional=False, meaning=""))
    meaning = {"description": member.meaning} if member.meaning else {}
    return {
        "name": member.name, "in": place, "required": is_required, "schema": described, **meaning,
    }  # fmt: skip


def _body(endpoint: Endpoint) -> dict[str, Any]:
    members = endpoint.elsewhere
    required = [member.name for member in members if member.is_required]
    body: dict[str, Any] = {
        "type": "object",
        "properties": {member.name: schema.described_member(member) for member in members},
        "additionalProperties": False,
    }
    return body | ({"required": required} if required else {})


def _response(endpoint: Endpoint) -> dict[str, Any]:
    if endpoint.stream:
        return {"description": "A stream.", "content": {endpoint.stream: {}}}
    if endpoint.output is None:
        return {"description": "Done."}
    meaning = " ".join((endpoint.output.__doc__ or "").split())
    return _content(meaning, {"$ref": f"#/components/schemas/{endpoint.output.__name__}"})


def _content(meaning: str, shape: dict[str, Any]) -> dict[str, Any]:
    return {"description": meaning, "content": {"application/json": {"schema": shape}}}
