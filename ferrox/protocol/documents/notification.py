"""Who is told of what happens in a bucket.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
"""

import re
from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

from ferrox.errors import InvalidArgument
from ferrox.protocol.shapes.notification import (
    FilterRule,
    LambdaFunctionConfiguration,
    NotificationConfiguration,
    NotificationConfigurationFilter,
    QueueConfiguration,
    TopicConfiguration,
)

EVENTS = frozenset(
    f"s3:{event}"
    for event in (
        "ReducedRedundancyLostObject", "ObjectCreated:*", "ObjectCreated:Put",
        "ObjectCreated:Post", "ObjectCreated:Copy", "ObjectCreated:CompleteMultipartUpload",
        "ObjectRemoved:*", "ObjectRemoved:Delete", "ObjectRemoved:DeleteMarkerCreated",
        "ObjectRestore:*", "ObjectRestore:Post", "ObjectRestore:Completed", "ObjectRestore:Delete",
        "Replication:*", "Replication:OperationFailedReplication",
        "Replication:OperationNotTracked", "Replication:OperationMissedThreshold",
        "Replication:OperationReplicatedAfterThreshold", "LifecycleTransition",
        "IntelligentTiering", "ObjectAcl:Put", "LifecycleExpiration:*",
        "LifecycleExpiration:Delete", "LifecycleExpiration:DeleteMarkerCreated",
        "ObjectTagging:*", "ObjectTagging:Put", "ObjectTagging:Delete",
        "ObjectAnnotation:*", "ObjectAnnotation:Put", "ObjectAnnotation:Delete",
        "ObjectRetention:Put",
    )
)  # fmt: skip
"""What one can be told of; a name that ends in `*` stands for all that begin like it."""

MAX_FILTER_VALUE_BYTES = 1024
MAX_SUBSCRIPTIONS = 100
"""A quota of AWS, which also bounds the work of comparing each with each."""

_is_arn = re.compile(r"arn:[a-z0-9-]+:(sns|sqs|lambda):[a-z0-9-]*:[0-9A-Za-z_-]*:[^\s]+").fullmatch

Configuration = TopicConfiguration | QueueConfiguration | LambdaFunctionConfiguration


class Subscription(NamedTuple):
    """One configuration, of whichever kind: who is told of which events of which keys."""

    configuration: Configuration
    service: str
    element: str
    arn: str

    @property
    def prefix(self) -> str:
        """What the keys begin with."""
        return _filter_value(self.configuration.filter, "prefix")

    @property
    def suffix(self) -> str:
        """What the keys end with."""
        return _filter_value(self.configuration.filter, "suffix")


def subscriptions(document: NotificationConfiguration) -> Iterator[Subscription]:
    """All configurations of a document, in its order."""
    for topic in document.topic_configurations or ():
        yield Subscription(topic, "sns", "Topic", topic.topic_arn)
    for queue in document.queue_configurations or ():
        yield Subscription(queue, "sqs", "Queue", queue.queue_arn)
    for function in document.lambda_function_configurations or ():
        arn = function.lambda_function_arn
        yield Subscription(function, "lambda", "CloudFunction", arn)


def check(document: NotificationConfiguration) -> None:
    """Raise InvalidArgument unless a bucket may have this configuration."""
    found = list(subscriptions(document))
    if len(found) > MAX_SUBSCRIPTIONS:
        raise InvalidArgument(
            f"The number of notification configurations must not exceed {MAX_SUBSCRIPTIONS}"
        )
    for subscription in found:
        _check_arn(subscription)
        for event in subscription.configuration.events:
            if event not in EVENTS:
                raise _invalid("The event is not supported for notifications", "Event", event)
        _check_filter(subscription.configuration.filter)
    ids = [one.configuration.id for one in found if one.configuration.id]
    if len(ids) > len(set(ids)):
        raise InvalidArgument("Same ID used for multiple configurations. IDs must be unique")
    for one, other in combinations(found, 2):
        _check_overlap(one, other)


def _check_arn(subscription: Subscription) -> None:
    match = _is_arn(subscription.arn)
    if match is None or match[1] != subscription.service:
        raise _invalid("The ARN could not be parsed", subscription.element, subscription.arn)


def _check_filter(condition: NotificationConfigurationFilter | None) -> None:
    names = []
    for rule in _filter_rules(condition):
        name, value = (rule.name or "").lower(), rule.value or ""
        if name not in {"prefix", "suffix"}:
            raise _invalid(
                "filter rule name must be either prefix or suffix",
                "FilterRule.Name",
                rule.name or "",
            )
        if name in names:
            raise InvalidArgument(f"Cannot specify more than one {name} rule in a filter.")
        if len(value.encode()) > MAX_FILTER_VALUE_BYTES:
            raise InvalidArgument(
                f"Size of filter rule value cannot exceed {MAX_FILTER_VALUE_BYTES} bytes in UTF-8"
                " representation"
            )
        names.append(name)


def _check_overlap(one: Subscription, other: Subscription) -> None:
    if not _have_common_event(set(one.configuration.events), set(other.configuration.events)):
        return
    prefixes, suffixes = (one.prefix, other.prefix), (one.suffix, other.suffix)
    shorter, longer = sorted(prefixes, key=len)
    end, longer_end = sorted(suffixes, key=len)
    if not (longer.startswith(shorter) and longer_end.endswith(end)):
        return
    if any((*prefixes, *suffixes)):
        raise InvalidArgument(
            "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if"
            " the prefixes are overlapping for the same event type."
        )
    raise InvalidArgument(
        "Configurations overlap. Configurations on the same bucket cannot share a common event"
        " type."
    )


def _have_common_event(some: set[str], others: set[str]) -> bool:
    return any(_covers(one, other) or _covers(other, one) for one in some for other in others)


def _covers(pattern: str, event: str) -> bool:
    return event.startswith(pattern[:-1]) if pattern.endswith("*") else event == pattern


def _filter_rules(condition: NotificationConfigurationFilter | None) -> list[FilterRule]:
    return (condition.key.filter_rules or []) if condition and condition.key else []


def _filter_value(condition: NotificationConfigurationFilter | None, name: str) -> str:
    values = (r.value for r in _filter_rules(condition) if (r.name or "").lower() == name)
    return next(values, None) or ""


def _invalid(message: str, name: str, value: str) -> InvalidArgument:
    return InvalidArgument(message, ArgumentName=name, ArgumentValue=value)
