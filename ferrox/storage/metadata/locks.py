"""Locks: what keeps a version from being removed, and how a lock may change. Decided here only.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html

- A legal hold keeps a version for as long as it is on. Nothing bypasses it.
- COMPLIANCE keeps a version until its date. The date may be put off; nothing else may change.
- GOVERNANCE does the same, except towards callers who may bypass it and say so.
- A retention whose date has passed keeps nothing, and may be replaced by anything.

`versions.remove` asks `is_locked` inside the transaction that removes, for whoever wants to remove:
so no path can take a locked version away.
"""

from collections.abc import Mapping
from typing import Any

from ferrox.errors import AccessDenied
from ferrox.records import COMPLIANCE, Lock

DOCUMENT = "object-lock"
"""The document of a bucket that says how what is put into it is retained."""

_MS_PER_DAY = 24 * 60 * 60 * 1000
_DAYS_PER_YEAR = 365
"""As AWS counts the years of a retention."""


def is_locked(lock: Lock, now_ms: int, *, bypass: bool) -> bool:
    """Whether a version may not be removed now.

    bypass  the caller may bypass GOVERNANCE, and says so
    """
    if lock.legal_hold:
        return True
    return _is_retained(lock, now_ms) and (lock.mode == COMPLIANCE or not bypass)


def require_unlocked(lock: Lock, now_ms: int, *, bypass: bool) -> None:
    """Raise AccessDenied unless a version with this lock may be removed now."""
    if is_locked(lock, now_ms, bypass=bypass):
        raise _denied()


def require_changeable(lock: Lock, changed: Lock, now_ms: int, *, bypass: bool) -> None:
    """Raise AccessDenied unless the retention of a version may become another one."""
    if changed[:2] == lock[:2] or not _is_retained(lock, now_ms):
        return
    is_extended = changed.mode == lock.mode and (changed.retain_until_ms or 0) >= (
        lock.retain_until_ms or 0
    )
    if not is_extended and (lock.mode == COMPLIANCE or not bypass):
        raise _denied()


def with_default(lock: Lock, document: Mapping[str, Any] | None, now_ms: int) -> Lock:
    """Return the lock of a version that is about to be made, given the bucket's document."""
    if lock.mode is not None or document is None:
        return lock
    rule = (document.get("Rule") or {}).get("DefaultRetention") or {}
    days = rule.get("Days") or _DAYS_PER_YEAR * (rule.get("Years") or 0)
    if not days or not rule.get("Mode"):
        return lock
    from_ms = -(-now_ms // 1000) * 1000  # answers show whole seconds: never less than is promised
    return lock._replace(mode=rule["Mode"], retain_until_ms=from_ms + days * _MS_PER_DAY)


def _is_retained(lock: Lock, now_ms: int) -> bool:
    return lock.mode is not None and (lock.retain_until_ms or 0) > now_ms


def _denied() -> AccessDenied:
    return AccessDenied("Access Denied because object protected by object lock.")
