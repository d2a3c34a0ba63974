"""The rules by which versions, markers and uploads of a bucket go.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html

A configuration is of one of two kinds, which its first rule decides: rules with a Filter (V2), or
rules with a Prefix of their own, as they were before filters (V1). The words of the refusals are
those that AWS was seen to use; they are the only place where it names the two kinds.
"""

from collections.abc import Iterator
from itertools import pairwise

from ferrox.errors import InvalidArgument, InvalidRequest, MalformedXML
from ferrox.protocol.documents.transitions import check_transitions, positive
from ferrox.protocol.shapes.lifecycle import (
    BucketLifecycleConfiguration,
    LifecycleExpiration,
    LifecycleRule,
    LifecycleRuleFilter,
    NoncurrentVersionExpiration,
)
from ferrox.protocol.shapes.tagging import Tag

MAX_RULES = 1000
MAX_ID_CHARACTERS = 255
MAX_PREFIX_BYTES = 1024
MAX_NEWER_VERSIONS = 100
MAX_SIZE_BYTES = 1_099_511_627_776_000
"""1,000 TiB, which AWS names in its refusal; no object is that large."""

DEFAULT_MINIMUM_SIZE = "all_storage_classes_128K"
MINIMUM_SIZES = (DEFAULT_MINIMUM_SIZE, "varies_by_storage_class")


def check(document: BucketLifecycleConfiguration) -> None:
    """Raise unless a bucket may have these rules."""
    if len(document.rules) > MAX_RULES:
        raise InvalidRequest(
            f"The number of lifecycle rules must not exceed the allowed limit of {MAX_RULES} rules"
        )
    _check_ids(document.rules)
    has_filters = document.rules[0].filter is not None
    for rule in document.rules:
        _check_scope(rule, has_filters)
        _check_actions(rule, has_filters)
    if not has_filters:
        _check_overlaps(document.rules)


def minimum_size(asked: str | None) -> str:
    """Which objects are too small for a transition, from its header."""
    if asked is None:
        return DEFAULT_MINIMUM_SIZE
    if asked not in MINIMUM_SIZES:
        raise InvalidRequest(f"Invalid TransitionDefaultMinimumObjectSize found: {asked}")
    return asked


def _check_ids(rules: list[LifecycleRule]) -> None:
    seen = set()
    for rule in rules:
        if not rule.id:
            continue
        if len(rule.id) > MAX_ID_CHARACTERS:
            raise InvalidArgument(
                f"ID length should not exceed allowed limit of {MAX_ID_CHARACTERS}",
                ArgumentName="ID",
                ArgumentValue=rule.id,
            )
        if rule.id in seen:
            raise InvalidArgument(
                "Rule ID must be unique. Found same ID for more than one rule",
                ArgumentName="ID",
                ArgumentValue=rule.id,
            )
        seen.add(rule.id)


# Which objects


def _check_scope(rule: LifecycleRule, has_filters: bool) -> None:
    if (rule.prefix is None) == (rule.filter is None):
        raise MalformedXML
    if rule.prefix is not None and has_filters:
        raise InvalidRequest(
            "Base level prefix cannot be used in Lifecycle V2,"
            " prefixes are only supported in the Filter."
        )
    if rule.filter is not None and not has_filters:
        raise InvalidRequest("Filter element can only be used in Lifecycle V2.")
    if len(prefix_of(rule).encode()) > MAX_PREFIX_BYTES:
        raise InvalidRequest(f"The maximum size of a prefix is {MAX_PREFIX_BYTES}.")
    if rule.filter is not None:
        _check_filter(rule.filter)


def _check_filter(scope: LifecycleRuleFilter) -> None:
    given = [
        scope.prefix,
        scope.tag,
        scope.object_size_greater_than,
        scope.object_size_less_than,
        scope.and_,
    ]
    if sum(value is not None for value in given) > 1:
        raise MalformedXML
    if scope.and_ is not None:
        both = scope.and_
        count = len(both.tags or ()) + sum(
            value is not None
            for value in (both.prefix, both.object_size_greater_than, both.object_size_less_than)
        )
        if count < 2:
            raise MalformedXML
    _check_tags(list(tags_of(scope)))
    _check_sizes(*sizes_of(scope))


def _check_tags(tags: list[Tag]) -> None:
    if len(tags) > len({tag.key for tag in tags}):
        raise InvalidRequest("Duplicate Tag Keys are not allowed.")
    for tag in tags:
        if not 1 <= len(tag.key) <= 128:
            raise InvalidRequest("A Tag's Key must be a length between 1 and 128.")
        if len(tag.value) > 256:
            raise InvalidRequest("A Tag's Value must be a length between 0 and 256.")


