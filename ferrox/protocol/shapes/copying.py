"""Shapes of CopyObject and UploadPartCopy."""

from ferrox.protocol.shape import element, header, payload, query
from ferrox.protocol.shapes.groups import (
    PART_NUMBERS,
    ChecksumElements,
    CustomerKey,
    CustomerKeyFacts,
    EncryptionContextHeaders,
    EncryptionHeaders,
    GrantHeaders,
    ObjectInput,
    ObjectLockHeaders,
    RepresentationHeaders,
    SourceConditions,
    SourceCustomerKey,
)


class CopyObjectInput(
    ObjectInput,
    GrantHeaders,
    RepresentationHeaders,
    ObjectLockHeaders,
    CustomerKey,
    EncryptionContextHeaders,
    SourceCustomerKey,
    SourceConditions,
):
    checksum_algorithm: str | None = header("x-amz-checksum-algorithm", default=None)
    copy_source: str = header("x-amz-copy-source")
    if_match: str | None = header("If-Match", default=None)
    if_none_match: str | None = header("If-None-Match", default=None)
    metadata_directive: str | None = header("x-amz-metadata-directive", default=None)
    tagging_directive: str | None = header("x-amz-tagging-directive", default=None)
    annotation_directive: str | None = header("x-amz-object-annotation-directive", default=None)
    tagging: str | None = header("x-amz-tagging", default=None)
    expected_source_bucket_owner: str | None = header(
        "x-amz-source-expected-bucket-owner", default=None
    )


class CopyObjectResult(ChecksumElements):
    last_modified: int | None = element("LastModified", default=None, timestamp="iso8601")
    e_tag: str | None = element("ETag", default=None)
    checksum_type: str | None = element("ChecksumType", default=None)


class CopyObjectOutput(CustomerKeyFacts, EncryptionContextHeaders):
    copy_object_result: CopyObjectResult | None = payload("CopyObjectResult", default=None)
    expiration: str | None = header("x-amz-expiration", default=None)
    copy_source_version_id: str | None = header("x-amz-copy-source-version-id", default=None)
    version_id: str | None = header("x-amz-version-id", default=None)
    request_charged: str | None = header("x-amz-request-charged", default=None)


class UploadPartCopyInput(ObjectInput, CustomerKey, SourceCustomerKey, SourceConditions):
    copy_source: str = header("x-amz-copy-source")
    copy_source_range: str | None = header("x-amz-copy-source-range", default=None)
    part_number: int = query("partNumber", between=PART_NUMBERS)
    upload_id: str = query("uploadId")
    expected_source_bucket_owner: str | None = header(
        "x-amz-source-expected-bucket-owner", default=None
    )


class CopyPartResult(ChecksumElements):
    last_modified: int | None = element("LastModified", default=None, timestamp="iso8601")
    e_tag: str | None = element("ETag", default=None)


class UploadPartCopyOutput(CustomerKeyFacts, EncryptionHeaders):
    copy_source_version_id: str | None = header("x-amz-copy-source-version-id", default=None)
    copy_part_result: CopyPartResult | None = payload("CopyPartResult", default=None)
    request_charged: str | None = header("x-amz-request-charged", default=None)
    version_id: str | None = header("x-amz-version-id", default=None)
