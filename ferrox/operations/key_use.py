"""Key use: whether a caller may use a key of KMS for an object.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html

Policies are told the encryption context as AWS has it: that of the request, and `aws:s3:arn`, the
ARN of the object, or of its bucket where a bucket key was asked for. Only the context of the
request is bound to the data key, because an object keeps its bytes and their keys when it is copied
or renamed; that bytes belong to their place is what the blob's own name is bound for.
"""

import json

from ferrox.errors import InvalidArgument
from ferrox.iam import key_policies
from ferrox.iam.asking import resource_arn
from ferrox.operations.call import Call, Services
from ferrox.records import BucketRecord, Encryption
from ferrox.storage.keys.kms_records import KmsKey

WRAP, UNWRAP = "kms:GenerateDataKey", "kms:Decrypt"

_ARN = "aws:s3:arn"
_SIGNED_BY_KEYS = frozenset({"AWS4", "AWS4A"})


def require_use(
    call: Call, action: str, sealed: Encryption, bucket: BucketRecord, key: str
) -> None:
    """Return if the caller may have a key of KMS used for an object, and the key can be used.

    raises  AccessDenied, errors of the key as S3 tells them, InvalidArgument for callers whom no
            policy of a key can name
    """
    require_identity(call)
    found = call.services.encryption.keys.kms_key(sealed)
    arn = resource_arn(bucket, "" if sealed.bucket_key else key)
    context = {_ARN: arn, **(json.loads(sealed.context) if sealed.context else {})}
    service = key_policies.service_name(call.services.region)
    told = key_policies.condition_keys(
        call.principal.account_id, context, service, owner_id=found.account_id, tags=found.tags
    )
    of_object = call.request.values
    call.request.values = {**of_object, **told}
    try:
        call.services.authorizer.require_on_key(
            call.principal,
            action,
            sealed.key_id,
            key_policies.compiled(policy_text(call.services, found)),
            request=call.request,
        )
    finally:  # what is said of the key is not said of the object
        call.request.values = of_object


def require_identity(call: Call) -> None:
    """Refuse who did not sign, or signed with Signature Version 2: InvalidArgument."""
    if call.request.facts.get("signature_version") not in _SIGNED_BY_KEYS:
        raise InvalidArgument(
            "Requests specifying Server Side Encryption with AWS KMS managed keys require AWS "
            "Signature Version 4.",
            ArgumentName="Authorization",
            ArgumentValue="null",
        )


def policy_text(services: Services, key: KmsKey) -> str:
    """The key policy of a key."""
    if key.is_aws_managed:
        return key_policies.policy_of_s3_key(key.account_id, services.region)
    return key.policy or key_policies.default_policy(key.account_id)
