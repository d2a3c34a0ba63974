"""Shapes of GetObjectAttributes."""

from ferrox.protocol.shape import Shape, element, header, query
from ferrox.protocol.shapes.groups import ChecksumElements, CustomerKey, ObjectInput


class GetObjectAttributesInput(ObjectInput, CustomerKey):
    version_id: str | None = query("versionId", default=None)
    max_parts: int | None = header("x-amz-max-parts", default=None)
    part_number_marker: int | None = header("x-amz-part-number-marker", default=None)
    object_attributes: list[str] = header("x-amz-object-attributes")


class Checksum(ChecksumElements):
    checksum_type: str | None = element("ChecksumType", default=None)


class ObjectPart(ChecksumElements):
    part_number: int | None = element("PartNumber", default=None)
    size: int | None = element("Size", default=None)


class GetObjectAttributesParts(Shape):
    total_parts_count: int | None = element("PartsCount", default=None)
    part_number_marker: int | None = element("PartNumberMarker", default=None)
    next_part_number_marker: int | None = element("NextPartNumberMarker", default=None)
    max_parts: int | None = element("MaxParts", default=None)
    is_truncated: bool | None = element("IsTruncated", default=None)
    parts: list[ObjectPart] = element("Part", default_factory=list, flattened=True)


class GetObjectAttributesOutput(Shape, root="GetObjectAttributesResponse"):
    delete_marker: bool | None = header("x-amz-delete-marker", default=None)
    last_modified: int | None = header("Last-Modified", default=None, timestamp="http")
    version_id: str | None = header("x-amz-version-id", default=None)
    request_charged: str | None = header("x-amz-request-charged", default=None)
    e_tag: str | None = element("ETag", default=None, is_quoted=False)
    """Without the quotes that it has everywhere else."""
    checksum: Checksum | None = element("Checksum", default=None)
    object_parts: GetObjectAttributesParts | None = element("ObjectParts", default=None)
    storage_class: str | None = element("StorageClass", default=None)
    object_size: int | None = element("ObjectSize", default=None)
