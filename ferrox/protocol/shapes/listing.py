"""Shapes of ListObjects and ListObjectsV2."""

from ferrox.protocol.shape import Shape, element, header, query
from ferrox.protocol.shapes.groups import BucketInput, Owner
from ferrox.protocol.xml import Written


class ListObjectsInput(BucketInput):
    delimiter: str | None = query("delimiter", default=None)
    encoding_type: str | None = query("encoding-type", default=None)
    marker: str | None = query("marker", default=None)
    max_keys: int | None = query("max-keys", default=None)
    prefix: str | None = query("prefix", default=None)
    request_payer: str | None = header("x-amz-request-payer", default=None)
    optional_object_attributes: list[str] | None = header(
        "x-amz-optional-object-attributes", default=None
    )


class RestoreStatus(Shape):
    is_restore_in_progress: bool | None = element("IsRestoreInProgress", default=None)
    restore_expiry_date: int | None = element(
        "RestoreExpiryDate", default=None, timestamp="iso8601"
    )


class Object(Shape):
    key: str | None = element("Key", default=None)
    last_modified: int | None = element("LastModified", default=None, timestamp="iso8601")
    e_tag: str | None = element("ETag", default=None)
    checksum_algorithm: list[str] = element(
        "ChecksumAlgorithm", default_factory=list, flattened=True
    )
    checksum_type: str | None = element("ChecksumType", default=None)
    size: int | None = element("Size", default=None)
    storage_class: str | None = element("StorageClass", default=None)
    owner: Owner | None = element("Owner", default=None)
    restore_status: RestoreStatus | None = element("RestoreStatus", default=None)


class CommonPrefix(Shape):
    prefix: str | None = element("Prefix", default=None)


class ListObjectsOutput(Shape, root="ListBucketResult"):
    name: str | None = element("Name", default=None)
    prefix: str | None = element("Prefix", default=None)
    marker: str | None = element("Marker", default=None)
    next_marker: str | None = element("NextMarker", default=None)
    max_keys: int | None = element("MaxKeys", default=None)
    delimiter: str | None = element("Delimiter", default=None)
    encoding_type: str | None = element("EncodingType", default=None)
    is_truncated: bool | None = element("IsTruncated", default=None)
    contents: list[Object] | Written = element("Contents", default_factory=list, flattened=True)
    common_prefixes: list[CommonPrefix] | Written = element(
        "CommonPrefixes", default_factory=list, flattened=True
    )
    request_charged: str | None = header("x-amz-request-charged", default=None)


class ListObjectsV2Input(BucketInput):
    delimiter: str | None = query("delimiter", default=None)
    encoding_type: str | None = query("encoding-type", default=None)
    max_keys: int | None = query("max-keys", default=None)
    prefix: str | None = query("prefix", default=None)
    continuation_token: str | None = query("continuation-token", default=None)
    fetch_owner: bool | None = query("fetch-owner", default=None)
    start_after: str | None = query("start-after", default=None)
    request_payer: str | None = header("x-amz-request-payer", default=None)
    optional_object_attributes: list[str] | None = header(
        "x-amz-optional-object-attributes", default=None
    )


class ListObjectsV2Output(Shape, root="ListBucketResult"):
    name: str | None = element("Name", default=None)
    prefix: str | None = element("Prefix", default=None)
    start_after: str | None = element("StartAfter", default=None)
    continuation_token: str | None = element("ContinuationToken", default=None)
    next_continuation_token: str | None = element("NextContinuationToken", default=None)
    key_count: int | None = element("KeyCount", default=None)
    max_keys: int | None = element("MaxKeys", default=None)
    delimiter: str | None = element("Delimiter", default=None)
    encoding_type: str | None = element("EncodingType", default=None)
    is_truncated: bool | None = element("IsTruncated", default=None)
    contents: list[Object] | Written = element("Contents", default_factory=list, flattened=True)
    common_prefixes: list[CommonPrefix] | Written = element(
        "CommonPrefixes", default_factory=list, flattened=True
    )
    request_charged: str | None = header("x-amz-request-charged", default=None)
