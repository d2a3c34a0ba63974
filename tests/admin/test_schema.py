"""admin/schema.py: dataclasses are read from JSON strictly, written to it, and described."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import pytest

from ferrox.admin import schema
from ferrox.admin.errors import InvalidRequest
from ferrox.admin.schema import Between, Instant


@dataclass(frozen=True, kw_only=True)
class Leaf:
    """A leaf."""

    colour: Literal["green", "brown"] = "green"


@dataclass(frozen=True, kw_only=True)
class Tree:
    """A tree, of
    some kind."""

    name: Annotated[str, "What it is called.", Between(1, 5)]
    age: Annotated[int, Between(0, 1000)] = 0
    height: float = 1.5
    is_felled: bool = False
    owner: str | None = None
    planted: Instant | None = None
    leaves: tuple[Leaf, ...] = ()
    best: Leaf | None = None
    notes: dict[str, Any] | None = None


def refusal(given: dict[str, Any], *, is_text: bool = False) -> str:
    with pytest.raises(InvalidRequest) as caught:
        schema.read(Tree, given, is_text=is_text)
    return caught.value.message


def test_what_is_written_is_read_again() -> None:
    tree = Tree(
        name="oak", age=7, height=2.0, is_felled=True, owner="me", planted=Instant("2026"),
        leaves=(Leaf(), Leaf(colour="brown")), best=Leaf(), notes={"a": [1, None]},
    )  # fmt: skip

    plain = schema.plain(tree)

    assert [{"colour": "green"}, {"colour": "brown"}] == plain["leaves"]
    assert tree == schema.read(Tree, plain)


def test_what_is_left_out_has_its_default() -> None:
    assert Tree(name="oak") == schema.read(Tree, {"name": "oak"})


def test_null_is_taken_where_it_means_something() -> None:
    assert Tree(name="oak") == schema.read(Tree, {"name": "oak", "owner": None, "best": None})


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "missing: name"),
        ({"name": "oak", "nam": 1, "kind": 2}, "unknown: kind, nam; known: name, age, height"),
        ({"name": 1}, "name is not text"),
        ({"name": None}, "name is not text"),
        ({"name": ""}, "name has not 1 to 5 characters"),
        ({"name": "linden"}, "name has not 1 to 5 characters"),
        ({"name": "oak", "age": "7"}, "age is not a whole number"),
        ({"name": "oak", "age": 7.0}, "age is not a whole number"),
        ({"name": "oak", "age": True}, "age is not a whole number"),
        ({"name": "oak", "age": -1}, "age is not 0 to 1000"),
        ({"name": "oak", "height": float("inf")}, "height is not a number"),
        ({"name": "oak", "height": True}, "height is not a number"),
        ({"name": "oak", "is_felled": 1}, "is_felled is not true or false"),
        ({"name": "oak", "leaves": {}}, "leaves is not a list"),
        ({"name": "oak", "leaves": ["x"]}, "leaves is not a JSON object"),
        ({"name": "oak", "leaves": [{"colour": "red"}]}, "colour is not one of green, brown"),
        ({"name": "oak", "leaves": [{"size": 1}]}, "unknown: size; known: colour"),
        ({"name": "oak", "notes": []}, "notes is not a JSON object"),
    ],
)
def test_what_does_not_fit_is_named(given: dict[str, Any], words: str) -> None:
    assert refusal(given).startswith(words)


def test_a_whole_number_is_a_number() -> None:
    assert 2.0 == schema.read(Tree, {"name": "oak", "height": 2}).height


def test_out_of_an_address_everything_comes_as_text() -> None:
    given = {"name": "7", "age": "7", "is_felled": "true"}

    assert Tree(name="7", age=7, is_felled=True) == schema.read(Tree, given, is_text=True)


@pytest.mark.parametrize("age", ["", "-1", "x", "1" * 19, "\u0661"])
def test_text_that_is_no_number_is_none(age: str) -> None:
    assert "age is not a whole number" == refusal({"name": "oak", "age": age}, is_text=True)


def test_a_dataclass_is_described() -> None:
    described = schema.describe(Tree)

    properties = described.pop("properties")
    assert {
        "type": "object", "description": "A tree, of some kind.", "required": ["name"],
        "additionalProperties": False,
    } == described  # fmt: skip
    assert {
        "type": "string", "minLength": 1, "maxLength": 5, "description": "What it is called.",
    } == properties["name"]  # fmt: skip
    assert {"type": "integer", "minimum": 0, "maximum": 1000, "default": 0} == properties["age"]
    assert {"type": "boolean", "default": False} == properties["is_felled"]
    date = {"type": "string", "format": "date-time"}
    assert {"anyOf": [date, {"type": "null"}]} == properties["planted"]
    leaf = {"$ref": "#/components/schemas/Leaf"}
    assert {"type": "array", "items": leaf, "default": []} == properties["leaves"]
    assert {"anyOf": [{"type": "object"}, {"type": "null"}]} == properties["notes"]
    colours = {"type": "string", "enum": ["green", "brown"], "default": "green"}
    assert colours == schema.describe(Leaf)["properties"]["colour"]


def test_the_parts_of_a_dataclass_are_found() -> None:
    assert {"Tree": Tree, "Leaf": Leaf} == schema.parts(Tree)


def test_an_instant_is_text_in_utc_and_none_where_there_is_none() -> None:
    assert [None, "1970-01-01T00:00:00.000Z", "2009-10-12T17:50:30.000Z"] == [
        schema.instant(ms) for ms in (None, 0, 1_255_369_830_999)
    ]
