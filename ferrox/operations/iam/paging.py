"""Pages of lists: MaxItems, Marker, IsTruncated.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUsers.html
A marker says behind which item a page begins, so that what comes and goes in between does no harm.
"""

import base64
import binascii
from collections.abc import Callable, Iterable
from typing import Generic, NamedTuple, TypeVar

from ferrox.iam_errors import ValidationError
from ferrox.protocol.iam.groupings import Paged

DEFAULT_MAX_ITEMS = 100

T = TypeVar("T")


class Cut(NamedTuple, Generic[T]):
    """A page of a list; `marker` is None on the last one."""

    items: list[T]
    marker: str | None

    @property
    def is_truncated(self) -> bool:
        """Whether there is more."""
        return self.marker is not None


def cut(items: Iterable[T], args: Paged, name: Callable[[T], str]) -> Cut[T]:
    """The page that is asked for. `name` tells items apart; they come in its order."""
    after = _read(args.marker) if args.marker is not None else None
    rest = sorted((one for one in items if after is None or name(one) > after), key=name)
    most = args.max_items or DEFAULT_MAX_ITEMS
    if len(rest) <= most:
        return Cut(rest, None)
    return Cut(rest[:most], _written(name(rest[most - 1])))


def _written(name: str) -> str:
    return base64.urlsafe_b64encode(name.encode()).decode()


def _read(marker: str) -> str:
    try:
        return base64.b64decode(marker, altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise ValidationError("Invalid Marker.") from None
