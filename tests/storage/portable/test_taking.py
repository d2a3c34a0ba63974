"""What an import decides of one thing."""

import pytest

from ferrox.errors import InvalidArgument
from ferrox.storage.portable.taking import Taken, Taking
from tests.storage.portable.filling import Lenient


@pytest.mark.parametrize(
    ("found", "may_replace", "outcome"),
    [
        (None, False, "created"),
        ({"a": 1}, False, "unchanged"),
        ({"a": 1}, True, "unchanged"),
        ({"a": 2}, True, "replaced"),
        ({"a": 2}, False, "refused"),
    ],
)
def test_what_is_there_decides(
    found: dict[str, int] | None, may_replace: bool, outcome: str
) -> None:
    taking = Taking(Lenient(), may_replace=may_replace)

    is_wanted = taking.is_wanted("thing", found, {"a": 1})

    assert outcome == taking.taken[0].outcome
    assert (outcome in {"created", "replaced"}) == is_wanted


def test_refusals_of_operations_are_told_in_their_words() -> None:
    taking = Taking(Lenient(), may_replace=False)

    taking.refuse("thing", InvalidArgument("the reason"))
    taking.leave_out("other", "why")

    assert [Taken("thing", "refused", "the reason")] == taking.refused
    assert "left out" == taking.taken[1].outcome
