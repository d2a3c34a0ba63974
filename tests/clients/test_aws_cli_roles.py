"""The AWS CLI with profiles that take roles: for a user, for a token in a file, in a chain."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.clients.staff import Staff, employed, trusting
from tests.clients.tool import REGION, Tool
from tests.oidc_issuer import issuing
from tests.server_process import ServerProcess


@pytest.fixture
def staff(server: ServerProcess, s3: Any, bucket: str) -> Iterator[Staff]:
    """A user, a role and a bucket of this test's own, with an object in it."""
    s3.put_object(Bucket=bucket, Key="key", Body=b"data")
    with employed(server, bucket) as made:
        yield made


def aws(staff: Staff, env: dict[str, str], folder: Path, *profiles: dict[str, str]) -> Tool:
    """The CLI with profiles called 0, 1, …; it has no credentials but those."""
    config = folder / "config"
    config.write_text(
        "".join(
            f"[profile {number}]\n" + "".join(f"{key} = {one[key]}\n" for key in one)
            for number, one in enumerate(profiles)
        )
    )
    lean = {name: value for name, value in env.items() if not name.startswith("AWS_")}
    return Tool(
        "aws",
        env={
            **lean,
            "AWS_CONFIG_FILE": str(config),
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL": staff.server.endpoint,
        },
        cwd=folder,
    )


def user_profile(staff: Staff) -> dict[str, str]:
    return {
        "aws_access_key_id": staff.key["AccessKeyId"],
        "aws_secret_access_key": staff.key["SecretAccessKey"],
    }


def test_a_profile_takes_a_role(staff: Staff, env: dict[str, str], tmp_path: Path) -> None:
    role = {"role_arn": staff.role_arn, "source_profile": "0", "role_session_name": "cli"}
    cli = aws(staff, env, tmp_path, user_profile(staff), role)

    cli("s3", "cp", f"s3://{staff.name}/key", "copy", "--profile", "1")
    identity = json.loads(cli("sts", "get-caller-identity", "--profile", "1"))

    assert b"data" == (tmp_path / "copy").read_bytes()
    assert identity["Arn"].endswith(f":assumed-role/{staff.name}/cli")
    assert staff.user_arn == json.loads(cli("sts", "get-caller-identity", "--profile", "0"))["Arn"]


def test_profiles_take_roles_in_a_chain(staff: Staff, env: dict[str, str], tmp_path: Path) -> None:
    staff.allow_role("sts:*")
    second = staff.iam.create_role(
        RoleName=f"{staff.name}-next", AssumeRolePolicyDocument=trusting({"AWS": staff.role_arn})
    )["Role"]["Arn"]
    first = {"role_arn": staff.role_arn, "source_profile": "0"}
    cli = aws(
        staff, env, tmp_path, user_profile(staff), first,
        {"role_arn": second, "source_profile": "1", "role_session_name": "end"},
    )  # fmt: skip

    identity = json.loads(cli("sts", "get-caller-identity", "--profile", "2"))

    assert identity["Arn"].endswith(f":assumed-role/{staff.name}-next/end")


def test_a_profile_exchanges_a_token(staff: Staff, env: dict[str, str], tmp_path: Path) -> None:
    with issuing("RS256") as issuer:
        arn = staff.iam.create_open_id_connect_provider(Url=issuer.url, ClientIDList=["app"])[
            "OpenIDConnectProviderArn"
        ]
        staff.trust({"Federated": arn}, "sts:AssumeRoleWithWebIdentity")
        (tmp_path / "token").write_text(issuer.token(time.time_ns() // 1_000_000))
        profile = {
            "role_arn": staff.role_arn,
            "web_identity_token_file": str(tmp_path / "token"),
        }

        cli = aws(staff, env, tmp_path, profile)
        listing = cli("s3", "ls", f"s3://{staff.name}", "--profile", "0")
        staff.iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn)

    assert listing.rstrip().endswith("4 key")
