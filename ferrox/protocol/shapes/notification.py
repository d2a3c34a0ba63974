"""Shapes of who is told of what happens in a bucket."""

from ferrox.protocol.shape import Shape, element, header, payload
from ferrox.protocol.shapes.groups import BucketInput


class FilterRule(Shape):
    name: str | None = element("Name", default=None)
    value: str | None = element("Value", default=None)


class S3KeyFilter(Shape):
    filter_rules: list[FilterRule] | None = element("FilterRule", default=None, flattened=True)


class NotificationConfigurationFilter(Shape):
    key: S3KeyFilter | None = element("S3Key", default=None)


class TopicConfiguration(Shape):
    id: str | None = element("Id", default=None)
    topic_arn: str = element("Topic")
    events: list[str] = element("Event", flattened=True)
    filter: NotificationConfigurationFilter | None = element("Filter", default=None)


class QueueConfiguration(Shape):
    id: str | None = element("Id", default=None)
    queue_arn: str = element("Queue")
    events: list[str] = element("Event", flattened=True)
    filter: NotificationConfigurationFilter | None = element("Filter", default=None)


class LambdaFunctionConfiguration(Shape):
    id: str | None = element("Id", default=None)
    lambda_function_arn: str = element("CloudFunction")
    events: list[str] = element("Event", flattened=True)
    filter: NotificationConfigurationFilter | None = element("Filter", default=None)


class EventBridgeConfiguration(Shape):
    pass


class NotificationConfiguration(Shape, stored_as="notification"):
    topic_configurations: list[TopicConfiguration] | None = element(
        "TopicConfiguration", default=None, flattened=True
    )
    queue_configurations: list[QueueConfiguration] | None = element(
        "QueueConfiguration", default=None, flattened=True
    )
    lambda_function_configurations: list[LambdaFunctionConfiguration] | None = element(
        "CloudFunctionConfiguration", default=None, flattened=True
    )
    event_bridge_configuration: EventBridgeConfiguration | None = element(
        "EventBridgeConfiguration", default=None
    )


class GetBucketNotificationConfigurationOutput(Shape, root="NotificationConfiguration"):
    topic_configurations: list[TopicConfiguration] | None = element(
        "TopicConfiguration", default=None, flattened=True
    )
    queue_configurations: list[QueueConfiguration] | None = element(
        "QueueConfiguration", default=None, flattened=True
    )
    lambda_function_configurations: list[LambdaFunctionConfiguration] | None = element(
        "CloudFunctionConfiguration", default=None, flattened=True
    )
    event_bridge_configuration: EventBridgeConfiguration | None = element(
        "EventBridgeConfiguration", default=None
    )


class PutBucketNotificationConfigurationInput(BucketInput):
    notification_configuration: NotificationConfiguration = payload("NotificationConfiguration")
    skip_destination_validation: bool | None = header(
        "x-amz-skip-destination-validation", default=None
    )
