"""boto3's IAM and STS against the port of S3: users, groups, keys, the account, and errors."""

import urllib.request
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.clients.witness import code
from tests.server_process import ServerProcess


def of(server: ServerProcess, service: str, **options: Any) -> Any:
    """A client of a service; it is not told of another region than S3's."""
    settings = {
        "region_name": "us-east-1",
        "aws_access_key_id": server.access_key,
        "aws_secret_access_key": server.secret_key,
        "endpoint_url": server.endpoint,
        "config": Config(retries={"max_attempts": 1}),
    }
    return boto3.client(service, **(settings | options))


@pytest.fixture
def iam(server: ServerProcess) -> Iterator[Any]:
    """IAM as the root of the account sees it."""
    made = of(server, "iam")
    yield made
    made.close()


@pytest.fixture
def sts(server: ServerProcess) -> Iterator[Any]:
    """STS as the root of the account sees it."""
    made = of(server, "sts")
    yield made
    made.close()


@pytest.fixture
def user(iam: Any, bucket_name: str) -> Iterator[str]:
    """A user of this test's own."""
    iam.create_user(UserName=bucket_name, Path="/tests/")
    yield bucket_name
    for key in iam.list_access_keys(UserName=bucket_name)["AccessKeyMetadata"]:
        iam.delete_access_key(UserName=bucket_name, AccessKeyId=key["AccessKeyId"])
    iam.delete_user(UserName=bucket_name)


def test_the_root_learns_who_it_is(sts: Any) -> None:
    identity = sts.get_caller_identity()

    assert identity["Account"] == identity["UserId"]
    assert f"arn:aws:iam::{identity['Account']}:root" == identity["Arn"]


def test_a_presigned_identity_is_good_for_whoever_has_it(sts: Any) -> None:
    """What Vault and EKS do: somebody else sends it, and learns who made it."""
    url = sts.generate_presigned_url("get_caller_identity", HttpMethod="GET")

    with urllib.request.urlopen(url) as answer:
        body = answer.read().decode()

    assert f"<Arn>{sts.get_caller_identity()['Arn']}</Arn>" in body


def test_a_user_from_its_making_to_its_end(iam: Any, bucket_name: str) -> None:
    name = bucket_name
    made = iam.create_user(UserName=name, Path="/a/", Tags=[{"Key": "k", "Value": "ä"}])["User"]
    iam.tag_user(UserName=name, Tags=[{"Key": "more", "Value": ""}])
    iam.untag_user(UserName=name, TagKeys=["k"])
    iam.update_user(UserName=name, NewUserName=f"{name}.2", NewPath="/b/")
    found = iam.get_user(UserName=f"{name}.2")["User"]
    below = iam.list_users(PathPrefix="/b/")["Users"]
    iam.delete_user(UserName=f"{name}.2")

    assert [{"Key": "k", "Value": "ä"}] == made["Tags"]
    assert (made["UserId"], made["CreateDate"]) == (found["UserId"], found["CreateDate"])
    assert ([{"Key": "more", "Value": ""}], "/b/") == (found["Tags"], found["Path"])
    assert [found["Arn"]] == [one["Arn"] for one in below]
    with pytest.raises(ClientError) as gone:
        iam.get_user(UserName=f"{name}.2")
    assert (404, "NoSuchEntity") == code(gone)


def test_paginators_see_every_user(iam: Any, bucket_name: str) -> None:
    names = [f"{bucket_name}.{number}" for number in range(5)]
    for name in names:
        iam.create_user(UserName=name, Path=f"/{bucket_name}/")

    pages = list(
        iam.get_paginator("list_users").paginate(
            PathPrefix=f"/{bucket_name}/", PaginationConfig={"PageSize": 2}
        )
    )

    assert [2, 2, 1] == [len(page["Users"]) for page in pages]
    assert names == [one["UserName"] for page in pages for one in page["Users"]]
    for name in names:
        iam.delete_user(UserName=name)


def test_keys_of_a_user(iam: Any, user: str) -> None:
    key = iam.create_access_key(UserName=user)["AccessKey"]
    iam.update_access_key(UserName=user, AccessKeyId=key["AccessKeyId"], Status="Inactive")

    listed = iam.list_access_keys(UserName=user)["AccessKeyMetadata"]

    assert 40 == len(key["SecretAccessKey"])
    assert [(user, key["AccessKeyId"], "Inactive")] == [
        (one["UserName"], one["AccessKeyId"], one["Status"]) for one in listed
    ]
    iam.create_access_key(UserName=user)
    with pytest.raises(ClientError) as refused:
        iam.create_access_key(UserName=user)
    assert (409, "LimitExceeded") == code(refused)


