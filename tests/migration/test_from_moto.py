"""From an S3 of another kind: moto's, in a process of its own.

It lists delete markers apart from versions, calls versions by UUIDs, and knows fewer headers.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.migration.sides import Command, client, head, versions
from tests.server_process import ServerProcess

MIB = 1024**2
KEYS = "testing", "testing"
PROGRAM = """
import logging
from werkzeug.serving import make_server
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

logging.disable(logging.CRITICAL)
application = DomainDispatcherApplication(create_backend_app)
server = make_server("127.0.0.1", 0, application, threaded=True)
print(server.port, flush=True)
server.serve_forever()
"""


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    """The address of moto's server."""
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", PROGRAM], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process, process.stdout:
        try:
            port = process.stdout.readline().strip()
            assert port.isdecimal()
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()


@pytest.fixture
def there(moto: str) -> Any:
    return client(moto, *KEYS)


@pytest.fixture
def command(tmp_path: Path, target: ServerProcess) -> Command:
    return Command(tmp_path, target, KEYS)


def test_versions_and_markers_come_in_order(
    moto: str, there: Any, here: Any, command: Command
) -> None:
    there.create_bucket(Bucket="moto-versions")
    enabled = {"Status": "Enabled"}
    there.put_bucket_versioning(Bucket="moto-versions", VersioningConfiguration=enabled)
    for number in range(3):
        there.put_object(Bucket="moto-versions", Key="a//b", Body=b"%d" % number)
    there.put_object(Bucket="moto-versions", Key="gone", Body=b"x")
    there.delete_object(Bucket="moto-versions", Key="gone")

    done = command.run(moto, "--bucket", "moto-versions", "--verify=bytes")
    again = command.run(moto, "--bucket", "moto-versions")

    assert (0, 0) == (done.status, again.status), done.out
    assert (4, 1, 5) == (done.total("objects"), done.total("markers"), again.total("present"))
    assert versions(there, "moto-versions") == versions(here, "moto-versions")
    assert b"2" == here.get_object(Bucket="moto-versions", Key="a//b")["Body"].read()
    shown = [one["Key"] for one in here.list_objects_v2(Bucket="moto-versions")["Contents"]]
    assert ["a//b"] == shown


def test_objects_and_documents_go_along(moto: str, there: Any, here: Any, command: Command) -> None:
    bucket = "moto-said"
    there.create_bucket(Bucket=bucket)
    there.put_object(
        Bucket=bucket,
        Key="ünï code",
        Body=b"data",
        ContentType="text/html",
        CacheControl="no-store",
        Metadata={"who": "me"},
        Tagging="a=b",
    )
    there.put_object(Bucket=bucket, Key="empty")
    upload = there.create_multipart_upload(Bucket=bucket, Key="parts")["UploadId"]
    where = {"Bucket": bucket, "Key": "parts", "UploadId": upload}
    sent = [
        {
            "PartNumber": number,
            "ETag": there.upload_part(**where, PartNumber=number, Body=bytes(size))["ETag"],
        }
        for number, size in enumerate((5 * MIB, 6 * MIB, 1), start=1)
    ]
    there.complete_multipart_upload(**where, MultipartUpload={"Parts": sent})
    rules = [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]
    there.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": rules})
    tags = [{"Key": "team", "Value": "a"}]
    there.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tags})
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:DeleteBucket",
        "Resource": f"arn:aws:s3:::{bucket}",
    }
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    there.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))

    done = command.run(moto, "--bucket", bucket, "--verify=bytes")
    again = command.run(moto, "--bucket", bucket)

    assert (0, 0) == (done.status, again.status), done.out
    assert (3, 0) == (done.total("objects"), again.total("objects"))
    assert versions(there, bucket) == versions(here, bucket)
    said = ("ContentType", "CacheControl", "Metadata", "ETag", "LastModified", "ContentLength")
    expected, found = head(there, bucket, "ünï code"), head(here, bucket, "ünï code")
    assert {name: expected[name] for name in said} == {name: found[name] for name in said}
    tag_set = here.get_object_tagging(Bucket=bucket, Key="ünï code")["TagSet"]
    assert [{"Key": "a", "Value": "b"}] == tag_set
    assert rules == here.get_bucket_cors(Bucket=bucket)["CORSRules"]
    assert tags == here.get_bucket_tagging(Bucket=bucket)["TagSet"]
    assert policy == json.loads(here.get_bucket_policy(Bucket=bucket)["Policy"])


def test_thousands_of_small_objects_are_copied_page_by_page(
    moto: str, there: Any, here: Any, command: Command
) -> None:
    there.create_bucket(Bucket="moto-many")
    for number in range(1200):
        there.put_object(Bucket="moto-many", Key=f"{number % 7}/{number:05}", Body=b"%d" % number)

    done = command.run(moto, "--bucket", "moto-many", "--verify")

    assert 0 == done.status, done.out
    assert (1200, 1200) == (done.total("objects"), done.total("verified"))
    assert versions(there, "moto-many") == versions(here, "moto-many")
