"""GetBucketVersioning and PutBucketVersioning.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketVersioning.html
"""

from ferrox.document_errors import IllegalVersioningConfigurationException
from ferrox.errors import InvalidBucketState
from ferrox.operations.call import Call
from ferrox.operations.registry import handles
from ferrox.protocol.document_operations import GetBucketVersioning, PutBucketVersioning
from ferrox.protocol.documents import versioning as versioning_document
from ferrox.protocol.shapes.groups import BucketInput, NoOutput
from ferrox.protocol.shapes.versioning import (
    GetBucketVersioningOutput,
    PutBucketVersioningInput,
    VersioningConfiguration,
)
from ferrox.records import BucketRecord, Versioning
from ferrox.storage.metadata.database import Reader


@handles(GetBucketVersioning, action="s3:GetBucketVersioning")
async def get_bucket_versioning(call: Call, args: BucketInput) -> GetBucketVersioningOutput:
    """Tell whether the bucket keeps versions; nothing, if it never did."""
    versioning = call.bucket.versioning
    said = call.configuration(VersioningConfiguration)
    return GetBucketVersioningOutput(
        status=None if versioning is Versioning.UNVERSIONED else versioning.value,
        mfa_delete=said.mfa_delete if said else None,
    )


@handles(PutBucketVersioning, action="s3:PutBucketVersioning")
async def put_bucket_versioning(call: Call, args: PutBucketVersioningInput) -> NoOutput:
    """Have the bucket keep versions from now on, or no more."""
    asked = args.versioning_configuration
    versioning_document.check(asked)
    if not asked.status:
        raise IllegalVersioningConfigurationException
    versioning = Versioning(asked.status)
    said = {asked.stored_as: {"MfaDelete": asked.mfa_delete}} if asked.mfa_delete else {}

    def refuse_with_lock(_reader: Reader, bucket: BucketRecord) -> None:
        if bucket.is_object_lock_enabled and versioning is not Versioning.ENABLED:
            raise InvalidBucketState(
                "An Object Lock configuration is present on this bucket, so the versioning state"
                " cannot be changed."
            )

    await call.store.set_versioning(call.bucket, versioning, documents=said, check=refuse_with_lock)
    return NoOutput()
