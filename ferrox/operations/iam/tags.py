"""Tags of users, roles, policies and providers; `tagging` changes them.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
A key is one key however it is capitalised; it is kept as it was written last.
"""

from collections.abc import Iterable, Mapping

from ferrox.iam_errors import InvalidInput, LimitExceeded
from ferrox.operations.iam import paging, quotas
from ferrox.operations.iam.paging import Cut
from ferrox.protocol.iam.groupings import Paged, Tag
from ferrox.protocol.iam.operations import (
    TagOpenIDConnectProvider,
    TagPolicy,
    TagRole,
    TagUser,
)
from ferrox.protocol.query.operation import AnyQueryOperation, Resource

_RESERVED = "aws:"

OF_NEW: dict[Resource, AnyQueryOperation] = {
    Resource.NEW_USER: TagUser,
    Resource.NEW_ROLE: TagRole,
    Resource.NEW_POLICY: TagPolicy,
    Resource.NEW_PROVIDER: TagOpenIDConnectProvider,
}
"""What else its maker has to be allowed who gives something new tags: they may be permissions."""


def read(tags: Iterable[Tag] | None) -> dict[str, str]:
    """The tags of a request."""
    found: dict[str, str] = {}
    for tag in tags or ():
        if tag.key.lower().startswith(_RESERVED):
            raise InvalidInput(
                f"{_RESERVED} prefixed tag key names are not allowed for external use."
            )
        if tag.key.lower() in (key.lower() for key in found):
            raise InvalidInput(
                "Duplicate tag keys found. Please note that Tag keys are case insensitive."
            )
        found[tag.key] = tag.value
    return found


def merged(before: Mapping[str, str], given: Iterable[Tag]) -> dict[str, str]:
    """Tags with some put over them."""
    new = read(given)
    after = without(before, new) | new
    if len(after) > quotas.TAGS:
        raise LimitExceeded("The number of tags has reached the maximum limit.")
    return after


def without(before: Mapping[str, str], keys: Iterable[str]) -> dict[str, str]:
    """Tags without some; those that are not there do no harm."""
    gone = {key.lower() for key in keys}
    return {key: value for key, value in before.items() if key.lower() not in gone}


def shown(tags: Mapping[str, str]) -> list[Tag]:
    """Tags as documents have them."""
    return [Tag(key=key, value=value) for key, value in tags.items()]


def page(tags: Mapping[str, str], args: Paged) -> Cut[Tag]:
    """A page of them."""
    return paging.cut(shown(tags), args, lambda tag: tag.key.lower())
