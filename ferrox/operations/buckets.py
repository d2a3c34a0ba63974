"""ListBuckets, CreateBucket, HeadBucket, GetBucketLocation and DeleteBucket.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ferrox.document_errors import InvalidBucketAclWithBlockPublicAccessError
from ferrox.errors import (
    AccessDenied,
    BucketAlreadyExists,
    BucketAlreadyOwnedByYou,
    IllegalLocationConstraintException,
    InvalidArgument,
    InvalidBucketAclWithObjectOwnership,
)
from ferrox.iam import acl
from ferrox.iam.acl import Ownership
from ferrox.iam.asking import bucket_arn, resource_arn
from ferrox.operations import grants, public_access_block
from ferrox.operations.acl import set_list
from ferrox.operations.call import Call
from ferrox.operations.registry import handles
from ferrox.protocol import listing, names
from ferrox.protocol.documents import tagging
from ferrox.protocol.listing import ContinuationToken
from ferrox.protocol.operations import (
    CreateBucket,
    DeleteBucket,
    GetBucketLocation,
    HeadBucket,
    ListBuckets,
)
from ferrox.protocol.plain import as_plain
from ferrox.protocol.shapes.buckets import (
    Bucket,
    CreateBucketInput,
    CreateBucketOutput,
    DeleteBucketInput,
    DeleteBucketOutput,
    GetBucketLocationInput,
    GetBucketLocationOutput,
    HeadBucketInput,
    HeadBucketOutput,
    ListBucketsInput,
    ListBucketsOutput,
)
from ferrox.protocol.shapes.groups import Owner
from ferrox.protocol.shapes.tagging import Tagging
from ferrox.records import BucketRecord, Grant
from ferrox.storage.metadata.buckets import Document

US_EAST_1 = "us-east-1"
"""The region with rules of its own: it has no LocationConstraint, and re-creating is no error but
resets the bucket's list."""


@handles(ListBuckets, action="s3:ListAllMyBuckets")
async def list_buckets(call: Call, args: ListBucketsInput) -> ListBucketsOutput:
    """List the caller's buckets by name."""
    limit = listing.max_buckets(args.max_buckets)
    is_paged = any(name in call.request.query for name in ListBucketsInput.plan.queries)
    after = ""
    if args.continuation_token:
        after = ContinuationToken.decode(args.continuation_token).after
    found: list[BucketRecord] = []
    if args.bucket_region in {None, call.services.region}:
        found = await call.store.list_buckets(
            call.principal.canonical_id, args.prefix or "", after, limit + 1
        )
    page = found[:limit]
    next_token = ContinuationToken(page[-1].name).encode() if len(found) > limit else None
    return ListBucketsOutput(
        owner=Owner(id=call.principal.canonical_id, display_name=call.principal.display_name),
        buckets=[
            Bucket(
                name=bucket.name,
                creation_date=bucket.created_ms,
                bucket_region=bucket.region if is_paged else None,
                bucket_arn=resource_arn(bucket),
            )
            for bucket in page
        ],
        continuation_token=next_token,
        prefix=args.prefix,
    )


@handles(CreateBucket, action="s3:CreateBucket")
async def create_bucket(call: Call, args: CreateBucketInput) -> CreateBucketOutput:
    """Make a bucket; its name must be free, or the caller's own in us-east-1."""
    names.check_bucket_name(args.bucket)
    _check_location(call, args)
    for action in _more_actions(call, args):
        call.require_on(action, bucket_arn(args.bucket))
    region = call.services.region
    bucket, is_new = await call.store.create_bucket(
        args.bucket,
        call.principal.canonical_id,
        region,
        is_object_lock_enabled=bool(args.object_lock_enabled_for_bucket),
        documents=_access_documents(call, args) | _tags(args),
    )
    if not is_new:
        if bucket.owner_id != call.principal.canonical_id:
            raise BucketAlreadyExists(BucketName=args.bucket)
        if {region, bucket.region} != {US_EAST_1}:
            raise BucketAlreadyOwnedByYou(BucketName=args.bucket)
        await _reset_list(replace(call, addressed=bucket))
    return CreateBucketOutput(location=f"/{args.bucket}", bucket_arn=resource_arn(bucket))


def _check_location(call: Call, args: CreateBucketInput) -> None:
    """A bucket is created where this server is; saying nothing means here."""
    configuration = args.create_bucket_configuration
    constraint = configuration.location_constraint if configuration else None
    if constraint and constraint != call.services.region:
        raise IllegalLocationConstraintException(
            f"The {constraint} location constraint is incompatible for the region specific "
            "endpoint this request was sent to."
        )


