"""Event notifications with boto3 and a real server, whose processes die."""

import asyncio
import itertools
import json
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from ferrox.gateway import unix_socket
from tests.clients.witness import client, keys
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


async def test_events_are_followed_and_the_server_stops_all_the_same(
    s3: Any, server: ServerProcess
) -> None:
    await configure(s3, SkipDestinationValidation=True)
    for key in ("a.jpg", "b.jpg"):
        await asyncio.to_thread(s3.put_object, Bucket="shop", Key=key, Body=b"1")

    reader, writer = await follow(server, {"last-event-id": "1"})
    head = await reader.readuntil(b"\r\n\r\n")
    first = await reader.readuntil(b'b.jpg"')
    await asyncio.to_thread(s3.put_object, Bucket="shop", Key="c.jpg", Body=b"1")
    second = await reader.readuntil(b'c.jpg"')
    await asyncio.to_thread(server.stop)
    rest = await reader.read()
    writer.close()

    assert b" 200 OK" in head
    assert b"a.jpg" not in first
    assert (b"id: 2\n" in first, b"id: 3\n" in second) == (True, True)
    assert rest.endswith(b"0\r\n\r\n")
    assert "cutting" not in server.log


async def follow(
    server: ServerProcess, headers: dict[str, str]
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection on which events are about to come."""
    path = "/admin/v1/events/stream"
    lines = [f"GET {path} HTTP/1.1", "Host: x", *(f"{name}: {headers[name]}" for name in headers)]
    with unix_socket.short_name(server.data_dir / "admin.sock") as name:
        reader, writer = await asyncio.open_unix_connection(name)
    writer.write("\r\n".join([*lines, "", ""]).encode())
    return reader, writer


async def test_an_event_is_there_exactly_if_its_object_is(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path / "data", "--event-log", "on", "--workers", "2")
    s3 = client(server, max_pool_connections=8, retries={"max_attempts": 0})
    s3.create_bucket(Bucket="shop")
    names = itertools.count()
    is_killed = threading.Event()
    enough = threading.Semaphore(0)

    def put_until_killed() -> None:
        with suppress(BotoCoreError, ClientError):
            while not is_killed.is_set():
                s3.put_object(Bucket="shop", Key=f"k{next(names)}", Body=b"1")
                enough.release()

    def kill_in_the_middle() -> None:
        for _ in range(100):
            assert enough.acquire(timeout=60)
        server.kill()
        is_killed.set()

    work = [asyncio.to_thread(put_until_killed) for _ in range(8)]
    await asyncio.gather(asyncio.to_thread(kill_in_the_middle), *work)
    s3.close()
    server.restart()
    after = client(server)
    stored = keys(after, "shop")
    reader, writer = await follow(server, {"last-event-id": "0"})
    told: list[str] = []
    while len(told) < len(stored):
        line = await asyncio.wait_for(reader.readuntil(b"\n"), 30)
        if line.startswith(b"data: "):
            told.append(json.loads(line[6:])["s3"]["object"]["key"])
    writer.close()
    after.close()
    server.stop()

    assert len(stored) >= 100
    assert sorted(stored) == sorted(told)
