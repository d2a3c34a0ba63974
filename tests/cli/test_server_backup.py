"""Backups beside a server of two workers that is written to all the time, and what comes back."""

import base64
import contextlib
import hashlib
import itertools
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from ferrox.storage.blob_hold import BlobHold
from tests.server_process import ROOT, ServerProcess, serving

KEYS = [f"key-{number}" for number in range(12)]
KINDS: list[dict[str, str]] = [
    {},
    {"ServerSideEncryption": "AES256"},
    {"ServerSideEncryption": "aws:kms"},
]
SIZES = (300, 90_000, 700_000)
PART = 5 * 1024 * 1024
BACKUPS = 4
POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": ["s3:GetObject", "kms:Decrypt"], "Resource": "*"}],
}


def client(server: ServerProcess, service: str = "s3", **keys: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=server.endpoint,
        aws_access_key_id=keys.get("access_key", server.access_key),
        aws_secret_access_key=keys.get("secret_key", server.secret_key),
        region_name="us-east-1",
        config=Config(retries={"max_attempts": 1}),
    )


def body_of(key: str, size_bytes: int) -> bytes:
    """Bytes that say whose they are, and prove it."""
    data = f"{key} ".encode() + os.urandom(size_bytes)
    return data + hashlib.sha256(data).digest()


def is_of(body: bytes, key: str) -> bool:
    return body.startswith(f"{key} ".encode()) and hashlib.sha256(body[:-32]).digest() == body[-32:]


@contextmanager
def writing(server: ServerProcess, *more_orders: tuple[str, ...]) -> Iterator[None]:
    """Two clients that overwrite and delete, and an operator who asks for garbage to go."""
    stop = threading.Event()
    failures: list[BaseException] = []

    def write(seed: int) -> None:
        s3, turn = client(server), seed
        try:
            while not stop.is_set():
                key, kind = KEYS[turn % len(KEYS)], KINDS[turn % len(KINDS)]
                bucket = ("plain", "versioned")[turn % 2]
                if turn % 7 == 0:
                    s3.delete_object(Bucket=bucket, Key=key)
                else:
                    s3.put_object(
                        Bucket=bucket, Key=key, Body=body_of(key, SIZES[turn % 3]), **kind
                    )
                turn += 5
        except BaseException as failure:  # noqa: BLE001 - told to the test
            failures.append(failure)

    def operate() -> None:
        orders = itertools.cycle((("jobs", "run", "upkeep"), *more_orders))
        while not stop.is_set():
            ferroxd(*next(orders), "--data-dir", str(server.data_dir))

    threads = [threading.Thread(target=write, args=(seed,)) for seed in (0, 1)]
    threads.append(threading.Thread(target=operate))
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert [] == failures


def ferroxd(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "ferroxd.py", *arguments],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert 0 == done.returncode, done.stdout + done.stderr
    return done.stdout


