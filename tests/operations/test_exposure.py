"""operations/exposure.py: what is told of buckets is what anonymous callers then may do."""

import json
from typing import Any

import pytest

from ferrox.clock import SettableClock
from ferrox.iam.acl import Ownership
from ferrox.operations.access import BucketDefaults
from ferrox.operations.exposure import Exposure, exposures
from ferrox.storage.store import Store
from tests.in_process import OTHER, InProcess
from tests.operations.configured import put

OPEN = BucketDefaults(Ownership.OBJECT_WRITER, blocks_public_access=False)
OBJECTS = "arn:aws:s3:::bucket/*"
LET: dict[str, Any] = {
    "Sid": "let", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
    "Resource": OBJECTS,
}  # fmt: skip


@pytest.fixture
async def s3(store: Store, clock: SettableClock) -> InProcess:
    """A server with a bucket that blocks nothing."""
    made = InProcess(store, clock, bucket_defaults=OPEN)
    await made.make_bucket()
    return made


async def found(s3: InProcess) -> list[Exposure]:
    bucket = s3.store.bucket("bucket")
    assert bucket is not None
    return await exposures(s3.services, bucket)


async def set_policy(s3: InProcess, *statements: dict[str, Any]) -> None:
    text = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    answer = await put(s3, "policy", text)
    assert 204 == answer.status, answer.body


async def test_what_nobody_opened_is_not_exposed(s3: InProcess) -> None:
    assert [] == await found(s3)


async def test_a_statement_for_everybody_exposes_what_it_grants(s3: InProcess) -> None:
    await s3.put("key")
    await set_policy(s3, LET)

    expected = Exposure(
        "bucket", ("s3:GetObject",), OBJECTS, "statement let of the bucket's policy"
    )
    assert [expected] == await found(s3)
    assert 200 == (await s3.get("key", is_signed=False)).status


async def test_a_key_with_a_colon_is_exposed_like_others(s3: InProcess) -> None:
    opened = "arn:aws:s3:::bucket/backup:latest"
    await set_policy(s3, LET | {"Resource": opened})

    assert [opened] == [one.resource for one in await found(s3)]


@pytest.mark.parametrize(
    "changes",
    [
        {"Principal": {"AWS": OTHER.account_id}},
        {"Effect": "Deny"},
        {"Principal": {"AWS": f"arn:aws:iam::{OTHER.account_id}:root"}},
    ],
)
async def test_a_statement_for_somebody_exposes_nothing(
    s3: InProcess, changes: dict[str, Any]
) -> None:
    await set_policy(s3, LET | changes)

    assert [] == await found(s3)


async def test_the_public_access_block_covers_a_public_policy(s3: InProcess) -> None:
    await set_policy(s3, LET)
    block = "<RestrictPublicBuckets>true</RestrictPublicBuckets>"
    document = f"<PublicAccessBlockConfiguration>{block}</PublicAccessBlockConfiguration>"
    await put(s3, "publicAccessBlock", document)

    assert [] == await found(s3)


async def test_a_condition_is_told(s3: InProcess) -> None:
    await set_policy(s3, LET | {"Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}})

    assert [True] == [one.is_conditional for one in await found(s3)]


@pytest.mark.parametrize(
    ("denial", "left"),
    [
        ({}, []),
        ({"Resource": "arn:aws:s3:::bucket*"}, []),
        ({"Action": "s3:*"}, []),
        ({"Action": "s3:PutObject"}, [False]),
        ({"Principal": {"AWS": OTHER.account_id}}, [False]),
        ({"Resource": "arn:aws:s3:::bucket/secret/*"}, [True]),
        ({"Resource": "arn:aws:s3:::bucket/?"}, [True]),
        ({"Condition": {"Bool": {"aws:SecureTransport": "false"}}}, [True]),
    ],
)
async def test_a_denial_covers_what_it_denies_to_everybody_and_always(
    s3: InProcess, denial: dict[str, Any], left: list[bool]
) -> None:
    await set_policy(s3, LET, LET | {"Effect": "Deny", "Sid": "deny"} | denial)

    assert left == [one.is_conditional for one in await found(s3)]


async def test_a_denial_of_all_but_something_leaves_that(s3: InProcess) -> None:
    denial = {key: value for key, value in LET.items() if key != "Resource"}
    exception = {"Effect": "Deny", "Sid": "deny", "NotResource": "arn:aws:s3:::bucket/open/*"}
    await set_policy(s3, LET, denial | exception)

    assert [True] == [one.is_conditional for one in await found(s3)]


async def test_a_statement_about_all_but_something_is_told_with_its_exception(
    s3: InProcess,
) -> None:
    statement = {key: value for key, value in LET.items() if key not in {"Resource", "Principal"}}
    secret = "arn:aws:s3:::bucket/secret/*"
    unnamed = {"NotPrincipal": {"AWS": OTHER.account_id}, "NotResource": secret}
    await set_policy(s3, statement | unnamed)

    assert [f"* but {secret}"] == [one.resource for one in await found(s3)]


async def test_actions_are_those_of_what_the_resource_is(s3: InProcess) -> None:
    both = ["arn:aws:s3:::bucket", OBJECTS]
    await set_policy(s3, LET | {"Action": ["s3:ListBucket", "s3:GetObject"], "Resource": both})

    told = {one.resource: one.actions for one in await found(s3)}
    assert {both[0]: ("s3:ListBucket",), OBJECTS: ("s3:GetObject",)} == told


async def test_the_list_of_a_bucket_exposes_what_it_grants_to_everybody(s3: InProcess) -> None:
    answer = await s3.ask("PUT", "/bucket", {"acl": ""}, headers={"x-amz-acl": "public-read"})
    assert 200 == answer.status

    (told,) = await found(s3)
    assert ("arn:aws:s3:::bucket", "the bucket's access control list") == told[2:4]
    assert "s3:ListBucket" in told.actions
    assert "s3:PutObject" not in told.actions
    assert 200 == (await s3.ask("GET", "/bucket", is_signed=False)).status


async def test_lists_of_objects_are_counted(s3: InProcess) -> None:
    await s3.put("b", headers={"x-amz-acl": "public-read"})
    await s3.put("a")

    (told,) = await found(s3)
    assert "the access control lists of 1 version, the first of 'b'" == told.because
    assert told.is_conditional
    assert 200 == (await s3.get("b", is_signed=False)).status


async def test_lists_that_do_not_count_expose_nothing(s3: InProcess) -> None:
    await s3.put("key", headers={"x-amz-acl": "public-read"})
    await s3.ask("PUT", "/bucket", {"acl": ""}, headers={"x-amz-acl": "public-read"})
    ignoring = "<IgnorePublicAcls>true</IgnorePublicAcls>"
    document = f"<PublicAccessBlockConfiguration>{ignoring}</PublicAccessBlockConfiguration>"
    await put(s3, "publicAccessBlock", document)

    assert [] == await found(s3)


async def test_a_grant_to_every_account_is_none_to_anonymous_callers(s3: InProcess) -> None:
    grant = {"x-amz-acl": "authenticated-read"}
    await s3.ask("PUT", "/bucket", {"acl": ""}, headers=grant)

    assert [] == await found(s3)


async def test_a_website_is_told_to_be_one(s3: InProcess) -> None:
    await set_policy(s3, LET)
    index = "<IndexDocument><Suffix>index.html</Suffix></IndexDocument>"
    await put(s3, "website", f"<WebsiteConfiguration>{index}</WebsiteConfiguration>")

    (told,) = await found(s3)
    assert told.because.endswith("; it is a website")
