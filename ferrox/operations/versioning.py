"""GetBucketVersioning and PutBucketVersioning.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketVersioning.html
"""

from ferrox import errors
from ferrox.document_errors import IllegalVersioningConfigurationException
from ferrox.errors import InvalidBucketState
from ferrox.operations.call import Call
from ferrox.operations.registry import handles
from ferrox.protocol.document_operations import GetBucketVersioning, PutBucketVersioning
from ferrox.protocol.shapes.groups import BucketInput, NoOutput
from ferrox.protocol.shapes.versioning import GetBucketVersioningOutput, PutBucketVersioningInput
from ferrox.records import BucketRecord, Versioning
from ferrox.storage.metadata.database import Reader


@handles(GetBucketVersioning, action="s3:GetBucketVersioning")
async def get_bucket_versioning(call: Call, args: BucketInput) -> GetBucketVersioningOutput:
    """Tell whether the bucket keeps versions; nothing, if it never did."""
    versioning = call.bucket.versioning
    return GetBucketVersioningOutput(
        status=None if versioning is Versioning.UNVERSIONED else versioning.value
    )


@handles(PutBucketVersioning, action="s3:PutBucketVersioning")
async def put_bucket_versioning(call: Call, args: PutBucketVersioningInput) -> NoOutput:
    """Have the bucket keep versions from now on, or no more."""
    asked = args.versioning_configuration
    if asked.status is None:
        raise IllegalVersioningConfigurationException
    if asked.mfa_delete == "Enabled":
        raise errors.NotImplemented("MFA delete is not implemented")
    versioning = Versioning(asked.status)

    def refuse_with_lock(_reader: Reader, bucket: BucketRecord) -> None:
        if bucket.is_object_lock_enabled and versioning is not Versioning.ENABLED:
            raise InvalidBucketState(
                "An Object Lock configuration is present on this bucket, so the versioning state"
                " cannot be changed."
            )

    await call.store.set_versioning(call.bucket, versioning, check=refuse_with_lock)
    return NoOutput()
