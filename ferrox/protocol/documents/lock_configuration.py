"""The object lock of a bucket, and how long its versions are kept by default.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectLockConfiguration.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-configure.html
"""

from ferrox import errors
from ferrox.document_errors import InvalidRetentionPeriod
from ferrox.errors import MalformedXML
from ferrox.protocol.shapes.lock_configuration import DefaultRetention, ObjectLockConfiguration

MAX_DAYS = 36_500
MAX_YEARS = 100


def check(document: ObjectLockConfiguration) -> None:
    """Raise unless a bucket may have this object lock. Once it has one, it has one for ever."""
    if document.object_lock_enabled is None:
        raise MalformedXML
    if document.rule is None:
        return
    retention = document.rule.default_retention
    if retention is None or retention.mode is None:
        raise MalformedXML
    if retention.default_event_hold is not None:
        raise errors.NotImplemented("Event holds are not implemented")
    _check_period(retention)


def _check_period(retention: DefaultRetention) -> None:
    if (retention.days is None) == (retention.years is None):
        raise MalformedXML
    period = retention.years if retention.days is None else retention.days
    longest = MAX_YEARS if retention.days is None else MAX_DAYS
    if period is not None and period < 1:
        raise InvalidRetentionPeriod
    if period is not None and period > longest:
        raise InvalidRetentionPeriod(
            f"Default retention period must not exceed {MAX_DAYS} days or {MAX_YEARS} years."
        )
