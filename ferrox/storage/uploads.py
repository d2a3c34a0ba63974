"""Uploads: the verbs of the store on objects that are assembled of parts."""

from collections.abc import Mapping, Sequence

from ferrox.errors import NoSuchBucket
from ferrox.records import (
    BucketRecord,
    Checksum,
    Occasion,
    PartRecord,
    UploadListing,
    UploadRecord,
    VersionDraft,
    VersionRecord,
)
from ferrox.storage.bodies import Bodies, once
from ferrox.storage.content import BlobLabel, Content
from ferrox.storage.events import Events
from ferrox.storage.metadata import buckets, manifest, outbox, uploads
from ferrox.storage.metadata.database import Tx
from ferrox.storage.metadata.objects import Check
from ferrox.storage.metadata.uploads import Assemble


class Uploads(Events, Bodies):
    """The multipart uploads of a store."""

    async def create_upload(
        self,
        bucket: BucketRecord,
        draft: VersionDraft,
        checksum_algorithm: str | None,
        checksum_type: str | None,
        said: Mapping[str, str] | None = None,
    ) -> UploadRecord:
        """Open an upload; `said_of_upload` finds `said` again."""
        return await self._database.write(
            lambda tx: uploads.create(
                tx,
                bucket,
                draft,
                checksum_algorithm,
                checksum_type,
                now_ms=self._clock.now_ms(),
                said=said,
            )
        )

    def said_of_upload(self, bucket: BucketRecord, key: str, upload_id: str) -> dict[str, str]:
        """Return what was said as an upload was opened, for as long as anything is known of it."""
        return self._database.read(lambda reader: uploads.said_of(reader, bucket, key, upload_id))

    def upload(self, bucket: BucketRecord, key: str, upload_id: str) -> UploadRecord | None:
        """Return an open upload, if it is one of this bucket and key."""
        return self._database.read(lambda reader: uploads.find(reader, bucket, key, upload_id))

    async def add_part(
        self,
        upload: UploadRecord,
        part_number: int,
        etag: str,
        checksum: Checksum | None,
        content: Content,
    ) -> PartRecord:
        """Add received bytes as a part, replacing the one of that number. NoSuchUpload."""
        if content.inline:
            raise ValueError("parts lie in blobs: receive them with may_inline=False")
        if content.size_bytes and content.is_sealed != (upload.draft.encryption is not None):
            raise ValueError("an upload says whether its parts are sealed")
        part = PartRecord(
            part_number,
            content.size_bytes,
            self._clock.now_ms(),
            etag,
            checksum,
            content.extents,
        )
        await self._publish(content, lambda tx: uploads.add_part(tx, upload, part, content.key))
        return part

    async def copy_part(  # noqa: PLR0917 - the part as in add_part, then where its bytes are
        self,
        upload: UploadRecord,
        part_number: int,
        etag: str,
        checksum: Checksum | None,
        source: VersionRecord,
        start: int,
        length: int,
    ) -> PartRecord:
        """Add a range of a version as a part, by reference. NoSuchUpload, SourceChanged.

        Bytes that lie in the index are written to a blob of their own first.
        """
        if not source.extents and length:
            return await self._copy_inline_part(
                upload, part_number, etag, checksum, self._read_inline(source)[start:][:length]
            )
        extents = manifest.cut(source.extents, start, length)
        part = PartRecord(part_number, length, self._clock.now_ms(), etag, checksum, extents)
        await self._database.write(lambda tx: uploads.share_part(tx, upload, part, source))
        return part

    async def list_parts(
        self, upload: UploadRecord, after: int, limit: int
    ) -> tuple[list[PartRecord], bool]:
        """Return parts whose numbers are greater than `after`, and whether there are more."""
        found = await self._database.read_long(
            lambda reader: uploads.parts(reader, upload, after, limit + 1)
        )
        return found[:limit], 0 < limit < len(found)

    async def complete_upload(
        self,
        upload: UploadRecord,
        part_numbers: Sequence[int],
        assemble: Assemble,
        *,
        check: Check = None,
        occasion: Occasion | None = None,
    ) -> VersionRecord:
        """Make an object of the parts listed; moves no bytes. Asked again, it answers the same.

        assemble  given those of the parts that exist, in that order, inside the transaction;
                  refuses them or returns the final draft
        raises    NoSuchUpload, whatever assemble raises, InvalidPart if a part does not exist
        """
        announcement = self._announcement_by_id(upload.bucket_id, occasion)

        def work(tx: Tx) -> VersionRecord:
            now_ms = self._clock.now_ms()
            changes = tx.total_changes
            record = uploads.complete(
                tx, upload, part_numbers, assemble, now_ms=now_ms, check=check
            )
            if tx.total_changes > changes:
                outbox.record_version(tx, announcement, record, now_ms)
            return record

        return await self._database.write(work)

    def completed_upload(
        self, bucket: BucketRecord, key: str, upload_id: str
    ) -> VersionRecord | None:
        """Return what an upload was completed to within 24 hours; without parts and extents."""
        return self._database.read(
            lambda reader: uploads.find_completed(
                reader, bucket, key, upload_id, now_ms=self._clock.now_ms()
            )
        )

    async def abort_upload(self, upload: UploadRecord) -> None:
        """Drop an upload and its parts. NoSuchUpload."""
        await self._database.write(
            lambda tx: uploads.abort(tx, upload.upload_id, self._clock.now_ms()), frees_room=True
        )

    async def list_uploads(
        self,
        bucket: BucketRecord,
        *,
        prefix: str,
        delimiter: str,
        key_marker: str,
        upload_id_marker: str,
        limit: int,
    ) -> UploadListing:
        """Return a page of open uploads."""
        return await self._database.read_long(
            lambda reader: uploads.page(
                reader,
                bucket,
                prefix=prefix,
                delimiter=delimiter,
                key_marker=key_marker,
                upload_id_marker=upload_id_marker,
                limit=limit,
            )
        )

    async def _copy_inline_part(
        self,
        upload: UploadRecord,
        part_number: int,
        etag: str,
        checksum: Checksum | None,
        data: bytes,
    ) -> PartRecord:
        bucket = self._database.read(lambda reader: buckets.find_by_id(reader, upload.bucket_id))
        if bucket is None:
            raise NoSuchBucket
        label = BlobLabel(bucket.name, upload.key, None, upload.upload_id, part_number)
        async with self.receive(
            once(data), (), label, size_hint=len(data), max_bytes=len(data), may_inline=False
        ) as content:
            return await self.add_part(upload, part_number, etag, checksum, content)
