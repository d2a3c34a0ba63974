"""Keys of KMS for boto3, the AWS CLI and the operator's command; the server has two workers."""

import base64
import contextlib
import hashlib
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.clients.tool import REGION, Tool, environment
from tests.clients.witness import client
from tests.server_process import ROOT, ServerProcess, serving

MIB = 1024 * 1024
LARGE = bytes(range(256)) * (6 * MIB // 256)
OFTEN = 8
"""Connections are spread over the workers; so many requests on new ones reach both of them."""


@pytest.fixture(scope="module")
def key_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server with a master key."""
    folder = tmp_path_factory.mktemp("kms")
    key_file = folder / "master.key"
    key_file.write_text(base64.b64encode(hashlib.sha256(b"master").digest()).decode())
    key_file.chmod(0o600)
    with serving(
        folder / "data", "--sse-master-key-file", str(key_file), "--workers", "2"
    ) as server:
        yield server


def of(server: ServerProcess, service: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=server.endpoint,
        aws_access_key_id=server.access_key,
        aws_secret_access_key=server.secret_key,
        region_name=REGION,
        config=Config(retries={"max_attempts": 1}),
    )


@pytest.fixture
def kms(key_server: ServerProcess) -> Iterator[Any]:
    """KMS as the root of the account sees it."""
    made = of(key_server, "kms")
    yield made
    made.close()


@pytest.fixture
def objects(key_server: ServerProcess) -> Iterator[Any]:
    """S3 on the same server."""
    made = client(key_server)
    yield made
    made.close()


@pytest.fixture
def sealed_bucket(objects: Any, bucket_name: str) -> str:
    """A bucket of this test's own."""
    objects.create_bucket(Bucket=bucket_name)
    return bucket_name


@pytest.fixture
def key(kms: Any) -> Any:
    """The metadata of a key of this test's own."""
    return kms.create_key(Description="of a test")["KeyMetadata"]


def under(key: Any, **more: Any) -> dict[str, Any]:
    return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key["KeyId"], **more}


def read(server: ServerProcess, bucket: str, name: str) -> bytes | str:
    """What comes of reading an object on a new connection: its bytes, or an error code."""
    fresh = client(server)
    with contextlib.closing(fresh):
        try:
            answer = fresh.get_object(Bucket=bucket, Key=name)
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        data: bytes = answer["Body"].read()
    return data


def test_the_story_of_a_key(kms: Any, key: Any) -> None:
    key_id = key["KeyId"]
    name = f"alias/{key_id}"
    kms.create_alias(AliasName=name, TargetKeyId=key_id)
    context = {"purpose": "test"}
    sealed = kms.encrypt(KeyId=name, Plaintext=b"secret", EncryptionContext=context)
    kms.rotate_key_on_demand(KeyId=key_id)
    kms.enable_key_rotation(KeyId=key_id, RotationPeriodInDays=180)
    status = kms.get_key_rotation_status(KeyId=key_id)
    opened = kms.decrypt(CiphertextBlob=sealed["CiphertextBlob"], EncryptionContext=context)
    again = kms.re_encrypt(
        CiphertextBlob=sealed["CiphertextBlob"],
        SourceEncryptionContext=context,
        DestinationKeyId=key["Arn"],
    )
    kms.tag_resource(KeyId=key_id, Tags=[{"TagKey": "a", "TagValue": "b"}])
    kms.put_key_policy(KeyId=key_id, Policy=kms.get_key_policy(KeyId=key_id)["Policy"])

    assert (b"secret", key["Arn"]) == (opened["Plaintext"], opened["KeyId"])
    assert b"secret" == kms.decrypt(CiphertextBlob=again["CiphertextBlob"])["Plaintext"]
    assert (True, 180) == (status["KeyRotationEnabled"], status["RotationPeriodInDays"])
    assert ["ON_DEMAND"] == [
        one["RotationType"] for one in kms.list_key_rotations(KeyId=key_id)["Rotations"]
    ]
    assert key_id in [one["KeyId"] for page in kms.get_paginator("list_keys").paginate()
                      for one in page["Keys"]]  # fmt: skip
    (alias,) = kms.list_aliases(KeyId=key_id)["Aliases"]
    assert (name, key_id) == (alias["AliasName"], alias["TargetKeyId"])


