"""The outer form of the document, and its fields."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest

from ferrox.errors import StartError
from ferrox.identity import KeyStatus, UserRecord
from ferrox.storage.portable.document import (
    MEMBERS,
    Unacceptable,
    decode,
    encode,
    entries,
    entry_of,
    record_of,
)

DOCUMENT: dict[str, Any] = {
    "kind": "ferrox settings", "format": 1, "secrets": None, "first_account": None,
    "accounts": [], "documents": {}, "buckets": [],
}  # fmt: skip


class Thing(NamedTuple):
    name: str
    number: int = 0
    is_new: bool = False
    status: KeyStatus = KeyStatus.ACTIVE
    most: int | None = None
    made_ms: int = 0
    tags: Mapping[str, str] = {}
    parts: tuple[str, ...] = ()


def test_a_document_is_written_in_one_order_and_read_again() -> None:
    text = encode(dict(reversed(DOCUMENT.items())))

    assert DOCUMENT == decode(text)
    assert list(MEMBERS) == list(json.loads(text))
    assert text.endswith("}\n")


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "null", "{}", '{"kind": "x"}', "\ud800",
        json.dumps(DOCUMENT | {"format": 2}),
        json.dumps(DOCUMENT | {"buckets": {}}),
        json.dumps(DOCUMENT | {"accounts": None}),
        json.dumps(DOCUMENT | {"stray": 1}),
        json.dumps(DOCUMENT | {"documents": {"rate_limits": {"x": {"requests": float("nan")}}}}),
        "[" * 100_000,
    ],
)  # fmt: skip
def test_what_is_no_export_is_refused(text: str) -> None:
    with pytest.raises(StartError, match="export"):
        decode(text)


def test_what_has_its_default_is_left_out() -> None:
    assert {"name": "a"} == entry_of(Thing("a"))
    assert {"name": "a", "tags": {"a": "1", "b": "2"}, "parts": ["x"]} == entry_of(
        Thing("a", tags={"b": "2", "a": "1"}, parts=("x",))
    )
    assert {"number": 3} == entry_of(Thing("a", 3), "name")


def test_an_entry_becomes_the_record_again() -> None:
    thing = Thing("a", 3, True, KeyStatus.INACTIVE, 7, 8, {"a": "b"}, ("x", "y"))

    assert thing == record_of(Thing, json.loads(json.dumps(entry_of(thing))), "thing")
    assert Thing("a") == record_of(Thing, {}, "thing", name="a")


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"name": 1},
        {"name": None},
        {"name": "a", "number": "1"},
        {"name": "a", "number": True},
        {"name": "a", "number": -1},
        {"name": "a", "number": 1 << 62},
        {"name": "a", "most": -1},
        {"name": "a", "made_ms": 253_402_300_800_000},
        {"name": "a", "is_new": 1},
        {"name": "a", "status": "Sleeping"},
        {"name": "a", "most": "x"},
        {"name": "a", "tags": {"a": 1}},
        {"name": "a", "tags": []},
        {"name": "a", "parts": "x"},
        {"name": "a", "parts": [1]},
        {"name": "a", "stray": 1},
    ],
)
def test_what_is_not_as_it_should_be_is_named(entry: dict[str, Any]) -> None:
    with pytest.raises(Unacceptable, match="thing"):
        record_of(Thing, entry, "thing")


def test_what_is_given_is_not_taken_from_an_entry() -> None:
    with pytest.raises(Unacceptable, match="account_id"):
        record_of(UserRecord, {"account_id": "1"}, "user", account_id="2")


def test_lists_hold_objects() -> None:
    assert [] == entries({}, "users", "account")
    wrong: list[Any] = [None, {}, ["x"], "x"]
    for found in wrong:
        with pytest.raises(Unacceptable, match="users of account"):
            entries({"users": found}, "users", "account")
