"""Shapes of who may at most reach a bucket and own its objects, and of its policy."""

from ferrox.protocol.shape import Shape, element, header, payload
from ferrox.protocol.shapes.groups import DocumentInput

CONTROL_NAMESPACE = "http://awss3control.amazonaws.com/doc/2018-08-20/"


class PublicAccessBlockConfiguration(Shape, stored_as="publicAccessBlock"):
    block_public_acls: bool | None = element("BlockPublicAcls", default=None)
    ignore_public_acls: bool | None = element("IgnorePublicAcls", default=None)
    block_public_policy: bool | None = element("BlockPublicPolicy", default=None)
    restrict_public_buckets: bool | None = element("RestrictPublicBuckets", default=None)


class GetPublicAccessBlockOutput(Shape):
    public_access_block_configuration: PublicAccessBlockConfiguration | None = payload(
        "PublicAccessBlockConfiguration", default=None
    )


class PutPublicAccessBlockInput(DocumentInput):
    public_access_block_configuration: PublicAccessBlockConfiguration = payload(
        "PublicAccessBlockConfiguration"
    )


class AccountInput(Shape):
    account_id: str = header("x-amz-account-id")


class GetAccountPublicAccessBlockOutput(GetPublicAccessBlockOutput, namespace=CONTROL_NAMESPACE):
    pass


class PutAccountPublicAccessBlockInput(AccountInput):
    public_access_block_configuration: PublicAccessBlockConfiguration = payload(
        "PublicAccessBlockConfiguration"
    )


class OwnershipControlsRule(Shape):
    object_ownership: str = element(
        "ObjectOwnership", one_of=("BucketOwnerPreferred", "ObjectWriter", "BucketOwnerEnforced")
    )


class OwnershipControls(Shape, stored_as="ownershipControls"):
    rules: list[OwnershipControlsRule] = element("Rule", flattened=True)


class GetBucketOwnershipControlsOutput(Shape):
    ownership_controls: OwnershipControls | None = payload("OwnershipControls", default=None)


class PutBucketOwnershipControlsInput(DocumentInput):
    ownership_controls: OwnershipControls = payload("OwnershipControls")


class GetBucketPolicyOutput(Shape):
    policy: str | None = payload(default=None)


class PutBucketPolicyInput(DocumentInput):
    confirm_remove_self_bucket_access: bool | None = header(
        "x-amz-confirm-remove-self-bucket-access", default=None
    )
    policy: str = payload()


class PolicyStatus(Shape):
    is_public: bool | None = element("IsPublic", default=None)


class GetBucketPolicyStatusOutput(Shape):
    policy_status: PolicyStatus | None = payload("PolicyStatus", default=None)
