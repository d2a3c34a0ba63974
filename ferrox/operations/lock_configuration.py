"""GetObjectLockConfiguration and PutObjectLockConfiguration.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectLockConfiguration.html

A bucket gets its object lock with its creation or later, as long as it keeps versions; nothing
takes it away again. That it has one is part of its row, the default retention is a document.
"""

from ferrox.document_errors import ObjectLockConfigurationNotFoundError
from ferrox.errors import InvalidBucketState
from ferrox.operations.call import Call
from ferrox.operations.documents import given
from ferrox.operations.registry import handles
from ferrox.protocol.document_operations import (
    GetObjectLockConfiguration,
    PutObjectLockConfiguration,
)
from ferrox.protocol.documents import lock_configuration
from ferrox.protocol.plain import as_plain
from ferrox.protocol.shapes.groups import BucketInput
from ferrox.protocol.shapes.lock_configuration import (
    GetObjectLockConfigurationOutput,
    ObjectLockConfiguration,
    PutObjectLockConfigurationInput,
    PutObjectLockConfigurationOutput,
)
from ferrox.records import BucketRecord, Versioning
from ferrox.storage.metadata.database import Reader


@handles(GetObjectLockConfiguration, action="s3:GetBucketObjectLockConfiguration")
async def get_object_lock_configuration(
    call: Call, args: BucketInput
) -> GetObjectLockConfigurationOutput:
    """Show the default retention of a bucket that has an object lock."""
    if not call.bucket.is_object_lock_enabled:
        raise ObjectLockConfigurationNotFoundError(BucketName=call.bucket.name)
    configuration = call.configuration(ObjectLockConfiguration)
    return GetObjectLockConfigurationOutput(
        object_lock_configuration=configuration
        or ObjectLockConfiguration(object_lock_enabled="Enabled")
    )


@handles(PutObjectLockConfiguration, action="s3:PutBucketObjectLockConfiguration")
async def put_object_lock_configuration(
    call: Call, args: PutObjectLockConfigurationInput
) -> PutObjectLockConfigurationOutput:
    """Give the bucket an object lock, if it has none, and set the default retention."""
    document: ObjectLockConfiguration = given(args)
    lock_configuration.check(document)
    await call.store.enable_object_lock(
        call.bucket, document.stored_as, as_plain(document), check=_require_versions
    )
    return PutObjectLockConfigurationOutput()


def _require_versions(_reader: Reader, bucket: BucketRecord) -> None:
    if bucket.versioning is not Versioning.ENABLED:
        raise InvalidBucketState(
            "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration"
        )
