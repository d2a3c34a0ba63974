"""Server access logging: what is written down of the requests about a bucket that is logged.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerLogs.html

A bucket without logging costs a look at its configuration, which is in memory. Lines are handed to
the spool; what becomes of them there slows no request. Delivery itself does not come this way, so
a bucket that is its own target does not fill itself with the log of its log; AWS warns of that.
"""

import logging

from ferrox.errors import Fault
from ferrox.identity import Principal
from ferrox.operations.call import Services
from ferrox.protocol import server_log
from ferrox.protocol.message import Copied, Outcome, Request, version_of
from ferrox.protocol.server_log import Entry
from ferrox.protocol.shapes.logging import BucketLoggingStatus
from ferrox.records import BucketRecord
from ferrox.storage.spool import Spool

_SIGNATURES = {"AWS4": "SigV4", "AWS4A": "SigV4A", "AWS": "SigV2"}
_AUTH_TYPES = {"header": "AuthHeader", "query": "QueryString"}
_WITH_OBJECT = frozenset({"GetObject", "HeadObject", "GetWebsite"})
"""Operations whose answer tells how large the object is."""

_SENT_OBJECT = frozenset({"PutObject", "UploadPart"})
"""Operations whose request does."""

log = logging.getLogger("ferrox.server_log")


class ServerLog:
    """Writes the access logs of buckets."""

    def __init__(self, services: Services, spool: Spool) -> None:
        self._services = services
        self._spool = spool

    def note(self, request: Request, outcome: Outcome) -> None:
        """Write a request down, if the bucket that it was about or copied from is logged."""
        try:
            bucket = request.bucket or self._refused_bucket(request, outcome)
            if bucket is not None and self._is_logged(bucket):
                self._write(bucket, request, outcome)
            if request.copied is not None and self._is_logged(request.copied.bucket):
                self._write_copied(request.copied, request, outcome)
        except Fault as fault:  # the request has been answered; that stands
            log.warning("%s: not in the access log: %s", request.request_id, fault)
        except Exception:
            log.exception("%s: not in the access log", request.request_id)

    def _is_logged(self, bucket: BucketRecord) -> bool:
        status = self._services.configuration(bucket, BucketLoggingStatus)
        return status is not None and status.logging_enabled is not None

    def _write_copied(self, copied: Copied, request: Request, outcome: Outcome) -> None:
        entry = server_log.copied_entry(self._entry(copied.bucket, request, outcome), copied)
        line = server_log.line(entry)
        self._spool.add(copied.bucket.bucket_id, server_log.event_day(entry.time_ms), line)

    def _write(self, bucket: BucketRecord, request: Request, outcome: Outcome) -> None:
        entry = self._entry(bucket, request, outcome)
        day = server_log.event_day(entry.time_ms)
        self._spool.add(bucket.bucket_id, day, server_log.line(entry))
        for removal in request.removals:
            line = server_log.line(server_log.batch_entry(entry, removal))
            self._spool.add(bucket.bucket_id, day, line)

    def _refused_bucket(self, request: Request, outcome: Outcome) -> BucketRecord | None:
        """The bucket that was asked about by whoever was refused before it was looked up."""
        name = request.facts.get("bucket", "")
        return self._services.store.bucket(name) if name and outcome.status >= 400 else None

    def _entry(self, bucket: BucketRecord, request: Request, outcome: Outcome) -> Entry:
        facts, headers = request.facts, request.headers
        total_ms = round(outcome.duration_s * 1000)
        return Entry(
            owner_id=bucket.owner_id,
            bucket=bucket.name,
            time_ms=self._services.clock.now_ms() - total_ms,
            peer=request.peer,
            requester=_name_of(request.principal),
            request_id=request.request_id,
            operation=server_log.operation_name(facts.get("operation", ""), request.method),
            key=facts.get("key", ""),
            request_line=server_log.request_line(
                request.method, request.path, request.query_string, request.version
            ),
            status=outcome.status,
            error_code=facts.get("error_code", ""),
            sent_bytes=outcome.sent_bytes or None,
            size_bytes=_object_bytes(request, outcome),
            total_ms=total_ms,
            turnaround_ms=round(outcome.turnaround_s * 1000),
            referer=headers.get("referer", ""),
            user_agent=headers.get("user-agent", ""),
            version_id=version_of(request, outcome),
            host_id=outcome.headers.get("x-amz-id-2", ""),
            signature_version=_SIGNATURES.get(facts.get("signature_version", ""), ""),
            cipher=request.tls.cipher if request.tls else "",
            auth_type=_AUTH_TYPES.get(facts.get("auth_type", ""), ""),
            host=headers.get("host", ""),
            tls_version=request.tls.version if request.tls else "",
            access_point="",
            acl_required=facts.get("acl_required", ""),
            region=self._services.region,
        )


def _name_of(principal: Principal | None) -> str:
    """A root account under its canonical id, users under their ARN, others not at all."""
    if principal is None or principal.is_anonymous:
        return ""
    is_root = principal.arn.endswith(":root")
    return principal.canonical_id if is_root else principal.arn


def _object_bytes(request: Request, outcome: Outcome) -> int | None:
    """How large the object is that was asked for or sent, where that is known."""
    if outcome.status >= 300:
        return None
    operation = request.facts.get("operation", "")
    if operation in _WITH_OBJECT:
        total = outcome.headers.get("content-range", "").rpartition("/")[2]
        size = total or outcome.headers.get("content-length", "")
    elif operation in _SENT_OBJECT:
        sent = request.headers
        size = sent.get("x-amz-decoded-content-length") or sent.get("content-length", "")
    else:
        size = ""
    return int(size) if size.isascii() and size.isdigit() else None
