"""Shapes of multipart uploads."""

from ferrox.protocol.shape import Shape, element, header, payload, query
from ferrox.protocol.shapes.groups import (
    PART_NUMBERS,
    BucketInput,
    ChecksumElements,
    ChecksumHeaders,
    CustomerKey,
    CustomerKeyFacts,
    EncryptionContextHeaders,
    EncryptionHeaders,
    GrantHeaders,
    Initiator,
    ObjectInput,
    ObjectLockHeaders,
    Owner,
    RepresentationHeaders,
)
from ferrox.protocol.shapes.listing import CommonPrefix


class CreateMultipartUploadInput(
    ObjectInput,
    GrantHeaders,
    RepresentationHeaders,
    ObjectLockHeaders,
    CustomerKey,
    EncryptionContextHeaders,
):
    tagging: str | None = header("x-amz-tagging", default=None)
    checksum_algorithm: str | None = header("x-amz-checksum-algorithm", default=None)
    checksum_type: str | None = header("x-amz-checksum-type", default=None)


class CreateMultipartUploadOutput(
    CustomerKeyFacts, EncryptionContextHeaders, root="InitiateMultipartUploadResult"
):
    abort_date: int | None = header("x-amz-abort-date", default=None, timestamp="http")
    abort_rule_id: str | None = header("x-amz-abort-rule-id", default=None)
    bucket: str | None = element("Bucket", default=None)
    key: str | None = element("Key", default=None)
    upload_id: str | None = element("UploadId", default=None)
    request_charged: str | None = header("x-amz-request-charged", default=None)
    checksum_algorithm: str | None = header("x-amz-checksum-algorithm", default=None)
    checksum_type: str | None = header("x-amz-checksum-type", default=None)
    version_id: str | None = header("x-amz-version-id", default=None)


class UploadPartInput(ObjectInput, ChecksumHeaders, CustomerKey):
    content_length: int | None = header("Content-Length", default=None)
    content_md5: str | None = header("Content-MD5", default=None)
    checksum_algorithm: str | None = header("x-amz-sdk-checksum-algorithm", default=None)
    part_number: int = query("partNumber", between=PART_NUMBERS)
    upload_id: str = query("uploadId")


class UploadPartOutput(ChecksumHeaders, CustomerKeyFacts, EncryptionHeaders):
    e_tag: str | None = header("ETag", default=None)
    request_charged: str | None = header("x-amz-request-charged", default=None)
    version_id: str | None = header("x-amz-version-id", default=None)


class CompletedPart(ChecksumElements):
    e_tag: str | None = element("ETag", default=None)
    part_number: int | None = element("PartNumber", default=None)


class CompletedMultipartUpload(Shape):
    parts: list[CompletedPart] = element("Part", default_factory=list, flattened=True)


class CompleteMultipartUploadInput(ObjectInput, ChecksumHeaders, CustomerKey):
    multipart_upload: CompletedMultipartUpload | None = payload(
        "CompleteMultipartUpload", default=None
    )
    upload_id: str = query("uploadId")
    checksum_type: str | None = header("x-amz-checksum-type", default=None)
    mpu_object_size: int | None = header("x-amz-mp-object-size", default=None)
    server_side_encryption: str | None = header("x-amz-server-side-encryption", default=None)
    if_match: str | None = header("If-Match", default=None)
    if_none_match: str | None = header("If-None-Match", default=None)


class CompleteMultipartUploadOutput(
    ChecksumElements, EncryptionHeaders, CustomerKeyFacts, root="CompleteMultipartUploadResult"
):
    location: str | None = element("Location", default=None)
    bucket: str | None = element("Bucket", default=None)
    key: str | None = element("Key", default=None)
    expiration: str | None = header("x-amz-expiration", default=None)
    e_tag: str | None = element("ETag", default=None)
    checksum_type: str | None = element("ChecksumType", default=None)
    version_id: str | None = header("x-amz-version-id", default=None)
    request_charged: str | None = header("x-amz-request-charged", default=None)


