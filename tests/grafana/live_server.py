"""A real server that has done something of everything, so that every metric has samples."""

import contextlib
import http.client
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import requests
from botocore.exceptions import ClientError

from tests.issuing import Issuer
from tests.server_process import ServerProcess, serving

TOKEN = "a-token-of-metrics"
TARGETS = """
[nobody]
url = "http://127.0.0.1:9/"
timeout = 1
"""
LIMIT_S = 60.0


@contextlib.contextmanager
def busy_server(folder: Path) -> Iterator[ServerProcess]:
    """The server, once everything has happened."""
    certificate = Issuer(folder / "pki").server()
    targets = folder / "targets.toml"
    targets.write_text(TARGETS)
    with serving(
        folder / "data", "--workers", "2", "--metrics-token", TOKEN,
        "--tls-bind", "127.0.0.1:0", "--tls-certificate", str(certificate),
        "--tls-key", str(certificate.with_suffix(".key")), "--event-targets", str(targets),
    ) as server:  # fmt: skip
        _have_everything_happen(server)
        yield server


def scrape(server: ServerProcess, accept: str = "") -> str:
    """What /metrics says."""
    headers = {"Authorization": f"Bearer {TOKEN}", "Accept": accept}
    answer = requests.get(f"{server.endpoint}/metrics", headers=headers, timeout=30)
    assert 200 == answer.status_code
    return answer.text


def _have_everything_happen(server: ServerProcess) -> None:
    s3 = boto3.client(
        "s3", endpoint_url=server.endpoint, region_name="us-east-1",
        aws_access_key_id=server.access_key, aws_secret_access_key=server.secret_key,
    )  # fmt: skip
    s3.create_bucket(Bucket="bucket")
    _tell_of_events(s3)
    s3.put_object(Bucket="bucket", Key="small", Body=b"x")
    s3.put_object(Bucket="bucket", Key="large", Body=b"x" * 200_000)
    s3.get_object(Bucket="bucket", Key="large")["Body"].read()
    s3.delete_object(Bucket="bucket", Key="large")
    with contextlib.suppress(ClientError):
        s3.get_object(Bucket="bucket", Key="none")
    upload = s3.create_multipart_upload(Bucket="bucket", Key="parts")["UploadId"]
    s3.upload_part(Bucket="bucket", Key="parts", UploadId=upload, PartNumber=1, Body=b"x" * 100_000)
    _order(server, "/admin/v1/jobs/scrub/run")
    _wait_for(server, r"ferrox_scrub_last_end_timestamp_seconds \d")
    _wait_for(server, r'ferrox_job_progress_expected\{task="scrub"')
    _wait_for(server, r'ferrox_notifications_total\{outcome="failed",target="nobody"\} [1-9]')
    _wait_for(server, r'ferrox_job_last_end_timestamp_seconds\{task="upkeep"\}')


def _tell_of_events(s3: Any) -> None:
    s3.put_bucket_notification_configuration(
        Bucket="bucket",
        NotificationConfiguration={
            "QueueConfigurations": [
                {"QueueArn": "arn:ferrox:sqs::nobody:webhook", "Events": ["s3:ObjectCreated:*"]}
            ]
        },
        SkipDestinationValidation=True,
    )


def _order(server: ServerProcess, path: str) -> None:
    """Ask the admin API for something, over the socket in the data directory."""
    connection = http.client.HTTPConnection("localhost")
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(str(server.data_dir / "admin.sock"))
    connection.request("POST", path, "{}", {"Content-Type": "application/json"})
    assert 200 == connection.getresponse().status
    connection.close()


def _wait_for(server: ServerProcess, pattern: str) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not re.search(pattern, scrape(server)):
        assert time.monotonic() < deadline, pattern
