"""Shapes of the operations on buckets themselves."""

from ferrox.protocol.shape import Shape, element, header, path, payload, query
from ferrox.protocol.shapes.groups import BucketInput, GrantHeaders, Owner
from ferrox.protocol.shapes.tagging import Tag

BUCKET_REGION = "x-amz-bucket-region"


class ListBucketsInput(Shape):
    max_buckets: int | None = query("max-buckets", default=None)
    continuation_token: str | None = query("continuation-token", default=None)
    prefix: str | None = query("prefix", default=None)
    bucket_region: str | None = query("bucket-region", default=None)


class Bucket(Shape):
    name: str | None = element("Name", default=None)
    creation_date: int | None = element("CreationDate", default=None, timestamp="iso8601")
    bucket_region: str | None = element("BucketRegion", default=None)
    bucket_arn: str | None = element("BucketArn", default=None)


class ListBucketsOutput(Shape, root="ListAllMyBucketsResult"):
    owner: Owner | None = element("Owner", default=None)
    buckets: list[Bucket] = element("Buckets", default_factory=list, item="Bucket")
    continuation_token: str | None = element("ContinuationToken", default=None)
    prefix: str | None = element("Prefix", default=None)


class LocationInfo(Shape):
    type: str | None = element("Type", default=None)
    name: str | None = element("Name", default=None)


class BucketInfo(Shape):
    data_redundancy: str | None = element("DataRedundancy", default=None)
    type: str | None = element("Type", default=None)


class CreateBucketConfiguration(Shape):
    location_constraint: str | None = element("LocationConstraint", default=None)
    location: LocationInfo | None = element("Location", default=None)
    bucket: BucketInfo | None = element("Bucket", default=None)
    tags: list[Tag] | None = element("Tags", default=None, item="Tag")


class CreateBucketInput(GrantHeaders):
    bucket: str = path("Bucket")
    create_bucket_configuration: CreateBucketConfiguration | None = payload(
        "CreateBucketConfiguration", default=None
    )
    grant_write: str | None = header("x-amz-grant-write", default=None)
    object_lock_enabled_for_bucket: bool | None = header(
        "x-amz-bucket-object-lock-enabled", default=None
    )
    object_ownership: str | None = header("x-amz-object-ownership", default=None)
    bucket_namespace: str | None = header("x-amz-bucket-namespace", default=None)


class CreateBucketOutput(Shape):
    location: str | None = header("Location", default=None)
    bucket_arn: str | None = header("x-amz-bucket-arn", default=None)


class HeadBucketInput(BucketInput):
    pass


class HeadBucketOutput(Shape):
    bucket_arn: str | None = header("x-amz-bucket-arn", default=None)
    bucket_location_type: str | None = header("x-amz-bucket-location-type", default=None)
    bucket_location_name: str | None = header("x-amz-bucket-location-name", default=None)
    bucket_region: str | None = header(BUCKET_REGION, default=None)
    access_point_alias: bool | None = header("x-amz-access-point-alias", default=None)


class GetBucketLocationInput(BucketInput):
    pass


class GetBucketLocationOutput(Shape):
    location_constraint: str = payload("LocationConstraint", default="")


class DeleteBucketInput(BucketInput):
    pass


class DeleteBucketOutput(Shape):
    pass
