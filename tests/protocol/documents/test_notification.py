import pytest

from ferrox.protocol.documents import notification
from ferrox.protocol.shapes.notification import NotificationConfiguration
from tests.protocol.documents.reading import read, verdict

PUT = "s3:ObjectCreated:Put"
CREATED = "s3:ObjectCreated:*"
AMBIGUOUS = (
    "InvalidArgument: Configuration is ambiguously defined. Cannot have overlapping suffixes in two"
    " rules if the prefixes are overlapping for the same event type."
)


def document(content: str) -> NotificationConfiguration:
    return read(NotificationConfiguration, "NotificationConfiguration", content)


def judge(content: str) -> str:
    return verdict(lambda: notification.check(document(content)))


def queue(
    *events: str,
    arn: str = "arn:aws:sqs:us-east-1:123456789012:q",
    name: str = "",
    **filters: str,
) -> str:
    rules = "".join(
        f"<FilterRule><Name>{kind}</Name><Value>{value}</Value></FilterRule>"
        for kind, value in filters.items()
    )
    return (
        "<QueueConfiguration>"
        + (f"<Id>{name}</Id>" if name else "")
        + f"<Queue>{arn}</Queue>"
        + "".join(f"<Event>{event}</Event>" for event in events or (PUT,))
        + (f"<Filter><S3Key>{rules}</S3Key></Filter>" if filters else "")
        + "</QueueConfiguration>"
    )


TOPIC = (
    "<TopicConfiguration><Topic>arn:aws:sns:us-east-1:123456789012:t</Topic>"
    "<Event>s3:ObjectRemoved:*</Event></TopicConfiguration>"
)
FUNCTION = (
    "<CloudFunctionConfiguration>"
    "<CloudFunction>arn:aws:lambda:us-east-1:123456789012:function:f</CloudFunction>"
    "<Event>s3:ObjectTagging:Put</Event></CloudFunctionConfiguration>"
)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "<EventBridgeConfiguration/>",
        queue() + TOPIC + FUNCTION,
        queue(prefix="a/", suffix=".jpg"),
        queue(Prefix="a/", Suffix=".jpg"),
        queue(prefix="a/") + queue(prefix="b/"),
        queue(suffix=".jpg") + queue(suffix=".png"),
        queue(CREATED) + queue("s3:ObjectRemoved:Delete"),
        queue(arn="arn:minio:sqs::primary:webhook"),
        queue(name="a") + queue("s3:ObjectRemoved:Delete", name="b"),
    ],
)
def test_configurations_that_are_accepted(content: str) -> None:
    assert judge(content) == ""


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (queue("s3:Teapot"), "InvalidArgument: The event is not supported for notifications"),
        (queue(arn="queue"), "InvalidArgument: The ARN could not be parsed"),
        (
            queue(arn="arn:aws:sns:us-east-1:123456789012:t"),
            "InvalidArgument: The ARN could not be parsed",
        ),
        (queue(infix="a"), "InvalidArgument: filter rule name must be either prefix or suffix"),
        (
            queue(prefix="a", Prefix="b"),
            "InvalidArgument: Cannot specify more than one prefix rule in a filter.",
        ),
        (
            queue(suffix="é" * 513),
            "InvalidArgument: Size of filter rule value cannot exceed 1024 bytes in UTF-8"
            " representation",
        ),
        (
            queue(name="a") + queue("s3:ObjectRemoved:Delete", name="a"),
            "InvalidArgument: Same ID used for multiple configurations. IDs must be unique",
        ),
        (
            queue() + queue(CREATED),
            "InvalidArgument: Configurations overlap. Configurations on the same bucket cannot"
            " share a common event type.",
        ),
        (queue(prefix="a") + queue(prefix="a/b"), AMBIGUOUS),
        (queue(prefix="a") + queue(suffix=".jpg"), AMBIGUOUS),
        (queue(suffix="g") + queue(CREATED, suffix=".jpg"), AMBIGUOUS),
    ],
)
def test_configurations_that_are_refused(content: str, refusal: str) -> None:
    assert refusal == judge(content)


def test_a_hundred_configurations_are_accepted_and_no_more() -> None:
    some = [queue(prefix=f"{number:03}/") for number in range(101)]

    assert judge("".join(some[:100])) == ""
    assert judge("".join(some)).startswith("InvalidArgument: The number of notification")


@pytest.mark.parametrize(
    "content",
    [
        "<QueueConfiguration><Event>s3:ObjectCreated:*</Event></QueueConfiguration>",
        "<QueueConfiguration><Queue>arn:aws:sqs:::q</Queue></QueueConfiguration>",
        "<PigeonConfiguration/>",
        queue().replace("<Event>", "<Mood>glad</Mood><Event>"),
    ],
)
def test_what_is_no_configuration_is_malformed(content: str) -> None:
    assert judge(content).startswith("MalformedXML: ")


def test_all_kinds_are_subscriptions() -> None:
    found = list(notification.subscriptions(document(FUNCTION + queue(prefix="a/") + TOPIC)))

    assert ["sns", "sqs", "lambda"] == [one.service for one in found]
    assert ["Topic", "Queue", "CloudFunction"] == [one.element for one in found]
    assert [("", ""), ("a/", ""), ("", "")] == [(one.prefix, one.suffix) for one in found]


def test_every_event_of_the_model_is_known(s3_model: object) -> None:
    model = s3_model.shape_for("Event")  # type: ignore[attr-defined]  # botocore has no types

    assert set(model.enum) == notification.EVENTS
