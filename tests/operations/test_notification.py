import pytest

from tests.in_process import Answer, InProcess
from tests.operations.configured import content_of, get, put, refusal

ARN = "arn:aws:sqs:us-east-1:123456789012:{}"
QUEUE = (
    "<QueueConfiguration><Id>{id}</Id><Queue>{arn}</Queue><Event>{event}</Event><Filter><S3Key>"
    "<FilterRule><Name>prefix</Name><Value>a/</Value></FilterRule></S3Key></Filter>"
    "</QueueConfiguration>"
)


@pytest.fixture
async def s3(s3: InProcess) -> InProcess:
    await s3.make_bucket()
    s3.services.is_event_target = ARN.format("known").__eq__
    return s3


def queue(target: str = "known", name: str = "one", event: str = "s3:ObjectCreated:*") -> str:
    return QUEUE.format(id=name, arn=ARN.format(target), event=event)


async def put_all(s3: InProcess, *content: str, headers: dict[str, str] | None = None) -> Answer:
    text = "".join(content)
    return await put(
        s3,
        "notification",
        f"<NotificationConfiguration>{text}</NotificationConfiguration>",
        is_protected=False,
        headers=headers,
    )


async def test_a_configuration_is_shown_as_it_was_put_and_ends_with_an_empty_one(
    s3: InProcess,
) -> None:
    first = await get(s3, "notification")
    stored = await put_all(s3, queue(), "<EventBridgeConfiguration></EventBridgeConfiguration>")
    shown = await get(s3, "notification")
    await put_all(s3)
    last = await get(s3, "notification")

    assert (200, b"") == (stored.status, stored.body)
    assert queue() + "<EventBridgeConfiguration></EventBridgeConfiguration>" == content_of(shown)
    assert ["", ""] == [content_of(one) for one in (first, last)]


async def test_a_configuration_without_an_id_gets_one(s3: InProcess) -> None:
    await put_all(s3, queue().replace("<Id>one</Id>", ""))

    shown = (await get(s3, "notification")).document["QueueConfiguration"]

    assert 48 == len(shown["Id"])


async def test_a_target_that_nobody_configured_is_named(s3: InProcess) -> None:
    answer = await put_all(
        s3,
        queue(),
        queue("lost", "two", "s3:ObjectRemoved:*"),
        queue("gone", "three", "s3:ObjectAcl:Put"),
    )

    assert (400, "InvalidArgument") == refusal(answer)
    assert (
        "Unable to validate the following destination configurations"
        == (answer.document["Message"])
    )
    assert [ARN.format("lost"), ARN.format("gone")] == [
        answer.document[f"ArgumentName{number}"] for number in (1, 2)
    ]
    assert "" == content_of(await get(s3, "notification"))


async def test_targets_need_not_be_there_if_the_client_says_so(s3: InProcess) -> None:
    answer = await put_all(s3, queue("lost"), headers={"x-amz-skip-destination-validation": "true"})

    assert 200 == answer.status


async def test_without_configured_targets_all_are_unknown(s3: InProcess) -> None:
    plain = InProcess(s3.store, s3.clock)

    assert (400, "InvalidArgument") == refusal(await put_all(plain, queue()))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (queue(event="s3:Teapot"), "InvalidArgument"),
        (queue() + queue(name="two"), "InvalidArgument"),
        ("<Pigeon/>", "MalformedXML"),
    ],
)
async def test_a_configuration_that_breaks_the_rules_is_refused(
    s3: InProcess, content: str, code: str
) -> None:
    assert (400, code) == refusal(await put_all(s3, content))
