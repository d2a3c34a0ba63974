"""Shapes of where the log of a bucket goes."""

from ferrox.protocol.shape import Shape, attribute, element, payload
from ferrox.protocol.shapes.groups import DocumentInput


class Grantee(Shape):
    display_name: str | None = element("DisplayName", default=None)
    email_address: str | None = element("EmailAddress", default=None)
    id: str | None = element("ID", default=None)
    type: str = attribute("xsi:type", one_of=("CanonicalUser", "AmazonCustomerByEmail", "Group"))
    uri: str | None = element("URI", default=None)


class TargetGrant(Shape):
    grantee: Grantee | None = element("Grantee", default=None)
    permission: str | None = element(
        "Permission", default=None, one_of=("FULL_CONTROL", "READ", "WRITE")
    )


class SimplePrefix(Shape):
    pass


class PartitionedPrefix(Shape):
    partition_date_source: str | None = element(
        "PartitionDateSource", default=None, one_of=("EventTime", "DeliveryTime")
    )


class TargetObjectKeyFormat(Shape):
    simple_prefix: SimplePrefix | None = element("SimplePrefix", default=None)
    partitioned_prefix: PartitionedPrefix | None = element("PartitionedPrefix", default=None)


class LoggingEnabled(Shape):
    target_bucket: str = element("TargetBucket")
    target_grants: list[TargetGrant] | None = element("TargetGrants", default=None, item="Grant")
    target_prefix: str = element("TargetPrefix")
    target_object_key_format: TargetObjectKeyFormat | None = element(
        "TargetObjectKeyFormat", default=None
    )


class BucketLoggingStatus(Shape, stored_as="logging"):
    logging_enabled: LoggingEnabled | None = element("LoggingEnabled", default=None)


class GetBucketLoggingOutput(Shape, root="BucketLoggingStatus"):
    logging_enabled: LoggingEnabled | None = element("LoggingEnabled", default=None)


class PutBucketLoggingInput(DocumentInput):
    bucket_logging_status: BucketLoggingStatus = payload("BucketLoggingStatus")
