"""Every shape of IAM and STS against botocore's models, and through botocore's own serializers."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from ferrox.protocol.iam.absences import Absent
from ferrox.protocol.iam.operations import OPERATIONS as IAM_OPERATIONS
from ferrox.protocol.query import decode, encode, form
from ferrox.protocol.query.operation import Nothing, QueryOperation
from ferrox.protocol.query.service import QueryService
from ferrox.protocol.shape import Field, Limit, Location, Shape
from ferrox.protocol.sts.operations import OPERATIONS as STS_OPERATIONS

botocore = pytest.importorskip("botocore")

AnyOperation = QueryOperation[Any, Any]
ROWS: list[AnyOperation] = [*IAM_OPERATIONS.values(), *STS_OPERATIONS.values()]
TYPES = {
    "string": str, "integer": int, "long": int, "boolean": bool, "timestamp": int, "map": dict,
}  # fmt: skip
LEFT_OUT = {
    ("Role", "source_role_template"),
    ("RoleDetail", "instance_profile_list"),
}
"""Of features that there are not."""
NOON = datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)


@pytest.fixture(scope="module")
def models() -> dict[QueryService, Any]:
    """botocore.model.ServiceModel of IAM and of STS."""
    model = pytest.importorskip("botocore.model")
    loader = pytest.importorskip("botocore.loaders").Loader()
    return {
        service: model.ServiceModel(loader.load_service_model(service.scope_name, "service-2"))
        for service in QueryService
    }


def pairs(row: AnyOperation, models: Any) -> Iterator[tuple[type[Shape], Any, bool]]:
    """Input and output of a row, each with its shape in the model, and all they contain.

    The last says whether it is of an input.
    """
    modelled = models[row.service].operation_model(row.name)
    todo = [(row.input, modelled.input_shape, True), (row.output, modelled.output_shape, False)]
    while todo:
        shape, model, is_input = todo.pop()
        if model is None:
            assert not shape.plan.fields
            continue
        yield shape, model, is_input
        members = {botocore.xform_name(name): one for name, one in model.members.items()}
        for field in shape.plan.fields.values():
            if issubclass(field.type, Shape) and field.type is not Absent:
                one = members[field.name]
                todo.append((field.type, one.member if field.is_list else one, is_input))


@pytest.mark.parametrize("row", ROWS, ids=repr)
def test_a_shape_is_what_the_model_says(row: AnyOperation, models: Any) -> None:
    for shape, model, is_input in pairs(row, models):
        members = {
            botocore.xform_name(name): (name, one)
            for name, one in model.members.items()
            if (shape.__name__, botocore.xform_name(name)) not in LEFT_OUT
        }

        assert members.keys() == shape.plan.fields.keys(), shape.__name__
        for name, field in shape.plan.fields.items():
            wanted = expected(model, *members[name], is_input=is_input)
            assert wanted == actual(field, is_input=is_input), (shape, name)


def expected(model: Any, name: str, one: Any, *, is_input: bool) -> dict[str, Any]:
    is_list = one.type_name == "list"
    item = one.member if is_list else one
    facts: dict[str, Any] = {
        "location": Location.ELEMENT,
        "wire": name,
        "is_list": is_list,
        "type": TYPES.get(item.type_name, Shape),
        "is_required": name in model.required_members,
        "is_timestamp": one.type_name == "timestamp",
        "sensitive": one.metadata.get("sensitive", False),
    }
    if is_input:
        known = item.metadata
        facts["at_most"] = one.metadata.get("max") if is_list else None
        facts["limit"] = (
            known.get("min"),
            known.get("max"),
            known.get("pattern", ""),
            tuple(known.get("enum", ())),
        )
    return facts


def actual(field: Field, *, is_input: bool) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "location": field.location,
        "wire": field.wire,
        "is_list": field.is_list,
        "type": Shape if issubclass(field.type, Shape) else field.type,
        "is_required": field.is_required,
        "is_timestamp": field.timestamp == "seconds",
        "sensitive": field.sensitive,
    }
    if is_input:
        facts["at_most"] = field.at_most
        facts["limit"] = field.limit[:4]
    return facts


def test_what_is_left_out_is_in_the_model(models: Any) -> None:
    known = {
        (shape.__name__, botocore.xform_name(name))
        for row in ROWS
        for shape, model, _ in pairs(row, models)
        for name in model.members
    }

    assert known >= LEFT_OUT


def sample(field: Field, number: int) -> Any:
    """Some value for a field that is within its limits."""
    if field.type is dict:
        return {"one": number, "two": number + 1}
    if field.is_list:
        return [item(field, number), item(field, number + 1)]
    return item(field, number)


def item(field: Field, number: int) -> Any:
    if issubclass(field.type, Shape):
        return filled(field.type, number)
    limit: Limit = field.limit
    if field.timestamp:
        return int(NOON.timestamp() + number) * 1000
    if field.type is bool:
        return number % 2 == 0
    if field.type is int:
        return (limit.least or 0) + number
    if limit.one_of:
        return limit.one_of[number % len(limit.one_of)]
    if "PATH" in field.name.upper():
        return f"/a{number}/"
    if field.name == "version_id":
        return f"v{number + 1}"
    if field.name == "token_code":
        return f"{123456 + number}"
    if field.name == "account_alias":
        return f"alias-{number}"
    return f"a{number}".ljust(limit.least or 0, "x") if limit != Limit() else f"<{number}> & é"


def filled(shape: type[Shape], start: int = 0) -> Any:
    fields = shape.plan.fields.values()
    return shape(**{field.name: sample(field, start + n) for n, field in enumerate(fields)})


def as_botocore(value: Any, field: Field) -> Any:
    """A value of ours as botocore hands it to its callers."""
    if isinstance(value, list):
        return [as_botocore(one, field) for one in value]
    if isinstance(value, Shape):
        return members_as_botocore(value)
    if field.timestamp:
        return datetime.fromtimestamp(value // 1000, UTC)
    return value


def members_as_botocore(shape: Shape) -> dict[str, Any]:
    fields = shape.plan.fields.values()
    return {field.wire: as_botocore(getattr(shape, field.name), field) for field in fields}


@pytest.mark.parametrize("row", ROWS, ids=repr)
def test_what_botocore_sends_is_read_back(row: AnyOperation, models: Any) -> None:
    serialize = pytest.importorskip("botocore.serialize")
    args = filled(row.input)
    modelled = models[row.service].operation_model(row.name)
    params = members_as_botocore(args)

    # Unchecked: of a union it would take one member only.
    serializer = serialize.create_serializer("query", include_validation=False)
    sent = serializer.serialize_to_request(params, modelled)

    parameters = form.parse(urlencode(sent["body"]))
    assert (row.name, row.service.version) == (parameters["Action"], parameters["Version"])
    assert args == decode.structure(row.input, parameters)


@pytest.mark.parametrize("row", ROWS, ids=repr)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # botocore's own
def test_botocore_reads_every_output_back(row: AnyOperation, models: Any) -> None:
    parsers = pytest.importorskip("botocore.parsers")
    model = models[row.service].operation_model(row.name).output_shape
    output = filled(row.output)

    response = encode.response(row, output, "4442587FB7D0A2F9")

    parsed = parsers.create_parser("query").parse(
        {"status_code": 200, "headers": {}, "body": response.body, "context": {}}, model
    )
    assert "4442587FB7D0A2F9" == parsed.pop("ResponseMetadata")["RequestId"]
    assert unescaped(members_as_botocore(output), row.output) == parsed


def unescaped(values: dict[str, Any], shape: type[Shape]) -> dict[str, Any]:
    """What botocore's parser gives: policies it leaves as they were sent, its handlers decode."""
    result = {}
    for field in shape.plan.fields.values():
        value = values[field.wire]
        if field.is_escaped:
            value = quote(value, safe="")
        elif field.type is dict:
            kind = {"summary_map": int}.get(field.name, str)
            value = {key: kind(one) for key, one in value.items()}
        elif issubclass(field.type, Shape):
            nested = field.type
            value = (
                [unescaped(one, nested) for one in value]
                if field.is_list
                else unescaped(value, nested)
            )
        result[field.wire] = value
    return result


def test_an_operation_that_gives_nothing_has_no_result() -> None:
    body = encode.response(IAM_OPERATIONS["DeleteUser"], Nothing(), "4442587FB7D0A2F9").body

    assert (
        b'<?xml version="1.0" encoding="UTF-8"?>\n'
        b'<DeleteUserResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">'
        b"<ResponseMetadata><RequestId>4442587FB7D0A2F9</RequestId></ResponseMetadata>"
        b"</DeleteUserResponse>"
    ) == body
