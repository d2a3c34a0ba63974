"""Lifecycle in access logs: what rules took away has lines in the log of its bucket.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-and-other-bucket-config.html
"""

from collections.abc import Sequence

from ferrox import ids
from ferrox.clock import Clock
from ferrox.jobs.log_delivery import logging_of
from ferrox.lifecycle_records import LifecycleAction, LifecycleStep
from ferrox.protocol import server_log
from ferrox.protocol.server_log import Entry
from ferrox.records import BucketRecord, Versioning
from ferrox.storage.metadata.expiring import Candidate
from ferrox.storage.spool import Spool
from ferrox.storage.store import Store

REQUESTER = "AmazonS3"
"""Who does what rules say, to whoever reads the log."""

_MARKED = "S3.CREATE.DELETEMARKER"
_REMOVED = "S3.EXPIRE.OBJECT"
_ABORTED = "S3.DELETE.UPLOAD"


class LifecycleLog:
    """Writes down what the lifecycle rules of logged buckets do."""

    def __init__(self, store: Store, spool: Spool, clock: Clock) -> None:
        self._store = store
        self._spool = spool
        self._clock = clock

    def note(self, bucket: BucketRecord, done: Sequence[Candidate]) -> None:
        """Write down what was done in a bucket, if it is logged."""
        if not done or logging_of(self._store, bucket) is None:
            return
        now_ms = self._clock.now_ms()
        for candidate in done:
            if not candidate.is_locked:
                line = server_log.line(_entry(bucket, candidate.step, now_ms))
                self._spool.add(bucket.bucket_id, server_log.event_day(now_ms), line)


def _operation(bucket: BucketRecord, action: LifecycleAction) -> str:
    if action is LifecycleAction.ABORT_UPLOAD:
        return _ABORTED
    if action is LifecycleAction.EXPIRE and bucket.versioning is not Versioning.UNVERSIONED:
        return _MARKED
    return _REMOVED


def _entry(bucket: BucketRecord, step: LifecycleStep, now_ms: int) -> Entry:
    operation = _operation(bucket, step.action)
    is_of_version = operation != _ABORTED and bucket.versioning is not Versioning.UNVERSIONED
    return Entry(
        owner_id=bucket.owner_id,
        bucket=bucket.name,
        time_ms=now_ms,
        peer="",
        requester=REQUESTER,
        request_id=ids.request_id(),
        operation=operation,
        key=step.key,
        request_line="",
        status=None,
        error_code="",
        sent_bytes=None,
        size_bytes=step.size_bytes if operation == _REMOVED else None,
        total_ms=None,
        turnaround_ms=None,
        referer="",
        user_agent="",
        version_id=step.name if is_of_version else "",
        host_id="",
        signature_version="",
        cipher="",
        auth_type="",
        host="",
        tls_version="",
        access_point="",
        acl_required="",
        region=bucket.region,
    )
