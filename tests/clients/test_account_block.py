"""The public access block of an account by boto3's s3control and by `aws s3control`.

Both put the number of the account before the name of the server. Nobody here resolves such names,
so the server is used as their proxy: it reads requests in the absolute form, too.
"""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.clients.staff import Staff, employed, policy
from tests.clients.tool import REGION, Tool, fetch
from tests.clients.witness import code
from tests.server_process import ServerProcess

ALL_ON = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}


def control(server: ServerProcess, key: Any = None) -> Any:
    """boto3's client for S3 Control."""
    root = {"AccessKeyId": server.access_key, "SecretAccessKey": server.secret_key}
    found = key or root
    return boto3.client(
        "s3control",
        region_name=REGION,
        aws_access_key_id=found["AccessKeyId"],
        aws_secret_access_key=found["SecretAccessKey"],
        endpoint_url=f"http://s3.example:{server.port}",
        config=Config(retries={"max_attempts": 1}, proxies={"http": server.endpoint}),
    )


@pytest.fixture
def account_id(server: ServerProcess) -> Iterator[str]:
    """The number of the server's account, which is left without a block."""
    sts = boto3.client(
        "sts",
        region_name=REGION,
        aws_access_key_id=server.access_key,
        aws_secret_access_key=server.secret_key,
        endpoint_url=server.endpoint,
    )
    with closing(sts):
        found = sts.get_caller_identity()["Account"]
    yield found
    with closing(control(server)) as made:
        made.delete_public_access_block(AccountId=found)


@pytest.fixture
def root(server: ServerProcess) -> Iterator[Any]:
    """S3 Control as the root of the account sees it."""
    with closing(control(server)) as made:
        yield made


def test_boto3_sets_shows_and_removes_it(root: Any, account_id: str) -> None:
    root.put_public_access_block(
        AccountId=account_id, PublicAccessBlockConfiguration={"BlockPublicAcls": True}
    )
    shown = root.get_public_access_block(AccountId=account_id)["PublicAccessBlockConfiguration"]
    root.delete_public_access_block(AccountId=account_id)

    assert dict.fromkeys(ALL_ON, False) | {"BlockPublicAcls": True} == shown
    with pytest.raises(root.exceptions.NoSuchPublicAccessBlockConfiguration):
        root.get_public_access_block(AccountId=account_id)


def test_boto3_is_refused_the_account_of_others(root: Any) -> None:
    with pytest.raises(ClientError) as refused:
        root.get_public_access_block(AccountId="000000000000")

    assert (403, "AccessDenied") == code(refused)


def test_the_cli_sets_it_and_buckets_are_closed(
    server: ServerProcess,
    s3: Any,
    bucket: str,
    account_id: str,
    env: dict[str, str],
    tmp_path: Path,
) -> None:
    proxied = env | {"HTTP_PROXY": server.endpoint, "http_proxy": server.endpoint}
    endpoint = f"http://s3.example:{server.port}"
    aws = Tool("aws", "--endpoint-url", endpoint, "s3control", env=proxied, cwd=tmp_path)
    of_account = ("--account-id", account_id)
    s3.put_object(Bucket=bucket, Key="key", Body=b"data")
    s3.delete_public_access_block(Bucket=bucket)
    anybody = policy(Principal="*", Action="s3:GetObject", Resource=f"arn:aws:s3:::{bucket}/*")
    s3.put_bucket_policy(Bucket=bucket, Policy=anybody)
    url = f"{server.endpoint}/{bucket}/key"

    before = fetch(url)
    settings = ",".join(f"{name}=true" for name in ALL_ON)
    aws(
        *("put-public-access-block", *of_account),
        *("--public-access-block-configuration", settings),
    )
    closed = fetch(url)
    shown = json.loads(aws("get-public-access-block", *of_account))
    aws("delete-public-access-block", *of_account)
    after = fetch(url)

    assert [200, 403, 200] == [one.status for one in (before, closed, after)]
    assert {"PublicAccessBlockConfiguration": ALL_ON} == shown


@pytest.fixture
def staff(server: ServerProcess, bucket: str) -> Iterator[Staff]:
    """A user of this test's own."""
    with employed(server, bucket) as made:
        yield made


def test_a_user_needs_the_permission(server: ServerProcess, staff: Staff, account_id: str) -> None:
    staff.allow_user("s3:GetAccountPublicAccessBlock")
    block = {"AccountId": account_id, "PublicAccessBlockConfiguration": ALL_ON}

    with closing(control(server, staff.key)) as users:
        with pytest.raises(ClientError) as refused:
            users.put_public_access_block(**block)
        with pytest.raises(ClientError) as absent:
            users.get_public_access_block(AccountId=account_id)
        staff.allow_user("s3:PutAccountPublicAccessBlock")
        users.put_public_access_block(**block)

    assert (403, "AccessDenied") == code(refused)
    assert "NoSuchPublicAccessBlockConfiguration" == code(absent)[1]
