"""Shapes of the operations on tags of objects."""

from ferrox.protocol.shape import Shape, element, header, path, payload, query
from ferrox.protocol.shapes.groups import BucketInput, ObjectInput
from ferrox.protocol.shapes.tagging import Tag


class ObjectTags(Shape):
    tag_set: list[Tag] = element("TagSet", item="Tag")


class PutObjectTaggingInput(ObjectInput):
    version_id: str | None = query("versionId", default=None)
    content_md5: str | None = header("Content-MD5", default=None)
    checksum_algorithm: str | None = header("x-amz-sdk-checksum-algorithm", default=None)
    tagging: ObjectTags = payload("Tagging")


class PutObjectTaggingOutput(Shape):
    version_id: str | None = header("x-amz-version-id", default=None)


class GetObjectTaggingInput(ObjectInput):
    version_id: str | None = query("versionId", default=None)


class GetObjectTaggingOutput(Shape, root="Tagging"):
    version_id: str | None = header("x-amz-version-id", default=None)
    tag_set: list[Tag] = element("TagSet", item="Tag")


class DeleteObjectTaggingInput(BucketInput):
    key: str = path("Key")
    version_id: str | None = query("versionId", default=None)


class DeleteObjectTaggingOutput(Shape):
    version_id: str | None = header("x-amz-version-id", default=None)
