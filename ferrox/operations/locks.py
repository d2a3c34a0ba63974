"""PutObjectRetention, GetObjectRetention, PutObjectLegalHold and GetObjectLegalHold.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectRetention.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectLegalHold.html
"""

from ferrox import errors
from ferrox.errors import MalformedXML, NoSuchObjectLockConfiguration
from ferrox.operations import protection
from ferrox.operations.call import Call
from ferrox.operations.objects import amendment, find_version
from ferrox.operations.protection import (
    HOLDS,
    future,
    hold_status,
    may_bypass,
    require_lock_bucket,
)
from ferrox.operations.registry import handles
from ferrox.protocol import dates
from ferrox.protocol.operations import (
    GetObjectLegalHold,
    GetObjectRetention,
    PutObjectLegalHold,
    PutObjectRetention,
)
from ferrox.protocol.shapes.locks import (
    GetObjectLegalHoldInput,
    GetObjectLegalHoldOutput,
    GetObjectRetentionInput,
    GetObjectRetentionOutput,
    LegalHold,
    PutObjectLegalHoldInput,
    PutObjectLegalHoldOutput,
    PutObjectRetentionInput,
    PutObjectRetentionOutput,
    Retention,
)
from ferrox.records import VersionRecord


def _stated_retention(args: PutObjectRetentionInput) -> dict[str, str]:
    retention = args.retention or Retention()
    stated = {protection.MODE: retention.mode or ""}
    if retention.retain_until_date is not None:
        stated[protection.RETAIN_UNTIL] = dates.iso8601(retention.retain_until_date)
    return stated


@handles(PutObjectRetention, action="s3:PutObjectRetention", stated=_stated_retention)
async def put_object_retention(
    call: Call, args: PutObjectRetentionInput
) -> PutObjectRetentionOutput:
    """Retain an object version until a date, or, with an empty document, no longer."""
    mode, retain_until_ms = _retention(call, args.retention)
    require_lock_bucket(call)

    def change(version: VersionRecord) -> VersionRecord:
        lock = version.lock._replace(mode=mode, retain_until_ms=retain_until_ms)
        return version._replace(lock=lock)

    await call.store.amend_version(
        call.bucket,
        args.key,
        args.version_id,
        amendment(call, args.key, args.version_id, change),
        bypass=may_bypass(call, args.key, is_asked_for=args.bypass_governance_retention),
        occasion=call.occasion("ObjectRetention:Put"),
    )
    return PutObjectRetentionOutput()


def _retention(call: Call, retention: Retention | None) -> tuple[str | None, int | None]:
    if retention is None:
        raise MalformedXML
    if retention.event_hold is not None or retention.event_hold_duration is not None:
        raise errors.NotImplemented("Event holds are not implemented")
    mode, date_ms = retention.mode, retention.retain_until_date
    if (mode is None) != (date_ms is None):
        raise MalformedXML
    if date_ms is None:
        return None, None
    return mode, future(date_ms, call.services.clock.now_ms(), "RetainUntilDate")


@handles(GetObjectRetention, action="s3:GetObjectRetention")
async def get_object_retention(
    call: Call, args: GetObjectRetentionInput
) -> GetObjectRetentionOutput:
    """Tell how, and until when, an object version is or was retained."""
    require_lock_bucket(call)
    lock = find_version(call, args.key, args.version_id).lock
    if lock.mode is None:
        raise NoSuchObjectLockConfiguration
    return GetObjectRetentionOutput(
        retention=Retention(mode=lock.mode, retain_until_date=lock.retain_until_ms)
    )


def _stated_hold(args: PutObjectLegalHoldInput) -> dict[str, str]:
    hold = args.legal_hold or LegalHold()
    return {protection.LEGAL_HOLD: hold.status or ""}


@handles(PutObjectLegalHold, action="s3:PutObjectLegalHold", stated=_stated_hold)
async def put_object_legal_hold(
    call: Call, args: PutObjectLegalHoldInput
) -> PutObjectLegalHoldOutput:
    """Hold an object version, or release it."""
    if args.legal_hold is None or args.legal_hold.status is None:
        raise MalformedXML
    is_held = HOLDS[args.legal_hold.status]
    require_lock_bucket(call)

    def change(version: VersionRecord) -> VersionRecord:
        return version._replace(lock=version.lock._replace(legal_hold=is_held))

    await call.store.amend_version(
        call.bucket,
        args.key,
        args.version_id,
        amendment(call, args.key, args.version_id, change),
    )
    return PutObjectLegalHoldOutput()


@handles(GetObjectLegalHold, action="s3:GetObjectLegalHold")
async def get_object_legal_hold(
    call: Call, args: GetObjectLegalHoldInput
) -> GetObjectLegalHoldOutput:
    """Tell whether an object version is held, if anybody ever said so."""
    require_lock_bucket(call)
    lock = find_version(call, args.key, args.version_id).lock
    if lock.legal_hold is None:
        raise NoSuchObjectLockConfiguration
    return GetObjectLegalHoldOutput(
        legal_hold=LegalHold(status=hold_status(is_held=lock.legal_hold))
    )
