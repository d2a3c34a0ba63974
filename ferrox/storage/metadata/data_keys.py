"""Data keys: which key each sealed blob has, and how all under one KEK come under another.

A data key is wrapped anew, its bytes and what it seals stay as they are. What was replaced or
removed between the look and the transaction is left alone: the next look shows what is left.
"""

from collections.abc import Iterable, Sequence

from ferrox.records import WrappedKey
from ferrox.storage.metadata.database import Reader, Tx
from ferrox.storage.metadata.versions import crc32c

_FIND = "SELECT kek_id, wrapped_key FROM blobs WHERE name = ? AND kek_id IS NOT NULL"
_BLOBS = "SELECT name, wrapped_key FROM blobs WHERE kek_id = ? LIMIT ?"
_INLINE = "SELECT version, data FROM inline_data WHERE kek_id = ? LIMIT ?"
_REWRAP_BLOB = "UPDATE blobs SET kek_id = ?, wrapped_key = ? WHERE name = ? AND wrapped_key = ?"
_REWRAP_INLINE = (
    "UPDATE inline_data SET kek_id = ?, data = ?, crc32c = ? WHERE version = ? AND data = ?"
)
_COUNTS = (
    "SELECT kek_id, sum(count) FROM ("
    " SELECT kek_id, count(*) AS count FROM blobs WHERE kek_id IS NOT NULL GROUP BY kek_id"
    " UNION ALL"
    " SELECT kek_id, count(*) FROM inline_data WHERE kek_id IS NOT NULL GROUP BY kek_id"
    ") GROUP BY kek_id"
)


def find(reader: Reader, names: Iterable[bytes]) -> dict[bytes, WrappedKey]:
    """Return the data keys of blobs; those that are not sealed, or gone, have none."""
    found = ((name, reader.execute(_FIND, (name,)).fetchone()) for name in names)
    return {name: WrappedKey(*row) for name, row in found if row is not None}


def counts(reader: Reader) -> dict[str, int]:
    """Return how many data keys are under each KEK: a walk through indexes, a second for 10^7."""
    return dict(reader.execute(_COUNTS).fetchall())


def of_blobs(reader: Reader, kek_id: str, limit: int) -> list[tuple[bytes, bytes]]:
    """Return names and wrapped data keys of some blobs that are under a KEK."""
    return reader.execute(_BLOBS, (kek_id, limit)).fetchall()


def of_inline_data(reader: Reader, kek_id: str, limit: int) -> list[tuple[int, bytes]]:
    """Return versions whose bytes lie in the index under a KEK, with their stored form."""
    return reader.execute(_INLINE, (kek_id, limit)).fetchall()


def rewrap_blobs(tx: Tx, kek_id: str, changes: Sequence[tuple[bytes, bytes, bytes]]) -> None:
    """Replace wrapped data keys: name, what it was, what it is under this KEK."""
    tx.executemany(_REWRAP_BLOB, [(kek_id, new, name, old) for name, old, new in changes])


def rewrap_inline_data(tx: Tx, kek_id: str, changes: Sequence[tuple[int, bytes, bytes]]) -> None:
    """Replace stored forms: version, what it was, what it is under this KEK."""
    tx.executemany(
        _REWRAP_INLINE,
        [(kek_id, new, crc32c(new), version, old) for version, old, new in changes],
    )
