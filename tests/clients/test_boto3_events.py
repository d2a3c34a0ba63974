"""Event notifications with boto3 and a real server, whose processes die."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.clients.witness import client
from tests.receiver import Receiver, receiving
from tests.server_process import ServerProcess

ARN = "arn:ferrox:sqs::orders:webhook"
CONFIGURATION = {
    "QueueConfigurations": [
        {
            "Id": "pictures",
            "QueueArn": ARN,
            "Events": ["s3:ObjectCreated:*", "s3:ObjectRemoved:Delete"],
            "Filter": {"Key": {"FilterRules": [{"Name": "suffix", "Value": ".jpg"}]}},
        }
    ]
}


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as opened:
        yield opened


@pytest.fixture
def server(tmp_path: Path, receiver: Receiver) -> Iterator[ServerProcess]:
    """A server of two processes with one target."""
    targets = tmp_path / "targets.toml"
    targets.write_text(f'[orders]\nurl = "{receiver.url}"\nsigning_key = "key-of-orders"\n')
    served = ServerProcess(tmp_path / "data", "--event-targets", str(targets), "--workers", "2")
    yield served
    served.kill()


@pytest.fixture
async def s3(server: ServerProcess) -> AsyncIterator[Any]:
    made = client(server)
    await asyncio.to_thread(made.create_bucket, Bucket="shop")
    yield made
    made.close()


async def configure(s3: Any, **more: Any) -> None:
    await asyncio.to_thread(
        s3.put_bucket_notification_configuration,
        Bucket="shop",
        NotificationConfiguration=CONFIGURATION,
        **more,
    )


async def test_a_configuration_sends_a_test_and_then_what_happens(
    s3: Any, receiver: Receiver
) -> None:
    await configure(s3)
    await receiver.until(1)
    for key in ("a.jpg", "b.png"):
        await asyncio.to_thread(s3.put_object, Bucket="shop", Key=key, Body=b"1")
    await asyncio.to_thread(s3.delete_object, Bucket="shop", Key="a.jpg")
    await receiver.until(3)

    shown = await asyncio.to_thread(s3.get_bucket_notification_configuration, Bucket="shop")
    assert CONFIGURATION["QueueConfigurations"] == shown["QueueConfigurations"]
    assert ["s3:TestEvent", "s3:ObjectCreated:Put", "s3:ObjectRemoved:Delete"] == [
        told.event for told in receiver.told
    ]


async def test_a_target_that_is_not_configured_is_refused(s3: Any) -> None:
    topic = {"TopicArn": "arn:aws:sns:us-east-1:1:x", "Events": ["s3:ObjectCreated:*"]}
    unknown = {"TopicConfigurations": [topic]}

    with pytest.raises(ClientError) as caught:
        await asyncio.to_thread(
            s3.put_bucket_notification_configuration,
            Bucket="shop",
            NotificationConfiguration=unknown,
        )

    assert "InvalidArgument" == caught.value.response["Error"]["Code"]
    assert caught.value.response["Error"]["Message"] == (
        "Unable to validate the following destination configurations"
    )


async def test_what_was_committed_is_told_after_the_power_failed(
    s3: Any, server: ServerProcess, receiver: Receiver
) -> None:
    await configure(s3, SkipDestinationValidation=True)
    receiver.answer = lambda _: 503
    for key in ("a.jpg", "b.jpg"):
        await asyncio.to_thread(s3.put_object, Bucket="shop", Key=key, Body=b"1")
    await receiver.until(1)

    await asyncio.to_thread(server.kill)
    told_before = len(receiver.told)
    receiver.answer = lambda _: 200
    await asyncio.to_thread(server.restart)
    await receiver.until(told_before + 2)

    assert {"a.jpg", "b.jpg"} == {told.key for told in receiver.told[told_before:]}
    assert "key-of-orders" not in server.log
