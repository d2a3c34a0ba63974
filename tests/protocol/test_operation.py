from ferrox.protocol.address import BUCKET, OBJECT
from ferrox.protocol.operation import Operation
from ferrox.protocol.shape import Shape, header, query


class PutThingInput(Shape):
    part: int = query("part")
    colour: str | None = query("colour", default=None)
    size: str | None = header("x-size", default=None)


class PutThingOutput(Shape):
    pass


def test_a_row_tells_its_columns() -> None:
    row = Operation(
        "PutThing", "PUT", OBJECT, "thing&kind=2", PutThingInput, PutThingOutput, query="part"
    )

    assert row.is_implemented
    assert {"thing": "", "kind": "2"} == row.tags
    assert (frozenset({"part"}), frozenset({"colour"})) == (row.query, row.optional_query)
    assert (200, "", False) == (row.status, row.remark, row.must_be_protected)


def test_a_row_without_shapes_is_not_implemented() -> None:
    row = Operation("DeleteThing", "DELETE", BUCKET, "thing", remark="there are no things")

    assert not row.is_implemented
    assert frozenset() == row.optional_query
    assert (204, "there are no things") == (row.status, row.remark)


def test_a_status_is_what_the_row_says() -> None:
    assert 204 == Operation("PutThing", "PUT", BUCKET, "thing", status=204).status
