"""What new buckets start with, and what their documents say."""

import json

import pytest

from ferrox.clock import SettableClock
from ferrox.iam.acl import (
    ALL_USERS,
    OWNERSHIP_DOCUMENT,
    PUBLIC_ACCESS_BLOCK_DOCUMENT,
    Access,
    Ownership,
    canned,
)
from ferrox.operations.access import BucketDefaults, bucket_access
from ferrox.storage.store import Store
from tests.in_process import OTHER, OTHER_ACCESS_KEY, ROOT, InProcess

OPEN = BucketDefaults(Ownership.OBJECT_WRITER, blocks_public_access=False)


def access(s3: InProcess, name: str = "bucket") -> Access:
    """What a bucket says."""
    bucket = s3.store.bucket(name)
    assert bucket
    return bucket_access(s3.store, bucket)


async def test_a_bucket_starts_as_on_aws(s3: InProcess) -> None:
    await s3.make_bucket()

    expected = Access(
        ROOT.canonical_id,
        Ownership.BUCKET_OWNER_ENFORCED,
        blocks_public_acls=True,
        ignores_public_acls=True,
    )
    assert expected == access(s3)
    controls = await s3.ask("GET", "/bucket", {"ownershipControls": ""})
    block = await s3.ask("GET", "/bucket", {"publicAccessBlock": ""})
    assert {"ObjectOwnership": "BucketOwnerEnforced"} == controls.document["Rule"]
    assert {"true"} == {value for name, value in block.document.items() if name != "@xmlns"}
    assert 4 == len(block.document.keys() - {"@xmlns"})


async def test_a_bucket_starts_as_the_settings_say(store: Store, clock: SettableClock) -> None:
    s3 = InProcess(store, clock, bucket_defaults=OPEN)
    await s3.make_bucket()

    assert Access(ROOT.canonical_id, Ownership.OBJECT_WRITER) == access(s3)
    controls = await s3.ask("GET", "/bucket", {"ownershipControls": ""})
    block = await s3.ask("GET", "/bucket", {"publicAccessBlock": ""})
    assert (404, "OwnershipControlsNotFoundError") == (controls.status, controls.code)
    assert (404, "NoSuchPublicAccessBlockConfiguration") == (block.status, block.code)


@pytest.mark.parametrize("ownership", list(Ownership))
async def test_a_bucket_is_owned_as_its_maker_says(s3: InProcess, ownership: Ownership) -> None:
    headers = {"x-amz-object-ownership": ownership.value}
    answer = await s3.ask("PUT", "/bucket", headers=headers)

    assert 200 == answer.status
    assert ownership == access(s3).ownership
    controls = await s3.ask("GET", "/bucket", {"ownershipControls": ""})
    assert {"ObjectOwnership": ownership.value} == controls.document["Rule"]


async def test_a_bucket_cannot_be_owned_otherwise(s3: InProcess) -> None:
    answer = await s3.ask("PUT", "/bucket", headers={"x-amz-object-ownership": "Mine"})

    assert (400, "InvalidArgument") == (answer.status, answer.code)
    assert "x-amz-object-ownership" == answer.document["ArgumentName"]
    assert s3.store.bucket("bucket") is None


async def test_a_bucket_can_be_made_with_a_list(store: Store, clock: SettableClock) -> None:
    s3 = InProcess(store, clock, bucket_defaults=OPEN)
    named = await s3.ask("PUT", "/public", headers={"x-amz-acl": "public-read"})
    headers = {"x-amz-grant-write": f"id={OTHER.canonical_id}"}
    granted = await s3.ask("PUT", "/granted", headers=headers)
    private = await s3.ask("PUT", "/private", headers={"x-amz-acl": "private"})

    assert [200, 200, 200] == [named.status, granted.status, private.status]
    owner_id = ROOT.canonical_id
    assert canned("public-read", owner_id, owner_id) == access(s3, "public").grants
    assert access(s3, "private").grants is None
    put = await s3.ask("PUT", "/granted/k", body=b"x", access_key=OTHER_ACCESS_KEY)
    assert 200 == put.status


