"""What the lifecycle rules of a bucket say of a version or an upload, and when. Pure.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-expire-general-considerations.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-conflicts.html

    a version that is          goes when                                       what is done
    current, an object         an Expiration's time is over                    EXPIRE
    noncurrent                 so many days after its successor was made, and  REMOVE_NONCURRENT
                               only behind so many newer noncurrent ones
    current, a delete marker,  ExpiredObjectDeleteMarker is set, or an         REMOVE_MARKER
    and all its key has        Expiration's time is over

Days are counted from an instant and end at the next midnight UTC, as AWS counts them: what was made
at 10:30 on the 15th with three days goes at the beginning of the 19th. A Date is over for whatever
the rule is about, and stays so. Of several rules the one whose time is over first has its way, the
first in the document among equals. Transitions are not looked at: everything lies in one place.
Markers and uploads have neither tags nor a size, so rules that ask for any are not about them.

`day_ms` is another length of a day, for trying rules out; midnights are as far apart then.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple
from urllib.parse import quote

from ferrox.lifecycle_records import LifecycleAction, LifecycleVerdict, VersionState
from ferrox.protocol import dates
from ferrox.protocol.documents.lifecycle import prefix_of, sizes_of, tags_of
from ferrox.protocol.shapes.lifecycle import BucketLifecycleConfiguration, LifecycleRule

DAY_MS = 24 * 60 * 60 * 1000

LAST_MS = 253_402_214_400_000
"""The beginning of the last day of the year 9999: later dates have no place in a header."""

_VISIBLE = "".join(map(chr, range(0x20, 0x7F)))


class Due(NamedTuple):
    """When the time of a rule is over."""

    at_ms: int
    rule_id: str


class Lifecycle:
    """The rules of a bucket that are enabled."""

    def __init__(self, document: BucketLifecycleConfiguration, day_ms: int = DAY_MS) -> None:
        self._rules = [rule for rule in document.rules if rule.status == "Enabled"]
        self._day_ms = day_ms

    @property
    def prefixes(self) -> list[str]:
        """What keys begin with that any rule is about; none of them begins with another one."""
        return _outermost(map(prefix_of, self._rules))

    @property
    def upload_prefixes(self) -> list[str]:
        """The same for uploads."""
        return _outermost(
            prefix_of(rule) for rule in self._rules if rule.abort_incomplete_multipart_upload
        )

    def verdict(self, version: VersionState, now_ms: int) -> LifecycleVerdict | None:
        """What is to be done about a version now."""
        if version.noncurrent_ms is not None:
            action, found = LifecycleAction.REMOVE_NONCURRENT, self._noncurrent(version, now_ms)
        elif version.is_delete_marker:
            action, found = LifecycleAction.REMOVE_MARKER, self._marker(version)
        else:
            action = LifecycleAction.EXPIRE
            found = self._expirations(
                version.key, version.size_bytes, version.tags, version.modified_ms
            )
        due = _first(one for one in found if one.at_ms <= now_ms)
        if due is None:
            return None
        return LifecycleVerdict(action, due.rule_id)

    def upload_verdict(self, key: str, initiated_ms: int, now_ms: int) -> LifecycleVerdict | None:
        """What is to be done about an open upload now."""
        due = self.abort(key, initiated_ms)
        if due is None or due.at_ms > now_ms:
            return None
        return LifecycleVerdict(LifecycleAction.ABORT_UPLOAD, due.rule_id)

    def expiration(
        self, key: str, size_bytes: int, tags: dict[str, str], modified_ms: int
    ) -> Due | None:
        """When an object that is current expires."""
        return _first(self._expirations(key, size_bytes, tags, modified_ms))

    def abort(self, key: str, initiated_ms: int) -> Due | None:
        """When an open upload is aborted."""
        return _first(
            Due(self._days_after(initiated_ms, abortion.days_after_initiation), rule.id or "")
            for rule in self._rules
            if (abortion := rule.abort_incomplete_multipart_upload) is not None
            and abortion.days_after_initiation is not None
            and key.startswith(prefix_of(rule))
        )

    def _expirations(
        self, key: str, size_bytes: int, tags: dict[str, str], modified_ms: int
    ) -> Iterator[Due]:
        for rule in self._rules:
            if rule.expiration is not None and _is_about(rule, key, size_bytes, tags):
                yield from self._times(rule, modified_ms)

    def _marker(self, version: VersionState) -> Iterator[Due]:
        if not version.is_only:
            return
        for rule in self._rules:
            expiration = rule.expiration
            if expiration is None or not _is_about_version(rule, version):
                continue
            if expiration.expired_object_delete_marker:
                yield Due(version.modified_ms, rule.id or "")
            yield from self._times(rule, version.modified_ms)

    def _noncurrent(self, version: VersionState, now_ms: int) -> Iterator[Due]:
        for rule in self._rules:
            expiration = rule.noncurrent_version_expiration
            if expiration is None or expiration.noncurrent_days is None:
                continue
            if not _is_about_version(rule, version):
                continue
            at_ms = self._days_after(version.noncurrent_ms or 0, expiration.noncurrent_days)
            kept_count = expiration.newer_noncurrent_versions
            # Counting costs a look-up, so it comes last.
            if at_ms <= now_ms and (kept_count is None or version.count_newer() >= kept_count):
                yield Due(at_ms, rule.id or "")

    def _times(self, rule: LifecycleRule, modified_ms: int) -> Iterator[Due]:
        """When a rule's Expiration is over for what was made at an instant."""
        expiration = rule.expiration
        if expiration is not None and expiration.days is not None:
            yield Due(self._days_after(modified_ms, expiration.days), rule.id or "")
        if expiration is not None and expiration.date is not None:
            yield Due(expiration.date, rule.id or "")

    def _days_after(self, start_ms: int, days: int) -> int:
        """The next midnight after so many days."""
        return min(LAST_MS, (start_ms // self._day_ms + days + 1) * self._day_ms)


def expiration_header(due: Due) -> str:
    """The value of x-amz-expiration.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
    """
    rule_id = quote(due.rule_id, safe="")
    return f'expiry-date="{dates.http_date(due.at_ms)}", rule-id="{rule_id}"'


def abort_rule_header(due: Due) -> str:
    """The value of x-amz-abort-rule-id; what a header cannot carry is percent-encoded."""
    return quote(due.rule_id, safe=_VISIBLE)


def _first(found: Iterable[Due]) -> Due | None:
    return min(found, key=lambda due: due.at_ms, default=None)


def _is_about_version(rule: LifecycleRule, version: VersionState) -> bool:
    if not version.is_delete_marker:
        return _is_about(rule, version.key, version.size_bytes, version.tags)
    is_particular = any(tags_of(rule.filter)) or sizes_of(rule.filter) != (None, None)
    return not is_particular and version.key.startswith(prefix_of(rule))


def _is_about(rule: LifecycleRule, key: str, size_bytes: int, tags: dict[str, str]) -> bool:
    if not key.startswith(prefix_of(rule)):
        return False
    greater_than, less_than = sizes_of(rule.filter)
    return (
        (greater_than is None or size_bytes > greater_than)
        and (less_than is None or size_bytes < less_than)
        and all(tags.get(tag.key) == tag.value for tag in tags_of(rule.filter))
    )


def _outermost(prefixes: Iterable[str]) -> list[str]:
    """Those that cover all of them, in order."""
    found: list[str] = []
    for prefix in sorted(prefixes):  # whatever begins with a prefix stands behind it
        if not found or not prefix.startswith(found[-1]):
            found.append(prefix)
    return found
