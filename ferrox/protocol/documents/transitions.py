"""The transitions of a lifecycle rule, and when its actions are due.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_Transition.html
"""

from ferrox.errors import InvalidArgument, InvalidRequest, MalformedXML
from ferrox.protocol.shapes.lifecycle import LifecycleRule

DAY_MS = 86_400_000
INFREQUENT_ACCESS = ("STANDARD_IA", "ONEZONE_IA")
INFREQUENT_ACCESS_DAYS = 30


def check_transitions(rule: LifecycleRule, prefix: str) -> None:
    """Raise unless a rule's transitions, and their order with its expirations, are possible."""
    _check_moments(rule, prefix)
    days = [transition.noncurrent_days for transition in rule.noncurrent_version_transitions or ()]
    for transition in rule.noncurrent_version_transitions or ():
        if transition.noncurrent_days is None or transition.storage_class is None:
            raise MalformedXML
        _check_days(
            "NoncurrentDays",
            "NoncurrentVersionTransition",
            transition.noncurrent_days,
            transition.storage_class,
        )
        if transition.newer_noncurrent_versions is not None:
            positive(
                "NewerNoncurrentVersions",
                "NoncurrentVersionTransition",
                transition.newer_noncurrent_versions,
            )
    _check_classes(
        "NoncurrentVersionTransition",
        [transition.storage_class for transition in rule.noncurrent_version_transitions or ()],
        prefix,
    )
    expiration = rule.noncurrent_version_expiration
    if expiration is not None and expiration.noncurrent_days is not None:
        _check_order(
            "NoncurrentDays", "NoncurrentVersion", expiration.noncurrent_days, days, prefix
        )


def _check_moments(rule: LifecycleRule, prefix: str) -> None:
    transitions, expiration = rule.transitions or [], rule.expiration
    for transition in transitions:
        if transition.storage_class is None or (transition.days is None) == (
            transition.date is None
        ):
            raise MalformedXML
        if transition.days is not None:
            _check_days("Days", "Transition", transition.days, transition.storage_class)
    dates = [transition.date for transition in transitions if transition.date is not None]
    days = [transition.days for transition in transitions if transition.days is not None]
    if dates and days:
        raise _mixed("Transition", prefix)
    if expiration is not None and expiration.date is not None:
        if days:
            raise _mixed("Expiration and Transition", prefix)
        _check_midnight(expiration.date)
        _check_order("Date", "", expiration.date, dates, prefix)
    if expiration is not None and expiration.days is not None:
        if dates:
            raise _mixed("Expiration and Transition", prefix)
        _check_order("Days", "", expiration.days, days, prefix)
    for date in dates:
        _check_midnight(date)
    _check_classes("Transition", [transition.storage_class for transition in transitions], prefix)


def positive(name: str, action: str, value: int) -> None:
    """Raise InvalidArgument unless a count of days or versions is one at least."""
    if value < 1:
        raise InvalidArgument(
            f"'{name}' for {action} action must be a positive integer",
            ArgumentName=name,
            ArgumentValue=value,
        )


def _check_days(name: str, action: str, days: int, storage_class: str) -> None:
    if days < 0:
        must = "nonnegative"
    elif storage_class in INFREQUENT_ACCESS and days < INFREQUENT_ACCESS_DAYS:
        must = (
            f"greater than or equal to {INFREQUENT_ACCESS_DAYS} for storageClass '{storage_class}'"
        )
    else:
        return
    raise InvalidArgument(
        f"'{name}' in {action} action must be {must}", ArgumentName=name, ArgumentValue=days
    )


def _check_midnight(date_ms: int) -> None:
    if date_ms % DAY_MS:
        raise InvalidArgument("'Date' must be at midnight GMT", ArgumentName="Date")


def _check_classes(action: str, storage_classes: list[str | None], prefix: str) -> None:
    if len(storage_classes) > len(set(storage_classes)):
        raise InvalidRequest(
            f"'StorageClass' must be different for '{action}' actions in same 'Rule'"
            f" with filter '(prefix={prefix})'"
        )


def _check_order(
    unit: str,
    versions: str,
    expiration: int,
    transitions: list[int] | list[int | None],
    prefix: str,
) -> None:
    """What is gone cannot be moved."""
    if any(moment is not None and moment >= expiration for moment in transitions):
        raise InvalidArgument(
            f"'{unit}' in the {versions}Expiration action for filter '(prefix={prefix})' must be"
            f" greater than '{unit}' in the {versions}Transition action",
            ArgumentName=unit,
            ArgumentValue=expiration,
        )


def _mixed(actions: str, prefix: str) -> InvalidRequest:
    return InvalidRequest(
        f"Found mixed 'Date' and 'Days' based {actions} actions in lifecycle rule"
        f" for filter '(prefix={prefix})'"
    )
