"""What anonymous callers can reach."""

from ferrox.admin.backstage import AdminCall
from ferrox.admin.registry import answers
from ferrox.admin.shapes.buckets import ExposureOf, ExposurePage, ExposureView
from ferrox.errors import NoSuchBucket
from ferrox.operations.exposure import exposures
from ferrox.records import BucketRecord


@answers("ListExposures")
async def list_exposures(call: AdminCall, args: ExposureOf) -> ExposurePage:
    """Look through a page of buckets, or through one of them."""
    services = call.services
    if args.bucket is None:
        buckets = await services.store.all_buckets(args.after, args.limit + 1)
    else:
        buckets = [_required(services.store.bucket(args.bucket), args.bucket)]
    looked_at = buckets[: args.limit]
    found = [one for bucket in looked_at for one in await exposures(services, bucket)]
    shown = (
        ExposureView(
            bucket=bucket,
            actions=actions,
            resource=resource,
            because=because,
            conditional=is_conditional,
        )
        for bucket, actions, resource, because, is_conditional in found
    )
    is_more = len(buckets) > len(looked_at)
    return ExposurePage(exposures=tuple(shown), next=looked_at[-1].name if is_more else None)


def _required(bucket: BucketRecord | None, name: str) -> BucketRecord:
    if bucket is None:
        raise NoSuchBucket(BucketName=name)
    return bucket