@pytest.mark.timeout(180)
def test_everything_comes_back_from_a_backup_under_load(tmp_path: Path) -> None:
    key_file = tmp_path / "master.key"
    key_file.write_bytes(base64.b64encode(bytes(range(32))))
    options = ("--workers", "2", "--sse-master-key-file", str(key_file))
    dest = tmp_path / "dest"
    with serving(tmp_path / "data", *options) as server:
        s3, iam = client(server), client(server, "iam")
        for bucket in ("plain", "versioned"):
            s3.create_bucket(Bucket=bucket)
        s3.put_bucket_versioning(Bucket="versioned", VersioningConfiguration={"Status": "Enabled"})
        s3.put_object(Bucket="plain", Key="steady", Body=body_of("steady", 400_000))
        iam.create_user(UserName="reader")
        iam.put_user_policy(UserName="reader", PolicyName="read", PolicyDocument=json.dumps(POLICY))
        reader = iam.create_access_key(UserName="reader")["AccessKey"]
        part = body_of("open", PART)
        upload_id = s3.create_multipart_upload(Bucket="plain", Key="open")["UploadId"]
        etag = s3.upload_part(
            Bucket="plain", Key="open", UploadId=upload_id, PartNumber=1, Body=part
        )["ETag"]
        with writing(server, ("encryption", "rotate"), ("key", "rotate")):
            reports = [
                json.loads(ferroxd("backup", str(dest), "--json", "--data-dir",
                                   str(server.data_dir), "--keep", "3"))
                for _ in range(BACKUPS)
            ]  # fmt: skip
    assert [[]] * BACKUPS == [report["damaged"] for report in reports]
    assert reports[1]["present_blobs"] > 0
    snapshots = json.loads(ferroxd("backup", "list", str(dest), "--json"))["snapshots"]
    assert [report["snapshot"] for report in reports[-3:]] == [s["snapshot"] for s in snapshots]
    ferroxd("backup", "verify", str(dest))

    for number, snapshot in enumerate(snapshots):
        new = tmp_path / f"new{number}"
        ferroxd(
            "restore-backup", str(dest), "--data-dir", str(new), "--snapshot", snapshot["snapshot"]
        )
        with serving(new, *options) as server:
            check(server, reader, snapshot["objects"])
            s3 = client(server)
            s3.complete_multipart_upload(
                Bucket="plain",
                Key="open",
                UploadId=upload_id,
                MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]},
            )
            assert part == s3.get_object(Bucket="plain", Key="open")["Body"].read()


@pytest.mark.timeout(180)
def test_backups_that_are_killed_hold_nothing_and_leave_no_half_snapshot(tmp_path: Path) -> None:
    dest = tmp_path / "dest"
    with serving(tmp_path / "data", "--workers", "2") as server:
        s3 = client(server)
        for bucket in ("plain", "versioned"):
            s3.create_bucket(Bucket=bucket)
        for number in range(60):
            s3.put_object(Bucket="plain", Key=f"steady-{number}", Body=body_of("steady", 200_000))
        command = ["backup", str(dest), "--data-dir", str(server.data_dir)]
        for number in range(12):
            process = subprocess.Popen(
                [sys.executable, "ferroxd.py", *command],
                cwd=ROOT,
                stdout=subprocess.DEVNULL,
            )
            with process:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(0.15 + number * 0.04)
                process.kill()
            with BlobHold(server.data_dir / "blobs.hold").removing() as may_remove:
                assert may_remove

        report = json.loads(ferroxd(*command, "--keep", "2", "--json"))

    assert [] == report["damaged"]
    assert 60 <= report["copied_blobs"] + report["present_blobs"]
    snapshots = json.loads(ferroxd("backup", "list", str(dest), "--json"))["snapshots"]
    assert report["snapshot"] == snapshots[-1]["snapshot"]
    assert len(os.listdir(dest / "snapshots")) == len(snapshots) <= 2
    ferroxd("backup", "verify", str(dest))


def check(server: ServerProcess, reader: dict[str, str], object_count: int) -> None:
    """Read everything there is, as root and as a user."""
    s3 = client(server)
    shown = {
        bucket: [one["Key"] for one in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]
        for bucket in ("plain", "versioned")
    }
    assert object_count == sum(map(len, shown.values()))
    versions = s3.list_object_versions(Bucket="versioned")["Versions"]
    assert len(versions) >= len(shown["versioned"])
    for one in versions:
        found = s3.get_object(Bucket="versioned", Key=one["Key"], VersionId=one["VersionId"])
        assert is_of(found["Body"].read(), one["Key"])
    user = client(server, access_key=reader["AccessKeyId"], secret_key=reader["SecretAccessKey"])
    for key in shown["plain"]:
        assert is_of(user.get_object(Bucket="plain", Key=key)["Body"].read(), key)
    with pytest.raises(ClientError, match="AccessDenied"):
        user.put_object(Bucket="plain", Key="mine", Body=b"")
