import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from ferrox.clock import SettableClock
from ferrox.errors import StartError
from ferrox.storage.claim import claim, prepare_index, settle_index
from ferrox.storage.store import Store


def test_a_directory_is_claimed_by_one_server_at_a_time(tmp_path: Path) -> None:
    first = claim(tmp_path)
    with pytest.raises(StartError, match="in use"):
        claim(tmp_path)
    first.close()

    claim(tmp_path).close()


def test_a_claim_that_fails_leaves_the_directory_free(tmp_path: Path) -> None:
    claim(tmp_path).close()
    blobs = tmp_path / "blobs"
    blobs.rmdir()
    blobs.write_text("in the way")
    with pytest.raises(StartError, match="blobs cannot be used"):
        claim(tmp_path)
    blobs.unlink()

    claim(tmp_path).close()


def test_a_prepared_index_has_its_format_and_is_closed(tmp_path: Path) -> None:
    directory = claim(tmp_path)

    prepare_index(directory)

    directory.close()
    with sqlite3.connect(directory.index_path) as index:
        (version,) = index.execute("PRAGMA user_version").fetchone()
    index.close()
    assert version > 0
    assert not directory.index_path.with_name("index.db-wal").exists()


async def test_what_one_store_acknowledged_the_next_look_of_another_sees(
    tmp_path: Path, clock: SettableClock
) -> None:
    directory = claim(tmp_path)
    prepare_index(directory)
    one = await Store.join(directory, clock=clock)
    other = await Store.join(directory, clock=clock)
    for number in range(20):
        name = f"bucket-{number}"
        writer, reader = (one, other) if number % 2 else (other, one)
        assert reader.bucket(name) is None

        await writer.create_bucket(name, "owner", "us-east-1")

        assert reader.bucket(name) is not None

    await other.close()
    await one.close()


async def test_a_probe_leaves_nothing_behind(tmp_path: Path, clock: SettableClock) -> None:
    store = await Store.open(tmp_path, clock=clock)
    before = set(os.listdir(tmp_path))

    await store.probe()

    assert before == set(os.listdir(tmp_path))
    await store.close()


async def test_a_store_knows_what_it_holds(tmp_path: Path, clock: SettableClock) -> None:
    store = await Store.open(tmp_path, clock=clock)
    store._pins.pin([b"read"])
    store._arrivals.names.add(b"written")

    assert [b"read", b"written"] == store.holds([b"else", b"read", b"written"])

    await store.close()


def test_the_log_that_nobody_closed_is_copied_back(tmp_path: Path) -> None:
    """Processes that close the index at the same time may all think that another one is left."""
    directory = claim(tmp_path)
    prepare_index(directory)
    leave_a_log_behind = (
        "import os, sqlite3, sys\n"
        "index = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "index.execute(\"INSERT INTO garbage VALUES (x'00', 1)\")\n"
        "os._exit(0)\n"
    )
    subprocess.run([sys.executable, "-c", leave_a_log_behind, directory.index_path], check=True)
    log = directory.index_path.with_name("index.db-wal")
    assert log.stat().st_size

    settle_index(directory)

    directory.close()
    assert not log.exists()


def test_an_index_that_cannot_be_settled_is_left_to_the_next_start(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    directory = claim(tmp_path)
    directory.index_path.write_bytes(b"no index at all" * 1000)

    settle_index(directory)

    directory.close()
    assert "left to the next start" in caplog.text
