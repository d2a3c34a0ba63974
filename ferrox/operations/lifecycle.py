"""GetBucketLifecycleConfiguration, PutBucketLifecycleConfiguration and DeleteBucketLifecycle.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html

A header goes with this document, and rules without an id get one. What the rules do is the business
of the job that obeys them.
"""

from ferrox import ids
from ferrox.document_errors import NoSuchLifecycleConfiguration
from ferrox.operations.call import Call
from ferrox.operations.documents import answer, given
from ferrox.operations.registry import handles
from ferrox.protocol.document_operations import (
    DeleteBucketLifecycle,
    GetBucketLifecycleConfiguration,
    PutBucketLifecycleConfiguration,
)
from ferrox.protocol.documents import lifecycle
from ferrox.protocol.plain import as_plain
from ferrox.protocol.shapes.groups import BucketInput, NoOutput
from ferrox.protocol.shapes.lifecycle import (
    BucketLifecycleConfiguration,
    GetBucketLifecycleConfigurationOutput,
    PutBucketLifecycleConfigurationInput,
    PutBucketLifecycleConfigurationOutput,
)

NAME = BucketLifecycleConfiguration.stored_as
MINIMUM_SIZE = "TransitionDefaultMinimumObjectSize"
"""Under what the header lies in the document; the API reference calls it so."""


@handles(GetBucketLifecycleConfiguration, action="s3:GetLifecycleConfiguration")
async def get_bucket_lifecycle_configuration(
    call: Call, args: BucketInput
) -> GetBucketLifecycleConfigurationOutput:
    """Show the rules, each with its id."""
    document = call.store.bucket_document(call.bucket, NAME)
    rules = call.configuration(BucketLifecycleConfiguration)
    if document is None or rules is None:
        raise NoSuchLifecycleConfiguration(BucketName=call.bucket.name)
    output: GetBucketLifecycleConfigurationOutput = answer(GetBucketLifecycleConfiguration, rules)
    output.transition_default_minimum_object_size = document[MINIMUM_SIZE]
    return output


@handles(PutBucketLifecycleConfiguration, action="s3:PutLifecycleConfiguration")
async def put_bucket_lifecycle_configuration(
    call: Call, args: PutBucketLifecycleConfigurationInput
) -> PutBucketLifecycleConfigurationOutput:
    """Replace the rules."""
    rules: BucketLifecycleConfiguration = given(args)
    lifecycle.check(rules)
    minimum_size = lifecycle.minimum_size(args.transition_default_minimum_object_size)
    for rule in rules.rules:
        rule.id = rule.id or ids.configuration_id()
    document = {**as_plain(rules), MINIMUM_SIZE: minimum_size}
    await call.store.put_bucket_document(call.bucket, NAME, document)
    return PutBucketLifecycleConfigurationOutput(
        transition_default_minimum_object_size=minimum_size
    )


@handles(DeleteBucketLifecycle, action="s3:PutLifecycleConfiguration")
async def delete_bucket_lifecycle(call: Call, args: BucketInput) -> NoOutput:
    """Remove all rules."""
    await call.store.delete_bucket_document(call.bucket, NAME)
    return NoOutput()
