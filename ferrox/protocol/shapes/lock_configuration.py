"""Shapes of the object lock of a bucket."""

from ferrox.protocol.shape import Shape, element, header, payload
from ferrox.protocol.shapes.groups import DocumentInput


class EventHoldDuration(Shape):
    days: int | None = element("Days", default=None)
    years: int | None = element("Years", default=None)


class DefaultRetention(Shape):
    mode: str | None = element("Mode", default=None, one_of=("GOVERNANCE", "COMPLIANCE"))
    days: int | None = element("Days", default=None)
    years: int | None = element("Years", default=None)
    default_event_hold: EventHoldDuration | None = element("DefaultEventHold", default=None)


class ObjectLockRule(Shape):
    default_retention: DefaultRetention | None = element("DefaultRetention", default=None)


class ObjectLockConfiguration(Shape, stored_as="object-lock"):
    object_lock_enabled: str | None = element(
        "ObjectLockEnabled", default=None, one_of=("Enabled",)
    )
    rule: ObjectLockRule | None = element("Rule", default=None)


class GetObjectLockConfigurationOutput(Shape):
    object_lock_configuration: ObjectLockConfiguration | None = payload(
        "ObjectLockConfiguration", default=None
    )


class PutObjectLockConfigurationInput(DocumentInput):
    object_lock_configuration: ObjectLockConfiguration | None = payload(
        "ObjectLockConfiguration", default=None
    )
    request_payer: str | None = header("x-amz-request-payer", default=None)
    token: str | None = header("x-amz-bucket-object-lock-token", default=None)


class PutObjectLockConfigurationOutput(Shape):
    request_charged: str | None = header("x-amz-request-charged", default=None)
