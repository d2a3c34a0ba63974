"""Both databases as of one instant, whatever is written meanwhile."""

import contextlib
import fcntl
import os
import sqlite3
from pathlib import Path

import pytest

from ferrox.clock import SettableClock
from ferrox.errors import DataCorrupted, StartError
from ferrox.storage.backup import databases
from ferrox.storage.store import Store
from tests.storage.backup.filling import fill

CLOCK = SettableClock(5)


def bucket_names(path: Path) -> list[str]:
    with databases.opened(path) as index:
        return [name for (name,) in index.execute("SELECT name FROM buckets ORDER BY name")]


async def test_what_is_committed_after_the_instant_is_not_copied(
    store: Store, tmp_path: Path
) -> None:
    await fill(store)
    with databases.pinned(store.data_dir.path, CLOCK) as pinned:
        await store.create_bucket("later", "owner", "r")
        store.settings.put("later", "x", {})
        databases.copy(pinned.index_reader, tmp_path / "index.db")
        assert pinned.settings_reader is not None
        databases.copy(pinned.settings_reader, tmp_path / "settings.db")

    assert ["bucket"] == bucket_names(tmp_path / "index.db")
    with databases.opened(tmp_path / "settings.db") as settings:
        tables = {name for (name,) in settings.execute("SELECT name FROM sqlite_master")}
    assert "identities" in tables
    assert "later" not in tables
    assert {"data", "index.db", "settings.db"} == set(os.listdir(tmp_path))


async def test_settings_stand_still_until_the_index_is_pinned(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key that is made, or removed, goes with the rows that need it, or does not."""
    await fill(store)
    begun: list[str] = []
    reading = databases._reading

    def note(path: Path) -> contextlib.AbstractContextManager[sqlite3.Connection]:
        begun.append(path.name)
        turn_path = store.data_dir.path / "settings.turn"
        with turn_path.open("r+") as turn, pytest.raises(BlockingIOError):
            fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return reading(path)

    monkeypatch.setattr(databases, "_reading", note)

    with databases.pinned(store.data_dir.path, CLOCK):
        store.settings.put("later", "x", {})  # and now somebody may

    assert ["settings.db", "index.db"] == begun


async def test_many_pages_are_copied_while_they_change(store: Store, tmp_path: Path) -> None:
    bucket = await fill(store)
    for number in range(200):
        await store.put_bucket_document(bucket, f"d{number}", {"text": "x" * 4000})
    told: list[tuple[int, int]] = []

    with databases.pinned(store.data_dir.path, CLOCK) as pinned:
        for number in range(200):
            await store.put_bucket_document(bucket, f"d{number}", {"text": "y" * 4000})
        databases.copy(
            pinned.index_reader, tmp_path / "copy.db", lambda *how_far: told.append(how_far)
        )

    with databases.opened(tmp_path / "copy.db") as copied:
        (found,) = copied.execute(
            "SELECT count(*) FROM bucket_documents WHERE document LIKE '%xxx%'"
        ).fetchone()
    assert 200 == found
    assert told[-1][0] == told[-1][1] > 200


def test_where_no_server_ever_ran_there_is_nothing_to_back_up(tmp_path: Path) -> None:
    with (
        pytest.raises(StartError, match="no data directory"),
        databases.pinned(tmp_path, CLOCK),
    ):
        pass
    sqlite3.connect(tmp_path / "index.db").close()
    with pytest.raises(StartError, match="never been served"), databases.pinned(tmp_path, CLOCK):
        pass


async def test_an_index_of_the_future_is_refused(data_dir: Path) -> None:
    with sqlite3.connect(data_dir / "index.db") as index:
        index.execute("PRAGMA user_version = 99")
    index.close()

    with pytest.raises(StartError, match="newer"), databases.pinned(data_dir, CLOCK):
        pass


async def test_secrets_under_a_passphrase_leave_the_key_file_out(data_dir: Path) -> None:
    with databases.pinned(data_dir, CLOCK) as pinned:
        assert ("key file", 32) == (pinned.secrets, len(pinned.key_file or b""))
    with sqlite3.connect(data_dir / "settings.db") as settings:
        settings.execute("UPDATE sealing SET value = replace(value, 'key file', 'argon2id')")
    settings.close()

    with databases.pinned(data_dir, CLOCK) as pinned:
        assert ("passphrase", None) == (pinned.secrets, pinned.key_file)


def test_a_page_that_is_damaged_is_found(tmp_path: Path) -> None:
    path = tmp_path / "some.db"
    with sqlite3.connect(path) as made:
        made.execute("CREATE TABLE t (a PRIMARY KEY, b)")
        made.executemany("INSERT INTO t VALUES (?, ?)", [(n, "x" * 500) for n in range(100)])
    made.close()
    databases.require_sound(path)
    with path.open("r+b") as file:
        file.seek(4096 * 4)
        file.write(bytes(4096))

    with pytest.raises(DataCorrupted):
        databases.require_sound(path)
