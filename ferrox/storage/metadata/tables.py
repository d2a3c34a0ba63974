"""The tables that the migrations make, as the documentation tells of them."""

import sqlite3
from typing import NamedTuple

from ferrox.storage.metadata.schema import migrate


class Column(NamedTuple):
    """A column of a table."""

    name: str
    kind: str
    may_be_null: bool
    is_in_key: bool


def tables() -> dict[str, list[Column]]:
    """Every table of a new index by its name, in the order in which they are made."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        migrate(connection)
        made = connection.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        ).fetchall()
        return {name: _columns(connection, name) for (name,) in made}
    finally:
        connection.close()


def _columns(connection: sqlite3.Connection, table: str) -> list[Column]:
    rows = connection.execute(
        'SELECT name, type, "notnull", pk FROM pragma_table_info(?)', (table,)
    )
    return [
        Column(name, kind, not (required or key), bool(key)) for name, kind, required, key in rows
    ]
