"""Shapes of ListObjectVersions."""

from ferrox.protocol.shape import Shape, element, header, query
from ferrox.protocol.shapes.groups import BucketInput, Owner
from ferrox.protocol.shapes.listing import CommonPrefix, RestoreStatus
from ferrox.protocol.xml import Written


class ListObjectVersionsInput(BucketInput):
    delimiter: str | None = query("delimiter", default=None)
    encoding_type: str | None = query("encoding-type", default=None)
    key_marker: str | None = query("key-marker", default=None)
    max_keys: int | None = query("max-keys", default=None)
    prefix: str | None = query("prefix", default=None)
    version_id_marker: str | None = query("version-id-marker", default=None)
    request_payer: str | None = header("x-amz-request-payer", default=None)
    optional_object_attributes: list[str] | None = header(
        "x-amz-optional-object-attributes", default=None
    )


class ObjectVersion(Shape):
    key: str | None = element("Key", default=None)
    version_id: str | None = element("VersionId", default=None)
    is_latest: bool | None = element("IsLatest", default=None)
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


class DeleteMarkerEntry(Shape):
    key: str | None = element("Key", default=None)
    version_id: str | None = element("VersionId", default=None)
    is_latest: bool | None = element("IsLatest", default=None)
    last_modified: int | None = element("LastModified", default=None, timestamp="iso8601")
    owner: Owner | None = element("Owner", default=None)


class ListObjectVersionsOutput(Shape, root="ListVersionsResult"):
    name: str | None = element("Name", default=None)
    prefix: str | None = element("Prefix", default=None)
    key_marker: str | None = element("KeyMarker", default=None)
    version_id_marker: str | None = element("VersionIdMarker", default=None)
    next_key_marker: str | None = element("NextKeyMarker", default=None)
    next_version_id_marker: str | None = element("NextVersionIdMarker", default=None)
    max_keys: int | None = element("MaxKeys", default=None)
    delimiter: str | None = element("Delimiter", default=None)
    encoding_type: str | None = element("EncodingType", default=None)
    is_truncated: bool | None = element("IsTruncated", default=None)
    versions: list[ObjectVersion] | Written = element(
        "Version", default_factory=list, flattened=True
    )
    """Written, it has the delete markers among them, where they belong."""
    delete_markers: list[DeleteMarkerEntry] = element(
        "DeleteMarker", default_factory=list, flattened=True
    )
    common_prefixes: list[CommonPrefix] | Written = element(
        "CommonPrefixes", default_factory=list, flattened=True
    )
    request_charged: str | None = header("x-amz-request-charged", default=None)
