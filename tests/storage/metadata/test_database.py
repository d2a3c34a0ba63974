"""Readers: what they see, and when."""

import asyncio
import os
import sqlite3
import sys
import threading
from pathlib import Path
from subprocess import PIPE

import pytest

from ferrox.errors import Fault
from ferrox.storage.metadata.connections import PAGE_BYTES
from ferrox.storage.metadata.database import Database
from tests.storage.metadata.batches import NAMES, insert, stored


async def test_what_was_acknowledged_is_seen_by_the_next_read(database: Database) -> None:
    result = await database.write(insert(b"a"))

    assert b"a" == result
    assert [b"a"] == stored(database)
    assert [(b"a",)] == await database.read_long(lambda reader: reader.execute(NAMES).fetchall())


async def test_a_page_that_cannot_be_read_is_a_fault_of_this_look_up_only(
    tmp_path: Path,
) -> None:
    def sizes(reader: sqlite3.Connection) -> list[int]:
        return [size for (size,) in reader.execute("SELECT length(name) FROM garbage")]

    path = tmp_path / "index.db"
    database = await Database.open(path)
    await database.write(
        lambda tx: tx.execute(
            "INSERT INTO inline_data (version, crc32c, data) VALUES (1, 0, x'00')"
        )
    )
    for n in range(100):
        await database.write(insert(bytes([n]) * 3000))
    await database.close()
    size_bytes = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size_bytes // 2 // PAGE_BYTES * PAGE_BYTES)
        file.write(b"\xff" * (size_bytes - file.tell()))

    database = await Database.open(path)
    with pytest.raises(Fault, match="cannot be read"):
        database.read(sizes)
    with pytest.raises(Fault, match="cannot be read"):
        await database.read_long(sizes)
    kept = await database.read_long(
        lambda reader: reader.execute("SELECT version FROM inline_data").fetchall()
    )
    await database.close()

    assert [(1,)] == kept


async def test_long_reads_see_one_state_and_do_not_hold_up_writers(database: Database) -> None:
    await database.write(insert(b"a"))
    has_begun, may_end = threading.Event(), threading.Event()

    def count_twice(reader: sqlite3.Connection) -> list[int]:
        counts = [reader.execute("SELECT count(*) FROM garbage").fetchone()[0]]
        has_begun.set()
        may_end.wait(30)
        return [*counts, reader.execute("SELECT count(*) FROM garbage").fetchone()[0]]

    reading = asyncio.ensure_future(database.read_long(count_twice))
    await asyncio.to_thread(has_begun.wait, 30)
    await database.write(insert(b"b"))
    may_end.set()

    assert [1, 1] == await reading
    assert [b"a", b"b"] == stored(database)


async def test_what_was_written_is_there_after_reopening(tmp_path: Path) -> None:
    first = await Database.open(tmp_path / "index.db")
    await first.write(insert(b"a"))
    await first.close()

    second = await Database.open(tmp_path / "index.db")
    found = stored(second)
    await second.close()

    assert [b"a"] == found
    left = sorted(os.listdir(tmp_path))
    assert ["index.db", "index.next", "index.turn"] == left, "the log is gone"
    assert 0o600 == os.stat(tmp_path / "index.db").st_mode & 0o777


OTHER_PROCESS = """
import asyncio, sys
from pathlib import Path
from subprocess import PIPE
from ferrox.storage.metadata.database import Database

NAMES = "SELECT name FROM garbage ORDER BY name"

async def main():
    database = await Database.open(Path(sys.argv[1]))
    print("open", flush=True)
    for line in sys.stdin:
        names = database.read(lambda reader: reader.execute(NAMES).fetchall())
        await database.write(
            lambda tx: tx.execute("INSERT INTO garbage VALUES (?, 0)", (line.strip().encode(),))
        )
        print(b" ".join(name for (name,) in names).decode(), flush=True)
    await database.close()

asyncio.run(main())
"""


async def test_what_one_process_committed_the_next_read_of_another_sees(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    database = await Database.open(path)
    other = await asyncio.create_subprocess_exec(
        sys.executable, "-c", OTHER_PROCESS, path, stdin=PIPE, stdout=PIPE
    )
    assert other.stdin is not None
    assert other.stdout is not None
    await other.stdout.readline()
    for n in range(20):
        before = stored(database)
        await database.write(insert(b"%02d mine" % n))
        other.stdin.write(b"%02d theirs\n" % n)
        they_saw = await other.stdout.readline()

        assert b" ".join([*before, b"%02d mine" % n]) == they_saw.strip()
        assert [*before, b"%02d mine" % n, b"%02d theirs" % n] == stored(database)
    other.stdin.close()
    await other.wait()
    await database.close()

    assert 0 == other.returncode
    assert ["index.db", "index.next", "index.turn"] == sorted(os.listdir(tmp_path))


async def test_what_waits_is_finished_before_closing(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "index.db")
    waiting = [asyncio.ensure_future(database.write(insert(bytes([n])))) for n in range(50)]
    await asyncio.sleep(0)

    await database.close()

    assert [bytes([n]) for n in range(50)] == await asyncio.gather(*waiting)
    with pytest.raises(RuntimeError, match="closed"):
        await database.write(insert(b"late"))