@pytest.mark.parametrize("acl", [None, "private", "authenticated-read"])
async def test_a_bucket_that_is_made_again_has_the_list_of_a_new_one(
    store: Store, clock: SettableClock, acl: str | None
) -> None:
    s3 = InProcess(store, clock, bucket_defaults=OPEN)
    await s3.ask("PUT", "/bucket", headers={"x-amz-acl": "public-read-write"})
    await s3.put("k")

    again = await s3.ask("PUT", "/bucket", headers={} if acl is None else {"x-amz-acl": acl})

    assert 200 == again.status
    owner_id = ROOT.canonical_id
    assert canned(acl or "private", owner_id, owner_id) == list(access(s3).in_force)
    assert 200 == (await s3.ask("GET", "/bucket/k")).status


async def test_making_a_bucket_again_that_has_no_list_changes_nothing(s3: InProcess) -> None:
    await s3.make_bucket()
    made = s3.store.bucket("bucket")

    await s3.make_bucket()

    assert made == s3.store.bucket("bucket")


async def test_no_list_is_lost_where_a_bucket_cannot_be_made_again(
    store: Store, clock: SettableClock
) -> None:
    s3 = InProcess(store, clock, region="eu-west-1", bucket_defaults=OPEN)
    await s3.ask("PUT", "/bucket", headers={"x-amz-acl": "public-read"})
    listed = access(s3)

    own = await s3.ask("PUT", "/bucket")
    others = await s3.ask("PUT", "/bucket", access_key=OTHER_ACCESS_KEY)

    assert [409, 409] == [own.status, others.status]
    assert listed == access(s3)


@pytest.mark.parametrize(
    ("name", "document", "refusal"),
    [
        (
            OWNERSHIP_DOCUMENT,
            {"Rule": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
            (400, "AccessControlListNotSupported"),
        ),
        (PUBLIC_ACCESS_BLOCK_DOCUMENT, {"BlockPublicAcls": True}, (403, "AccessDenied")),
    ],
)
async def test_a_bucket_that_is_made_again_gets_no_list_that_it_could_not_have(
    store: Store,
    clock: SettableClock,
    name: str,
    document: dict[str, object],
    refusal: tuple[int, str],
) -> None:
    s3 = InProcess(store, clock, bucket_defaults=OPEN)
    await s3.make_bucket()
    bucket = s3.store.bucket("bucket")
    assert bucket
    await s3.store.put_bucket_document(bucket, name, document)

    again = await s3.ask("PUT", "/bucket", headers={"x-amz-acl": "public-read"})

    assert refusal == (again.status, again.code)
    assert access(s3).grants is None


async def test_a_policy_keeps_the_list_of_a_bucket_from_being_set_by_making_it_again(
    store: Store, clock: SettableClock
) -> None:
    s3 = InProcess(store, clock, bucket_defaults=OPEN)
    await s3.make_bucket()
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:PutBucketAcl",
        "Resource": "arn:aws:s3:::bucket",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]}).encode()
    assert 204 == (await s3.ask("PUT", "/bucket", {"policy": ""}, body=policy)).status

    again = await s3.ask("PUT", "/bucket", headers={"x-amz-acl": "public-read"})

    assert (403, "AccessDenied") == (again.status, again.code)
    assert access(s3).grants is None


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"x-amz-acl": "public-read"}, "InvalidBucketAclWithObjectOwnership"),
        ({"x-amz-grant-read": f"id={OTHER.canonical_id}"}, "InvalidBucketAclWithObjectOwnership"),
        (
            {"x-amz-acl": "public-read", "x-amz-object-ownership": "ObjectWriter"},
            "InvalidBucketAclWithBlockPublicAccessError",
        ),
        (
            {"x-amz-grant-read": f"uri={ALL_USERS}", "x-amz-object-ownership": "ObjectWriter"},
            "InvalidBucketAclWithBlockPublicAccessError",
        ),
        ({"x-amz-acl": "everybody"}, "InvalidArgument"),
    ],
)
async def test_no_bucket_is_made_with_a_list_that_it_could_not_have(
    s3: InProcess, headers: dict[str, str], code: str
) -> None:
    answer = await s3.ask("PUT", "/bucket", headers=headers)

    assert (400, code) == (answer.status, answer.code)
    assert s3.store.bucket("bucket") is None
