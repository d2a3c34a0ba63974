"""Shapes of how a bucket encrypts what it is given."""

from ferrox.protocol.shape import Shape, element, payload
from ferrox.protocol.shapes.groups import DocumentInput


class ServerSideEncryptionByDefault(Shape):
    sse_algorithm: str = element(
        "SSEAlgorithm", one_of=("AES256", "aws:fsx", "aws:backup", "aws:kms", "aws:kms:dsse")
    )
    kms_master_key_id: str | None = element("KMSMasterKeyID", default=None, sensitive=True)


class BlockedEncryptionTypes(Shape):
    encryption_type: list[str] | None = element(
        "EncryptionType", default=None, flattened=True, one_of=("NONE", "SSE-C")
    )


class ServerSideEncryptionRule(Shape):
    apply_server_side_encryption_by_default: ServerSideEncryptionByDefault | None = element(
        "ApplyServerSideEncryptionByDefault", default=None
    )
    bucket_key_enabled: bool | None = element("BucketKeyEnabled", default=None)
    blocked_encryption_types: BlockedEncryptionTypes | None = element(
        "BlockedEncryptionTypes", default=None
    )


class ServerSideEncryptionConfiguration(Shape, stored_as="encryption"):
    rules: list[ServerSideEncryptionRule] = element("Rule", flattened=True)


class PutBucketEncryptionInput(DocumentInput):
    server_side_encryption_configuration: ServerSideEncryptionConfiguration = payload(
        "ServerSideEncryptionConfiguration"
    )


class GetBucketEncryptionOutput(Shape):
    server_side_encryption_configuration: ServerSideEncryptionConfiguration | None = payload(
        "ServerSideEncryptionConfiguration", default=None
    )