def _more_actions(call: Call, args: CreateBucketInput) -> Iterator[str]:
    """What the caller needs for what it says of the bucket: as if it were set afterwards."""
    if _listed(call) is not None:
        yield "s3:PutBucketAcl"
    if args.object_ownership is not None:
        yield "s3:PutBucketOwnershipControls"
    if args.object_lock_enabled_for_bucket:
        yield from ("s3:PutBucketObjectLockConfiguration", "s3:PutBucketVersioning")
    if _tags(args):
        yield "s3:TagResource"


def _listed(call: Call) -> list[Grant] | None:
    """The list that the new bucket is given, if it grants anything to others."""
    owner_id = call.principal.canonical_id
    asked = grants.in_headers(
        call.services, call.request.headers, owner_id, owner_id, acl.CANNED_FOR_BUCKETS
    )
    return None if asked == acl.only_owner(owner_id) else asked


async def _reset_list(call: Call) -> None:
    """Give a bucket that is made once more the list that a new one would have, as AWS does.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html (BucketAlreadyOwnedByYou)
    """
    asked = _listed(call)
    if asked is not None:
        call.require("s3:PutBucketAcl", call.bucket)
        await set_list(call, asked)
    elif call.store.bucket_document(call.bucket, acl.DOCUMENT) is not None:
        await call.store.delete_bucket_document(call.bucket, acl.DOCUMENT)


def _access_documents(call: Call, args: CreateBucketInput) -> dict[str, dict[str, Any]]:
    """The documents that say who may reach the new bucket, and its list if it grants anything.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html
    """
    defaults = call.services.bucket_defaults
    ownership = _ownership(args.object_ownership)
    owner_id = call.principal.canonical_id
    documents = defaults.documents(ownership)
    asked = _listed(call)
    if asked is None:
        return documents
    in_force = ownership or defaults.ownership
    if in_force is Ownership.BUCKET_OWNER_ENFORCED and not acl.is_private(asked, owner_id):
        raise InvalidBucketAclWithObjectOwnership
    if acl.is_public(asked):
        if defaults.blocks_public_access:
            raise InvalidBucketAclWithBlockPublicAccessError
        block = public_access_block.of_account(call.store.identities, owner_id)
        if block is not None and block.get("BlockPublicAcls") is True:
            raise AccessDenied().because(
                "BlockPublicAcls in the public access block of the account"
            )
    return documents | {acl.DOCUMENT: acl.list_document(asked)}


def _ownership(object_ownership: str | None) -> Ownership | None:
    """The header that says who owns what is put into the bucket."""
    if object_ownership is None:
        return None
    if object_ownership not in set(Ownership):
        raise InvalidArgument(
            f"Invalid x-amz-object-ownership header: {object_ownership}",
            ArgumentName="x-amz-object-ownership",
            ArgumentValue=object_ownership,
        )
    return Ownership(object_ownership)


def _tags(args: CreateBucketInput) -> dict[str, Document]:
    """The document of the tags that the new bucket is given."""
    configuration = args.create_bucket_configuration
    tags = Tagging(tag_set=(configuration.tags if configuration else None) or [])
    tagging.check(tags)
    return {Tagging.stored_as: as_plain(tags)} if tags.tag_set else {}


@handles(HeadBucket, action="s3:ListBucket")
async def head_bucket(call: Call, args: HeadBucketInput) -> HeadBucketOutput:
    """Tell whether a bucket is there and open to the caller."""
    return HeadBucketOutput(
        bucket_arn=resource_arn(call.bucket),
        bucket_region=call.bucket.region,
        access_point_alias=False,
    )


@handles(GetBucketLocation, action="s3:GetBucketLocation")
async def get_bucket_location(call: Call, args: GetBucketLocationInput) -> GetBucketLocationOutput:
    """Tell the bucket's region; us-east-1 is told by an empty element."""
    region = call.bucket.region
    return GetBucketLocationOutput(location_constraint="" if region == US_EAST_1 else region)


@handles(DeleteBucket, action="s3:DeleteBucket")
async def delete_bucket(call: Call, args: DeleteBucketInput) -> DeleteBucketOutput:
    """Remove an empty bucket."""
    await call.store.delete_bucket(call.bucket)
    return DeleteBucketOutput()
