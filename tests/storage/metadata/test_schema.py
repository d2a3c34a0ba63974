"""Migrations."""

import sqlite3
from collections.abc import Iterator

import pytest

from ferrox.errors import StartError
from ferrox.storage.metadata.schema import MIGRATIONS, migrate


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    opened = sqlite3.connect(":memory:", isolation_level=None)
    yield opened
    opened.close()


def version_of(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def test_an_empty_database_gets_every_table(connection: sqlite3.Connection) -> None:
    migrate(connection)

    rows = connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    )
    expected = {
        "blob_usage",
        "blobs",
        "bucket_documents",
        "bucket_usage",
        "buckets",
        "client_tokens",
        "deliveries",
        "events",
        "completed_uploads",
        "garbage",
        "inline_data",
        "key_uses",
        "lifecycle_runs",
        "objects",
        "parts",
        "scrub_findings",
        "scrub_passes",
        "uploads",
        "versions",
    }
    assert expected == {name for (name,) in rows}
    assert len(MIGRATIONS) == version_of(connection)


def test_a_migrated_database_is_left_alone(connection: sqlite3.Connection) -> None:
    migrate(connection)
    connection.execute("INSERT INTO garbage VALUES (x'00', 1)")

    migrate(connection)

    assert [(b"\0", 1)] == connection.execute("SELECT * FROM garbage").fetchall()


def test_only_the_migrations_that_are_missing_run(connection: sqlite3.Connection) -> None:
    first = ("CREATE TABLE a (x)",)
    migrate(connection, (first,))

    migrate(connection, (first, ("CREATE TABLE b (x)", "INSERT INTO b VALUES (1)")))

    assert 2 == version_of(connection)
    assert [(1,)] == connection.execute("SELECT * FROM b").fetchall()


def test_a_migration_that_fails_leaves_nothing_behind(connection: sqlite3.Connection) -> None:
    with pytest.raises(sqlite3.OperationalError):
        migrate(connection, (("CREATE TABLE a (x)", "CREATE NONSENSE"),))

    assert 0 == version_of(connection)
    assert [] == connection.execute("SELECT name FROM sqlite_schema").fetchall()


def test_a_newer_database_is_refused(connection: sqlite3.Connection) -> None:
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 3}")

    known = len(MIGRATIONS)
    with pytest.raises(StartError, match=rf"\(index format {known + 3}, this one knows {known}\)"):
        migrate(connection)
