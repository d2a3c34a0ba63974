"""When access keys were last used, as far as it was written down."""

from collections.abc import Mapping

from ferrox.identity import KeyUse
from ferrox.storage.metadata.database import Reader, Tx

_PUT = (
    "INSERT INTO key_uses (access_key_id, used_ms, service, region) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (access_key_id) DO UPDATE"
    " SET used_ms = excluded.used_ms, service = excluded.service, region = excluded.region"
    " WHERE excluded.used_ms > used_ms"
)
_FIND = "SELECT used_ms, service, region FROM key_uses WHERE access_key_id = ?"
_FORGET = "DELETE FROM key_uses WHERE used_ms < ?"


def put(tx: Tx, uses: Mapping[str, KeyUse]) -> None:
    """Write down uses by the id of the key; the latest one counts, of whichever process."""
    tx.executemany(_PUT, [(access_key_id, *use) for access_key_id, use in uses.items()])


def find(reader: Reader, access_key_id: str) -> KeyUse | None:
    """The last use of a key that was written down."""
    found = reader.execute(_FIND, (access_key_id,)).fetchone()
    return found and KeyUse(*found)


def forget(tx: Tx, before_ms: int) -> None:
    """Forget uses of long ago."""
    tx.execute(_FORGET, (before_ms,))
