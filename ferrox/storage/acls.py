"""Acls: the verbs of the store on the access control lists of versions."""

from ferrox.records import BucketRecord, Occasion, VersionAcl
from ferrox.storage.events import Events
from ferrox.storage.metadata import acls, outbox, versions
from ferrox.storage.metadata.acls import Change
from ferrox.storage.metadata.database import Tx


class Acls(Events):
    """The lists of a store. Those of buckets are documents."""

    def version_acl(
        self, bucket: BucketRecord, key: str, version_id: str | None = None
    ) -> VersionAcl | None:
        """Return what a version of a key says, the newest if none is named."""
        return self._database.read(
            lambda reader: acls.find(reader, bucket.bucket_id, key, version_id)
        )

    async def count_versions_granting(self, bucket: BucketRecord, grantee: str) -> tuple[int, str]:
        """Return how many versions have a list that names a grantee, and the first of their keys.

        Goes through all versions of the bucket.
        """
        return await self._database.read_long(
            lambda reader: acls.count_granting(reader, bucket.bucket_id, grantee)
        )

    async def change_version_acl(
        self,
        bucket: BucketRecord,
        key: str,
        version_id: str | None,
        change: Change,
        *,
        occasion: Occasion | None = None,
    ) -> VersionAcl | None:
        """Set the list of a version, the newest if none is named, inside the transaction.

        change  given what it says, or None; returns its new list, or raises
        """
        announcement = self._announcement(bucket, occasion)

        def work(tx: Tx) -> VersionAcl | None:
            changed = acls.change(tx, bucket, key, version_id, change)
            if changed is not None and announcement is not None:
                version = versions.find(tx, bucket.bucket_id, key, changed.version_id)
                if version is not None:
                    outbox.record_version(tx, announcement, version, self._clock.now_ms())
            return changed

        return await self._database.write(work)
