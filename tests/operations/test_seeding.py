"""Buckets made before the first request are as their owner would have made them."""

import pytest

from ferrox.errors import StartError
from ferrox.operations import seeding
from ferrox.operations.access import BucketDefaults
from ferrox.records import Versioning
from ferrox.storage.store import Store
from tests.in_process import ROOT, InProcess


async def seeded(store: Store, name: str, *traits: str) -> None:
    await seeding.make(
        store,
        name,
        set(traits),
        owner_id=ROOT.canonical_id,
        region="us-east-1",
        defaults=BucketDefaults(),
    )


async def test_a_bucket_is_as_if_it_had_been_asked_for(s3: InProcess) -> None:
    await seeded(s3.store, "seeded")
    await s3.ask("PUT", "/asked-for")

    for query in ("acl", "location", "versioning", "ownershipControls", "publicAccessBlock"):
        asked = [await s3.ask("GET", f"/{name}", {query: ""}) for name in ("seeded", "asked-for")]
        assert asked[0].body == asked[1].body
        assert 200 == asked[0].status


async def test_a_bucket_that_is_there_stays_as_it_is(s3: InProcess) -> None:
    await s3.ask("PUT", "/there")

    await seeded(s3.store, "there", "versioned", "public-read")

    bucket = s3.store.bucket("there")
    assert bucket is not None
    assert Versioning.UNVERSIONED is bucket.versioning
    assert "NoSuchBucketPolicy" == (await s3.ask("GET", "/there", {"policy": ""})).code


@pytest.mark.parametrize(
    ("traits", "versioning", "has_lock"),
    [
        ((), Versioning.UNVERSIONED, False),
        (("versioned",), Versioning.ENABLED, False),
        (("object-lock",), Versioning.ENABLED, True),
        (("object-lock", "versioned"), Versioning.ENABLED, True),
    ],
)
async def test_a_bucket_may_keep_versions_and_locks(
    s3: InProcess, traits: tuple[str, ...], versioning: Versioning, has_lock: bool
) -> None:
    await seeded(s3.store, "bucket", *traits)

    bucket = s3.store.bucket("bucket")
    assert bucket is not None
    assert (versioning, has_lock) == (bucket.versioning, bucket.is_object_lock_enabled)


async def test_anybody_may_read_what_is_in_a_public_bucket_and_nothing_else(s3: InProcess) -> None:
    await seeded(s3.store, "public", "public-read")
    await s3.ask("PUT", "/public/k", body=b"for all")

    read = await s3.ask("GET", "/public/k", is_signed=False)
    others = [
        await s3.ask("GET", "/public", is_signed=False),
        await s3.ask("PUT", "/public/k", body=b"mine", is_signed=False),
        await s3.ask("DELETE", "/public/k", is_signed=False),
    ]

    assert (200, b"for all") == (read.status, read.body)
    assert [403] * 3 == [answer.status for answer in others]
    status = await s3.ask("GET", "/public", {"policyStatus": ""})
    assert "true" == status.document["IsPublic"]


@pytest.mark.parametrize("name", ["", "A", "a", "minio", "a..b", "192.168.0.1"])
async def test_a_name_that_no_bucket_can_have_is_refused(s3: InProcess, name: str) -> None:
    with pytest.raises(StartError, match="no bucket can be called"):
        await seeded(s3.store, name)
