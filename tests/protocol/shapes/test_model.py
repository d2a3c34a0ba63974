"""Every shape against botocore's model, field by field, and through botocore's own serializers."""

from collections.abc import Iterator
from datetime import UTC, datetime
from keyword import iskeyword
from typing import Any

import pytest

from ferrox.protocol import decode, encode
from ferrox.protocol.address import locate
from ferrox.protocol.message import Request
from ferrox.protocol.operation import Operation
from ferrox.protocol.operations import OPERATIONS
from ferrox.protocol.router import resolve
from ferrox.protocol.shape import MISSING, Field, Location, Shape

botocore = pytest.importorskip("botocore")


def xform_name(name: str) -> str:
    """The name of a field: botocore's, unless Python keeps that for itself."""
    plain: str = botocore.xform_name(name)
    return f"{plain}_" if iskeyword(plain) else plain


AnyOperation = Operation[Any, Any]

DEVIATIONS = {
    ("PutObjectInput", "body"): "handlers read the body as it comes in",
    ("UploadPartInput", "body"): "handlers read the body as it comes in",
    ("PutObjectInput", "expires"): "text: stored and returned exactly as sent",
    ("CopyObjectInput", "expires"): "text: stored and returned exactly as sent",
    ("CreateMultipartUploadInput", "expires"): "text: stored and returned exactly as sent",
    ("GetObjectOutput", "expires"): "text: stored and returned exactly as sent",
    ("HeadObjectOutput", "expires"): "text: stored and returned exactly as sent",
    ("GetObjectInput", "response_expires"): "text: returned exactly as sent",
    ("HeadObjectInput", "response_expires"): "text: returned exactly as sent",
    ("GetBucketLocationOutput", "location_constraint"): "the root itself, not an element in it",
}

BEYOND = {
    ("CompleteMultipartUploadInput", "server_side_encryption"),
    ("CompleteMultipartUploadOutput", "sse_customer_algorithm"),
    ("CompleteMultipartUploadOutput", "sse_customer_key_md5"),
    ("GetObjectAclOutput", "version_id"),
    ("PutObjectAclOutput", "version_id"),
}
"""What AWS was recorded to send, or clients of MinIO send, and is not in the model."""

TYPES = {
    "string": str, "integer": int, "long": int, "boolean": bool, "timestamp": int, "map": dict,
    "blob": bytes,
}  # fmt: skip
LOCATIONS = {
    None: Location.ELEMENT,
    "uri": Location.PATH,
    "querystring": Location.QUERY,
    "header": Location.HEADER,
    "headers": Location.PREFIXED,
}
INSIDE = (Location.ELEMENT, Location.ATTRIBUTE)
"""Where a field is part of a document."""
UNMODELLED = {"OptionsBucket", "OptionsObject", "PostObject"}
"""What browsers ask is no API call."""
IMPLEMENTED = [
    operation
    for operation in OPERATIONS
    if operation.is_implemented and operation.name not in UNMODELLED
]
NOON = datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)


def pairs(operation: AnyOperation, s3_model: Any) -> Iterator[tuple[type[Shape], Any]]:
    """Input and output of an operation, each with its shape in the model, and all they contain."""
    modelled = s3_model.operation_model(operation.name)
    assert operation.input
    assert operation.output
    todo = [(operation.input, modelled.input_shape), (operation.output, modelled.output_shape)]
    while todo:
        shape, model = todo.pop()
        if model is None:
            assert not shape.plan.fields
            continue
        yield shape, model
        members = {xform_name(name): member for name, member in model.members.items()}
        for field in shape.plan.fields.values():
            if issubclass(field.type, Shape):
                member = members[field.name]
                todo.append((field.type, member.member if field.is_list else member))


@pytest.mark.parametrize("operation", IMPLEMENTED, ids=repr)
def test_a_shape_is_what_the_model_says(operation: AnyOperation, s3_model: Any) -> None:
    for shape, model in pairs(operation, s3_model):
        members = {
            xform_name(name): (name, member)
            for name, member in model.members.items()
            if (shape.__name__, xform_name(name)) not in DEVIATIONS
        }
        fields = {
            name: field
            for name, field in shape.plan.fields.items()
            if (shape.__name__, name) not in DEVIATIONS.keys() | BEYOND
        }

        assert members.keys() == fields.keys(), shape.__name__
        for name, field in fields.items():
            assert expected(model, *members[name]) == actual(shape, field), (shape, name)


