"""Shapes of where a bucket is copied to."""

from ferrox.protocol.shape import Shape, element, payload
from ferrox.protocol.shapes.tagging import Tag


class ReplicationRuleAndOperator(Shape):
    prefix: str | None = element("Prefix", default=None)
    tags: list[Tag] | None = element("Tag", default=None, flattened=True)


class ReplicationRuleFilter(Shape):
    prefix: str | None = element("Prefix", default=None)
    tag: Tag | None = element("Tag", default=None)
    and_: ReplicationRuleAndOperator | None = element("And", default=None)


class SseKmsEncryptedObjects(Shape):
    status: str = element("Status", one_of=("Enabled", "Disabled"))


class ReplicaModifications(Shape):
    status: str = element("Status", one_of=("Enabled", "Disabled"))


class SourceSelectionCriteria(Shape):
    sse_kms_encrypted_objects: SseKmsEncryptedObjects | None = element(
        "SseKmsEncryptedObjects", default=None
    )
    replica_modifications: ReplicaModifications | None = element(
        "ReplicaModifications", default=None
    )


class ExistingObjectReplication(Shape):
    status: str = element("Status", one_of=("Enabled", "Disabled"))


class AccessControlTranslation(Shape):
    owner: str = element("Owner", one_of=("Destination",))


class EncryptionConfiguration(Shape):
    replica_kms_key_id: str | None = element("ReplicaKmsKeyID", default=None)


class ReplicationTimeValue(Shape):
    minutes: int | None = element("Minutes", default=None)


class ReplicationTime(Shape):
    status: str = element("Status", one_of=("Enabled", "Disabled"))
    time: ReplicationTimeValue = element("Time")


class Metrics(Shape):
    status: str = element("Status", one_of=("Enabled", "Disabled"))
    event_threshold: ReplicationTimeValue | None = element("EventThreshold", default=None)


class Destination(Shape):
    bucket: str = element("Bucket")
    account: str | None = element("Account", default=None)
    storage_class: str | None = element(
        "StorageClass",
        default=None,
        one_of=(
            "STANDARD",
            "REDUCED_REDUNDANCY",
            "STANDARD_IA",
            "ONEZONE_IA",
            "INTELLIGENT_TIERING",
            "GLACIER",
            "DEEP_ARCHIVE",
            "OUTPOSTS",
            "GLACIER_IR",
            "SNOW",
            "EXPRESS_ONEZONE",
            "FSX_OPENZFS",
            "FSX_ONTAP",
            "AWS_BACKUP_WARM",
            "AWS_BACKUP_LOW_COST_WARM",
        ),
    )
    access_control_translation: AccessControlTranslation | None = element(
        "AccessControlTranslation", default=None
    )
    encryption_configuration: EncryptionConfiguration | None = element(
        "EncryptionConfiguration", default=None
    )
    replication_time: ReplicationTime | None = element("ReplicationTime", default=None)
    metrics: Metrics | None = element("Metrics", default=None)


class DeleteMarkerReplication(Shape):
    status: str | None = element("Status", default=None, one_of=("Enabled", "Disabled"))


class ReplicationRule(Shape):
    id: str | None = element("ID", default=None)
    priority: int | None = element("Priority", default=None)
    prefix: str | None = element("Prefix", default=None)
    filter: ReplicationRuleFilter | None = element("Filter", default=None)
    status: str = element("Status", one_of=("Enabled", "Disabled"))
    source_selection_criteria: SourceSelectionCriteria | None = element(
        "SourceSelectionCriteria", default=None
    )
    existing_object_replication: ExistingObjectReplication | None = element(
        "ExistingObjectReplication", default=None
    )
    destination: Destination = element("Destination")
    delete_marker_replication: DeleteMarkerReplication | None = element(
        "DeleteMarkerReplication", default=None
    )


class ReplicationConfiguration(Shape, stored_as="replication"):
    role: str = element("Role")
    rules: list[ReplicationRule] = element("Rule", flattened=True)


class GetBucketReplicationOutput(Shape):
    replication_configuration: ReplicationConfiguration | None = payload(
        "ReplicationConfiguration", default=None
    )