class AbortMultipartUploadInput(ObjectInput):
    upload_id: str = query("uploadId")
    if_match_initiated_time: int | None = header(
        "x-amz-if-match-initiated-time", default=None, timestamp="http"
    )


class AbortMultipartUploadOutput(Shape):
    request_charged: str | None = header("x-amz-request-charged", default=None)
    version_id: str | None = header("x-amz-version-id", default=None)


class ListPartsInput(ObjectInput, CustomerKey):
    max_parts: int | None = query("max-parts", default=None)
    part_number_marker: int | None = query(
        "part-number-marker", default=None, between=(0, 2**31 - 1)
    )
    upload_id: str = query("uploadId")


class Part(ChecksumElements):
    part_number: int | None = element("PartNumber", default=None)
    last_modified: int | None = element("LastModified", default=None, timestamp="iso8601")
    e_tag: str | None = element("ETag", default=None)
    size: int | None = element("Size", default=None)


class ListPartsOutput(Shape, root="ListPartsResult"):
    bucket: str | None = element("Bucket", default=None)
    key: str | None = element("Key", default=None)
    upload_id: str | None = element("UploadId", default=None)
    initiator: Initiator | None = element("Initiator", default=None)
    owner: Owner | None = element("Owner", default=None)
    storage_class: str | None = element("StorageClass", default=None)
    part_number_marker: int | None = element("PartNumberMarker", default=None)
    next_part_number_marker: int | None = element("NextPartNumberMarker", default=None)
    max_parts: int | None = element("MaxParts", default=None)
    is_truncated: bool | None = element("IsTruncated", default=None)
    checksum_algorithm: str | None = element("ChecksumAlgorithm", default=None)
    checksum_type: str | None = element("ChecksumType", default=None)
    parts: list[Part] = element("Part", default_factory=list, flattened=True)
    abort_date: int | None = header("x-amz-abort-date", default=None, timestamp="http")
    abort_rule_id: str | None = header("x-amz-abort-rule-id", default=None)
    request_charged: str | None = header("x-amz-request-charged", default=None)
    version_id: str | None = header("x-amz-version-id", default=None)


class ListMultipartUploadsInput(BucketInput):
    delimiter: str | None = query("delimiter", default=None)
    encoding_type: str | None = query("encoding-type", default=None)
    key_marker: str | None = query("key-marker", default=None)
    max_uploads: int | None = query("max-uploads", default=None)
    prefix: str | None = query("prefix", default=None)
    upload_id_marker: str | None = query("upload-id-marker", default=None)
    request_payer: str | None = header("x-amz-request-payer", default=None)


class MultipartUpload(Shape):
    key: str | None = element("Key", default=None)
    upload_id: str | None = element("UploadId", default=None)
    initiator: Initiator | None = element("Initiator", default=None)
    owner: Owner | None = element("Owner", default=None)
    storage_class: str | None = element("StorageClass", default=None)
    initiated: int | None = element("Initiated", default=None, timestamp="iso8601")
    checksum_algorithm: str | None = element("ChecksumAlgorithm", default=None)
    checksum_type: str | None = element("ChecksumType", default=None)
    version_id: str | None = element("VersionId", default=None)


class ListMultipartUploadsOutput(Shape, root="ListMultipartUploadsResult"):
    bucket: str | None = element("Bucket", default=None)
    key_marker: str | None = element("KeyMarker", default=None)
    upload_id_marker: str | None = element("UploadIdMarker", default=None)
    next_key_marker: str | None = element("NextKeyMarker", default=None)
    next_upload_id_marker: str | None = element("NextUploadIdMarker", default=None)
    delimiter: str | None = element("Delimiter", default=None)
    encoding_type: str | None = element("EncodingType", default=None)
    prefix: str | None = element("Prefix", default=None)
    max_uploads: int | None = element("MaxUploads", default=None)
    is_truncated: bool | None = element("IsTruncated", default=None)
    uploads: list[MultipartUpload] = element("Upload", default_factory=list, flattened=True)
    common_prefixes: list[CommonPrefix] = element(
        "CommonPrefixes", default_factory=list, flattened=True
    )
    request_charged: str | None = header("x-amz-request-charged", default=None)
