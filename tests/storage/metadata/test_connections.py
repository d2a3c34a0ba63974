"""How the index is opened."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from ferrox.errors import StartError
from ferrox.storage.metadata.database import Database, Tx


async def test_writers_sync_every_commit(database: Database) -> None:
    def pragmas(tx: Tx) -> list[Any]:
        return [
            tx.execute(f"PRAGMA {name}").fetchone()[0] for name in ("synchronous", "journal_mode")
        ]

    assert [2, "wal"] == await database.write(pragmas)


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "index.db").write_bytes(b"not a database" * 1000)

    with pytest.raises(StartError, match=r"index\.db cannot be opened"):
        await Database.open(tmp_path / "index.db")


async def test_an_old_sqlite_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 34, 1))
    monkeypatch.setattr(sqlite3, "sqlite_version", "3.34.1")

    with pytest.raises(StartError, match=r"SQLite 3\.34\.1 is too old: 3\.37\.0 is needed"):
        await Database.open(tmp_path / "index.db")