def test_a_context_that_does_not_match_opens_nothing(kms: Any, key: Any) -> None:
    made = kms.generate_data_key(
        KeyId=key["KeyId"], KeySpec="AES_256", EncryptionContext={"a": "b"}
    )

    with pytest.raises(kms.exceptions.InvalidCiphertextException):
        kms.decrypt(CiphertextBlob=made["CiphertextBlob"], EncryptionContext={"a": "c"})


def test_errors_are_those_that_boto3_knows(kms: Any, key: Any) -> None:
    with pytest.raises(kms.exceptions.NotFoundException):
        kms.describe_key(KeyId="alias/nothing")
    kms.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=7)
    with pytest.raises(kms.exceptions.KMSInvalidStateException):
        kms.encrypt(KeyId=key["KeyId"], Plaintext=b"data")
    kms.cancel_key_deletion(KeyId=key["KeyId"])
    with pytest.raises(kms.exceptions.DisabledException):
        kms.encrypt(KeyId=key["KeyId"], Plaintext=b"data")


def test_objects_under_a_key(objects: Any, sealed_bucket: str, key: Any) -> None:
    context = base64.b64encode(json.dumps({"team": "red"}).encode()).decode()
    put = objects.put_object(
        Bucket=sealed_bucket, Key="k", Body=b"data",
        **under(key, SSEKMSEncryptionContext=context, BucketKeyEnabled=True),
    )  # fmt: skip
    objects.upload_fileobj(io.BytesIO(LARGE), sealed_bucket, "large", ExtraArgs=under(key))
    objects.copy_object(
        Bucket=sealed_bucket, Key="copy", CopySource={"Bucket": sealed_bucket, "Key": "large"},
        **under(key),
    )  # fmt: skip

    got = objects.get_object(Bucket=sealed_bucket, Key="k")
    part = objects.get_object(Bucket=sealed_bucket, Key="large", Range="bytes=5242870-5242890")
    copy = objects.get_object(Bucket=sealed_bucket, Key="copy")

    for answer in (put, got):
        assert ("aws:kms", key["Arn"], True) == (
            answer["ServerSideEncryption"], answer["SSEKMSKeyId"], answer["BucketKeyEnabled"],
        )  # fmt: skip
    assert hashlib.md5(b"data", usedforsecurity=False).hexdigest() not in put["ETag"]
    assert b"data" == got["Body"].read()
    assert LARGE[5_242_870:5_242_891] == part["Body"].read()
    assert LARGE == copy["Body"].read()


def test_every_worker_obeys_the_state_of_a_key_at_once(
    key_server: ServerProcess, kms: Any, objects: Any, sealed_bucket: str, key: Any
) -> None:
    objects.put_object(Bucket=sealed_bucket, Key="k", Body=b"data", **under(key))
    before = {read(key_server, sealed_bucket, "k") for _ in range(OFTEN)}

    kms.disable_key(KeyId=key["KeyId"])
    disabled = {read(key_server, sealed_bucket, "k") for _ in range(OFTEN)}
    kms.enable_key(KeyId=key["KeyId"])
    enabled = {read(key_server, sealed_bucket, "k") for _ in range(OFTEN)}

    assert ({b"data"}, {"KMS.DisabledException"}, {b"data"}) == (before, disabled, enabled)


def test_a_bucket_encrypts_under_its_key_and_another_key_after_a_rotation(
    key_server: ServerProcess, kms: Any, objects: Any, sealed_bucket: str, key: Any
) -> None:
    by_default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key["Arn"]}
    rule = {"ApplyServerSideEncryptionByDefault": by_default, "BucketKeyEnabled": True}
    objects.put_bucket_encryption(
        Bucket=sealed_bucket, ServerSideEncryptionConfiguration={"Rules": [rule]}
    )
    old = objects.put_object(Bucket=sealed_bucket, Key="old", Body=b"old")
    kms.rotate_key_on_demand(KeyId=key["KeyId"])
    new = objects.put_object(Bucket=sealed_bucket, Key="new", Body=b"new")

    assert {key["Arn"]} == {old["SSEKMSKeyId"], new["SSEKMSKeyId"]}
    assert [b"old", b"new"] == [read(key_server, sealed_bucket, name) for name in ("old", "new")]


