"""Resealing: how the versions of a bucket are sealed, page by page.

Delete markers have no bytes, and are left out. The order is that of the listings of versions: by
key, the newest first; so a place in it is a key and a version's number.
"""

from typing import NamedTuple

from ferrox.records import BucketRecord, Encryption
from ferrox.storage.metadata.database import Reader
from ferrox.storage.metadata.versions import decode_encryption

Position = tuple[str, int]

_COLUMNS = "SELECT version, key, version_id, size_bytes, encryption FROM versions"
_OLDER = (
    f"{_COLUMNS} WHERE bucket_id = ? AND key = ? AND version < ? AND is_delete_marker = 0"
    " ORDER BY version DESC LIMIT ?"
)
_LATER = (
    f"{_COLUMNS} WHERE bucket_id = ? AND key > ? AND is_delete_marker = 0"
    " ORDER BY key, version DESC LIMIT ?"
)


class SealedVersion(NamedTuple):
    """A version, and how it is sealed."""

    version: int
    key: str
    version_id: str
    size_bytes: int
    encryption: Encryption | None

    @property
    def position(self) -> Position:
        """Where it is in the order."""
        return self.key, self.version


def page(
    reader: Reader, bucket: BucketRecord, after: Position | None, limit: int
) -> list[SealedVersion]:
    """Return the versions that come after a position, or the first."""
    after_key, after_version = after or ("", 0)
    found = reader.execute(_OLDER, (bucket.bucket_id, after_key, after_version, limit)).fetchall()
    found += reader.execute(_LATER, (bucket.bucket_id, after_key, limit - len(found))).fetchall()
    return [
        SealedVersion(version, key, version_id, size_bytes, decode_encryption(sealed))
        for version, key, version_id, size_bytes, sealed in found
    ]
