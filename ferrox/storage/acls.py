"""Acls: the verbs of the store on the access control lists of versions."""

from ferrox.records import BucketRecord, VersionAcl
from ferrox.storage.metadata import acls
from ferrox.storage.metadata.acls import Change
from ferrox.storage.metadata.database import Database


class Acls:
    """The lists of a store. Those of buckets are documents."""

    _database: Database

    def version_acl(
        self, bucket: BucketRecord, key: str, version_id: str | None = None
    ) -> VersionAcl | None:
        """Return what a version of a key says, the newest if none is named."""
        return self._database.read(
            lambda reader: acls.find(reader, bucket.bucket_id, key, version_id)
        )

    async def change_version_acl(
        self, bucket: BucketRecord, key: str, version_id: str | None, change: Change
    ) -> VersionAcl | None:
        """Set the list of a version, the newest if none is named, inside the transaction.

        change  given what it says, or None; returns its new list, or raises
        """
        return await self._database.write(
            lambda tx: acls.change(tx, bucket, key, version_id, change)
        )
