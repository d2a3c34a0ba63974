"""The page about the data directory tells of everything that is in one."""

import sqlite3
from pathlib import Path

from ferrox.cli import format_reference
from ferrox.storage.metadata.tables import tables
from tests.in_process import InProcess
from tests.server_process import serving

PAGE = format_reference.on_disk_format()


async def test_every_file_of_a_data_directory_is_told_of(s3: InProcess, tmp_path: Path) -> None:
    await s3.make_bucket()
    await s3.put("large", b"x" * 70_000)
    files = {path.name.partition("-")[0] for path in (tmp_path / "data").iterdir()}

    assert "blobs" in files
    assert [] == [name for name in files if name not in PAGE]


def test_every_table_of_the_index_is_told_of_with_its_columns() -> None:
    assert set(tables()) == set(format_reference.TABLES)
    assert all(f"\n### {table}\n" in PAGE for table in format_reference.TABLES)
    assert "| `reference_count` | INTEGER |\n" in PAGE
    assert "| `kek_id` | TEXT, or NULL |\n" in PAGE
    assert "| `bucket_id` | INTEGER, primary key |\n| `key` | TEXT, primary key |\n" in PAGE


def test_every_table_of_the_settings_is_told_of(tmp_path: Path) -> None:
    with serving(tmp_path / "data", "--workers", "1"):
        pass
    connection = sqlite3.connect(tmp_path / "data" / "settings.db")
    tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
    connection.close()

    told = {table for table, _, _ in format_reference.DOCUMENTS}

    assert tables
    assert set() == {name for (name,) in tables} - told


def test_the_layout_of_blobs_is_there_byte_by_byte() -> None:
    assert (
        '\nfooter   0    8      magic "FERROXB\\n"\n         8    2      format version, 1\n'
        in PAGE
    )
    assert "\nentry    0      16     tag of the segment, AES-256-GCM\n" in PAGE
    assert "\n0       16     blob name\n16      8      offset inside the blob, u64\n" in PAGE


def test_no_cell_breaks_its_table() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("|")]

    assert {3, 4} == {row.count("|") for row in rows}
