"""Lists of KMS, page by page.

https://docs.aws.amazon.com/kms/latest/developerguide/viewing-keys.html
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from ferrox.kms_errors import InvalidMarker
from ferrox.protocol.kms.keys import Paged

T = TypeVar("T")


def cut(
    items: Sequence[T], name_of: Callable[[T], str], page: Paged, usual: int
) -> tuple[list[T], dict[str, Any]]:
    """The items of one page, in the order of their names, and what it says of those to come.

    usual  how many there are on a page if nothing is said
    """
    marker = page.marker or ""
    if not marker.isprintable():
        raise InvalidMarker
    named = sorted(((name_of(item), item) for item in items), key=lambda pair: pair[0])
    rest = [(name, item) for name, item in named if name > marker]
    shown = rest[: page.limit or usual]
    has_more = len(rest) > len(shown)
    told: dict[str, Any] = {"truncated": has_more}
    if has_more:
        told["next_marker"] = shown[-1][0]
    return [item for _, item in shown], told
