"""PutObjectTagging, GetObjectTagging and DeleteObjectTagging.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectTagging.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
"""

from collections.abc import Callable
from urllib.parse import urlencode

from ferrox.operations import facts
from ferrox.operations.call import Call
from ferrox.operations.objects import amendment, find_version
from ferrox.operations.registry import handles
from ferrox.protocol import tagging
from ferrox.protocol.operations import DeleteObjectTagging, GetObjectTagging, PutObjectTagging
from ferrox.protocol.shapes.object_tagging import (
    DeleteObjectTaggingInput,
    DeleteObjectTaggingOutput,
    GetObjectTaggingInput,
    GetObjectTaggingOutput,
    PutObjectTaggingInput,
    PutObjectTaggingOutput,
)
from ferrox.protocol.shapes.tagging import Tag

TaggingInput = PutObjectTaggingInput | GetObjectTaggingInput | DeleteObjectTaggingInput


def _action(verb: str) -> Callable[[TaggingInput], str]:
    """Old versions have actions of their own."""
    return lambda args: f"s3:{verb}Object{'Version' if args.version_id is not None else ''}Tagging"


def _stated(args: PutObjectTaggingInput) -> dict[str, str]:
    return {"x-amz-tagging": urlencode([(tag.key, tag.value) for tag in args.tagging.tag_set])}


@handles(PutObjectTagging, action=_action("Put"), stated=_stated)
async def put_object_tagging(call: Call, args: PutObjectTaggingInput) -> PutObjectTaggingOutput:
    """Give an object version these tags in place of those that it has."""
    tags = tagging.from_pairs([(tag.key, tag.value) for tag in args.tagging.tag_set])
    return PutObjectTaggingOutput(version_id=await _put(call, args, tags, "ObjectTagging:Put"))


@handles(GetObjectTagging, action=_action("Get"))
async def get_object_tagging(call: Call, args: GetObjectTaggingInput) -> GetObjectTaggingOutput:
    """Tell the tags of an object version; having none is no error."""
    version = find_version(call, args.key, args.version_id)
    return GetObjectTaggingOutput(
        version_id=facts.shown_version_id(call.bucket, version.version_id),
        tag_set=[Tag(key=key, value=value) for key, value in version.tags.items()],
    )


@handles(DeleteObjectTagging, action=_action("Delete"))
async def delete_object_tagging(
    call: Call, args: DeleteObjectTaggingInput
) -> DeleteObjectTaggingOutput:
    """Take all tags away."""
    return DeleteObjectTaggingOutput(version_id=await _put(call, args, {}, "ObjectTagging:Delete"))


async def _put(
    call: Call,
    args: PutObjectTaggingInput | DeleteObjectTaggingInput,
    tags: dict[str, str],
    event: str,
) -> str | None:
    change = amendment(call, args.key, args.version_id, lambda version: version._replace(tags=tags))
    version = await call.store.amend_version(
        call.bucket, args.key, args.version_id, change, occasion=call.occasion(event)
    )
    return facts.shown_version_id(call.bucket, version.version_id)
