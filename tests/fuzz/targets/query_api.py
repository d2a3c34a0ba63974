"""IAM and STS: forms of every action are read without a fault, and refused in a document."""

from xml.parsers import expat

from ferrox.errors import S3Error
from ferrox.protocol.iam import operations as iam
from ferrox.protocol.query import decode, encode, form
from ferrox.protocol.sts import operations as sts
from tests import queries
from tests.fuzz.target import Target, wire_text

_OPERATIONS = iam.OPERATIONS | sts.OPERATIONS


def check(data: bytes) -> None:
    """Read a form as the input of the action that it names."""
    try:
        parameters = form.parse(wire_text(data))
        operation = _OPERATIONS.get(parameters.get("Action", ""))
        if operation is None:
            form.tree(parameters)
            return
        args = decode.structure(operation.input, parameters)
    except S3Error as error:
        response = encode.error(error, iam.OPERATIONS["ListUsers"].service, "1")
        assert 400 <= response.status < 500
        assert isinstance(response.body, bytes)
        expat.ParserCreate().Parse(response.body.replace(b"&#x", b"x"), True)
        return
    for field in args.plan.elements:
        value = getattr(args, field.name, None)
        for one in value if isinstance(value, list) else [value]:
            assert not isinstance(one, str) or one.encode() is not None


def _form(name: str) -> bytes:
    from urllib.parse import urlencode

    return urlencode({"Action": name, **queries.sample(_OPERATIONS[name].input)}).encode()


TARGET = Target(
    check,
    seeds=tuple(_form(name) for name in sorted(_OPERATIONS)),
    words=(
        *(
            f"&{field.wire}=".encode()
            for name in _OPERATIONS
            for field in _OPERATIONS[name].input.plan.elements
        ),
        *(
            b"Action=",
            b".member.1",
            b".member.",
            b".Key=",
            b".Value=",
            b"%00",
            b"+",
            b"%ff",
            b"99999",
        ),
    ),
)