def _check_sizes(greater_than: int | None, less_than: int | None) -> None:
    for name, least, size in (
        ("ObjectSizeGreaterThan", 0, greater_than),
        ("ObjectSizeLessThan", 1, less_than),
    ):
        if size is not None and not least <= size <= MAX_SIZE_BYTES:
            raise InvalidRequest(f"'{name}' should be between {least} and {MAX_SIZE_BYTES}.")
    if greater_than is not None and less_than is not None and greater_than >= less_than:
        raise InvalidRequest(
            "'ObjectSizeLessThan' has to be a value greater than 'ObjectSizeGreaterThan'."
        )


def prefix_of(rule: LifecycleRule) -> str:
    """What the keys begin with that a rule is about, in whichever way it says so."""
    scope = rule.filter
    if scope is None:
        return rule.prefix or ""
    return (scope.and_.prefix if scope.and_ is not None else scope.prefix) or ""


def tags_of(scope: LifecycleRuleFilter | None) -> Iterator[Tag]:
    """The tags that an object must have, all of them."""
    if scope is not None and scope.tag is not None:
        yield scope.tag
    if scope is not None and scope.and_ is not None:
        yield from scope.and_.tags or ()


def sizes_of(scope: LifecycleRuleFilter | None) -> tuple[int | None, int | None]:
    """What an object must be larger than, and smaller than."""
    if scope is None:
        return None, None
    source = scope if scope.and_ is None else scope.and_
    return source.object_size_greater_than, source.object_size_less_than


# What becomes of them


def _check_actions(rule: LifecycleRule, has_filters: bool) -> None:
    if not any(_actions(rule).values()):
        raise InvalidRequest("At least one action needs to be specified in a rule")
    if rule.expiration is not None:
        _check_expiration(rule, rule.expiration)
    if rule.noncurrent_version_expiration is not None:
        _check_noncurrent(rule.noncurrent_version_expiration, has_filters)
    if rule.abort_incomplete_multipart_upload is not None:
        action = "AbortIncompleteMultipartUpload"
        days = rule.abort_incomplete_multipart_upload.days_after_initiation
        if days is None:
            raise MalformedXML
        positive("DaysAfterInitiation", action, days)
        _refuse_filtered(rule, action)
    check_transitions(rule, prefix_of(rule))


def _check_expiration(rule: LifecycleRule, expiration: LifecycleExpiration) -> None:
    given = (expiration.days, expiration.date, expiration.expired_object_delete_marker)
    if sum(value is not None for value in given) != 1:
        raise MalformedXML
    if expiration.days is not None:
        positive("Days", "Expiration", expiration.days)
    if expiration.expired_object_delete_marker is not None:
        _refuse_filtered(rule, "ExpiredObjectDeleteMarker")


def _check_noncurrent(expiration: NoncurrentVersionExpiration, has_filters: bool) -> None:
    action = "NoncurrentVersionExpiration"
    if expiration.noncurrent_days is None:
        raise MalformedXML
    positive("NoncurrentDays", action, expiration.noncurrent_days)
    newer = expiration.newer_noncurrent_versions
    if newer is None:
        return
    if not has_filters:
        raise InvalidRequest("NewerNoncurrentVersions element can only be used in Lifecycle V2.")
    positive("NewerNoncurrentVersions", action, newer)
    if newer > MAX_NEWER_VERSIONS:
        raise InvalidArgument(
            f"'NewerNoncurrentVersions' for {action} action must not exceed {MAX_NEWER_VERSIONS}",
            ArgumentName="NewerNoncurrentVersions",
            ArgumentValue=newer,
        )


def _refuse_filtered(rule: LifecycleRule, action: str) -> None:
    """Markers and uploads have neither tags nor a size."""
    if any(tags_of(rule.filter)):
        raise InvalidRequest(f"{action} cannot be specified with Tags.")
    if sizes_of(rule.filter) != (None, None):
        raise InvalidRequest(f"{action} cannot be specified with Object Size.")


def _actions(rule: LifecycleRule) -> dict[str, bool]:
    return {
        "Expiration": rule.expiration is not None,
        "Transition": bool(rule.transitions),
        "NoncurrentVersionExpiration": rule.noncurrent_version_expiration is not None,
        "NoncurrentVersionTransition": bool(rule.noncurrent_version_transitions),
        "AbortIncompleteMultipartUpload": rule.abort_incomplete_multipart_upload is not None,
    }


def _check_overlaps(rules: list[LifecycleRule]) -> None:
    """Rules of the old kind must not say the same of the same keys."""
    for action in _actions(rules[0]):
        prefixes = sorted(rule.prefix or "" for rule in rules if _actions(rule)[action])
        # Sorted, whatever begins with a prefix stands right behind it.
        for shorter, longer in pairwise(prefixes):
            if longer.startswith(shorter):
                raise InvalidRequest(
                    f"Found overlapping prefixes '{shorter}' and '{longer}'"
                    f" for same action type '{action}'"
                )
