"""Lists, page by page."""

import pytest

from ferrox.kms_errors import InvalidMarker
from ferrox.operations.kms.paging import cut
from ferrox.protocol.kms.keys import Paged

ITEMS = ["c", "a", "b"]


@pytest.mark.parametrize(
    ("page", "expected", "told"),
    [
        (Paged(), ["a", "b"], {"truncated": True, "next_marker": "b"}),
        (Paged(limit=3), ["a", "b", "c"], {"truncated": False}),
        (Paged(marker="a"), ["b", "c"], {"truncated": False}),
        (Paged(marker="c"), [], {"truncated": False}),
    ],
)
def test_a_list_is_cut_into_pages(page: Paged, expected: list[str], told: dict[str, str]) -> None:
    assert (expected, told) == cut(ITEMS, str, page, 2)


def test_what_cannot_be_a_marker_is_refused() -> None:
    with pytest.raises(InvalidMarker):
        cut(ITEMS, str, Paged(marker="\n"), 2)
