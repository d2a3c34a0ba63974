"""An index with one bucket, driven by short verbs."""

from collections.abc import Callable
from typing import Any

from ferrox.records import (
    BucketRecord,
    CommonPrefix,
    Deletion,
    Extent,
    UploadRecord,
    VersionDraft,
    Versioning,
    VersionRecord,
)
from ferrox.storage.metadata import buckets, listing, objects, uploads, versions
from ferrox.storage.metadata.database import Database, Tx
from ferrox.storage.metadata.objects import Check
from ferrox.storage.metadata.versions import Body


def blob(number: int, size_bytes: int = 100, offset_bytes: int = 0) -> Extent:
    """An extent of the blob of this number."""
    return Extent(number.to_bytes(16, "big"), offset_bytes, size_bytes)


def names(*numbers: int) -> list[bytes]:
    """The names of blobs of these numbers."""
    return [number.to_bytes(16, "big") for number in numbers]


class Index:
    """Verbs on one bucket of one database; every write is one millisecond after the last."""

    def __init__(self, database: Database, bucket: BucketRecord) -> None:
        self.database = database
        self.bucket = bucket
        self.now_ms = 0

    async def write(self, function: Callable[[Tx], Any]) -> Any:
        self.now_ms += 1
        return await self.database.write(function)

    async def rows(self, select: str, *values: Any) -> list[tuple[Any, ...]]:
        return await self.database.read_long(
            lambda reader: reader.execute(select, values).fetchall()
        )

    async def set_versioning(self, versioning: Versioning) -> None:
        self.bucket = await self.write(
            lambda tx: buckets.set_versioning(tx, self.bucket, versioning)
        )

    async def put(
        self,
        key: str,
        data: bytes = b"data",
        *,
        extents: tuple[Extent, ...] = (),
        check: Check = None,
        **facts: Any,
    ) -> VersionRecord:
        draft = VersionDraft(key, facts.pop("etag", "etag"), "owner", **facts)
        body = Body(len(data), data)
        if extents:
            body = Body(sum(extent.size_bytes for extent in extents), None, extents)
        version: VersionRecord = await self.write(
            lambda tx: objects.add_version(
                tx, self.bucket, draft, body, now_ms=self.now_ms, check=check
            )
        )
        return version

    async def copy(self, source: VersionRecord, key: str) -> VersionRecord:
        draft = VersionDraft(key, "copied", "owner")
        version: VersionRecord = await self.write(
            lambda tx: objects.copy_version(
                tx, self.bucket, draft, source, now_ms=self.now_ms, check=None
            )
        )
        return version

    async def delete(self, key: str, version_id: str | None = None) -> Deletion:
        deletion: Deletion = await self.write(
            lambda tx: objects.delete_object(
                tx, self.bucket, key, version_id, now_ms=self.now_ms, check=None
            )
        )
        return deletion

    async def open_upload(self, key: str) -> UploadRecord:
        upload: UploadRecord = await self.write(
            lambda tx: uploads.create(
                tx, self.bucket, VersionDraft(key, "", "owner"), None, None, now_ms=self.now_ms
            )
        )
        return upload

    def find(self, key: str, version_id: str | None = None) -> VersionRecord | None:
        return self.database.read(
            lambda reader: versions.find(
                reader, self.bucket.bucket_id, key, version_id, with_inline=True
            )
        )

    def data(self, key: str, version_id: str | None = None) -> bytes | None:
        """The inline bytes a key shows; None if it shows nothing."""
        version = self.find(key, version_id)
        if version is None or version.is_delete_marker:
            return None
        return version.inline or b""

    def names(self, **arguments: Any) -> list[str]:
        """The names in a listing, and "…" if there are more."""
        asked = {"prefix": "", "delimiter": "", "after": "", "limit": 1000, **arguments}
        page = self.database.read(lambda reader: listing.objects(reader, self.bucket, **asked))
        found = [
            entry.prefix if isinstance(entry, CommonPrefix) else entry.key for entry in page.entries
        ]
        return [*found, "…"] if page.is_truncated else found

    async def counts(self) -> dict[int, int]:
        """Reference count of each blob."""
        rows = await self.rows("SELECT name, reference_count FROM blobs ORDER BY name")
        return {int.from_bytes(name, "big"): count for name, count in rows}

    async def garbage(self) -> list[int]:
        """Numbers of the blobs on the garbage list."""
        rows = await self.rows("SELECT name FROM garbage ORDER BY name")
        return [int.from_bytes(name, "big") for (name,) in rows]
