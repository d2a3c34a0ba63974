"""GetBucketNotificationConfiguration and PutBucketNotificationConfiguration.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html

There is no way to delete this document: an empty one tells nobody of anything. Targets are named by
ARNs, and `Services.is_event_target` knows which of them the operator has configured. Each target is
sent a test message, unless the request asks that targets are not looked at.
"""

from ferrox import ids
from ferrox.errors import InvalidArgument
from ferrox.operations.call import Call
from ferrox.operations.documents import answer, given
from ferrox.operations.registry import handles
from ferrox.protocol.document_operations import (
    GetBucketNotificationConfiguration,
    PutBucketNotificationConfiguration,
)
from ferrox.protocol.documents import notification
from ferrox.protocol.plain import as_plain
from ferrox.protocol.shapes.groups import BucketInput, NoOutput
from ferrox.protocol.shapes.notification import (
    GetBucketNotificationConfigurationOutput,
    NotificationConfiguration,
    PutBucketNotificationConfigurationInput,
)


@handles(GetBucketNotificationConfiguration, action="s3:GetBucketNotification")
async def get_bucket_notification_configuration(
    call: Call, args: BucketInput
) -> GetBucketNotificationConfigurationOutput:
    """Tell who is told of what; nothing, if nobody is."""
    document = call.configuration(NotificationConfiguration) or NotificationConfiguration()
    output: GetBucketNotificationConfigurationOutput
    output = answer(GetBucketNotificationConfiguration, document)
    return output


@handles(PutBucketNotificationConfiguration, action="s3:PutBucketNotification")
async def put_bucket_notification_configuration(
    call: Call, args: PutBucketNotificationConfigurationInput
) -> NoOutput:
    """Replace who is told of what."""
    document: NotificationConfiguration = given(args)
    notification.check(document)
    if not args.skip_destination_validation:
        _require_targets(call, document)
    for subscription in notification.subscriptions(document):
        configuration = subscription.configuration
        configuration.id = configuration.id or ids.configuration_id()
    if document.__dict__:
        test = None if args.skip_destination_validation else call.occasion("")
        await call.store.put_notification(call.bucket, as_plain(document), test)
    else:
        await call.store.delete_bucket_document(call.bucket, document.stored_as)
    return NoOutput()


def _require_targets(call: Call, document: NotificationConfiguration) -> None:
    unknown = [
        one.arn
        for one in notification.subscriptions(document)
        if not call.services.is_event_target(one.arn)
    ]
    if not unknown:
        return
    details: dict[str, str | int] = {}
    for number, arn in enumerate(unknown, 1):
        details[f"ArgumentName{number}"] = arn
        details[f"ArgumentValue{number}"] = "The destination does not exist"
    message = "Unable to validate the following destination configurations"
    raise InvalidArgument(message, headers=None, **details)
