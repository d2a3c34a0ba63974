"""admin/table.py: the table is whole, and every row is answered as it says."""

import typing
from collections import Counter
from collections.abc import AsyncIterator

import pytest

from ferrox.admin import schema
from ferrox.admin.endpoint import Endpoint
from ferrox.admin.handlers import every
from ferrox.admin.table import ENDPOINTS

ROWS = pytest.mark.parametrize("row", ENDPOINTS, ids=repr)


def test_names_places_and_commands_are_there_once() -> None:
    names = Counter(row.name for row in ENDPOINTS)
    places = Counter((row.method, row.path) for row in ENDPOINTS)
    commands = Counter(row.words for row in ENDPOINTS if row.command)

    assert [] == [one for found in (names, places, commands) for one, n in found.items() if n > 1]


def test_every_row_is_answered_and_nothing_else_is() -> None:
    assert {row.name for row in ENDPOINTS} == set(every.HANDLERS)


@ROWS
def test_the_handler_takes_and_gives_what_the_row_says(row: Endpoint) -> None:
    handler = every.HANDLERS[row.name]
    hints = typing.get_type_hints(handler)

    taken = [kind for name, kind in hints.items() if name not in {"call", "return"}]
    if taken == [typing.Any]:  # several rows have it
        return
    given = AsyncIterator[bytes] if row.stream else row.output or type(None)
    assert ([row.input], given) == (taken, hints["return"])


@ROWS
def test_the_path_names_fields_of_the_input(row: Endpoint) -> None:
    members = schema.members(row.input)

    assert set(row.in_path) <= set(members)
    assert all(members[name].kind is str for name in row.in_path)


@ROWS
def test_the_command_names_fields_of_the_input_and_all_that_it_must(row: Endpoint) -> None:
    members = schema.members(row.input)
    arguments = dict(row.arguments)

    must = {member.name for member in members.values() if member.is_required}
    assert set(arguments) <= set(members)
    if row.command:
        assert must == {name for name, is_needed in arguments.items() if is_needed} & must
        assert must <= set(arguments)


@ROWS
def test_a_row_says_what_it_is_for_in_a_sentence(row: Endpoint) -> None:
    assert row.summary[0].isupper()
    assert row.summary.endswith(".")


@ROWS
def test_only_pages_of_lists_say_what_comes_next(row: Endpoint) -> None:
    """The command line once took when something is due for the name of a further page."""
    given = schema.members(row.output) if row.output else {}

    assert "next" not in given or "after" in schema.members(row.input)
