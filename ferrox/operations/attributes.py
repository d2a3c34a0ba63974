"""GetObjectAttributes.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAttributes.html
"""

from collections.abc import Callable
from itertools import islice
from typing import Any

from ferrox.errors import InvalidArgument
from ferrox.operations import encryption, facts
from ferrox.operations.call import Call
from ferrox.operations.objects import find_version
from ferrox.operations.registry import handles
from ferrox.protocol import listing
from ferrox.protocol.operations import GetObjectAttributes
from ferrox.protocol.shapes.attributes import (
    Checksum,
    GetObjectAttributesInput,
    GetObjectAttributesOutput,
    GetObjectAttributesParts,
    ObjectPart,
)
from ferrox.records import PartFacts, VersionRecord

ATTRIBUTES: dict[str, tuple[str, Callable[[VersionRecord, GetObjectAttributesInput], Any]]]
"""What can be asked for: its field in the answer, and where it comes from."""


def attributes_action(args: GetObjectAttributesInput) -> str:
    """Old versions have an action of their own."""
    return f"s3:GetObject{'' if args.version_id is None else 'Version'}Attributes"


@handles(GetObjectAttributes, action=attributes_action)
async def get_object_attributes(
    call: Call, args: GetObjectAttributesInput
) -> GetObjectAttributesOutput:
    """Tell of an object version what HeadObject and ListParts would, as far as it is asked for."""
    read = "s3:GetObject" if args.version_id is None else "s3:GetObjectVersion"
    call.require(read, call.bucket, args.key, args.version_id)
    for name in args.object_attributes:
        if name not in ATTRIBUTES:
            raise InvalidArgument(
                "Invalid attribute name specified.",
                ArgumentName="x-amz-object-attributes",
                ArgumentValue=name,
            )
    version = find_version(call, args.key, args.version_id)
    call.require_of_owner(read, call.bucket, version, args.key)
    is_opened = "Checksum" in args.object_attributes
    encryption.kek_for_reading(call, version, is_opened=is_opened)
    wanted = [ATTRIBUTES[name] for name in args.object_attributes]
    return GetObjectAttributesOutput(
        last_modified=version.modified_ms,
        version_id=facts.shown_version_id(call.bucket, version.version_id),
        **{field: tell(version, args) for field, tell in wanted},
    )


def _checksum(version: VersionRecord, _: GetObjectAttributesInput) -> Checksum | None:
    if version.checksum is None:
        return None
    return Checksum(**facts.checksum_fields(version.checksum))


def _parts(
    version: VersionRecord, args: GetObjectAttributesInput
) -> GetObjectAttributesParts | None:
    """A page of the parts an object was completed from; None for what was put in one piece."""
    if not version.parts:
        return None
    limit = listing.max_keys(args.max_parts, "max-parts")
    after = args.part_number_marker or 0
    further = (part for part in version.parts if part.part_number > after)
    found = list(islice(further, limit + 1))
    page = found[:limit]
    return GetObjectAttributesParts(
        total_parts_count=len(version.parts),
        part_number_marker=after,
        next_part_number_marker=page[-1].part_number if page else 0,
        max_parts=limit,
        is_truncated=0 < limit < len(found),
        parts=[_part(version, part) for part in page],
    )


def _part(version: VersionRecord, part: PartFacts) -> ObjectPart:
    shown: dict[str, Any] = {}
    if version.checksum is not None and part.checksum is not None:
        checksum = version.checksum._replace(value=part.checksum)
        shown = facts.checksum_fields(checksum, with_type=False)
    return ObjectPart(part_number=part.part_number, size=part.size_bytes, **shown)


ATTRIBUTES = {
    "ETag": ("e_tag", lambda version, _: version.etag),
    "Checksum": ("checksum", _checksum),
    "ObjectParts": ("object_parts", _parts),
    "StorageClass": ("storage_class", lambda version, _: version.storage_class),
    "ObjectSize": ("object_size", lambda version, _: version.size_bytes),
}
