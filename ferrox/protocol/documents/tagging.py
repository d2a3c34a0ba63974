"""The tags of a bucket.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketTagging.html
https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/tagging-restrictions.html
"""

from collections.abc import Sequence

from ferrox.errors import BadRequest, InvalidTag
from ferrox.protocol.shapes.tagging import Tag, Tagging
from ferrox.protocol.tagging import check_tag

MAX_TAGS = 50


def check(document: Tagging) -> None:
    """Raise BadRequest or InvalidTag unless a bucket may have these tags."""
    tags = document.tag_set
    if len(tags) > MAX_TAGS:
        raise BadRequest(f"Bucket tag count cannot be greater than {MAX_TAGS}")
    check_unique(tags)
    for tag in tags:
        if tag.key.lower().startswith("aws:"):
            raise InvalidTag("System tags cannot be added/updated by requester", TagKey=tag.key)
        check_tag(tag.key, tag.value)


def check_unique(tags: Sequence[Tag]) -> None:
    """Raise InvalidTag if a key comes twice."""
    seen = set()
    for tag in tags:
        if tag.key in seen:
            raise InvalidTag("Cannot provide multiple Tags with the same key", TagKey=tag.key)
        seen.add(tag.key)
