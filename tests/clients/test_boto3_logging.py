"""boto3 and the access log of a bucket, collected by two workers."""

import time
from pathlib import Path
from typing import Any

from tests.clients.witness import client, keys, read
from tests.server_process import ServerProcess, serving

LIMIT_S = 60.0


def lines(s3: Any, word: str, count: int) -> list[str]:
    """The lines with a word, once so many have been delivered."""
    deadline_s = time.monotonic() + LIMIT_S
    while True:
        found = [
            line
            for key in keys(s3, "target", Prefix="logs/")
            for line in read(s3, "target", key).decode().splitlines()
            if word in line
        ]
        if len(found) >= count:
            return found
        assert time.monotonic() < deadline_s, f"{len(found)} lines instead of {count}"


def log_source(s3: Any) -> None:
    for bucket in ("source", "target"):
        s3.create_bucket(Bucket=bucket)
    enabled = {
        "TargetBucket": "target",
        "TargetPrefix": "logs/",
        "TargetObjectKeyFormat": {"PartitionedPrefix": {"PartitionDateSource": "DeliveryTime"}},
    }
    s3.put_bucket_logging(Bucket="source", BucketLoggingStatus={"LoggingEnabled": enabled})


def put_20(s3: Any) -> None:
    for number in range(20):
        s3.put_object(Bucket="source", Key=f"k{number:02}", Body=b"data")


def put_keys(found: list[str]) -> list[str]:
    """The keys that lines tell of, in order."""
    return sorted(line.split(" ")[8] for line in found)


def restart(server: ServerProcess) -> Any:
    """Stop it, which ends the collecting, and start it again."""
    server.restart()
    return client(server)


EXPECTED = [f"k{number:02}" for number in range(20)]


def test_what_was_collected_is_delivered_once(tmp_path: Path) -> None:
    with serving(tmp_path / "data", "--workers", "2") as server:
        s3 = client(server)
        log_source(s3)
        put_20(s3)

        s3 = restart(server)
        found = lines(s3, "REST.PUT.OBJECT", 20)

        assert EXPECTED == put_keys(found)
        (first, *_) = keys(s3, "target")
        account, region, bucket = first.removeprefix("logs/").split("/")[:3]
        assert (12, "us-east-1", "source") == (len(account), region, bucket)
        assert list((tmp_path / "data" / "spool").iterdir()) == []
        server.expect_clean_log()


def test_lines_are_delivered_while_the_server_runs(tmp_path: Path) -> None:
    options = ("--workers", "2", "--bucket-log-interval", "0.1")
    with serving(tmp_path / "data", *options) as server:
        s3 = client(server)
        log_source(s3)
        put_20(s3)
        assert EXPECTED == put_keys(lines(s3, "REST.PUT.OBJECT", 20))

        s3.delete_objects(Bucket="source", Delete={"Objects": [{"Key": "k00"}, {"Key": "k01"}]})
        found = lines(s3, "DELETE", 3)

        assert ["BATCH.DELETE.OBJECT", "BATCH.DELETE.OBJECT", "REST.POST.MULTI_OBJECT_DELETE"] == (
            sorted(line.split(" ")[7] for line in found)
        )
        server.expect_clean_log()
