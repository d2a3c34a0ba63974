"""Delivery of access logs: lines that were spooled become objects in the target bucket.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerLogs.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html

One task in one process, for the lines of all of them. Where they go is asked when they are
delivered, as on AWS: what was collected before logging was switched off, or before its target
vanished or got another owner, is dropped. After a crash between the object and the removal of its
lines both are there, and the lines are delivered twice.
"""

import logging
from collections.abc import Callable

from ferrox.clock import Clock
from ferrox.errors import S3Error
from ferrox.jobs import failures
from ferrox.jobs.publishing import publish
from ferrox.jobs.rounds import Rounds
from ferrox.jobs.sealing import Sealing
from ferrox.protocol import server_log
from ferrox.protocol.plain import from_plain
from ferrox.protocol.shapes.logging import BucketLoggingStatus, LoggingEnabled
from ferrox.records import BucketRecord, Grant
from ferrox.storage.bodies import once
from ferrox.storage.spool import Batch, Spool
from ferrox.storage.store import Store

CONTENT_TYPE = "text/plain"
FULL_CONTROL = "FULL_CONTROL"
LONGEST_PAUSE_S = 10.0

log = logging.getLogger("ferrox.log_delivery")


class LogDelivery:
    """Delivers the access logs of one store.

    account_of  the number of the account that owns a bucket
    """

    def __init__(
        self,
        store: Store,
        sealing: Sealing,
        spool: Spool,
        clock: Clock,
        account_of: Callable[[BucketRecord], str | None],
        *,
        interval_s: float,
    ) -> None:
        self._store = store
        self._sealing = sealing
        self._spool = spool
        self._clock = clock
        self._account_of = account_of
        self._pause_s = min(interval_s, LONGEST_PAUSE_S)
        self.rounds = Rounds("log-delivery", clock)

    async def run(self) -> None:
        """Deliver until cancelled."""
        await self.rounds.repeat(self.work_once, self._pause_s)

    async def work_once(self) -> int:
        """Deliver what is complete; return how many batches were taken."""
        with failures.survived(log, "delivering access logs failed, to be tried again later"):
            return await self._spool.deliver(self._take)
        return 0

    async def _take(self, batch: Batch) -> bool:
        """Deliver one batch, or find that nobody wants it any more; False to try again later."""
        source = self._store.bucket_by_id(batch.source)
        logging_enabled = None if source is None else logging_of(self._store, source)
        if source is None or logging_enabled is None:
            return True
        target = self._store.bucket(logging_enabled.target_bucket)
        if target is None or target.owner_id != source.owner_id:
            log.warning("the log of bucket %s has no target any more", source.name)
            return True
        key = server_log.object_key(
            logging_enabled,
            self._account_of(source) or "",
            source.region,
            source.name,
            event_day=batch.day,
            now_ms=self._clock.now_ms(),
            unique=batch.unique,
        )
        try:
            await publish(
                self._store,
                self._sealing,
                target,
                key,
                once(batch.data),
                CONTENT_TYPE,
                size_bytes=len(batch.data),
                grants=_grants(logging_enabled, target),
            )
        except S3Error as error:  # a full quota, say
            log.warning("the log of bucket %s cannot be delivered: %s", source.name, error)
            return False
        return True


def logging_of(store: Store, source: BucketRecord) -> LoggingEnabled | None:
    """Where the log of a bucket goes, if it has one."""
    document = store.bucket_document(source, BucketLoggingStatus.stored_as)
    return None if document is None else from_plain(BucketLoggingStatus, document).logging_enabled


def _grants(logging_enabled: LoggingEnabled, target: BucketRecord) -> list[Grant] | None:
    """The access control list of a delivered object; None if only its owner has it."""
    grants = [Grant("CanonicalUser", target.owner_id, FULL_CONTROL)]
    for given in logging_enabled.target_grants or ():
        grantee = given.grantee
        if grantee is None or given.permission is None:
            continue
        name = grantee.uri if grantee.type == "Group" else grantee.id
        if name:
            grants.append(Grant(grantee.type, name, given.permission))
    return grants if len(grants) > 1 else None
