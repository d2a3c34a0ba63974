"""Shapes of DeleteObject and DeleteObjects."""

from ferrox.protocol.shape import Shape, element, header, payload, query
from ferrox.protocol.shapes.groups import BucketInput, ObjectInput


class DeleteObjectInput(ObjectInput):
    mfa: str | None = header("x-amz-mfa", default=None)
    version_id: str | None = query("versionId", default=None)
    bypass_governance_retention: bool | None = header(
        "x-amz-bypass-governance-retention", default=None
    )
    if_match: str | None = header("If-Match", default=None)
    if_match_last_modified_time: int | None = header(
        "x-amz-if-match-last-modified-time", default=None, timestamp="http"
    )
    if_match_size: int | None = header("x-amz-if-match-size", default=None)


class DeleteObjectOutput(Shape):
    delete_marker: bool | None = header("x-amz-delete-marker", default=None)
    version_id: str | None = header("x-amz-version-id", default=None)
    request_charged: str | None = header("x-amz-request-charged", default=None)


class ObjectIdentifier(Shape):
    key: str = element("Key")
    version_id: str | None = element("VersionId", default=None)
    e_tag: str | None = element("ETag", default=None)
    last_modified_time: int | None = element("LastModifiedTime", default=None, timestamp="http")
    size: int | None = element("Size", default=None)


class Delete(Shape):
    objects: list[ObjectIdentifier] = element("Object", flattened=True)
    quiet: bool | None = element("Quiet", default=None)


class DeleteObjectsInput(BucketInput):
    delete: Delete = payload("Delete")
    mfa: str | None = header("x-amz-mfa", default=None)
    request_payer: str | None = header("x-amz-request-payer", default=None)
    bypass_governance_retention: bool | None = header(
        "x-amz-bypass-governance-retention", default=None
    )
    checksum_algorithm: str | None = header("x-amz-sdk-checksum-algorithm", default=None)


class DeletedObject(Shape):
    key: str | None = element("Key", default=None)
    version_id: str | None = element("VersionId", default=None)
    delete_marker: bool | None = element("DeleteMarker", default=None)
    delete_marker_version_id: str | None = element("DeleteMarkerVersionId", default=None)


class Error(Shape):
    key: str | None = element("Key", default=None)
    version_id: str | None = element("VersionId", default=None)
    code: str | None = element("Code", default=None)
    message: str | None = element("Message", default=None)


class DeleteObjectsOutput(Shape, root="DeleteResult"):
    deleted: list[DeletedObject] = element("Deleted", default_factory=list, flattened=True)
    request_charged: str | None = header("x-amz-request-charged", default=None)
    errors: list[Error] = element("Error", default_factory=list, flattened=True)
