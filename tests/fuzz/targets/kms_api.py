"""KMS: the JSON of every operation is read without a fault, and refused in JSON."""

import json
from typing import Any

from ferrox.errors import S3Error
from ferrox.protocol.kms import decode, encode
from ferrox.protocol.kms.operations import OPERATIONS
from ferrox.protocol.shape import Field, Shape
from tests.fuzz.target import Target


def check(data: bytes) -> None:
    """Read `name of an operation LF JSON` as its input."""
    name, _, body = data.partition(b"\n")
    operation = OPERATIONS.get(name.decode("ascii", "ignore"))
    if operation is None:
        return
    try:
        args = decode.structure(operation.input, decode.document(body))
    except S3Error as error:
        response = encode.error(error)
        assert 400 <= response.status < 500
        assert isinstance(response.body, bytes)
        assert json.loads(response.body)["__type"]
        return
    shown = json.dumps(encode.plain(args), ensure_ascii=False)
    assert encode.plain(args) == encode.plain(decode.structure(operation.input, json.loads(shown)))
    assert shown.encode()


def _sample(shape: type[Shape]) -> dict[str, Any]:
    return {field.wire: _value(field) for field in shape.plan.elements}


def _value(field: Field) -> Any:
    values = {bool: True, int: 1, dict: {"a": "b"}, bytes: "QUJD", str: "a"}
    one = _sample(field.type) if issubclass(field.type, Shape) else values[field.type]
    if field.limit.one_of:
        one = field.limit.one_of[0]
    return [one] if field.is_list else one


TARGET = Target(
    check,
    seeds=tuple(
        name.encode() + b"\n" + json.dumps(_sample(operation.input)).encode()
        for name, operation in sorted(OPERATIONS.items())
    ),
    words=(
        *(b"\\ud800", b"\\u0000", b"1e999", b"-1", b"null", b"[[", b"{}", b'"":', b"NaN", b"true"),
        *sorted(
            {f'"{f.wire}":'.encode() for o in OPERATIONS.values() for f in o.input.plan.elements}
        ),
    ),
)
