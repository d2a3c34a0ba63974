"""Buckets with their owners, what they hold and how much they may hold."""

import asyncio

from ferrox.admin.backstage import AdminCall
from ferrox.admin.errors import InvalidRequest
from ferrox.admin.handlers.accounts import account_named
from ferrox.admin.registry import answers
from ferrox.admin.schema import instant
from ferrox.admin.shapes.buckets import (
    BucketPage,
    BucketsOf,
    BucketView,
    OneBucket,
    QuotaChange,
    QuotaView,
)
from ferrox.errors import NoSuchBucket
from ferrox.records import BucketRecord, Quota

AT_ONCE = 50
"""Buckets that are looked at before others have their turn: for some 2 ms."""


@answers("ListBuckets")
async def list_buckets(call: AdminCall, args: BucketsOf) -> BucketPage:
    """Return buckets by name."""
    store = call.services.store
    if args.account is None:
        found = await store.all_buckets(args.after, args.limit + 1)
    else:
        owner_id = account_named(call, args.account).canonical_id
        found = await store.list_buckets(owner_id, "", args.after, args.limit + 1)
    shown = found[: args.limit]
    views: list[BucketView] = []
    for at in range(0, len(shown), AT_ONCE):
        views += (_view(call, bucket) for bucket in shown[at : at + AT_ONCE])
        await asyncio.sleep(0)
    return BucketPage(
        buckets=tuple(views),
        next=shown[-1].name if len(found) > len(shown) else None,
    )


@answers("GetBucket")
async def get_bucket(call: AdminCall, args: OneBucket) -> BucketView:
    """Return one bucket."""
    return _view(call, bucket_named(call, args.bucket))


@answers("GetQuota")
async def get_quota(call: AdminCall, args: OneBucket) -> QuotaView:
    """Return how much a bucket may hold."""
    return QuotaView(**call.services.store.quota(bucket_named(call, args.bucket))._asdict())


@answers("SetQuota")
async def set_quota(call: AdminCall, args: QuotaChange) -> QuotaView:
    """Say how much a bucket may hold; what it holds already stays."""
    bucket, quota = bucket_named(call, args.bucket), Quota(args.max_bytes, args.max_objects)
    if quota == Quota():
        raise InvalidRequest("nothing is said of max_bytes or max_objects")
    await call.services.store.set_quota(bucket, quota)
    return QuotaView(**quota._asdict())


@answers("DeleteQuota")
async def delete_quota(call: AdminCall, args: OneBucket) -> None:
    """Let a bucket hold as much as there is room for."""
    await call.services.store.set_quota(bucket_named(call, args.bucket), Quota())


def bucket_named(call: AdminCall, name: str) -> BucketRecord:
    """The bucket of this name. NoSuchBucket"""
    bucket = call.services.store.bucket(name)
    if bucket is None:
        raise NoSuchBucket(BucketName=name)
    return bucket


def _view(call: AdminCall, bucket: BucketRecord) -> BucketView:
    store = call.services.store
    owner = call.services.accounts(bucket.owner_id)
    usage, quota = store.usage(bucket), store.quota(bucket)
    return BucketView(
        name=bucket.name,
        account=owner.display_name if owner else "",
        account_id=owner.account_id if owner else "",
        created=instant(bucket.created_ms),
        versioning=bucket.versioning.value,
        objects=usage.object_count,
        versions=usage.version_count,
        bytes=usage.size_bytes,
        upload_bytes=usage.part_bytes,
        max_bytes=quota.max_bytes,
        max_objects=quota.max_objects,
    )
