"""Uses of keys as rows: the latest one counts, and those of long ago go."""

from pathlib import Path

from ferrox.identity import KeyUse
from ferrox.storage.metadata import key_uses
from ferrox.storage.metadata.database import Database


async def test_the_latest_use_counts_in_whatever_order_they_come(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "index.db")

    for used_ms in (20, 30, 10):
        uses = {"FRX1": KeyUse(used_ms, f"s{used_ms}", "r"), "FRX2": KeyUse(1, "s3", "r")}
        await database.write(lambda tx, uses=uses: key_uses.put(tx, uses))  # type: ignore[misc]

    assert KeyUse(30, "s30", "r") == database.read(lambda reader: key_uses.find(reader, "FRX1"))
    assert database.read(lambda reader: key_uses.find(reader, "FRX3")) is None
    await database.close()


async def test_uses_of_long_ago_are_forgotten(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "index.db")
    uses = {"OLD": KeyUse(9, "s3", "r"), "NEW": KeyUse(10, "s3", "r")}
    await database.write(lambda tx: key_uses.put(tx, uses))

    await database.write(lambda tx: key_uses.forget(tx, 10))

    assert database.read(lambda reader: key_uses.find(reader, "OLD")) is None
    assert uses["NEW"] == database.read(lambda reader: key_uses.find(reader, "NEW"))
    await database.close()
