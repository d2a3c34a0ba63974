"""Settings: JSON documents that are durable when the call returns."""

import contextlib
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ferrox.errors import Fault, StorageFull, StoreReadOnly
from ferrox.storage.read_only import ReadOnlyMark
from ferrox.storage.settings import Change, Settings


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "settings.db"


@pytest.fixture
def settings(path: Path) -> Iterator[Settings]:
    settings = Settings(path)
    yield settings
    settings.close()


def test_a_document_comes_back(settings: Settings) -> None:
    document = {"name": "grün", "numbers": [1, 2.5, None, True], "nested": {"a": {}}}

    settings.put("users", "a/b", document)

    assert settings.get("users", "a/b") == document


def test_what_is_absent_is_none(settings: Settings) -> None:
    assert settings.get("users", "nobody") is None


def test_tables_are_apart(settings: Settings) -> None:
    settings.put("users", "x", {"is": "user"})
    settings.put("policies", "x", {"is": "policy"})

    assert settings.get("users", "x") == {"is": "user"}
    assert settings.names("policies") == ["x"]


def test_names_are_sorted(settings: Settings) -> None:
    for name in ("b", "c", "a", "ü"):
        settings.put("users", name, {})

    assert settings.names("users") == ["a", "b", "c", "ü"]


def test_deleting_is_idempotent(settings: Settings) -> None:
    settings.put("users", "x", {})

    settings.delete("users", "x")
    settings.delete("users", "x")

    assert settings.names("users") == []


def test_documents_survive_closing(path: Path) -> None:
    first = Settings(path)
    first.put("users", "x", {"n": 1})
    first.put("users", "x", {"n": 2})
    first.close()

    second = Settings(path)

    assert second.get("users", "x") == {"n": 2}
    second.close()


def test_documents_are_stored_as_json(settings: Settings, path: Path) -> None:
    settings.put("users", "x", {"n": "ü"})

    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT key, value FROM users").fetchall()
    connection.close()
    assert rows == [("x", '{"n":"ü"}')]


def test_a_change_is_on_the_drive_when_the_call_returns(settings: Settings) -> None:
    settings.put("users", "x", {})
    assert settings._writer is not None
    connection = settings._writer._connection

    assert connection.select_one("PRAGMA synchronous") == (2,)
    assert connection.select_one("PRAGMA journal_mode") == ("wal",)


