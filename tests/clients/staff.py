"""A user, a role that the user may take, and a bucket that the role reads, made by boto3."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import boto3
from botocore import UNSIGNED
from botocore.config import Config

from tests.clients.tool import REGION
from tests.server_process import ServerProcess


def policy(**statement: Any) -> str:
    """The text of a policy of one statement, which allows."""
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


def trusting(principal: Any, action: str = "sts:AssumeRole", **more: Any) -> str:
    """The text of a trust policy."""
    return policy(Principal=principal, Action=action, **more)


class Staff:
    """User, role and bucket, all of them called `name`."""

    def __init__(self, server: ServerProcess, name: str, closing: ExitStack) -> None:
        self.server = server
        self.name = name
        self.closing = closing
        self.iam = self.client("iam")
        self.user_arn: str = self.iam.create_user(UserName=name)["User"]["Arn"]
        self.key = self.iam.create_access_key(UserName=name)["AccessKey"]
        self.allow_user("sts:*")
        self.role_arn: str = self.iam.create_role(
            RoleName=name, AssumeRolePolicyDocument=trusting({"AWS": self.user_arn})
        )["Role"]["Arn"]
        self.allow_role("s3:GetObject", "s3:ListBucket")
        self.taking = {"RoleArn": self.role_arn, "RoleSessionName": "session"}

    def client(self, service: str, key: Any = None, **config: Any) -> Any:
        """A client with these credentials, those of the root if there are none."""
        root = {
            "AccessKeyId": self.server.access_key,
            "SecretAccessKey": self.server.secret_key,
        }
        found = key or root
        made = boto3.client(
            service,
            region_name=REGION,
            aws_access_key_id=found["AccessKeyId"],
            aws_secret_access_key=found["SecretAccessKey"],
            aws_session_token=found.get("SessionToken"),
            endpoint_url=self.server.endpoint,
            config=Config(retries={"max_attempts": 1}, **config),
        )
        self.closing.callback(made.close)
        return made

    def sts(self, result: Any = None) -> Any:
        """STS as the user sees it, or whoever has the credentials of a result."""
        return self.client("sts", result["Credentials"] if result else self.key)

    def s3(self, result: Any) -> Any:
        """S3 as whoever has the credentials of a result sees it."""
        return self.client("s3", result["Credentials"])

    def exchange(self, token: str, **more: Any) -> Any:
        """The session of the role for the token of an identity provider."""
        sts = self.client("sts", signature_version=UNSIGNED)
        return sts.assume_role_with_web_identity(**self.taking, WebIdentityToken=token, **more)

    def allow_user(self, *actions: str) -> None:
        """Let the user do this to everything, and nothing else."""
        text = policy(Action=list(actions), Resource="*")
        self.iam.put_user_policy(UserName=self.name, PolicyName="all", PolicyDocument=text)

    def allow_role(self, *actions: str) -> None:
        """Let the role do this to everything, and nothing else."""
        text = policy(Action=list(actions), Resource="*")
        self.iam.put_role_policy(RoleName=self.name, PolicyName="all", PolicyDocument=text)

    def trust(self, principal: Any, action: str = "sts:AssumeRole", **more: Any) -> None:
        """Let somebody else take the role."""
        text = trusting(principal, action, **more)
        self.iam.update_assume_role_policy(RoleName=self.name, PolicyDocument=text)


@contextmanager
def employed(server: ServerProcess, name: str) -> Iterator[Staff]:
    """All of them for the length of a block; the bucket has to be there, and stays."""
    with ExitStack() as closing:
        yield Staff(server, name, closing)
