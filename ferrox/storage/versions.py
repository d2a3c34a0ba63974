"""Versions: the verbs of the store on what a key was, is, and is called."""

from ferrox.clock import Clock
from ferrox.records import BucketRecord, VersionListing, VersionRecord
from ferrox.storage.metadata import history, objects, renaming
from ferrox.storage.metadata.database import Database
from ferrox.storage.metadata.objects import Change
from ferrox.storage.metadata.renaming import RenameCheck, Token


class Versions:
    """The versions of a store."""

    _database: Database
    _clock: Clock

    async def list_versions(
        self,
        bucket: BucketRecord,
        *,
        prefix: str,
        delimiter: str,
        key_marker: str,
        version_id_marker: str,
        limit: int,
    ) -> VersionListing:
        """Return a page of versions and delete markers."""
        return await self._database.read_long(
            lambda reader: history.page(
                reader,
                bucket,
                prefix=prefix,
                delimiter=delimiter,
                key_marker=key_marker,
                version_id_marker=version_id_marker,
                limit=limit,
            )
        )

    async def amend_version(
        self,
        bucket: BucketRecord,
        key: str,
        version_id: str | None,
        change: Change,
        *,
        bypass: bool = False,
    ) -> VersionRecord:
        """Change tags or lock of a version, the newest if none is named, inside the transaction.

        change  given the version, or None; returns what shall become of it, or raises
        bypass  the caller may bypass the GOVERNANCE of a locked version, and says so
        raises  AccessDenied when the lock may not be changed so
        """
        return await self._database.write(
            lambda tx: objects.amend(
                tx, bucket, key, version_id, change, now_ms=self._clock.now_ms(), bypass=bypass
            )
        )

    async def rename_object(
        self,
        bucket: BucketRecord,
        source_key: str,
        key: str,
        *,
        check: RenameCheck,
        token: Token | None = None,
    ) -> None:
        """Give the object that a key shows another key; see `renaming` for buckets with versions.

        check  given what both keys show; returns the version to be renamed, or raises
        token  makes the request one that is done once. IdempotencyParameterMismatch
        """
        await self._database.write(
            lambda tx: renaming.rename(
                tx,
                bucket,
                source_key,
                key,
                check=check,
                token=token,
                now_ms=self._clock.now_ms(),
            )
        )
