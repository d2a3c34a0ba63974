"""Shapes of PutObject, PostObject, GetObject and HeadObject."""

from collections.abc import AsyncIterator

from ferrox.protocol.shape import header, payload, query, status
from ferrox.protocol.shapes.groups import (
    PART_NUMBERS,
    BucketInput,
    ChecksumHeaders,
    CustomerKey,
    CustomerKeyFacts,
    EncryptionContextHeaders,
    EncryptionHeaders,
    GrantHeaders,
    ObjectInput,
    ObjectLockHeaders,
    ReadConditions,
    RepresentationHeaders,
    ResponseOverrides,
)


class PutObjectInput(
    ObjectInput,
    ChecksumHeaders,
    GrantHeaders,
    RepresentationHeaders,
    ObjectLockHeaders,
    CustomerKey,
    EncryptionContextHeaders,
):
    content_length: int | None = header("Content-Length", default=None)
    content_md5: str | None = header("Content-MD5", default=None)
    checksum_algorithm: str | None = header("x-amz-sdk-checksum-algorithm", default=None)
    if_match: str | None = header("If-Match", default=None)
    if_none_match: str | None = header("If-None-Match", default=None)
    write_offset_bytes: int | None = header("x-amz-write-offset-bytes", default=None)
    tagging: str | None = header("x-amz-tagging", default=None)


class PutObjectOutput(ChecksumHeaders, CustomerKeyFacts, EncryptionContextHeaders):
    expiration: str | None = header("x-amz-expiration", default=None)
    e_tag: str | None = header("ETag", default=None)
    checksum_type: str | None = header("x-amz-checksum-type", default=None)
    version_id: str | None = header("x-amz-version-id", default=None)
    size: int | None = header("x-amz-object-size", default=None)
    request_charged: str | None = header("x-amz-request-charged", default=None)


class PostObjectInput(BucketInput):
    content_type: str | None = header("Content-Type", default=None)


class PostObjectOutput(PutObjectOutput):
    answered_with: int | None = status(default=None)
    location: str | None = header("Location", default=None)
    content_type: str | None = header("Content-Type", default=None)
    body: bytes = payload(default=b"")


class ReadInput(ObjectInput, CustomerKey, ReadConditions, ResponseOverrides):
    range: str | None = header("Range", default=None)
    version_id: str | None = query("versionId", default=None)
    part_number: int | None = query("partNumber", default=None, between=PART_NUMBERS)
    checksum_mode: str | None = header("x-amz-checksum-mode", default=None)


class ReadOutput(
    ChecksumHeaders, RepresentationHeaders, ObjectLockHeaders, CustomerKeyFacts, EncryptionHeaders
):
    delete_marker: bool | None = header("x-amz-delete-marker", default=None)
    accept_ranges: str | None = header("accept-ranges", default=None)
    expiration: str | None = header("x-amz-expiration", default=None)
    restore: str | None = header("x-amz-restore", default=None)
    last_modified: int | None = header("Last-Modified", default=None, timestamp="http")
    content_length: int | None = header("Content-Length", default=None)
    e_tag: str | None = header("ETag", default=None)
    checksum_type: str | None = header("x-amz-checksum-type", default=None)
    missing_meta: int | None = header("x-amz-missing-meta", default=None)
    version_id: str | None = header("x-amz-version-id", default=None)
    content_range: str | None = header("Content-Range", default=None)
    request_charged: str | None = header("x-amz-request-charged", default=None)
    replication_status: str | None = header("x-amz-replication-status", default=None)
    parts_count: int | None = header("x-amz-mp-parts-count", default=None)
    tag_count: int | None = header("x-amz-tagging-count", default=None)


class GetObjectInput(ReadInput):
    pass


class GetObjectOutput(ReadOutput):
    body: bytes | AsyncIterator[bytes] = payload(default=b"")


class HeadObjectInput(ReadInput):
    pass


class HeadObjectOutput(ReadOutput):
    archive_status: str | None = header("x-amz-archive-status", default=None)
