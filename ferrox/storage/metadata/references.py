"""Who needs which blob: reference counts, and the list of blobs that nobody needs any more.

A blob's count is the number of manifest entries that name it. The transaction that takes the last
one away puts the name on the garbage list; the reaper removes the file later, and then the name. So
at every instant a file is either counted here, on the list, or not yet named by anything.
"""

from collections.abc import Iterable, Sequence

from ferrox.records import Extent, WrappedKey
from ferrox.storage.metadata.database import Reader, Tx

_INTRODUCE = (
    "INSERT INTO blobs (name, size_bytes, reference_count, kek_id, wrapped_key)"
    " VALUES (?, ?, 1, ?, ?)"
    " ON CONFLICT (name) DO UPDATE SET reference_count = reference_count + 1"
)
_SHARE = "UPDATE blobs SET reference_count = reference_count + 1 WHERE name = ?"
_DROP_LAST = "DELETE FROM blobs WHERE name = ? AND reference_count = 1"
_DROP_ONE = "UPDATE blobs SET reference_count = reference_count - 1 WHERE name = ?"
_DISCARD = "INSERT INTO garbage (name, dropped_ms) VALUES (?, ?)"


def introduce(tx: Tx, extents: Iterable[Extent], key: WrappedKey | None = None) -> None:
    """Count blobs that were just written, and are named here for the first time.

    key  the data key that they are sealed under
    """
    columns = (None, None) if key is None else key
    tx.executemany(_INTRODUCE, [(name, start + size, *columns) for name, start, size in extents])


def share(tx: Tx, extents: Iterable[Extent]) -> None:
    """Count one more manifest entry for each extent of a manifest that is stored already."""
    tx.executemany(_SHARE, [(extent.blob_name,) for extent in extents])


def drop(tx: Tx, extents: Iterable[Extent], now_ms: int) -> None:
    """Count one manifest entry less for each extent; what nobody names becomes garbage."""
    for name, _, _ in extents:
        if tx.execute(_DROP_LAST, (name,)).rowcount:
            tx.execute(_DISCARD, (name, now_ms))
        else:
            tx.execute(_DROP_ONE, (name,))


def garbage(reader: Reader, after: bytes, limit: int) -> list[bytes]:
    """Return names on the garbage list that are greater than `after`, in order."""
    rows = reader.execute(
        "SELECT name FROM garbage WHERE name > ? ORDER BY name LIMIT ?", (after, limit)
    )
    return [name for (name,) in rows]


def forget(tx: Tx, names: Sequence[bytes]) -> None:
    """Take names off the garbage list: their files are gone."""
    tx.executemany("DELETE FROM garbage WHERE name = ?", [(name,) for name in names])


def discard_unnamed(tx: Tx, names: Iterable[bytes], now_ms: int) -> list[bytes]:
    """Put those of `names` that the index knows nothing of on the garbage list; return them."""
    strangers = unnamed(tx, names)
    tx.executemany(_DISCARD, [(name, now_ms) for name in strangers])
    return strangers


def unnamed(reader: Reader, names: Iterable[bytes]) -> list[bytes]:
    """Return those of `names` that the index knows nothing of."""
    select = (
        "SELECT 1 FROM blobs WHERE name = ?1"
        " UNION ALL SELECT 1 FROM garbage WHERE name = ?1 LIMIT 1"
    )
    return [name for name in names if reader.execute(select, (name,)).fetchone() is None]
