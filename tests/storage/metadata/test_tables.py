"""What the documentation is told of the index is so."""

from ferrox.storage.metadata.tables import Column, tables


def test_every_table_is_told_with_its_columns() -> None:
    found = tables()

    assert ["buckets", "objects", "versions"] == list(found)[:3]
    assert [
        Column("name", "BLOB", may_be_null=False, is_in_key=True),
        Column("size_bytes", "INTEGER", may_be_null=False, is_in_key=False),
        Column("reference_count", "INTEGER", may_be_null=False, is_in_key=False),
        Column("kek_id", "TEXT", may_be_null=True, is_in_key=False),
    ] == found["blobs"][:4]


def test_tables_of_sqlite_itself_are_not() -> None:
    assert [] == [name for name in tables() if name.startswith("sqlite")]
