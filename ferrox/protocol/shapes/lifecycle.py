"""Shapes of the rules by which objects expire."""

from ferrox.protocol.shape import Shape, element, header, payload
from ferrox.protocol.shapes.groups import BucketInput
from ferrox.protocol.shapes.tagging import Tag

TARGET_STORAGE_CLASSES = (
    "GLACIER", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "DEEP_ARCHIVE", "GLACIER_IR",
)  # fmt: skip
"""What a transition may lead to."""


class LifecycleExpiration(Shape):
    date: int | None = element("Date", default=None, timestamp="iso8601")
    days: int | None = element("Days", default=None)
    expired_object_delete_marker: bool | None = element("ExpiredObjectDeleteMarker", default=None)


class LifecycleRuleAndOperator(Shape):
    prefix: str | None = element("Prefix", default=None)
    tags: list[Tag] | None = element("Tag", default=None, flattened=True)
    object_size_greater_than: int | None = element("ObjectSizeGreaterThan", default=None)
    object_size_less_than: int | None = element("ObjectSizeLessThan", default=None)


class LifecycleRuleFilter(Shape):
    prefix: str | None = element("Prefix", default=None)
    tag: Tag | None = element("Tag", default=None)
    object_size_greater_than: int | None = element("ObjectSizeGreaterThan", default=None)
    object_size_less_than: int | None = element("ObjectSizeLessThan", default=None)
    and_: LifecycleRuleAndOperator | None = element("And", default=None)


class Transition(Shape):
    date: int | None = element("Date", default=None, timestamp="iso8601")
    days: int | None = element("Days", default=None)
    storage_class: str | None = element("StorageClass", default=None, one_of=TARGET_STORAGE_CLASSES)


class NoncurrentVersionTransition(Shape):
    noncurrent_days: int | None = element("NoncurrentDays", default=None)
    storage_class: str | None = element("StorageClass", default=None, one_of=TARGET_STORAGE_CLASSES)
    newer_noncurrent_versions: int | None = element("NewerNoncurrentVersions", default=None)


class NoncurrentVersionExpiration(Shape):
    noncurrent_days: int | None = element("NoncurrentDays", default=None)
    newer_noncurrent_versions: int | None = element("NewerNoncurrentVersions", default=None)


class AbortIncompleteMultipartUpload(Shape):
    days_after_initiation: int | None = element("DaysAfterInitiation", default=None)


class LifecycleRule(Shape):
    id: str | None = element("ID", default=None)
    prefix: str | None = element("Prefix", default=None)
    filter: LifecycleRuleFilter | None = element("Filter", default=None)
    status: str = element("Status", one_of=("Enabled", "Disabled"))
    expiration: LifecycleExpiration | None = element("Expiration", default=None)
    transitions: list[Transition] | None = element("Transition", default=None, flattened=True)
    noncurrent_version_transitions: list[NoncurrentVersionTransition] | None = element(
        "NoncurrentVersionTransition", default=None, flattened=True
    )
    noncurrent_version_expiration: NoncurrentVersionExpiration | None = element(
        "NoncurrentVersionExpiration", default=None
    )
    abort_incomplete_multipart_upload: AbortIncompleteMultipartUpload | None = element(
        "AbortIncompleteMultipartUpload", default=None
    )


class BucketLifecycleConfiguration(Shape, stored_as="lifecycle"):
    rules: list[LifecycleRule] = element("Rule", flattened=True)


class GetBucketLifecycleConfigurationOutput(Shape, root="LifecycleConfiguration"):
    rules: list[LifecycleRule] | None = element("Rule", default=None, flattened=True)
    transition_default_minimum_object_size: str | None = header(
        "x-amz-transition-default-minimum-object-size", default=None
    )


class PutBucketLifecycleConfigurationInput(BucketInput):
    lifecycle_configuration: BucketLifecycleConfiguration | None = payload(
        "LifecycleConfiguration", default=None
    )
    checksum_algorithm: str | None = header("x-amz-sdk-checksum-algorithm", default=None)
    transition_default_minimum_object_size: str | None = header(
        "x-amz-transition-default-minimum-object-size", default=None
    )


class PutBucketLifecycleConfigurationOutput(Shape):
    transition_default_minimum_object_size: str | None = header(
        "x-amz-transition-default-minimum-object-size", default=None
    )