KILLED = """
import os, signal, sys
from pathlib import Path
from ferrox.storage.settings import Settings
Settings(Path(sys.argv[1])).put("users", "x", {"n": 1})
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_nobody_else_can_read_the_files(settings: Settings, path: Path) -> None:
    settings.put("users", "alice", {"age": 7})

    assert {0o600} == {
        file.stat().st_mode & 0o777 for file in path.parent.iterdir() if path.name in file.name
    }


def test_a_change_survives_a_kill(path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(path)], cwd=Path(__file__).parents[2], check=False
    )

    assert done.returncode == -9
    settings = Settings(path)
    assert settings.get("users", "x") == {"n": 1}
    settings.close()


def test_many_threads_may_use_it(settings: Settings) -> None:
    def work(number: int) -> None:
        settings.put("users", str(number), {"n": number})
        assert settings.get("users", str(number)) == {"n": number}

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(work, range(20)))

    assert len(settings.names("users")) == 20


def test_no_thread_runs_before_the_first_look_or_after_closing(path: Path) -> None:
    before = threading.active_count()
    settings = Settings(path)
    assert threading.active_count() == before
    settings.get("users", "x")

    settings.close()

    assert threading.active_count() == before


def test_a_database_that_refuses_a_change_is_a_fault(settings: Settings, path: Path) -> None:
    settings.put("users", "x", {})
    connection = sqlite3.connect(path)
    connection.execute("DROP TABLE users")
    connection.commit()
    connection.close()

    with pytest.raises(Fault, match="no such table"):
        settings.put("users", "x", {})


def test_a_file_that_is_no_database_is_a_fault_and_no_dying_thread(
    settings: Settings, path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """sqlitedict opened it in a thread of its own, which died with a traceback on the terminal."""
    path.write_bytes(b"not a database, " * 1000)

    with pytest.raises(Fault, match=r"settings\.db cannot be used: file is not a database"):
        settings.get("users", "x")

    assert ("", "") == capfd.readouterr()


def test_a_name_may_hold_anything(settings: Settings) -> None:
    settings.put('tab"le', "na'me\U0010fffd", {"n": 1})

    assert {"n": 1} == settings.get('tab"le', "na'me\U0010fffd")
    assert ["na'me\U0010fffd"] == settings.names('tab"le', "na'me")
    assert ['tab"le'] == settings.tables()


def test_documents_are_found_by_how_their_names_begin(settings: Settings) -> None:
    for name in ("a/2", "a/10", "a", "b/1", "a0"):
        settings.put("users", name, {"is": name})

    assert [("a/10", {"is": "a/10"}), ("a/2", {"is": "a/2"})] == list(settings.scan("users", "a/"))
    assert ["a/10", "a/2"] == settings.names("users", "a/")
    assert 2 == settings.count("users", "a/")
    assert 5 == settings.count("users")
    assert 5 == len(list(settings.scan("users")))


def test_a_table_that_nobody_wrote_to_is_empty(settings: Settings) -> None:
    assert [] == list(settings.scan("users"))
    assert [] == settings.names("users")
    assert 0 == settings.count("users")
    assert [] == settings.tables()


# Changes of several documents


def test_a_change_is_whole_or_not_at_all(settings: Settings, path: Path) -> None:
    settings.put("users", "kept", {"n": 1})

    def work(change: Change) -> None:
        change.put("users", "x", {})
        change.put("policies", "x", {})
        change.delete("users", "kept")
        raise KeyError

    with pytest.raises(KeyError), settings.changing() as change:
        work(change)

    assert ["users"] == settings.tables()
    assert ["kept"] == settings.names("users")
    settings.put("policies", "x", {"n": 2})
    assert {"n": 2} == settings.get("policies", "x")


def test_a_change_sees_its_own_and_nobody_else_does_until_its_end(
    settings: Settings, path: Path
) -> None:
    other = Settings(path)
    settings.put("users", "old", {})

    with settings.changing() as change:
        change.put("users", "x", {"n": 1})
        change.delete("users", "old")

        assert {"n": 1} == change.get("users", "x")
        assert [("x", {"n": 1})] == list(change.scan("users"))
        assert 1 == change.count("users")
        assert change.get("users", "old") is None
        assert [["old"], ["old"]] == [settings.names("users"), other.names("users")]

    assert [["x"], ["x"]] == [settings.names("users"), other.names("users")]
    other.close()


def test_a_change_inside_another_is_a_part_of_it(settings: Settings) -> None:
    def work(change: Change) -> None:
        change.put("users", "x", {})
        settings.put("users", "y", {})
        raise KeyError

    with pytest.raises(KeyError), settings.changing() as change:
        work(change)

    assert [] == settings.names("users")


def test_the_version_changes_with_every_commit_of_whomever(settings: Settings, path: Path) -> None:
    other = Settings(path)
    settings.put("users", "x", {})
    versions = [settings.version(), settings.version()]

    settings.put("users", "y", {})
    versions.append(settings.version())
    other.put("users", "z", {})
    versions.append(settings.version())
    with contextlib.suppress(KeyError), other.changing() as change:
        change.put("users", "w", {})
        raise KeyError
    versions.append(settings.version())

    assert versions[0] == versions[1]
    assert 3 == len(set(versions))
    assert versions[3] == versions[4]
    other.close()


def test_an_error_of_the_last_statement_takes_everything_back(
    settings: Settings, path: Path
) -> None:
    """sqlitedict does not wait for statements: their errors come with the next one."""
    settings.put("users", "kept", {})
    settings.put("policies", "kept", {})
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "CREATE TRIGGER no BEFORE INSERT ON policies BEGIN SELECT RAISE(ABORT, 'no'); END"
        )

    def work(change: Change) -> None:
        change.put("users", "x", {})
        change.put("policies", "x", {})

    with pytest.raises(Fault, match="no"), settings.changing() as change:
        work(change)

    assert ["kept"] == settings.names("users")
    settings.put("users", "y", {})
    assert ["kept", "y"] == settings.names("users")


def test_a_full_drive_is_told_as_such(settings: Settings) -> None:
    settings.put("users", "x", {})
    assert settings._writer is not None
    (pages,) = settings._writer._connection.select_one("PRAGMA page_count")
    settings._writer._connection.select_one(f"PRAGMA max_page_count = {pages}")

    def work(change: Change) -> None:
        change.put("users", "small", {})
        change.put("users", "large", {"text": "x" * 100_000})

    with pytest.raises(StorageFull), settings.changing() as change:
        work(change)

    assert ["x"] == settings.names("users")


KILLED_HALFWAY = """
import os, signal, sys
from pathlib import Path
from ferrox.storage.settings import Settings
with Settings(Path(sys.argv[1])).changing() as change:
    change.put("users", "x", {"n": 2})
    change.put("users", "y", {"n": 2})
    assert change.get("users", "y")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_change_that_is_killed_has_not_happened_and_blocks_nobody(
    settings: Settings, path: Path
) -> None:
    settings.put("users", "x", {"n": 1})

    done = subprocess.run(
        [sys.executable, "-c", KILLED_HALFWAY, str(path)],
        cwd=Path(__file__).parents[2],
        check=False,
    )

    assert -9 == done.returncode
    assert [("x", {"n": 1})] == list(settings.scan("users"))
    settings.put("users", "z", {})
    assert ["x", "z"] == settings.names("users")


def test_changes_of_threads_come_one_after_the_other(settings: Settings) -> None:
    settings.put("counts", "n", {"n": 0})

    def add(_: int) -> None:
        with settings.changing() as change:
            document = change.get("counts", "n")
            assert document is not None
            change.put("counts", "n", {"n": document["n"] + 1})

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(add, range(40)))

    assert {"n": 40} == settings.get("counts", "n")


def test_a_directory_that_cannot_be_written_is_a_fault(settings: Settings, path: Path) -> None:
    path.with_suffix(".turn").mkdir()

    with pytest.raises(Fault, match="cannot be written: Is a directory"):
        settings.put("users", "x", {})


def test_a_store_that_turned_read_only_changes_nothing(path: Path) -> None:
    mark = ReadOnlyMark()
    settings = Settings(path, mark)
    settings.put("users", "x", {})

    mark.set("the disk failed")

    with pytest.raises(StoreReadOnly, match="the disk failed"):
        settings.put("users", "y", {})
    assert ["x"] == settings.names("users")
    settings.close()


def test_what_was_deleted_can_be_erased(settings: Settings, path: Path) -> None:
    settings.put("users", "x", {"secret": "hush-hush-hush"})
    settings.delete("users", "x")

    settings.erase_history()

    stored = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert b"hush-hush-hush" not in stored
