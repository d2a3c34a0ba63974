"""Tags of keys.

https://docs.aws.amazon.com/kms/latest/developerguide/tagging-keys.html
"""

from collections.abc import Iterable, Mapping

from ferrox.kms_errors import LimitExceeded, TagError
from ferrox.operations.kms.amending import change
from ferrox.operations.kms.call import KmsCall
from ferrox.operations.kms.paging import cut
from ferrox.operations.kms.registry import handles
from ferrox.protocol.kms import operations as o
from ferrox.protocol.kms.keys import (
    ListResourceTagsOutput,
    Nothing,
    OneKeyPaged,
    Tag,
    TagResourceInput,
    UntagResourceInput,
)

MOST_TAGS = 50
_RESERVED = "aws:"


@handles(o.TagResource)
async def tag_resource(call: KmsCall, args: TagResourceInput) -> Nothing:
    """Give a key tags."""
    await change(call, args.key_id, lambda key: key._replace(tags=checked(args.tags, key.tags)))
    return Nothing()


@handles(o.UntagResource)
async def untag_resource(call: KmsCall, args: UntagResourceInput) -> Nothing:
    """Take tags from a key."""
    gone = frozenset(args.tag_keys)
    await change(
        call,
        args.key_id,
        lambda key: key._replace(
            tags={name: value for name, value in key.tags.items() if name not in gone}
        ),
    )
    return Nothing()


@handles(o.ListResourceTags)
async def list_resource_tags(call: KmsCall, args: OneKeyPaged) -> ListResourceTagsOutput:
    """List the tags of a key."""
    pairs = list(call.key(args.key_id).tags.items())
    shown, told = cut(pairs, lambda pair: pair[0], args, MOST_TAGS)
    tags = [Tag(tag_key=name, tag_value=value) for name, value in shown]
    return ListResourceTagsOutput(tags=tags, **told)


def checked(given: Iterable[Tag], present: Mapping[str, str]) -> dict[str, str]:
    """The tags that there are and those that are given."""
    pairs = [(tag.tag_key, tag.tag_value) for tag in given]
    names = [name for name, _ in pairs]
    if len(names) != len(set(names)):
        raise TagError("Duplicate tag keys found. Please note that Tag keys are case sensitive.")
    if any(name.lower().startswith(_RESERVED) for name in names):
        raise TagError("aws: prefixed tag key names are not allowed for external use.")
    together = {**present, **dict(pairs)}
    if len(together) > MOST_TAGS:
        raise LimitExceeded(f"A key has at most {MOST_TAGS} tags.")
    return together
