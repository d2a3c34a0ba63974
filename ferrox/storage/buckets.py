"""Buckets: the verbs of the store on buckets and their documents."""

from collections.abc import Mapping

from ferrox.clock import Clock
from ferrox.records import BucketRecord, Quota, Usage, Versioning
from ferrox.storage.documents import DocumentCache
from ferrox.storage.metadata import buckets, uploads, usage
from ferrox.storage.metadata.buckets import BucketCheck, Document
from ferrox.storage.metadata.database import Database, Tx


class Buckets:
    """The buckets of a store."""

    _database: Database
    _clock: Clock
    _documents: DocumentCache

    def bucket(self, name: str) -> BucketRecord | None:
        """Return the bucket of this name."""
        return self._database.read(lambda reader: buckets.find(reader, name))

    def bucket_by_id(self, bucket_id: int) -> BucketRecord | None:
        """Return the bucket of this number."""
        return self._database.read(lambda reader: buckets.find_by_id(reader, bucket_id))

    async def create_bucket(
        self,
        name: str,
        owner_id: str,
        region: str,
        *,
        is_object_lock_enabled: bool = False,
        documents: Mapping[str, Document] | None = None,
    ) -> tuple[BucketRecord, bool]:
        """Make a bucket unless there is one, whoever owns it; return it, and whether it is new.

        documents  what a new bucket is configured with from its beginning
        """

        def work(tx: Tx) -> tuple[BucketRecord, bool]:
            bucket, is_new = buckets.create(
                tx,
                name,
                owner_id,
                region,
                self._clock.now_ms(),
                is_object_lock_enabled=is_object_lock_enabled,
            )
            if is_new:
                for document_name, document in (documents or {}).items():
                    bucket = buckets.put_document(tx, bucket, document_name, document)
            return bucket, is_new

        return await self._database.write(work)

    def usage(self, bucket: BucketRecord) -> Usage:
        """Return what a bucket holds, exactly, as of the last commit. NoSuchBucket."""
        return self._database.read(lambda reader: usage.find(reader, bucket))

    def quota(self, bucket: BucketRecord) -> Quota:
        """Return how much a bucket may hold. NoSuchBucket."""
        return self._database.read(lambda reader: usage.quota(reader, bucket))

    async def set_quota(self, bucket: BucketRecord, quota: Quota) -> None:
        """Say how much a bucket may hold; see `usage`. NoSuchBucket."""
        await self._database.write(lambda tx: usage.set_quota(tx, bucket, quota), frees_room=True)

    async def set_versioning(
        self,
        bucket: BucketRecord,
        versioning: Versioning,
        *,
        documents: Mapping[str, Document] | None = None,
        check: BucketCheck = None,
    ) -> BucketRecord:
        """Change whether the bucket keeps former versions.

        documents  what the bucket is configured with in the same transaction
        """

        def work(tx: Tx) -> BucketRecord:
            _check(tx, bucket, check)
            revised = buckets.set_versioning(tx, bucket, versioning)
            for name, document in (documents or {}).items():
                revised = buckets.put_document(tx, revised, name, document)
            return revised

        return await self._database.write(work)

    async def delete_bucket(self, bucket: BucketRecord) -> None:
        """Remove a bucket without versions; its open uploads are aborted. BucketNotEmpty."""

        def work(tx: Tx) -> None:
            buckets.remove(tx, bucket)
            uploads.abort_all(tx, bucket, self._clock.now_ms())

        await self._database.write(work, frees_room=True)

    async def list_buckets(
        self, owner_id: str, prefix: str, after: str, limit: int
    ) -> list[BucketRecord]:
        """Return buckets of an owner by name: those that begin with `prefix` and exceed `after`."""
        return await self._database.read_long(
            lambda reader: buckets.page(reader, owner_id, prefix, after, limit)
        )

    async def all_buckets(self, after: str, limit: int) -> list[BucketRecord]:
        """Return buckets of all owners, by name, whose names exceed `after`."""
        return await self._database.read_long(
            lambda reader: buckets.page_of_all(reader, after, limit)
        )

    # Documents

    def bucket_document(self, bucket: BucketRecord, name: str) -> Document | None:
        """Return a document as it was when `bucket` was read, or later; not to be changed.

        Until the bucket changes it is the same object each time.
        """
        return self._documents.find(bucket, name)

    async def bucket_documents(
        self, bucket: BucketRecord, prefix: str, after: str, limit: int
    ) -> list[tuple[str, Document]]:
        """Return documents by name: those that begin with `prefix` and exceed `after`."""
        return await self._database.read_long(
            lambda reader: buckets.documents(reader, bucket.bucket_id, prefix, after, limit)
        )

    async def documents_of_all_buckets(self, prefix: str) -> list[tuple[int, Document]]:
        """Return documents by bucket and name: bucket number and content; rarely to be asked."""
        return await self._database.read_long(
            lambda reader: buckets.documents_of_all(reader, prefix)
        )

    async def put_bucket_document(
        self, bucket: BucketRecord, name: str, document: Document, *, check: BucketCheck = None
    ) -> BucketRecord:
        """Store a document in place of the one of that name; return the bucket, revised."""

        def work(tx: Tx) -> BucketRecord:
            _check(tx, bucket, check)
            return buckets.put_document(tx, bucket, name, document)

        return await self._database.write(work)

    async def enable_object_lock(
        self, bucket: BucketRecord, name: str, document: Document, *, check: BucketCheck = None
    ) -> BucketRecord:
        """Give a bucket its object lock, for ever, with the document that describes it."""

        def work(tx: Tx) -> BucketRecord:
            _check(tx, bucket, check)
            buckets.enable_object_lock(tx, bucket)
            return buckets.put_document(tx, bucket, name, document)

        return await self._database.write(work)

    async def delete_bucket_document(
        self, bucket: BucketRecord, name: str, *, check: BucketCheck = None
    ) -> BucketRecord:
        """Remove a document, which may be absent; return the bucket, revised."""

        def work(tx: Tx) -> BucketRecord:
            _check(tx, bucket, check)
            return buckets.delete_document(tx, bucket, name)

        return await self._database.write(work, frees_room=True)


def _check(tx: Tx, bucket: BucketRecord, check: BucketCheck) -> None:
    if check is not None:
        check(tx, buckets.current(tx, bucket))
