"""Shapes of the tags of buckets, and of tags wherever they are."""

from ferrox.protocol.shape import Shape, element, payload
from ferrox.protocol.shapes.groups import DocumentInput


class Tag(Shape):
    key: str = element("Key")
    value: str = element("Value")


class Tagging(Shape, stored_as="tagging"):
    tag_set: list[Tag] = element("TagSet", item="Tag")


class GetBucketTaggingOutput(Shape, root="Tagging"):
    tag_set: list[Tag] = element("TagSet", item="Tag")


class PutBucketTaggingInput(DocumentInput):
    tagging: Tagging = payload("Tagging")
