"""GetBucketLogging and PutBucketLogging.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLogging.html

There is no way to delete this document: an empty one switches logging off.
"""

from ferrox.document_errors import (
    CrossLocationLoggingProhibitted,
    InvalidTargetBucketForLogging,
)
from ferrox.errors import AccessControlListNotSupported
from ferrox.operations.call import Call
from ferrox.operations.documents import answer, given
from ferrox.operations.registry import handles
from ferrox.protocol.document_operations import GetBucketLogging, PutBucketLogging
from ferrox.protocol.documents import logging
from ferrox.protocol.plain import as_plain
from ferrox.protocol.shapes.access import OwnershipControls
from ferrox.protocol.shapes.groups import BucketInput, NoOutput
from ferrox.protocol.shapes.logging import (
    BucketLoggingStatus,
    GetBucketLoggingOutput,
    LoggingEnabled,
    PutBucketLoggingInput,
)

BUCKET_OWNER_ENFORCED = "BucketOwnerEnforced"


@handles(GetBucketLogging, action="s3:GetBucketLogging")
async def get_bucket_logging(call: Call, args: BucketInput) -> GetBucketLoggingOutput:
    """Tell where the log goes; nothing, if nowhere."""
    status = call.configuration(BucketLoggingStatus) or BucketLoggingStatus()
    output: GetBucketLoggingOutput = answer(GetBucketLogging, status)
    return output


@handles(PutBucketLogging, action="s3:PutBucketLogging")
async def put_bucket_logging(call: Call, args: PutBucketLoggingInput) -> NoOutput:
    """Say where the log goes, or that there is none."""
    status: BucketLoggingStatus = given(args)
    name = status.stored_as
    if status.logging_enabled is None:
        await call.store.delete_bucket_document(call.bucket, name)
        return NoOutput()
    logging.check(status.logging_enabled)
    _require_target(call, status.logging_enabled)
    await call.store.put_bucket_document(call.bucket, name, as_plain(status))
    return NoOutput()


def _require_target(call: Call, logging: LoggingEnabled) -> None:
    name = logging.target_bucket
    target = call.store.bucket(name)
    if target is None:
        raise InvalidTargetBucketForLogging(
            "The target bucket for logging does not exist", TargetBucket=name
        )
    if target.owner_id != call.bucket.owner_id:
        raise InvalidTargetBucketForLogging(
            "The owner for the bucket to be logged and the target bucket must be the same.",
            TargetBucket=name,
        )
    if target.region != call.bucket.region:
        raise CrossLocationLoggingProhibitted(TargetBucketLocation=target.region)
    controls = call.services.configuration(target, OwnershipControls)
    if (
        logging.target_grants
        and controls is not None
        and controls.rules[0].object_ownership == BUCKET_OWNER_ENFORCED
    ):
        raise AccessControlListNotSupported
