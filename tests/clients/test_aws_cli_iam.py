"""The AWS CLI's `iam` as its users know it: policies given and taken, roles, and the end of all."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.clients.staff import policy, trusting
from tests.clients.tool import Tool
from tests.server_process import ServerProcess

READ_ONLY = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"


@pytest.fixture
def aws(server: ServerProcess, env: dict[str, str], tmp_path: Path) -> Tool:
    """`aws` as the root of the account."""
    return Tool("aws", env=env | {"AWS_ENDPOINT_URL": server.endpoint}, cwd=tmp_path)


def acting(aws: Tool, key: dict[str, str]) -> Tool:
    """`aws` as somebody else."""
    theirs = {
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
        "AWS_SESSION_TOKEN": key.get("SessionToken", ""),
    }
    return Tool("aws", env={**aws.env, **theirs}, cwd=aws.cwd)


def told(aws: Tool, *arguments: str) -> Any:
    """What a command of `aws iam` prints, None if it prints nothing."""
    printed = aws("iam", *arguments)
    return json.loads(printed) if printed else None


def test_a_user_reads_while_a_policy_is_attached_and_writes_never(
    aws: Tool, s3: Any, bucket: str
) -> None:
    s3.put_object(Bucket=bucket, Key="key", Body=b"data")
    user = ("--user-name", bucket)
    told(aws, "create-user", *user)
    alice = acting(aws, told(aws, "create-access-key", *user)["AccessKey"])
    source = f"s3://{bucket}/key"

    before = alice.refused("s3", "cp", source, "copy")
    told(aws, "attach-user-policy", *user, "--policy-arn", READ_ONLY)
    attached = told(aws, "list-attached-user-policies", *user)["AttachedPolicies"]
    alice("s3", "cp", source, "copy")
    writing = alice.refused("s3", "cp", "copy", f"s3://{bucket}/other")
    told(aws, "detach-user-policy", *user, "--policy-arn", READ_ONLY)
    after = alice.refused("s3", "cp", source, "copy")

    assert [{"PolicyName": "AmazonS3ReadOnlyAccess", "PolicyArn": READ_ONLY}] == attached
    assert b"data" == (aws.cwd / "copy").read_bytes()
    assert all("403" in one or "AccessDenied" in one for one in (before, writing, after))


def test_a_role_is_made_taken_and_removed(aws: Tool, s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="key", Body=b"data")
    named, role = ("--user-name", bucket), ("--role-name", bucket)
    user = told(aws, "create-user", *named)["User"]
    key = told(aws, "create-access-key", *named)["AccessKey"]
    made = told(
        aws, "create-role", *role, "--path", "/tests/", "--max-session-duration", "7200",
        "--assume-role-policy-document", trusting({"AWS": user["Arn"]}),
        "--permissions-boundary", READ_ONLY,
    )["Role"]  # fmt: skip
    everything = policy(Action="s3:*", Resource="*")
    created = told(
        aws, "create-policy", "--policy-name", bucket, "--policy-document", everything
    )["Policy"]  # fmt: skip
    inline = ("--policy-name", "inline")
    managed = ("--policy-arn", created["Arn"])
    told(aws, "put-role-policy", *role, *inline, "--policy-document", everything)
    told(aws, "attach-role-policy", *role, *managed)

    session = json.loads(
        acting(aws, key)(
            "sts", "assume-role", "--role-arn", made["Arn"], "--role-session-name", "cli"
        )
    )["Credentials"]
    taker = acting(aws, session)
    taker("s3", "cp", f"s3://{bucket}/key", "copy")
    refused = taker.refused("s3", "cp", "copy", f"s3://{bucket}/other")
    found = told(aws, "get-role", *role)["Role"]
    conflict = aws.refused("iam", "delete-role", *role)

    assert b"data" == (aws.cwd / "copy").read_bytes()
    assert "AccessDenied" in refused
    assert (7200, READ_ONLY, json.loads(trusting({"AWS": user["Arn"]}))) == (
        found["MaxSessionDuration"],
        found["PermissionsBoundary"]["PermissionsBoundaryArn"],
        found["AssumeRolePolicyDocument"],
    )
    assert "(DeleteConflict)" in conflict
    assert json.loads(everything) == told(aws, "get-role-policy", *role, *inline)["PolicyDocument"]
    told(aws, "delete-role-policy", *role, *inline)
    told(aws, "detach-role-policy", *role, *managed)
    told(aws, "delete-role", *role)
    told(aws, "delete-policy", *managed)
    assert "(NoSuchEntity)" in aws.refused("iam", "get-role", *role)


def test_a_user_is_removed_as_scripts_do_it(aws: Tool, bucket_name: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/id_users_remove.html"""
    user = ("--user-name", bucket_name)
    told(aws, "create-user", *user)
    told(aws, "put-user-policy", *user, "--policy-name", "p",
         "--policy-document", policy(Action="s3:*", Resource="*"))  # fmt: skip
    told(aws, "attach-user-policy", *user, "--policy-arn", READ_ONLY)
    told(aws, "create-access-key", *user)

    passwordless = aws.refused("iam", "delete-login-profile", *user)
    for listing in (
        "list-mfa-devices", "list-signing-certificates", "list-ssh-public-keys",
        "list-service-specific-credentials", "list-groups-for-user",
    ):  # fmt: skip
        [found] = (one for one in told(aws, listing, *user).values() if isinstance(one, list))
        assert [] == found, listing
    for key in told(aws, "list-access-keys", *user)["AccessKeyMetadata"]:
        told(aws, "delete-access-key", *user, "--access-key-id", key["AccessKeyId"])
    for name in told(aws, "list-user-policies", *user)["PolicyNames"]:
        told(aws, "delete-user-policy", *user, "--policy-name", name)
    for one in told(aws, "list-attached-user-policies", *user)["AttachedPolicies"]:
        told(aws, "detach-user-policy", *user, "--policy-arn", one["PolicyArn"])
    told(aws, "delete-user", *user)

    assert "(NoSuchEntity)" in passwordless
    assert "(NoSuchEntity)" in aws.refused("iam", "get-user", *user)


def test_a_policy_that_is_none_is_refused_in_the_words_of_aws(aws: Tool, bucket_name: str) -> None:
    refused = aws.refused(
        "iam", "create-policy", "--policy-name", bucket_name, "--policy-document",
        policy(Action="s3:*", Resource="arn:aws:s3::bucket"),
    )  # fmt: skip

    assert (
        "An error occurred (MalformedPolicyDocument) when calling the CreatePolicy operation: "
        "The policy failed legacy parsing"
    ) in refused
