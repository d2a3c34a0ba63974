"""Shapes of the lists of its objects that a bucket writes."""

from ferrox.protocol.shape import Shape, element, payload, query
from ferrox.protocol.shapes.groups import BucketInput


class SSES3(Shape):
    pass


class SSEKMS(Shape):
    key_id: str = element("KeyId", sensitive=True)


class InventoryEncryption(Shape):
    sses3: SSES3 | None = element("SSE-S3", default=None)
    ssekms: SSEKMS | None = element("SSE-KMS", default=None)


class InventoryS3BucketDestination(Shape):
    format: str = element("Format", one_of=("CSV", "ORC", "Parquet"))
    account_id: str | None = element("AccountId", default=None)
    bucket: str = element("Bucket")
    prefix: str | None = element("Prefix", default=None)
    encryption: InventoryEncryption | None = element("Encryption", default=None)


class InventoryDestination(Shape):
    s3_bucket_destination: InventoryS3BucketDestination = element("S3BucketDestination")


class InventoryFilter(Shape):
    prefix: str = element("Prefix")


class InventorySchedule(Shape):
    frequency: str = element("Frequency", one_of=("Daily", "Weekly"))


class InventoryConfiguration(Shape, stored_as="inventory"):
    id: str = element("Id")
    is_enabled: bool = element("IsEnabled")
    filter: InventoryFilter | None = element("Filter", default=None)
    destination: InventoryDestination = element("Destination")
    schedule: InventorySchedule = element("Schedule")
    included_object_versions: str = element("IncludedObjectVersions", one_of=("All", "Current"))
    optional_fields: list[str] | None = element(
        "OptionalFields",
        default=None,
        item="Field",
        one_of=(
            "Size",
            "LastModifiedDate",
            "StorageClass",
            "ETag",
            "IsMultipartUploaded",
            "ReplicationStatus",
            "EncryptionStatus",
            "ObjectLockRetainUntilDate",
            "ObjectLockMode",
            "ObjectLockLegalHoldStatus",
            "ObjectLockEventHoldStatus",
            "ObjectLockEventHoldDuration",
            "IntelligentTieringAccessTier",
            "BucketKeyStatus",
            "ChecksumAlgorithm",
            "ObjectAccessControlList",
            "ObjectOwner",
            "LifecycleExpirationDate",
            "IntelligentTieringReferenceDate",
        ),
    )


class PutBucketInventoryConfigurationInput(BucketInput):
    inventory_configuration: InventoryConfiguration = payload("InventoryConfiguration")
    id: str = query("id")


class GetBucketInventoryConfigurationOutput(Shape):
    inventory_configuration: InventoryConfiguration | None = payload(
        "InventoryConfiguration", default=None
    )


class ListBucketInventoryConfigurationsOutput(Shape, root="ListInventoryConfigurationsResult"):
    inventory_configuration_list: list[InventoryConfiguration] | None = element(
        "InventoryConfiguration", default=None, flattened=True
    )
    is_truncated: bool | None = element("IsTruncated", default=None)
    continuation_token: str | None = element("ContinuationToken", default=None)
    next_continuation_token: str | None = element("NextContinuationToken", default=None)
