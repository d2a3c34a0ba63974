"""When a lock keeps a version, and how it may change: every pair of states."""

import pytest

from ferrox.errors import AccessDenied
from ferrox.records import COMPLIANCE, GOVERNANCE, UNLOCKED, Lock
from ferrox.storage.metadata.locks import (
    is_locked,
    require_changeable,
    require_unlocked,
    with_default,
)

NOW_MS = 1_000_000
LATER_MS = NOW_MS + 1
DAY_MS = 24 * 60 * 60 * 1000


@pytest.mark.parametrize(
    ("lock", "is_kept", "is_kept_from_who_may_bypass"),
    [
        (UNLOCKED, False, False),
        (Lock(legal_hold=False), False, False),
        (Lock(legal_hold=True), True, True),
        (Lock(GOVERNANCE, LATER_MS), True, False),
        (Lock(GOVERNANCE, LATER_MS, True), True, True),
        (Lock(GOVERNANCE, NOW_MS), False, False),
        (Lock(COMPLIANCE, LATER_MS), True, True),
        (Lock(COMPLIANCE, NOW_MS), False, False),
        (Lock(COMPLIANCE, NOW_MS, True), True, True),
    ],
)
def test_what_a_lock_keeps(lock: Lock, is_kept: bool, is_kept_from_who_may_bypass: bool) -> None:
    assert is_kept == is_locked(lock, NOW_MS, bypass=False)
    assert is_kept_from_who_may_bypass == is_locked(lock, NOW_MS, bypass=True)


def test_the_refusal_says_why() -> None:
    with pytest.raises(AccessDenied, match="because object protected by object lock"):
        require_unlocked(Lock(legal_hold=True), NOW_MS, bypass=True)


def may_become(lock: Lock, changed: Lock, *, bypass: bool) -> bool:
    try:
        require_changeable(lock, changed, NOW_MS, bypass=bypass)
    except AccessDenied:
        return False
    return True


@pytest.mark.parametrize("bypass", [False, True])
@pytest.mark.parametrize(
    ("mode", "changed", "may", "may_with_bypass"),
    [
        (GOVERNANCE, Lock(GOVERNANCE, LATER_MS + 5), True, True),
        (GOVERNANCE, Lock(GOVERNANCE, LATER_MS + 9), True, True),
        (GOVERNANCE, Lock(GOVERNANCE, LATER_MS + 4), False, True),
        (GOVERNANCE, Lock(COMPLIANCE, LATER_MS + 9), False, True),
        (GOVERNANCE, Lock(), False, True),
        (COMPLIANCE, Lock(COMPLIANCE, LATER_MS + 9), True, True),
        (COMPLIANCE, Lock(COMPLIANCE, LATER_MS + 4), False, False),
        (COMPLIANCE, Lock(GOVERNANCE, LATER_MS + 9), False, False),
        (COMPLIANCE, Lock(), False, False),
        (None, Lock(COMPLIANCE, LATER_MS), True, True),
    ],
)
def test_how_a_retention_may_change(
    mode: str | None, changed: Lock, may: bool, may_with_bypass: bool, bypass: bool
) -> None:
    lock = Lock(mode, LATER_MS + 5 if mode else None)

    assert may_become(lock, changed, bypass=bypass) == (may_with_bypass if bypass else may)


@pytest.mark.parametrize("mode", [GOVERNANCE, COMPLIANCE])
def test_a_retention_that_is_over_may_become_anything(mode: str) -> None:
    for changed in (UNLOCKED, Lock(GOVERNANCE, NOW_MS + 2)):
        assert may_become(Lock(mode, NOW_MS), changed, bypass=False)


def test_a_legal_hold_may_always_change() -> None:
    held = Lock(COMPLIANCE, LATER_MS, True)

    assert may_become(held, held._replace(legal_hold=False), bypass=False)


@pytest.mark.parametrize(
    ("rule", "days"),
    [({"Mode": COMPLIANCE, "Days": 3}, 3), ({"Mode": COMPLIANCE, "Years": 2}, 730)],
)
def test_what_is_put_without_a_retention_gets_that_of_the_bucket(
    rule: dict[str, str | int], days: int
) -> None:
    document = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": rule}}
    own = Lock(GOVERNANCE, LATER_MS)

    assert Lock(COMPLIANCE, NOW_MS + days * DAY_MS) == with_default(UNLOCKED, document, NOW_MS)
    assert with_default(Lock(legal_hold=True), document, NOW_MS).legal_hold
    assert own == with_default(own, document, NOW_MS)


@pytest.mark.parametrize("document", [None, {}, {"ObjectLockEnabled": "Enabled"}, {"Rule": None}])
def test_a_bucket_without_a_rule_gives_no_retention(document: dict[str, str] | None) -> None:
    assert UNLOCKED == with_default(UNLOCKED, document, NOW_MS)
