"""What requests say of locks; when a lock keeps a version is proved in storage."""

import pytest

from ferrox.errors import InvalidArgument
from ferrox.operations.protection import future, hold_status

NOW_MS = 1_790_000_000_000


@pytest.mark.parametrize(
    ("instant_ms", "expected"), [(NOW_MS + 1, NOW_MS + 1000), (NOW_MS + 1000, NOW_MS + 1000)]
)
def test_a_retention_lasts_whole_seconds_and_never_less_than_asked(
    instant_ms: int, expected: int
) -> None:
    assert expected == future(instant_ms, NOW_MS, "x")


@pytest.mark.parametrize("instant_ms", [NOW_MS, NOW_MS - 1, 0])
def test_a_retention_that_is_over_before_it_begins_is_refused(instant_ms: int) -> None:
    with pytest.raises(InvalidArgument, match="must be in the future!") as refusal:
        future(instant_ms, NOW_MS, "RetainUntilDate")

    assert "RetainUntilDate" == refusal.value.details["ArgumentName"]


def test_a_legal_hold_is_on_or_off() -> None:
    assert ("ON", "OFF") == (hold_status(is_held=True), hold_status(is_held=False))