def test_a_key_works_until_it_is_switched_off(iam: Any, server: ServerProcess, user: str) -> None:
    key = iam.create_access_key(UserName=user)["AccessKey"]
    named = {"UserName": user, "AccessKeyId": key["AccessKeyId"]}
    mine = of(
        server,
        "sts",
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )

    identity = mine.get_caller_identity()
    iam.update_access_key(Status="Inactive", **named)
    with pytest.raises(ClientError) as refused:
        mine.get_caller_identity()
    iam.update_access_key(Status="Active", **named)

    assert identity["Arn"].endswith(f":user/tests/{user}")
    assert (403, "InvalidClientTokenId") == code(refused)
    assert identity == mine.get_caller_identity() | {
        "ResponseMetadata": identity["ResponseMetadata"]
    }


def test_a_user_may_do_nothing_until_somebody_says_so(
    iam: Any, server: ServerProcess, user: str
) -> None:
    key = iam.create_access_key(UserName=user)["AccessKey"]
    pair = {
        "aws_access_key_id": key["AccessKeyId"],
        "aws_secret_access_key": key["SecretAccessKey"],
    }

    for service, ask in (("iam", "list_users"), ("iam", "get_user"), ("s3", "list_buckets")):
        with pytest.raises(ClientError) as refused:
            getattr(of(server, service, **pair), ask)()
        assert (403, "AccessDenied") == code(refused)
        assert f":user/tests/{user} is not authorized to perform: " in str(refused.value)


def test_groups_and_their_members(iam: Any, user: str, bucket_name: str) -> None:
    iam.create_group(GroupName=bucket_name)
    iam.add_user_to_group(GroupName=bucket_name, UserName=user)
    members = iam.get_group(GroupName=bucket_name)["Users"]
    groups = iam.list_groups_for_user(UserName=user)["Groups"]
    with pytest.raises(ClientError) as refused:
        iam.delete_group(GroupName=bucket_name)
    iam.remove_user_from_group(GroupName=bucket_name, UserName=user)
    iam.delete_group(GroupName=bucket_name)

    assert ([user], [bucket_name]) == (
        [one["UserName"] for one in members],
        [one["GroupName"] for one in groups],
    )
    assert (409, "DeleteConflict") == code(refused)


def test_the_account_has_an_alias_and_a_summary(iam: Any) -> None:
    iam.create_account_alias(AccountAlias="example-corp")
    aliases = iam.list_account_aliases()["AccountAliases"]
    iam.delete_account_alias(AccountAlias="example-corp")
    summary = iam.get_account_summary()["SummaryMap"]

    assert ["example-corp"] == aliases
    assert (5000, 300, 1000) == tuple(
        summary[name] for name in ("UsersQuota", "GroupsQuota", "RolesQuota")
    )


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"aws_access_key_id": "AKIANOBODYNOBODYNOBO"}, (403, "InvalidClientTokenId")),
        ({"aws_secret_access_key": "another"}, (403, "SignatureDoesNotMatch")),
        ({"aws_session_token": "nothing"}, (403, "InvalidClientTokenId")),
    ],
)
def test_others_are_refused_in_the_words_of_the_service(
    server: ServerProcess, options: dict[str, str], expected: tuple[int, str]
) -> None:
    for service, ask in (("sts", "get_caller_identity"), ("iam", "list_users")):
        with pytest.raises(ClientError) as refused:
            getattr(of(server, service, **options), ask)()
        assert expected == code(refused)


@pytest.mark.parametrize(
    ("service", "ask"), [("sts", "get_caller_identity"), ("iam", "list_users")]
)
def test_another_region_than_the_servers_is_refused(
    server: ServerProcess, service: str, ask: str
) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(of(server, service, region_name="eu-west-1"), ask)()

    assert (403, "SignatureDoesNotMatch") == code(refused)
    assert "Credential should be scoped to a valid region." in str(refused.value)


def test_what_does_not_keep_to_its_limits_is_told_in_words(iam: Any) -> None:
    with pytest.raises(ClientError) as refused:
        iam.create_user(UserName="a b")

    assert (400, "ValidationError") == code(refused)
    assert "The specified value for userName is invalid." in str(refused.value)
