import json

from ferrox.protocol.plain import as_plain, from_plain
from ferrox.protocol.shape import Shape, element


class Leaf(Shape):
    days: int | None = element("Days", default=None)
    is_last: bool | None = element("IsLast", default=None)
    date: int | None = element("Date", default=None, timestamp="iso8601")


class Tree(Shape):
    name: str = element("Name")
    leaf: Leaf | None = element("Leaf", default=None)
    wrapped: list[Leaf] = element("Leaves", default_factory=list, item="Leaf")
    texts: list[str] | None = element("Text", default=None, flattened=True)


FULL = Tree(
    name="tännchen",
    leaf=Leaf(days=3, is_last=False),
    wrapped=[Leaf(date=1_790_000_000_000), Leaf()],
    texts=["a", ""],
)


def test_a_shape_is_said_with_the_names_of_the_wire() -> None:
    assert {
        "Name": "tännchen",
        "Leaf": {"Days": 3, "IsLast": False},
        "Leaves": [{"Date": 1_790_000_000_000}, {}],
        "Text": ["a", ""],
    } == as_plain(FULL)


def test_a_shape_comes_back_from_json() -> None:
    assert FULL == from_plain(Tree, json.loads(json.dumps(as_plain(FULL))))


def test_what_is_not_there_is_left_out_and_comes_back_as_not_there() -> None:
    bare = Tree(name="bare")

    assert {"Name": "bare", "Leaves": []} == as_plain(bare)
    assert bare == from_plain(Tree, {"Name": "bare"})
