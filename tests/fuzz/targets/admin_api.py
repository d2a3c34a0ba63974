"""The admin API: paths, queries and JSON of every endpoint become what its handler takes."""

import json
from collections.abc import AsyncIterator
from typing import Any, Literal, get_args, get_origin

from ferrox.admin import errors, plane, schema
from ferrox.admin.endpoint import PREFIX, Endpoint
from ferrox.admin.errors import AdminError
from ferrox.admin.router import Router
from ferrox.admin.table import ENDPOINTS
from ferrox.errors import S3Error
from tests.fuzz.requests import body_of, request_of
from tests.fuzz.target import Target

_ROUTER = Router(ENDPOINTS)


def check(data: bytes) -> None:
    """Route a request and read its fields."""
    request, body = request_of(data), body_of(data)

    async def whole() -> AsyncIterator[bytes]:
        yield body

    request.body = whole()
    try:
        endpoint, in_path = _ROUTER.find(request.method, request.path)
        args = _finished(plane._arguments(endpoint, request, in_path))
    except (AdminError, S3Error) as error:
        response = errors.refusal(error, "1")
        assert 400 <= response.status < 500
        assert isinstance(response.body, bytes)
        json.loads(response.body)
        return
    assert isinstance(args, endpoint.input)
    assert json.dumps(schema.plain(args), ensure_ascii=False).encode()


def _finished(coroutine: Any) -> Any:
    """The result of a coroutine that waits for nothing."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    raise AssertionError("it waits for something")


def _seed(endpoint: Endpoint) -> bytes:
    known = schema.members(endpoint.input)
    values = {name: _sample(member.kind) for name, member in known.items()}
    path = "/".join(
        str(values.pop(name)) if is_field else name for name, is_field in endpoint.segments
    )
    line = f"{endpoint.method} {PREFIX}/{path}"
    if endpoint.has_body:
        return f"{line}\ncontent-type:application/json\n\n{json.dumps(values)}".encode()
    query = "&".join(f"{name}={value}" for name, value in values.items() if value != [])
    return f"{line}?{query}".encode()


def _sample(kind: Any) -> Any:
    if get_origin(kind) is Literal:
        return get_args(kind)[0]
    if get_origin(kind) is tuple:
        return [_sample(get_args(kind)[0])]
    return {int: 1, float: 1.5, bool: True}.get(kind, {} if get_origin(kind) is dict else "a")


TARGET = Target(
    check,
    seeds=tuple(_seed(endpoint) for endpoint in ENDPOINTS),
    words=(
        *(
            b"\ncontent-type:application/json\n\n{",
            b'":',
            b"null",
            b"true",
            b"[]",
            b"1e999",
            b"\\ud800",
        ),
        *(b"GET ", b"POST ", b"PUT ", b"PATCH ", b"DELETE ", b"%2F", b"&", b"=", PREFIX.encode()),
        *sorted({f'"{name}"'.encode() for one in ENDPOINTS for name in schema.members(one.input)}),
    ),
)
