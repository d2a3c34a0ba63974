"""Who may do what on a server of several workers, as boto3 changes it: at the next request."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests import signing
from tests.clients.staff import Staff, employed, policy
from tests.clients.witness import client, code
from tests.raw_http import Wire, connected, head, now_ms
from tests.server_process import ServerProcess, serving

CONNECTIONS = 12
"""Enough for each of two workers to have some."""

READ_ONLY = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
FULL = "arn:aws:iam::aws:policy/AmazonS3FullAccess"

FINE = {(200, "")}
REFUSED = {(403, "AccessDenied")}


class Place:
    """A server, a bucket in it, a user and a role, and open connections to all workers."""

    def __init__(self, server: ServerProcess, staff: Staff, wires: list[Wire]) -> None:
        self.host = f"{server.host}:{server.port}"
        self.staff = staff
        self.iam = staff.iam
        self.user = {"UserName": staff.name}
        self.role = {"RoleName": staff.name}
        self._wires = wires

    def reads(self, key: Any = None) -> set[tuple[int, str]]:
        """What the workers say to who reads an object, the user if it is nobody else."""
        return self._answers("GET", key or self.staff.key)

    def writes(self, key: Any = None) -> set[tuple[int, str]]:
        """What they say to who writes it."""
        return self._answers("PUT", key or self.staff.key)

    def _answers(self, method: str, key: dict[str, str]) -> set[tuple[int, str]]:
        return {self._ask(wire, method, key) for wire in self._wires}

    def _ask(self, wire: Wire, method: str, key: dict[str, str]) -> tuple[int, str]:
        path = f"/{self.staff.name}/key"
        sent = {"host": self.host} | ({"content-length": "0"} if method == "PUT" else {})
        if token := key.get("SessionToken"):
            sent["x-amz-security-token"] = token
        headers = signing.sign(
            method, path, "", sent, "UNSIGNED-PAYLOAD", now_ms(),
            access_key=key["AccessKeyId"], secret_key=key["SecretAccessKey"],
        )  # fmt: skip
        reply = wire.ask(head(f"{method} {path} HTTP/1.1", headers))
        return reply.status, reply.code


@pytest.fixture(scope="module")
def two_workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server of two workers."""
    with serving(tmp_path_factory.mktemp("server") / "data", "--workers", "2") as server:
        yield server


@pytest.fixture
def place(two_workers: ServerProcess, bucket_name: str) -> Iterator[Place]:
    """One of this test's own; the user may do nothing in S3, the role may read."""
    s3 = client(two_workers)
    s3.create_bucket(Bucket=bucket_name)
    s3.put_object(Bucket=bucket_name, Key="key")
    s3.close()
    with employed(two_workers, bucket_name) as staff, ExitStack() as stack:
        wires = [stack.enter_context(connected(two_workers)) for _ in range(CONNECTIONS)]
        yield Place(two_workers, staff, wires)
    two_workers.expect_clean_log()


def test_a_user_reads_for_as_long_as_a_policy_is_attached(place: Place) -> None:
    assert (REFUSED, REFUSED) == (place.reads(), place.writes())

    for _ in range(3):
        place.iam.attach_user_policy(**place.user, PolicyArn=READ_ONLY)
        assert (FINE, REFUSED) == (place.reads(), place.writes())
        place.iam.detach_user_policy(**place.user, PolicyArn=READ_ONLY)
        assert (REFUSED, REFUSED) == (place.reads(), place.writes())


def test_a_user_may_what_its_group_may(place: Place) -> None:
    group = {"GroupName": place.staff.name}
    place.iam.create_group(**group)
    text = policy(Action="s3:GetObject", Resource=f"arn:aws:s3:::{place.staff.name}/*")
    place.iam.put_group_policy(**group, PolicyName="read", PolicyDocument=text)
    assert REFUSED == place.reads()

    place.iam.add_user_to_group(**group, **place.user)
    inline = place.reads(), place.writes()
    place.iam.attach_group_policy(**group, PolicyArn=FULL)
    attached = place.reads(), place.writes()
    place.iam.detach_group_policy(**group, PolicyArn=FULL)
    place.iam.delete_group_policy(**group, PolicyName="read")
    after = place.reads(), place.writes()

    assert ((FINE, REFUSED), (FINE, FINE), (REFUSED, REFUSED)) == (inline, attached, after)
    place.iam.remove_user_from_group(**group, **place.user)
    place.iam.delete_group(**group)


def test_a_boundary_takes_away_and_gives_nothing(place: Place) -> None:
    place.iam.put_user_permissions_boundary(**place.user, PermissionsBoundary=READ_ONLY)
    assert (REFUSED, REFUSED) == (place.reads(), place.writes())

    place.iam.attach_user_policy(**place.user, PolicyArn=FULL)
    bound = place.reads(), place.writes()
    place.iam.delete_user_permissions_boundary(**place.user)
    free = place.reads(), place.writes()

    assert ((FINE, REFUSED), (FINE, FINE)) == (bound, free)


