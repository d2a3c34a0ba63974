"""boto3 as the measuring instrument: what did another client really store?"""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.clients.payloads import sha256
from tests.clients.tool import REGION
from tests.server_process import ServerProcess

CROWD = tuple(f"crowd/{number:04d}" for number in range(1100))
"""More keys than a page of a listing holds."""


def client(server: ServerProcess, endpoint: str = "", **config: Any) -> Any:
    """A boto3 client with endpoint, credentials and region, plus only what a test is about."""
    return boto3.client(
        "s3",
        endpoint_url=endpoint or server.endpoint,
        aws_access_key_id=server.access_key,
        aws_secret_access_key=server.secret_key,
        region_name=REGION,
        config=Config(**config) if config else None,
    )


def put_all(s3: Any, bucket: str, keys: Iterable[str]) -> None:
    """Put a tiny object under every key, quickly."""
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda key: s3.put_object(Bucket=bucket, Key=key, Body=key.encode()), keys))


def keys(s3: Any, bucket: str, **parameters: str) -> list[str]:
    """Every key of a bucket, in the order of the listing."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, **parameters)
    return [entry["Key"] for page in pages for entry in page.get("Contents", [])]


def read(s3: Any, bucket: str, key: str, **parameters: Any) -> bytes:
    """The whole body of an object, or of what the parameters choose."""
    with s3.get_object(Bucket=bucket, Key=key, **parameters)["Body"] as body:
        data: bytes = body.read()
    return data


def stored(s3: Any, bucket: str) -> dict[str, str]:
    """Key → sha256 of everything in a bucket."""
    return {key: sha256(read(s3, bucket, key)) for key in keys(s3, bucket)}


def of_part_count(s3: Any, bucket: str, key: str) -> int:
    """In how many parts an object was uploaded; 0 when in one request."""
    etag: str = s3.head_object(Bucket=bucket, Key=key)["ETag"].strip('"')
    return int(etag.partition("-")[2] or 0)


def empty(s3: Any, bucket: str, doomed: Sequence[str]) -> None:
    """Delete these keys in as few requests as S3 allows."""
    for start in range(0, len(doomed), 1000):
        names = [{"Key": key} for key in doomed[start : start + 1000]]
        answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": names, "Quiet": True})
        assert "Errors" not in answer, answer["Errors"]


def code(refusal: pytest.ExceptionInfo[ClientError]) -> tuple[int, str]:
    """HTTP status and S3 code of an error."""
    response = refusal.value.response
    return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"]
