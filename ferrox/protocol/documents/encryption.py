"""How a bucket encrypts what says nothing of it.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketEncryption.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_ServerSideEncryptionByDefault.html
"""

from ferrox.errors import InvalidArgument, MalformedXML
from ferrox.protocol.encryption import AES256, ALGORITHMS, Asked
from ferrox.protocol.shapes.encryption import ServerSideEncryptionConfiguration


def check(document: ServerSideEncryptionConfiguration) -> None:
    """Raise unless there is one rule, which can be obeyed here."""
    if len(document.rules) != 1:
        raise MalformedXML
    (rule,) = document.rules
    default = rule.apply_server_side_encryption_by_default
    if default is None:
        if rule.blocked_encryption_types is None:
            raise MalformedXML
        return
    if default.sse_algorithm not in ALGORITHMS:
        raise InvalidArgument(
            "The encryption method specified is not supported",
            ArgumentName="SSEAlgorithm",
            ArgumentValue=default.sse_algorithm,
        )
    if default.kms_master_key_id is not None and default.sse_algorithm == AES256:
        raise InvalidArgument(
            "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or "
            "aws:kms:dsse",
            ArgumentName="KMSMasterKeyID",
            ArgumentValue=default.kms_master_key_id,
        )


def by_default(configured: ServerSideEncryptionConfiguration | None) -> Asked | None:
    """What the bucket asks for where a request says nothing."""
    if configured is None or not configured.rules:
        return None
    rule = configured.rules[0]
    default = rule.apply_server_side_encryption_by_default
    if default is None:
        return None
    key_id, bucket_key = default.kms_master_key_id or "", bool(rule.bucket_key_enabled)
    return Asked(default.sse_algorithm, key_id, "", bucket_key)
