"""Two sides for tests of migrations: clients of both, the command, and how both are compared."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import boto3
from botocore.config import Config

from tests.server_process import ROOT, ServerProcess


def client(endpoint: str, access_key: str, secret_key: str) -> Any:
    """A client of the SDK for one side."""
    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
        region_name="us-east-1",
        config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}),
    )


class Outcome(NamedTuple):
    """What became of one run of the command."""

    status: int
    out: str
    err: str
    report: dict[str, Any]

    @property
    def codes(self) -> dict[str, int]:
        """How many problems there were, by code."""
        found: dict[str, int] = {}
        for bucket in self.report["buckets"]:
            for code, count in bucket["counts"].items():
                found[code] = found.get(code, 0) + count
        return found

    def total(self, name: str) -> int:
        """A count of all buckets together."""
        return sum(int(bucket[name]) for bucket in self.report["buckets"])


class Command:
    """`ferroxd migrate` from some source to a ferroxd."""

    def __init__(self, folder: Path, target: ServerProcess, keys: tuple[str, str]) -> None:
        self.folder = folder
        self.target = target
        self.environment: Mapping[str, str] = {
            **os.environ,
            "FERROX_FROM_ACCESS_KEY": keys[0],
            "FERROX_FROM_SECRET_KEY": keys[1],
            "FERROX_TO_ACCESS_KEY": target.access_key,
            "FERROX_TO_SECRET_KEY": target.secret_key,
            "XDG_STATE_HOME": str(folder / "state"),
        }

    def start(self, source: str, *options: str) -> "subprocess.Popen[str]":
        """Begin a run."""
        words = ["--from", source, "--to", self.target.endpoint, *options]
        return subprocess.Popen(
            [sys.executable, "ferroxd.py", "migrate", *words],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, source: str, *options: str) -> Outcome:
        """A run from beginning to end."""
        report = self.folder / "report.json"
        report.unlink(missing_ok=True)
        process = self.start(source, "--report", str(report), *options)
        out, err = process.communicate(timeout=120)
        assert "Traceback" not in err, err
        said = json.loads(report.read_text("utf-8")) if report.exists() else {}
        return Outcome(process.returncode, out, err, said)


VERSION = ("Key", "VersionId", "ETag", "LastModified", "IsLatest", "Size", "StorageClass")


def versions(s3: Any, bucket: str) -> list[tuple[Any, ...]]:
    """All versions and delete markers of a bucket, as its listing shows them."""
    found: list[tuple[Any, ...]] = []
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        for kind in ("Versions", "DeleteMarkers"):
            found += [
                (kind, *(entry.get(name) for name in VERSION)) for entry in page.get(kind, [])
            ]
    return sorted(found, key=str)


def head(s3: Any, bucket: str, key: str, **more: Any) -> dict[str, Any]:
    """What is said of an object, without what every answer says of itself."""
    answer = s3.head_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED", **more)
    answer.pop("ResponseMetadata")
    return dict(answer)
