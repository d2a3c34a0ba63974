import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferrox.iam_errors import ValidationError
from ferrox.operations.iam import paging
from ferrox.protocol.iam.groupings import Paged


@given(st.sets(st.text(max_size=8), max_size=30), st.integers(1, 40))
def test_pages_together_are_the_list(names: set[str], max_items: int) -> None:
    seen: list[str] = []
    marker = None
    while True:
        page = paging.cut(names, Paged(max_items=max_items, marker=marker), str)
        assert len(page.items) <= max_items
        seen += page.items
        marker = page.marker
        if not page.is_truncated:
            break

    assert sorted(names) == seen


def test_a_hundred_items_are_a_page_unless_told_otherwise() -> None:
    page = paging.cut([f"{number:03}" for number in range(101)], Paged(), str)

    assert (100, True) == (len(page.items), page.is_truncated)


@pytest.mark.parametrize("marker", ["*", "a", "é", "_w=="])
def test_a_marker_that_nobody_gave_is_refused(marker: str) -> None:
    with pytest.raises(ValidationError, match=r"Invalid Marker\."):
        paging.cut(["a"], Paged(marker=marker), str)
