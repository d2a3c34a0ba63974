"""Multipart uploads: open assemblies of parts, and what became of those that were completed.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html

Parts always lie in blob files, so completing an upload only concatenates manifests. What a
completion made is remembered for COMPLETED_FOR_MS, even if it is replaced meanwhile: a client that
never got the answer asks again, and is told the same.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ferrox.errors import InvalidArgument, InvalidPart, NoSuchUpload, SourceChanged
from ferrox.ids import is_upload_id
from ferrox.ids import upload_id as new_upload_id
from ferrox.records import (
    BucketRecord,
    Checksum,
    CommonPrefix,
    Encryption,
    Grant,
    Lock,
    PartFacts,
    PartRecord,
    UploadListing,
    UploadRecord,
    VersionDraft,
    VersionRecord,
    WrappedKey,
)
from ferrox.storage.metadata import buckets, manifest, references, usage, versions
from ferrox.storage.metadata.database import Reader, Tx
from ferrox.storage.metadata.keys import successor, upper_bound
from ferrox.storage.metadata.listing import collect, first_key
from ferrox.storage.metadata.objects import Check, current, look, put

Assemble = Callable[[list[PartRecord]], VersionDraft]

COMPLETED_FOR_MS = 24 * 60 * 60 * 1000

_UPLOAD_COLUMNS = (
    "key, upload_id, bucket_id, initiated_ms, draft, checksum_algorithm, checksum_type"
)
_UPLOAD = f"SELECT {_UPLOAD_COLUMNS} FROM uploads WHERE upload_id = ?"
_UPLOADS = (
    f"SELECT {_UPLOAD_COLUMNS} FROM uploads"
    " WHERE bucket_id = ? AND (key, upload_id) > (?, ?) AND key < ?"
    " ORDER BY key, upload_id LIMIT ?"
)
_PARTS = (
    "SELECT part_number, size_bytes, modified_ms, etag, checksum_algorithm, checksum, manifest"
    " FROM parts WHERE upload_id = ? AND part_number > ? ORDER BY part_number LIMIT ?"
)
_PUT_PART = (
    "INSERT OR REPLACE INTO parts (upload_id, part_number, size_bytes, modified_ms, etag,"
    " checksum_algorithm, checksum, manifest) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
_COMPLETED = (
    "SELECT version, bucket_id, key, version_id, size_bytes, modified_ms, etag, storage_class,"
    " owner_id, facts, tags, encryption FROM completed_uploads"
    " WHERE upload_id = ? AND completed_ms > ?"
)
_REMEMBER = (
    "INSERT INTO completed_uploads (upload_id, bucket_id, key, version, version_id, size_bytes,"
    " modified_ms, etag, storage_class, owner_id, facts, tags, encryption, completed_ms)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_SAID = (
    "SELECT draft FROM uploads WHERE upload_id = ?1 AND bucket_id = ?2 AND key = ?3"
    " UNION ALL SELECT facts FROM completed_uploads"
    " WHERE upload_id = ?1 AND bucket_id = ?2 AND key = ?3"
)
_ALL = -1
"""As a LIMIT: none."""


def create(
    tx: Tx,
    bucket: BucketRecord,
    draft: VersionDraft,
    checksum_algorithm: str | None,
    checksum_type: str | None,
    *,
    now_ms: int,
    said: Mapping[str, str] | None = None,
) -> UploadRecord:
    """Open an upload.

    said  what else was said of it, that policies may ask about
    """
    buckets.versioning_of(tx, bucket)
    upload = UploadRecord(
        new_upload_id(now_ms),
        bucket.bucket_id,
        draft.key,
        now_ms,
        draft,
        checksum_algorithm,
        checksum_type,
    )
    tx.execute(
        "INSERT INTO uploads (upload_id, bucket_id, key, initiated_ms, draft, checksum_algorithm,"
        " checksum_type) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            upload.upload_id,
            upload.bucket_id,
            upload.key,
            upload.initiated_ms,
            versions.encode_json(draft._asdict() | ({"said": said} if said else {})),
            checksum_algorithm,
            checksum_type,
        ),
    )
    return upload


def find(reader: Reader, bucket: BucketRecord, key: str, upload_id: str) -> UploadRecord | None:
    """Return an open upload, if it is one of this bucket and key."""
    row = reader.execute(_UPLOAD, (upload_id,)).fetchone()
    if row is None or (row[0], row[2]) != (key, bucket.bucket_id):
        return None
    return _upload(row)


def said_of(reader: Reader, bucket: BucketRecord, key: str, upload_id: str) -> dict[str, str]:
    """Return what `create` was given for `said`, as long as the upload is open or remembered."""
    row = reader.execute(_SAID, (upload_id, bucket.bucket_id, key)).fetchone()
    found: dict[str, str] = versions.decode_json(row[0] or "{}").get("said", {}) if row else {}
    return found


def page(
    reader: Reader,
    bucket: BucketRecord,
    *,
    prefix: str,
    delimiter: str,
    key_marker: str,
    upload_id_marker: str,
    limit: int,
) -> UploadListing:
    """Return a page of open uploads, by key, and by upload id (which is by age) within a key."""
    end = upper_bound(prefix)
    start = first_key(prefix, delimiter, key_marker)
    if upload_id_marker and start == successor(key_marker):
        start = key_marker  # further uploads of that key are to come
        _require_of_key(reader, upload_id_marker, key_marker)

    def scan(key: str, row_limit: int) -> Iterable[tuple[Any, ...]]:
        passed_id = upload_id_marker if key == key_marker else ""
        return reader.execute(_UPLOADS, (bucket.bucket_id, key, passed_id, end, row_limit))

    entries, is_truncated = collect(
        scan, _upload, start, prefix=prefix, delimiter=delimiter, limit=limit
    )
    if not is_truncated:
        return UploadListing(entries, False, "", "")
    last = entries[-1]
    if isinstance(last, CommonPrefix):
        return UploadListing(entries, True, last.prefix, "")
    return UploadListing(entries, True, last.key, last.upload_id)


def _require_of_key(reader: Reader, upload_id: str, key: str) -> None:
    """Raise for what is no id, and for an upload of another key.

    One that is gone is where a page may have ended.
    """
    row = reader.execute(_UPLOAD, (upload_id,)).fetchone()
    if not is_upload_id(upload_id) or (row is not None and row[0] != key):
        raise InvalidArgument(
            "Invalid uploadId marker", ArgumentName="upload-id-marker", ArgumentValue=upload_id
        )


def parts(reader: Reader, upload: UploadRecord, after: int, limit: int) -> list[PartRecord]:
    """Return parts in order, whose numbers are greater than `after`."""
    return [_part(row) for row in reader.execute(_PARTS, (upload.upload_id, after, limit))]


def add_part(tx: Tx, upload: UploadRecord, part: PartRecord, key: WrappedKey | None = None) -> None:
    """Add a part whose blob was just written, or replace the one of this number.

    key  the data key that the blob is sealed under
    """
    _require(tx, upload)
    references.introduce(tx, part.extents, key)
    _put_part(tx, upload, part)


def share_part(tx: Tx, upload: UploadRecord, part: PartRecord, source: VersionRecord) -> None:
    """Add a part that lies in blobs which an existing version names, too."""
    _require(tx, upload)
    if not versions.is_unchanged(tx, source):
        raise SourceChanged(f"version {source.version} is gone, or was sealed anew")
    references.share(tx, part.extents)
    _put_part(tx, upload, part)


def complete(
    tx: Tx,
    upload: UploadRecord,
    part_numbers: Sequence[int],
    assemble: Assemble,
    *,
    now_ms: int,
    check: Check,
) -> VersionRecord:
    """Make an object of the parts listed; the others are dropped.

    assemble  given those of them that exist, in that order; refuses them, or says what they make
    raises    NoSuchUpload, unless the upload was completed before, which is answered again;
              InvalidPart when a part does not exist
    """
    bucket = buckets.find_by_id(tx, upload.bucket_id)
    if bucket is None:
        raise NoSuchUpload(UploadId=upload.upload_id)
    if find(tx, bucket, upload.key, upload.upload_id) is None:
        completed = find_completed(tx, bucket, upload.key, upload.upload_id, now_ms=now_ms)
        if completed is None:
            raise NoSuchUpload(UploadId=upload.upload_id)
        return completed
    present = {part.part_number: part for part in parts(tx, upload, 0, _ALL)}
    listed = [present.pop(number) for number in part_numbers if number in present]
    draft = assemble(listed)
    if len(listed) != len(part_numbers):
        raise InvalidPart(UploadId=upload.upload_id)
    if check is not None:
        check(current(tx, bucket, upload.key))
    body = versions.Body(
        sum(part.size_bytes for part in listed),
        None,
        tuple(extent for part in listed for extent in part.extents),
        tuple(map(_facts, listed)),
    )
    said = said_of(tx, bucket, upload.key, upload.upload_id)
    _remove(tx, bucket.bucket_id, upload.upload_id, present.values(), now_ms)
    tx.count(bucket.bucket_id, part_bytes=-body.size_bytes)
    place, must_show = look(tx, bucket, upload.key), check is not None
    record = put(tx, place, bucket, draft, body, now_ms=now_ms, must_show=must_show)
    _remember(tx, upload.upload_id, draft, record, said=said, now_ms=now_ms)
    return record


def find_completed(
    reader: Reader, bucket: BucketRecord, key: str, upload_id: str, *, now_ms: int
) -> VersionRecord | None:
    """Return what an upload was completed to; without parts and extents, as it may be gone."""
    row = reader.execute(_COMPLETED, (upload_id, now_ms - COMPLETED_FOR_MS)).fetchone()
    if row is None or (row[1], row[2]) != (bucket.bucket_id, key):
        return None
    *columns, facts, tags, encryption = row
    version, bucket_id, _, version_id, size_bytes, modified_ms, etag, storage_class, owner = columns
    headers, user_metadata, checksum = versions.decode_facts(facts)
    return VersionRecord(
        version=version,
        bucket_id=bucket_id,
        key=key,
        version_id=version_id,
        is_delete_marker=False,
        size_bytes=size_bytes,
        modified_ms=modified_ms,
        etag=etag,
        storage_class=storage_class,
        owner_id=owner,
        headers=headers,
        user_metadata=user_metadata,
        tags=versions.decode_tags(tags),
        checksum=checksum,
        parts=(),
        extents=(),
        encryption=versions.decode_encryption(encryption),
    )


def forget_completed(tx: Tx, now_ms: int) -> None:
    """Forget completions that nobody asks about any more."""
    tx.execute(
        "DELETE FROM completed_uploads WHERE completed_ms <= ?", (now_ms - COMPLETED_FOR_MS,)
    )


def abort(tx: Tx, upload_id: str, now_ms: int) -> None:
    """Drop an upload and its parts."""
    row = tx.execute(_UPLOAD, (upload_id,)).fetchone()
    if row is None:
        raise NoSuchUpload(UploadId=upload_id)
    upload = _upload(row)
    _remove(tx, upload.bucket_id, upload_id, parts(tx, upload, 0, _ALL), now_ms)


def abort_all(tx: Tx, bucket: BucketRecord, now_ms: int) -> None:
    """Drop all uploads of a bucket, and the memory of completed ones."""
    for upload_id in _ids(
        tx, "SELECT upload_id FROM uploads WHERE bucket_id = ?", bucket.bucket_id
    ):
        abort(tx, upload_id, now_ms)
    tx.execute("DELETE FROM completed_uploads WHERE bucket_id = ?", (bucket.bucket_id,))


def older_than(reader: Reader, cutoff_ms: int) -> list[tuple[str, int, str]]:
    """Return the uploads that were opened before an instant: id, id of the bucket, key."""
    select = "SELECT upload_id, bucket_id, key FROM uploads WHERE initiated_ms < ?"
    return reader.execute(select, (cutoff_ms,)).fetchall()


def _ids(reader: Reader, select: str, value: int) -> list[str]:
    return [upload_id for (upload_id,) in reader.execute(select, (value,))]


def _require(tx: Tx, upload: UploadRecord) -> None:
    select = "SELECT 1 FROM uploads WHERE upload_id = ?"
    if tx.execute(select, (upload.upload_id,)).fetchone() is None:
        raise NoSuchUpload(UploadId=upload.upload_id)


def _put_part(tx: Tx, upload: UploadRecord, part: PartRecord) -> None:
    replaced = tx.execute(
        "SELECT manifest, size_bytes FROM parts WHERE upload_id = ? AND part_number = ?",
        (upload.upload_id, part.part_number),
    ).fetchone()
    more_bytes = part.size_bytes - (0 if replaced is None else replaced[1])
    bucket = buckets.find_by_id(tx, upload.bucket_id)
    if bucket is None:
        raise NoSuchUpload(UploadId=upload.upload_id)
    usage.require(tx, bucket, usage.quota(tx, bucket), more_bytes=more_bytes)
    tx.count(upload.bucket_id, part_bytes=more_bytes)
    tx.execute(
        _PUT_PART,
        (
            upload.upload_id,
            part.part_number,
            part.size_bytes,
            part.modified_ms,
            part.etag,
            None if part.checksum is None else part.checksum.algorithm,
            None if part.checksum is None else part.checksum.value,
            manifest.pack(part.extents),
        ),
    )
    if replaced is not None:
        references.drop(tx, manifest.unpack(replaced[0]), part.modified_ms)


def _remove(
    tx: Tx, bucket_id: int, upload_id: str, dropped: Iterable[PartRecord], now_ms: int
) -> None:
    for part in dropped:
        references.drop(tx, part.extents, now_ms)
        tx.count(bucket_id, part_bytes=-part.size_bytes)
    tx.execute("DELETE FROM parts WHERE upload_id = ?", (upload_id,))
    tx.execute("DELETE FROM uploads WHERE upload_id = ?", (upload_id,))


def _remember(
    tx: Tx,
    upload_id: str,
    draft: VersionDraft,
    record: VersionRecord,
    *,
    said: dict[str, str],
    now_ms: int,
) -> None:
    facts = versions.encode_facts(draft)
    if said:
        facts = versions.encode_json(versions.decode_json(facts or "{}") | {"said": said})
    tx.execute(
        _REMEMBER,
        (
            upload_id,
            record.bucket_id,
            record.key,
            record.version,
            record.version_id,
            record.size_bytes,
            record.modified_ms,
            record.etag,
            record.storage_class,
            record.owner_id,
            facts,
            versions.encode_json(draft.tags) if draft.tags else None,
            versions.encode_encryption(draft.encryption),
            now_ms,
        ),
    )


def _facts(part: PartRecord) -> PartFacts:
    value = None if part.checksum is None else part.checksum.value
    return PartFacts(part.part_number, part.size_bytes, value)


def _upload(row: tuple[Any, ...]) -> UploadRecord:
    key, upload_id, bucket_id, initiated_ms, draft, checksum_algorithm, checksum_type = row
    members = versions.decode_json(draft)
    members.pop("said", None)
    if members["checksum"] is not None:
        members["checksum"] = Checksum(*members["checksum"])
    if "lock" in members:  # not in drafts of before there were locks
        members["lock"] = Lock(*members["lock"])
    if members.get("encryption") is not None:
        members["encryption"] = Encryption(*members["encryption"])
    if members.get("acl") is not None:
        members["acl"] = [Grant(*grant) for grant in members["acl"]]
    return UploadRecord(
        upload_id,
        bucket_id,
        key,
        initiated_ms,
        VersionDraft(**members),
        checksum_algorithm,
        checksum_type,
    )


def _part(row: tuple[Any, ...]) -> PartRecord:
    part_number, size_bytes, modified_ms, etag, algorithm, checksum, packed = row
    return PartRecord(
        part_number,
        size_bytes,
        modified_ms,
        etag,
        None if algorithm is None else Checksum(algorithm, checksum),
        manifest.unpack(packed),
    )
