"""Metrics of a real server: over its processes, over the death of one of them."""

import json
import os
import re
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from tests.server_process import ServerProcess, serving

TOKEN = "a-token-of-metrics"
OPTIONS = ("--workers", "2", "--metrics-token", TOKEN, "--log-format", "json")
Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    with serving(tmp_path / "data", *OPTIONS) as running:
        yield running


def scrape(server: ServerProcess) -> Samples:
    """Every sample, by name and labels, as one of the workers tells them."""
    answer = requests.get(
        f"{server.endpoint}/metrics", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=30
    )
    assert 200 == answer.status_code
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def requests_of(samples: Samples, operation: str) -> float:
    """How many requests of an operation have ended."""
    return sum(
        value
        for (name, labels), value in samples.items()
        if name == "ferrox_requests_total" and ("operation", operation) in labels
    )


def client(server: ServerProcess) -> Any:
    return boto3.client(
        "s3", endpoint_url=server.endpoint, region_name="us-east-1",
        aws_access_key_id=server.access_key, aws_secret_access_key=server.secret_key,
    )  # fmt: skip


def head_bucket(server: ServerProcess, count: int) -> None:
    """Ask so often, over a connection of its own each time, so that all workers are asked."""
    for _ in range(count):
        requests.head(f"{server.endpoint}/bucket", timeout=30)


def test_whichever_worker_is_asked_it_tells_of_all(server: ServerProcess) -> None:
    head_bucket(server, 40)

    told = {requests_of(scrape(server), "HeadBucket") for _ in range(8)}

    assert {40} == told


def test_no_counter_goes_back_when_a_worker_is_killed(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    # Not by `serving`: the log tells of the death as an error, as it should.
    server = ServerProcess(tmp_path / "data", *OPTIONS)
    request.addfinalizer(server.kill)
    head_bucket(server, 40)
    before = scrape(server)
    assert 0 == before["ferrox_worker_restarts_total", ()]

    killed = server.workers[0]
    os.kill(killed, signal.SIGKILL)
    deadline = time.monotonic() + 30
    after = before
    while after["ferrox_worker_restarts_total", ()] == 0 or killed in server.workers:
        assert time.monotonic() < deadline
        after = scrape_patiently(server)
    while len(server.workers) < 2:
        assert time.monotonic() < deadline
    head_bucket(server, 10)
    for _ in range(4):
        after = scrape_patiently(server)
        gone_back = {
            key: (value, after.get(key, 0.0))
            for key, value in before.items()
            if is_counted(key[0]) and after.get(key, 0.0) < value
        }
        assert {} == gone_back

    assert 50 == requests_of(after, "HeadBucket")
    assert 1 == after["ferrox_worker_restarts_total", ()]
    assert 1 == after["ferrox_requests_in_flight", ()]  # the one that asks
    server.stop()


def is_counted(name: str) -> bool:
    """Whether all processes count it together; what the kernel says of one goes with it."""
    rises = name.endswith(("_total", "_count", "_bucket", "_sum"))
    return rises and not name.startswith("ferrox_process_")


def scrape_patiently(server: ServerProcess) -> Samples:
    """The same, while connections to a worker that died are refused or cut."""
    while True:
        try:
            return scrape(server)
        except requests.ConnectionError:
            continue


def test_what_buckets_hold_is_told_at_once(server: ServerProcess) -> None:
    s3 = client(server)
    s3.create_bucket(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key="small", Body=b"x" * 1000)
    s3.put_object(Bucket="bucket", Key="large", Body=b"x" * 1_000_000)

    samples = scrape(server)

    labels = (("bucket", "bucket"),)
    assert (2, 1_001_000) == (
        samples["ferrox_bucket_objects", labels], samples["ferrox_bucket_version_bytes", labels],
    )  # fmt: skip
    assert (1, 1_000_000) == (samples["ferrox_blobs", ()], samples["ferrox_blob_bytes", ()])
    assert samples["ferrox_received_bytes_total", (("operation", "PutObject"),)] >= 1_001_000


def test_who_has_no_token_is_told_nothing(server: ServerProcess) -> None:
    answer = requests.get(f"{server.endpoint}/metrics", timeout=30)

    assert (401, True) == (answer.status_code, "Bearer" in answer.headers["www-authenticate"])
    assert "ferrox_" not in answer.text
    assert TOKEN not in server.log


def test_no_bucket_can_be_called_so(server: ServerProcess) -> None:
    with pytest.raises(client(server).exceptions.ClientError, match="InvalidBucketName"):
        client(server).create_bucket(Bucket="metrics")


def test_where_metrics_are_off_the_address_is_that_of_no_bucket(tmp_path: Path) -> None:
    with serving(tmp_path / "data", "--workers", "1", "--metrics", "off") as server:
        answer = requests.get(f"{server.endpoint}/metrics", timeout=30)

    assert "ferrox_" not in answer.text
    assert answer.status_code in {400, 403}


ASKED = [
    b"GET /health/live HTTP/1.1\r\nHost: x\r\n",
    b"GET /metrics HTTP/1.1\r\nHost: x\r\n",
    b"GET /metrics HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer a-token-of-metrics\r\n",
    b"GET /bucket/key HTTP/1.1\r\nHost: x\r\n",
    b"HEAD /bucket/key HTTP/1.1\r\nHost: x\r\n",
    b"OPTIONS /bucket/key HTTP/1.1\r\nHost: x\r\nOrigin: http://x\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n",
    b"GET /?Action=GetCallerIdentity&Version=2011-06-15 HTTP/1.1\r\nHost: x\r\n",
    b"GET / HTTP/1.1\r\n",
    b"nonsense\r\n",
]


@pytest.mark.parametrize("head", ASKED, ids=range(len(ASKED)))
def test_every_answer_has_the_id_that_stands_in_the_log(server: ServerProcess, head: bytes) -> None:
    with socket.create_connection((server.host, server.port), timeout=30) as connection:
        connection.sendall(head + b"Connection: close\r\n\r\n")
        answer = b"".join(iter(lambda: connection.recv(65536), b""))

    request_id, *_ = re.findall(rb"(?im)^x-amzn?-request-?id: (\w+)\r$", answer)
    deadline = time.monotonic() + 30
    found: dict[str, object] = {}
    while not (found := logged(server, request_id.decode())):
        assert time.monotonic() < deadline
    assert {"principal", "operation", "status"} <= found.keys()
    assert TOKEN not in server.log


def logged(server: ServerProcess, request_id: str) -> dict[str, object]:
    """The line of the access log about a request."""
    lines = [json.loads(line) for line in server.log.splitlines() if request_id in line]
    return next((line for line in lines if line.get("level") == "access"), {})
