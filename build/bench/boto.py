"""boto3 as a program out in the world would have it, against a server of the bench."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from build.bench.figures import MeasurementFailed
from build.bench.presigned import REGION
from build.bench.servers import ACCESS_KEY, SECRET_KEY, RunningServer


def client(server: RunningServer) -> Any:
    """An S3 client with boto3's settings of delivery, but for the retries that hide failures."""
    import boto3
    from botocore.config import Config

    return boto3.client(
        "s3", endpoint_url=f"http://{server.host}", region_name=REGION,
        aws_access_key_id=ACCESS_KEY, aws_secret_access_key=SECRET_KEY,
        config=Config(retries={"total_max_attempts": 1}),
    )  # fmt: skip


@contextmanager
def failures() -> Iterator[None]:
    """What boto3 raises is a measurement that failed."""
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (Boto3Error, BotoCoreError, ClientError) as error:
        raise MeasurementFailed(str(error)) from error
