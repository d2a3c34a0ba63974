"""Brought versions: where a version goes that was made elsewhere, and keeps its time.

What is made here is the newest version of its key. What is brought may be older than what somebody
has written here meanwhile, and must not hide that. So it goes directly above the newest version
that is not younger, or above the one that it followed where it was made, if that comes first: there
are stores, AWS among them, whose order is not always that of the times they tell.

Versions have no other order than that of their numbers, and no number is free between two of them.
So those that are to lie above it are lifted: they get new numbers, in the order that they have.
Whoever holds the record of one of them finds that it has changed, and looks it up again.
"""

from collections.abc import Sequence

from ferrox.errors import PreconditionFailed
from ferrox.storage.metadata import findings
from ferrox.storage.metadata.database import Reader, Tx

_NEWEST_FIRST = (
    "SELECT version, modified_ms, version_id FROM versions"
    " WHERE bucket_id = ? AND key = ? ORDER BY version DESC"
)
_MODIFIED = "SELECT modified_ms FROM versions WHERE version = ?"
_LIFT = (
    "UPDATE versions SET version = ? WHERE version = ?",
    "UPDATE inline_data SET version = ? WHERE version = ?",
)


def above(
    reader: Reader, bucket_id: int, key: str, modified_ms: int, follows: str
) -> Sequence[int]:
    """Return the numbers of the versions that something of this time goes below, oldest first.

    follows  the id of the version that it followed where it was made, or ""
    """
    found: list[int] = []
    rows = reader.execute(_NEWEST_FIRST, (bucket_id, key))
    for version, its_modified_ms, version_id in rows:
        if its_modified_ms <= modified_ms or version_id == follows:
            break
        found.append(version)
    return found[::-1]


def lift(tx: Tx, versions: Sequence[int]) -> None:
    """Give these versions, oldest first, numbers that are greater than all there are."""
    for version in versions:
        lifted = tx.next_version()
        for statement in _LIFT:
            tx.execute(statement, (lifted, version))
        findings.renumber(tx, version, lifted)


def require_no_newer(tx: Tx, version: int, modified_ms: int) -> None:
    """Let a version be replaced by what was made at this time, unless it is the newer one.

    raises  PreconditionFailed
    """
    (its_modified_ms,) = tx.execute(_MODIFIED, (version,)).fetchone()
    if its_modified_ms > modified_ms:
        raise overtaken()


def overtaken() -> PreconditionFailed:
    """What to say when something newer is here, which what is brought must not replace or hide."""
    return PreconditionFailed(Condition="ferrox-modified")
