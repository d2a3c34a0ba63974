"""Settings: JSON documents that are durable when the call returns."""

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ferrox.errors import Fault
from ferrox.storage.settings import Settings


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
