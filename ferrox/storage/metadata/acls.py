"""Access control lists of versions: how they are stored, found and changed.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html

A list is JSON in a column of its version that no other look-up reads, as only callers who do not
own the bucket are judged by it. NULL is the list that was never set.
"""

from collections.abc import Callable, Sequence

from ferrox.records import BucketRecord, Grant, VersionAcl
from ferrox.storage.metadata import buckets
from ferrox.storage.metadata.database import Reader, Tx
from ferrox.storage.metadata.versions import SET_ACL, decode_json, encode_json

Change = Callable[[VersionAcl | None], Sequence[Grant] | None]
"""Given what a version says (None: there is no such version); returns its new list, or raises."""

_COLUMNS = "SELECT version, version_id, owner_id, is_delete_marker, acl FROM versions"
_NEWEST = f"{_COLUMNS} WHERE bucket_id = ? AND key = ? ORDER BY version DESC LIMIT 1"
_GRANTING = "SELECT count(*), min(key) FROM versions WHERE bucket_id = ? AND instr(acl, ?) > 0"
_BY_ID = f"{_COLUMNS} WHERE bucket_id = ? AND key = ? AND version_id = ?"


def find(reader: Reader, bucket_id: int, key: str, version_id: str | None) -> VersionAcl | None:
    """Return the list of a version of a key, of the newest if none is named."""
    if version_id is None:
        row = reader.execute(_NEWEST, (bucket_id, key)).fetchone()
    else:
        row = reader.execute(_BY_ID, (bucket_id, key, version_id)).fetchone()
    if row is None:
        return None
    version, found_id, owner_id, is_delete_marker, grants = row
    return VersionAcl(version, found_id, owner_id, is_delete_marker == 1, decode(grants))


def count_granting(reader: Reader, bucket_id: int, grantee: str) -> tuple[int, str]:
    """Return how many versions have a list that names a grantee, and the first of their keys."""
    count, key = reader.execute(_GRANTING, (bucket_id, encode_json(grantee))).fetchone()
    return count, key or ""


def change(
    tx: Tx, bucket: BucketRecord, key: str, version_id: str | None, changed: Change
) -> VersionAcl | None:
    """Set the list of a version, of the newest if none is named; return what it says now."""
    current = buckets.current(tx, bucket)
    found = find(tx, current.bucket_id, key, version_id)
    grants = changed(found)
    if found is None:
        return None
    tx.execute(SET_ACL, (encode(grants), found.version))
    return found._replace(grants=grants)


def encode(grants: Sequence[Grant] | None) -> str | None:
    """Return a list in its stored form."""
    return None if grants is None else encode_json(grants)


def decode(text: str | None) -> list[Grant] | None:
    """Return a list from its stored form."""
    return None if text is None else [Grant(*grant) for grant in decode_json(text)]