def expected(model: Any, name: str, member: Any) -> dict[str, Any]:
    wires = member.serialization
    is_payload = model.serialization.get("payload") == name
    is_list = member.type_name == "list"
    item = member.member if is_list else member
    location = LOCATIONS[wires.get("location")]
    facts: dict[str, Any] = {
        "location": Location.PAYLOAD if is_payload else location,
        "wire": wires.get("name", name),
        "is_list": is_list,
        "type": TYPES.get(item.type_name, Shape),
        "timestamp": None,
        "flattened": False,
        "item": "",
        "sensitive": member.metadata.get("sensitive", False),
    }
    if wires.get("xmlAttribute"):
        facts["location"] = Location.ATTRIBUTE
    if is_payload and member.type_name != "structure":  # the raw body
        facts["wire"] = ""
    if model.name.endswith("Request") or facts["location"] in INSIDE:
        facts["is_required"] = name in model.required_members
    if member.type_name == "timestamp":
        default = "rfc822" if location is Location.HEADER else "iso8601"
        wanted = wires.get("timestampFormat", default)
        facts["timestamp"] = {"rfc822": "http"}.get(wanted, wanted)
    if is_list and location is Location.ELEMENT:
        facts["flattened"] = wires.get("flattened", False)
        facts["item"] = "" if facts["flattened"] else item.serialization.get("name", "member")
    return facts


def actual(shape: type[Shape], field: Field) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "location": field.location,
        "wire": field.wire,
        "is_list": field.is_list,
        "type": Shape if issubclass(field.type, Shape) else field.type,
        "timestamp": field.timestamp,
        "flattened": field.flattened,
        "item": field.item,
        "sensitive": field.sensitive,
    }
    if shape.__name__.endswith("Input") or field.location in INSIDE:
        facts["is_required"] = field.is_required
    return facts


@pytest.mark.parametrize("operation", IMPLEMENTED, ids=repr)
def test_a_header_has_no_default_of_its_own(operation: AnyOperation) -> None:
    """The encoder looks at what was given only; a default would not be sent."""
    for shape in (operation.input, operation.output):
        assert shape
        for field in shape.plan.headers.values():
            assert field.default in (None, MISSING)


def test_deviations_are_deviations_of_something(s3_model: Any) -> None:
    modelled = {
        (shape.__name__, xform_name(name))
        for operation in IMPLEMENTED
        for shape, model in pairs(operation, s3_model)
        for name in model.members
    }

    assert modelled >= DEVIATIONS.keys()
    assert not modelled & BEYOND


@pytest.mark.parametrize("operation", IMPLEMENTED, ids=repr)
def test_an_element_may_say_what_the_model_lists(operation: AnyOperation, s3_model: Any) -> None:
    for shape, model in pairs(operation, s3_model):
        for name, member in model.members.items():
            field = shape.plan.fields.get(xform_name(name))
            if field is not None and field.one_of:
                listed = member.member if field.is_list else member
                assert list(field.one_of) == listed.enum, (shape, name)


def sample(field: Field, number: int) -> Any:
    """Some value for a field; `number` makes it differ from its neighbours."""
    if field.is_list:
        return [item(field, number), item(field, number + 1)]
    return item(field, number)


def item(field: Field, number: int) -> Any:
    if issubclass(field.type, Shape):
        return filled(field.type, number)
    if field.type is dict:
        return {"one": f"first {number}", "two": "second"}
    if field.type is bytes:
        return b"the body"
    if field.one_of:
        return field.one_of[number % len(field.one_of)]
    if field.timestamp:
        return int(NOON.timestamp() + number) * 1000
    if field.type is bool:
        return number % 2 == 0
    if field.type is int:
        return number + 1
    return (
        f"{field.name} <{number}> & é" if field.location is not Location.HEADER else f"a {number}"
    )