def test_the_version_of_a_policy_that_is_in_force_decides(place: Place) -> None:
    reading = policy(Action="s3:Get*", Resource="*")
    writing = policy(Action="s3:Put*", Resource="*")
    made = place.iam.create_policy(PolicyName=place.staff.name, PolicyDocument=reading)
    named = {"PolicyArn": made["Policy"]["Arn"]}
    place.iam.attach_user_policy(**place.user, **named)

    first = place.reads(), place.writes()
    place.iam.create_policy_version(**named, PolicyDocument=writing, SetAsDefault=True)
    second = place.reads(), place.writes()
    place.iam.set_default_policy_version(**named, VersionId="v1")
    third = place.reads(), place.writes()

    assert ((FINE, REFUSED), (REFUSED, FINE), (FINE, REFUSED)) == (first, second, third)
    document = place.iam.get_policy_version(**named, VersionId="v2")["PolicyVersion"]["Document"]
    holders = place.iam.list_entities_for_policy(**named)["PolicyUsers"]
    assert json.loads(writing) == document
    assert [place.staff.name] == [one["UserName"] for one in holders]
    with pytest.raises(ClientError) as refused:
        place.iam.delete_policy(**named)
    assert (409, "DeleteConflict") == code(refused)
    place.iam.detach_user_policy(**place.user, **named)
    place.iam.delete_policy_version(**named, VersionId="v2")
    place.iam.delete_policy(**named)
    assert REFUSED == place.reads()


def test_sessions_may_what_their_role_may_now(place: Place) -> None:
    key = place.staff.sts().assume_role(**place.staff.taking)["Credentials"]
    before = place.reads(key), place.writes(key)
    place.iam.attach_role_policy(**place.role, PolicyArn=FULL)
    more = place.reads(key), place.writes(key)
    place.iam.put_role_permissions_boundary(**place.role, PermissionsBoundary=READ_ONLY)
    bound = place.reads(key), place.writes(key)
    place.iam.detach_role_policy(**place.role, PolicyArn=FULL)
    for name in place.iam.list_role_policies(**place.role)["PolicyNames"]:
        place.iam.delete_role_policy(**place.role, PolicyName=name)
    less = place.reads(key), place.writes(key)
    place.iam.delete_role(**place.role)

    assert ((FINE, REFUSED), (FINE, FINE)) == (before, more)
    assert ((FINE, REFUSED), (REFUSED, REFUSED)) == (bound, less)
    with pytest.raises(ClientError) as refused:
        place.staff.sts().assume_role(**place.staff.taking)
    assert (403, "AccessDenied") == code(refused)
    assert {403} == {status for status, _ in place.reads(key)}


def test_a_role_is_taken_by_those_whom_it_trusts_now(place: Place) -> None:
    sts = place.staff.sts()
    sts.assume_role(**place.staff.taking)

    place.staff.trust({"Service": "ec2.amazonaws.com"})
    with pytest.raises(ClientError) as refused:
        sts.assume_role(**place.staff.taking)
    place.staff.trust({"AWS": place.staff.user_arn})
    again = sts.assume_role(**place.staff.taking)

    assert (403, "AccessDenied") == code(refused)
    assert FINE == place.reads(again["Credentials"])
    with pytest.raises(ClientError) as unknown:
        place.staff.trust({"AWS": f"{place.staff.user_arn}2"})
    assert (400, "MalformedPolicyDocument") == code(unknown)
    assert f'Invalid principal in policy: "AWS":"{place.staff.user_arn}2"' in str(unknown.value)


def test_paginators_see_every_policy(place: Place) -> None:
    names = [f"{place.staff.name}.{number}" for number in range(3)]
    for name in names:
        place.iam.create_policy(
            PolicyName=name, Path=f"/{place.staff.name}/",
            PolicyDocument=policy(Action="s3:*", Resource="*"),
        )  # fmt: skip
        place.iam.put_user_policy(
            **place.user, PolicyName=name, PolicyDocument=policy(Action="s3:*", Resource="*")
        )
    paged = {"PaginationConfig": {"PageSize": 2}}

    managed = place.iam.get_paginator("list_policies").paginate(
        Scope="Local", PathPrefix=f"/{place.staff.name}/", **paged
    )
    inline = place.iam.get_paginator("list_user_policies").paginate(**place.user, **paged)

    assert names == [one["PolicyName"] for page in managed for one in page["Policies"]]
    assert {"all", *names} == {name for page in inline for name in page["PolicyNames"]}
