"""What requests say of locks, and what answers tell of them.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html
When a lock keeps a version is decided in storage; here it is read, asked for and shown.
"""

from typing import Any

from ferrox import errors
from ferrox.errors import InvalidArgument, InvalidRequest
from ferrox.operations.call import Call
from ferrox.protocol import checksums, dates
from ferrox.records import COMPLIANCE, GOVERNANCE, UNLOCKED, Lock
from ferrox.storage.metadata import locks

MODE = "x-amz-object-lock-mode"
RETAIN_UNTIL = "x-amz-object-lock-retain-until-date"
LEGAL_HOLD = "x-amz-object-lock-legal-hold"

MODES = frozenset({GOVERNANCE, COMPLIANCE})
HOLDS = {"ON": True, "OFF": False}

_HEADERS = frozenset({MODE, RETAIN_UNTIL, LEGAL_HOLD})
_EVENT_HOLDS = frozenset(
    {
        "x-amz-object-lock-event-hold",
        "x-amz-object-lock-event-hold-duration-days",
        "x-amz-object-lock-event-hold-duration-years",
    }
)
_MS_PER_SECOND = 1000


def requested(call: Call, key: str) -> Lock:
    """The lock that the headers of a write ask for; one that the caller may ask for."""
    headers = call.request.headers
    if unknown := _EVENT_HOLDS & headers.keys():
        raise errors.NotImplemented("Event holds are not implemented", Header=min(unknown))
    if _HEADERS.isdisjoint(headers):
        return UNLOCKED
    lock = Lock(*_retention(headers, call.services.clock.now_ms()), _legal_hold(headers))
    require_lock_bucket(call)
    if lock.mode is not None:
        call.require("s3:PutObjectRetention", call.bucket, key)
    if lock.legal_hold is not None:
        call.require("s3:PutObjectLegalHold", call.bucket, key)
    return lock


def require_lock_bucket(call: Call) -> None:
    """Raise unless objects can be locked in the bucket that is addressed."""
    if not call.bucket.is_object_lock_enabled:
        raise InvalidRequest("Bucket is missing Object Lock Configuration")


def require_digest(call: Call, lock: Lock) -> None:
    """Raise if what is about to be locked comes without a digest of the client's own.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html: the bucket's default
    retention locks, too; the hash that a signature covers does not count.
    """
    if not call.bucket.is_object_lock_enabled:
        return
    if lock == UNLOCKED:
        document = call.store.bucket_document(call.bucket, locks.DOCUMENT)
        if locks.with_default(lock, document, 0) == UNLOCKED:
            return
    headers = call.request.headers
    if checksums.content_md5(headers) is None and checksums.expectation(headers) is None:
        raise InvalidRequest(
            "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with "
            "Object Lock parameters"
        )


def may_bypass(call: Call, key: str, *, is_asked_for: bool | None) -> bool:
    """Whether the request may do what GOVERNANCE forbids: it has to say so, and be allowed to."""
    return bool(is_asked_for) and call.may("s3:BypassGovernanceRetention", key)


def shown(call: Call, key: str, lock: Lock) -> dict[str, Any]:
    """The output fields that tell of a lock, to callers who may know."""
    fields: dict[str, Any] = {}
    if lock.mode is not None and call.may("s3:GetObjectRetention", key):
        fields["object_lock_mode"] = lock.mode
        fields["object_lock_retain_until_date"] = lock.retain_until_ms
    if lock.legal_hold is not None and call.may("s3:GetObjectLegalHold", key):
        fields["object_lock_legal_hold_status"] = hold_status(is_held=lock.legal_hold)
    return fields


def hold_status(*, is_held: bool) -> str:
    """A legal hold as AWS writes it."""
    return "ON" if is_held else "OFF"


def future(retain_until_ms: int, now_ms: int, argument: str) -> int:
    """The date of a retention, in whole seconds as answers show it, or a refusal of a past one.

    Rounded up: what a client reads and puts again must not be a shorter retention.
    """
    if retain_until_ms <= now_ms:
        raise InvalidArgument(
            "The retain until date must be in the future!",
            ArgumentName=argument,
            ArgumentValue=dates.iso8601(retain_until_ms),
        )
    return -(-retain_until_ms // _MS_PER_SECOND) * _MS_PER_SECOND


def _retention(headers: dict[str, str], now_ms: int) -> tuple[str | None, int | None]:
    """Mode and date out of a pair of headers."""
    mode, date = headers.get(MODE), headers.get(RETAIN_UNTIL)
    if mode is None and date is None:
        return None, None
    if mode is None or date is None:
        raise InvalidArgument(
            "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied",
            ArgumentName=MODE if mode is None else RETAIN_UNTIL,
        )
    if mode not in MODES:
        raise InvalidArgument("Unknown wormMode directive.", ArgumentName=MODE, ArgumentValue=mode)
    instant_ms = dates.parse_iso8601(date)
    if instant_ms is None:
        raise InvalidArgument(
            "The retain until date must be provided in ISO 8601 format",
            ArgumentName=RETAIN_UNTIL,
            ArgumentValue=date,
        )
    return mode, future(instant_ms, now_ms, RETAIN_UNTIL)


def _legal_hold(headers: dict[str, str]) -> bool | None:
    status = headers.get(LEGAL_HOLD)
    if status is None:
        return None
    if status not in HOLDS:
        raise InvalidArgument(
            "Legal Hold must be either of 'ON' or 'OFF'",
            ArgumentName=LEGAL_HOLD,
            ArgumentValue=status,
        )
    return HOLDS[status]