def filled(shape: type[Shape], start: int = 0) -> Any:
    fields = shape.plan.fields.values()
    return shape(**{field.name: sample(field, start + n) for n, field in enumerate(fields)})


def as_botocore(value: Any, field: Field, member: Any) -> Any:
    """A value of ours as botocore hands it to its callers."""
    if field.is_list:
        inner = member.member
        return [one_as_botocore(entry, field, inner) for entry in value]
    return one_as_botocore(value, field, member)


def one_as_botocore(value: Any, field: Field, member: Any) -> Any:
    if isinstance(value, Shape):
        return members_as_botocore(value, member)
    if field.timestamp:
        return datetime.fromtimestamp(value // 1000, UTC)
    return f'"{value}"' if field.is_etag else value


def members_as_botocore(shape: Shape, model: Any) -> dict[str, Any]:
    values = {}
    for name, member in model.members.items():
        field = shape.plan.fields.get(xform_name(name))
        if field is not None and field.name in shape.__dict__:
            values[name] = as_botocore(getattr(shape, field.name), field, member)
    return values


@pytest.mark.parametrize(
    "operation", [row for row in IMPLEMENTED if row.name != "GetBucketLocation"], ids=repr
)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # botocore's own
def test_botocore_reads_every_output_back(operation: AnyOperation, s3_model: Any) -> None:
    parsers = pytest.importorskip("botocore.parsers")
    awsrequest = pytest.importorskip("botocore.awsrequest")
    model = s3_model.operation_model(operation.name).output_shape
    assert operation.output
    output = filled(operation.output)
    if "expires" in output.plan.fields:
        output.expires = "Mon, 21 Sep 2026 14:13:20 GMT"

    response = encode.response(operation, output)
    parsed = parsers.create_parser("rest-xml").parse(
        {
            "status_code": response.status,
            "headers": awsrequest.HeadersDict(response.headers),
            "body": response.body,
            "context": {},
        },
        model,
    )

    del parsed["ResponseMetadata"]
    wanted = members_as_botocore(output, model) if model else {}
    if "Expires" in wanted:
        wanted["Expires"] = NOON
    if "Body" in wanted:  # a stream, which botocore does not parse
        assert wanted.pop("Body") == parsed.pop("Body").encode()
    assert wanted == parsed


@pytest.mark.parametrize("operation", IMPLEMENTED, ids=repr)
def test_what_botocore_sends_is_read_back(operation: AnyOperation, s3_model: Any) -> None:
    serialize = pytest.importorskip("botocore.serialize")
    modelled = s3_model.operation_model(operation.name)
    assert operation.input
    args = filled(operation.input)
    for shape, name in BEYOND:  # what botocore does not send
        if shape == operation.input.__name__:
            del args.__dict__[name]
    params = members_as_botocore(args, modelled.input_shape)
    for name in ("Expires", "ResponseExpires"):
        if name in params:
            params[name] = NOON
            setattr(args, xform_name(name), "Mon, 21 Sep 2026 14:13:20 GMT")

    sent = serialize.create_serializer("rest-xml").serialize_to_request(params, modelled)
    path, _, selector = sent["url_path"].partition("?")
    prepared = pytest.importorskip("botocore.awsrequest").prepare_request_dict
    prepared(sent, "http://localhost")
    query = sent["url"].partition("?")[2]
    headers = {name.lower(): str(value) for name, value in sent["headers"].items()}
    request = Request(sent["method"], path, query or selector, headers)
    target = locate(request, [])

    assert operation is resolve(request, target.level)
    read = decode.parameters(operation, request, target)
    decode.payload(operation, read, sent["body"] or b"")
    assert args == read


def test_the_location_of_a_bucket_is_the_root_itself() -> None:
    row = next(row for row in OPERATIONS if row.name == "GetBucketLocation")
    assert row.output

    elsewhere = encode.response(row, row.output(location_constraint="eu-west-1")).body
    at_home = encode.response(row, row.output()).body

    start = b'<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
    assert isinstance(elsewhere, bytes)
    assert isinstance(at_home, bytes)
    assert elsewhere.endswith(start + b"eu-west-1</LocationConstraint>")
    assert at_home.endswith(start + b"</LocationConstraint>")
