"""Faults as boto3 meets them: what it sees, what it tries again, what has been done already."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    FlexibleChecksumError,
    ReadTimeoutError,
    ResponseStreamingError,
)

from ferrox.accounting.fault_board import happens_to
from tests.cli.test_server_life import ferroxd
from tests.ephemeral_process import Ephemeral, started

LARGE = b"ferrox" * 500_000


@pytest.fixture(scope="module", params=["1", "2"], ids=["one worker", "two workers"])
def shared(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ephemeral]:
    place = tmp_path_factory.mktemp("ephemeral")
    with started(place, "--workers", request.param, "--seed-bucket", "bucket") as made:
        yield made
        status, _, logged = made.end()
    assert 0 == status
    assert " ERROR " not in logged


@pytest.fixture
def server(shared: Ephemeral) -> Iterator[Ephemeral]:
    """A server with an object, in which nothing happens yet."""
    shared.s3.put_object(Bucket="bucket", Key="k", Body=b"data")
    shared.s3.put_object(Bucket="bucket", Key="large", Body=LARGE)
    yield shared
    order(shared, "clear")


def order(server: Ephemeral, *words: str) -> Any:
    """What `ferroxd inject` answers."""
    run = ferroxd("inject", *words, "--json", env=server.variables)
    assert 0 == run.returncode, run.stderr
    return json.loads(run.stdout) if run.stdout else None


def client(server: Ephemeral, **config: Any) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=server.variables["AWS_ENDPOINT_URL"],
        aws_access_key_id=server.variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=server.variables["AWS_SECRET_ACCESS_KEY"],
        region_name=server.variables["AWS_REGION"],
        config=Config(proxies={}, **config),
    )


def read(s3: Any, key: str = "k") -> bytes:
    data: bytes = s3.get_object(Bucket="bucket", Key=key)["Body"].read()
    return data


def test_an_error_has_its_code_its_status_and_a_header_that_tells(server: Ephemeral) -> None:
    order(server, "add", "put_object:503")

    with pytest.raises(ClientError) as refusal:
        server.s3.put_object(Bucket="bucket", Key="new", Body=LARGE)

    metadata = refusal.value.response["ResponseMetadata"]
    assert "SlowDown" == refusal.value.response["Error"]["Code"]
    assert (503, "SlowDown") == (
        metadata["HTTPStatusCode"], metadata["HTTPHeaders"]["x-ferrox-injected"],
    )  # fmt: skip


def test_retries_hide_a_fault_that_ends(server: Ephemeral) -> None:
    order(server, "add", "get_object:503:1:2")
    patient = client(server, retries={"total_max_attempts": 3, "mode": "standard"})

    answer = patient.get_object(Bucket="bucket", Key="k")

    assert 2 == answer["ResponseMetadata"]["RetryAttempts"]
    assert [(3, 2)] == [
        (fault["requests"], fault["injected"]) for fault in order(server, "list")["faults"]
    ]


@pytest.mark.parametrize("key", ["k", "large"])
def test_a_reset_is_a_connection_that_is_closed(server: Ephemeral, key: str) -> None:
    order(server, "add", "get_object:reset")
    order(server, "add", "head_object:reset")

    with pytest.raises(ConnectionClosedError):
        read(server.s3, key)
    with pytest.raises(ConnectionClosedError):
        server.s3.head_object(Bucket="bucket", Key=key)


@pytest.mark.parametrize("key", ["k", "large"])
def test_a_truncated_object_breaks_off(server: Ephemeral, key: str) -> None:
    order(server, "add", "get_object:truncate")

    with pytest.raises((ResponseStreamingError, ConnectionClosedError)):
        read(server.s3, key)


def test_an_upload_whose_answer_is_truncated_is_there(server: Ephemeral) -> None:
    order(server, "add", "put_object:truncate:1:1")

    with pytest.raises(ConnectionClosedError):
        server.s3.put_object(Bucket="bucket", Key="there", Body=LARGE)

    assert LARGE == read(server.s3, "there")


@pytest.mark.parametrize("key", ["k", "large"])
def test_a_corrupted_object_fails_its_checksum(server: Ephemeral, key: str) -> None:
    order(server, "add", "get_object:corrupt")

    with pytest.raises(FlexibleChecksumError):
        read(server.s3, key)


def test_a_delay_is_longer_than_an_impatient_client_waits(server: Ephemeral) -> None:
    order(server, "add", "get_object:delay=30s")
    impatient = client(server, read_timeout=0.2, retries={"total_max_attempts": 1})

    with pytest.raises(ReadTimeoutError):
        read(impatient)


def test_the_seed_says_which_requests_are_hit(tmp_path: Path) -> None:
    rule = "get_object@bucket/k:500:0.5"
    options = ("--seed-bucket", "bucket", "--inject", rule, "--inject-seed", "42")
    with started(tmp_path, *options, "--workers", "2") as server:
        s3, statuses = server.s3, []
        s3.put_object(Bucket="bucket", Key="k", Body=b"data")
        for _ in range(20):
            try:
                s3.get_object(Bucket="bucket", Key="k")["Body"].read()
                statuses.append(200)
            except ClientError as error:
                statuses.append(error.response["ResponseMetadata"]["HTTPStatusCode"])

    expected = [500 if happens_to(42, 1, number, 0.5) else 200 for number in range(1, 21)]
    assert expected == statuses
    assert {200, 500} == set(statuses)


def test_other_servers_refuse_to_inject(tmp_path: Path) -> None:
    run = ferroxd("--data-dir", str(tmp_path / "data"), "--inject", "put_object:503")

    assert (2, "ferroxd: inject is for ephemeral servers only: give ephemeral, too\n") == (
        run.returncode, run.stderr,
    )  # fmt: skip
    assert not (tmp_path / "data").exists()
