import pytest

from ferrox.iam_errors import LimitExceeded
from ferrox.operations.iam import quotas


def test_there_is_room_below_a_quota_and_none_at_it() -> None:
    quotas.require_room(1, quotas.ACCESS_KEYS_PER_USER, "AccessKeysPerUser")

    with pytest.raises(LimitExceeded, match=r"^Cannot exceed quota for AccessKeysPerUser: 2$"):
        quotas.require_room(2, quotas.ACCESS_KEYS_PER_USER, "AccessKeysPerUser")
