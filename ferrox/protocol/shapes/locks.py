"""Shapes of the operations on the locks of object versions."""

from ferrox.protocol.shape import Shape, element, header, payload, query
from ferrox.protocol.shapes.groups import ObjectInput
from ferrox.protocol.shapes.lock_configuration import EventHoldDuration


class Retention(Shape):
    mode: str | None = element("Mode", default=None, one_of=("GOVERNANCE", "COMPLIANCE"))
    retain_until_date: int | None = element("RetainUntilDate", default=None, timestamp="iso8601")
    event_hold: str | None = element("EventHold", default=None)
    event_hold_duration: EventHoldDuration | None = element("EventHoldDuration", default=None)


class LegalHold(Shape):
    status: str | None = element("Status", default=None, one_of=("ON", "OFF"))


class PutObjectRetentionInput(ObjectInput):
    retention: Retention | None = payload("Retention", default=None)
    version_id: str | None = query("versionId", default=None)
    bypass_governance_retention: bool | None = header(
        "x-amz-bypass-governance-retention", default=None
    )
    content_md5: str | None = header("Content-MD5", default=None)
    checksum_algorithm: str | None = header("x-amz-sdk-checksum-algorithm", default=None)


class PutObjectRetentionOutput(Shape):
    request_charged: str | None = header("x-amz-request-charged", default=None)


class GetObjectRetentionInput(ObjectInput):
    version_id: str | None = query("versionId", default=None)


class GetObjectRetentionOutput(Shape):
    retention: Retention | None = payload("Retention", default=None)


class PutObjectLegalHoldInput(ObjectInput):
    legal_hold: LegalHold | None = payload("LegalHold", default=None)
    version_id: str | None = query("versionId", default=None)
    content_md5: str | None = header("Content-MD5", default=None)
    checksum_algorithm: str | None = header("x-amz-sdk-checksum-algorithm", default=None)


class PutObjectLegalHoldOutput(Shape):
    request_charged: str | None = header("x-amz-request-charged", default=None)


class GetObjectLegalHoldInput(ObjectInput):
    version_id: str | None = query("versionId", default=None)


class GetObjectLegalHoldOutput(Shape):
    legal_hold: LegalHold | None = payload("LegalHold", default=None)