def test_all_of_it_outlives_a_restart(
    key_server: ServerProcess, kms: Any, objects: Any, sealed_bucket: str, key: Any
) -> None:
    objects.put_object(Bucket=sealed_bucket, Key="k", Body=b"data", **under(key))
    sealed = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"secret")["CiphertextBlob"]

    key_server.restart()

    assert b"data" == read(key_server, sealed_bucket, "k")
    assert b"secret" == kms.decrypt(CiphertextBlob=sealed)["Plaintext"]


def test_the_aws_cli(key_server: ServerProcess, tmp_path: Path, bucket_name: str) -> None:
    env = environment(tmp_path, key_server)
    aws = Tool("aws", "--endpoint-url", key_server.endpoint, env=env, cwd=tmp_path)
    (tmp_path / "plain").write_bytes(b"secret")

    key_id = json.loads(aws("kms", "create-key"))["KeyMetadata"]["KeyId"]
    aws("kms", "create-alias", "--alias-name", "alias/cli", "--target-key-id", key_id)
    sealed = json.loads(
        aws("kms", "encrypt", "--key-id", "alias/cli", "--plaintext", "fileb://plain",
            "--encryption-context", "purpose=test")
    )  # fmt: skip
    (tmp_path / "sealed").write_bytes(base64.b64decode(sealed["CiphertextBlob"]))
    opened = json.loads(
        aws("kms", "decrypt", "--ciphertext-blob", "fileb://sealed", "--encryption-context",
            "purpose=test")
    )  # fmt: skip
    refused = aws.refused("kms", "decrypt", "--ciphertext-blob", "fileb://sealed")
    aws("s3", "mb", f"s3://{bucket_name}")
    aws("s3", "cp", "plain", f"s3://{bucket_name}/k", "--sse", "aws:kms", "--sse-kms-key-id",
        "alias/cli")  # fmt: skip
    aws("s3", "cp", f"s3://{bucket_name}/k", "copy")
    aws("kms", "disable-key", "--key-id", key_id)
    unreadable = aws.refused("s3api", "get-object", "--bucket", bucket_name, "--key", "k", "out")

    assert b"secret" == base64.b64decode(opened["Plaintext"])
    assert "InvalidCiphertextException" in refused
    assert b"secret" == (tmp_path / "copy").read_bytes()
    assert "KMS.DisabledException" in unreadable


def test_the_operators_command(key_server: ServerProcess, kms: Any) -> None:
    def ferroxd(*words: str) -> Any:
        command = [sys.executable, "ferroxd.py", *words, "--json"]
        place = ["--data-dir", str(key_server.data_dir)]
        done = subprocess.run([*command, *place], cwd=ROOT, capture_output=True, check=False)
        assert 0 == done.returncode, done.stderr
        return json.loads(done.stdout)

    made = ferroxd("kms", "create", "--alias", "alias/operator", "--description", "x")
    disabled = ferroxd("kms", "disable", "alias/operator")
    told = kms.describe_key(KeyId="alias/operator")["KeyMetadata"]
    rotated = [ferroxd("kms", word, made["key"]) for word in ("enable", "rotate")][-1]
    given_up = ferroxd("kms", "schedule-deletion", made["key"], "--days", "7")

    assert ("Disabled", "Disabled") == (disabled["state"], told["KeyState"])
    assert (2, "PendingDeletion") == (rotated["versions"], given_up["state"])
    assert made["key"] in [one["key"] for one in ferroxd("kms", "list")["keys"]]


def test_no_secret_is_in_the_files_or_the_log(
    key_server: ServerProcess, kms: Any, objects: Any, sealed_bucket: str, key: Any
) -> None:
    secret = b"what nobody may find anywhere"
    objects.put_object(Bucket=sealed_bucket, Key="k", Body=secret, **under(key))
    data_key = kms.generate_data_key(KeyId=key["KeyId"], KeySpec="AES_256")["Plaintext"]
    kms.encrypt(KeyId=key["KeyId"], Plaintext=secret)

    files = [path for path in key_server.data_dir.rglob("*") if path.is_file()]
    stored = b"".join(path.read_bytes() for path in files) + key_server.log.encode()
    master = hashlib.sha256(b"master").digest()
    for hidden in (secret, data_key, base64.b64encode(data_key), master, base64.b64encode(secret)):
        assert hidden not in stored
