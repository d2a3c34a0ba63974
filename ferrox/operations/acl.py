"""GetBucketAcl, PutBucketAcl, GetObjectAcl and PutObjectAcl.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketAcl.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectAcl.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-ownership-error-responses.html
"""

from collections.abc import Sequence

from ferrox.errors import (
    InvalidBucketAclWithObjectOwnership,
    SourceChanged,
)
from ferrox.iam import acl
from ferrox.iam.acl import Ownership
from ferrox.operations import facts, grants, public_access_block
from ferrox.operations.call import Call
from ferrox.operations.objects import check_address, require_object
from ferrox.operations.registry import handles
from ferrox.protocol.documents.access import check_ownership
from ferrox.protocol.operations import GetBucketAcl, GetObjectAcl, PutBucketAcl, PutObjectAcl
from ferrox.protocol.shapes.access import OwnershipControls
from ferrox.protocol.shapes.acl import (
    GetBucketAclInput,
    GetBucketAclOutput,
    GetObjectAclInput,
    GetObjectAclOutput,
    PutBucketAclInput,
    PutObjectAclInput,
    PutObjectAclOutput,
)
from ferrox.protocol.shapes.acl import Grant as ShownGrant
from ferrox.protocol.shapes.groups import NoOutput
from ferrox.protocol.shapes.logging import Grantee
from ferrox.records import BucketRecord, Grant, VersionAcl
from ferrox.storage.metadata import acls, buckets
from ferrox.storage.metadata.buckets import BucketCheck
from ferrox.storage.metadata.database import Reader


@handles(GetBucketAcl, action="s3:GetBucketAcl")
async def get_bucket_acl(call: Call, args: GetBucketAclInput) -> GetBucketAclOutput:
    """Show the bucket's list; where lists are off it is its owner's alone."""
    return GetBucketAclOutput(
        owner=call.owner(call.bucket.owner_id),
        grants=shown(call, call.services.access(call.bucket).in_force),
    )


@handles(PutBucketAcl, action="s3:PutBucketAcl")
async def put_bucket_acl(call: Call, args: PutBucketAclInput) -> NoOutput:
    """Set the bucket's list."""
    asked = grants.asked_for(call, args, call.bucket.owner_id, acl.CANNED_FOR_BUCKETS)
    if call.services.access(call.bucket).has_lists:
        await set_list(call, asked)
    return NoOutput()


async def set_list(call: Call, asked: Sequence[Grant]) -> None:
    """Give the bucket the list that is asked for, if its other documents let it have that one."""
    of_owner = public_access_block.of_account(call.store.identities, call.bucket.owner_id)

    def check(reader: Reader, bucket: BucketRecord) -> None:
        own = buckets.document(reader, bucket.bucket_id, acl.PUBLIC_ACCESS_BLOCK_DOCUMENT)
        access = acl.access_of(
            bucket,
            buckets.document(reader, bucket.bucket_id, acl.OWNERSHIP_DOCUMENT),
            public_access_block.together(own, of_owner),
            None,
        )
        grants.require_settable(call, "s3:PutBucketAcl", access, asked)

    await call.store.put_bucket_document(
        call.bucket, acl.DOCUMENT, acl.list_document(asked), check=check
    )


def admit_ownership(call: Call, document: OwnershipControls) -> BucketCheck:
    """Admit ownership controls that do not switch off a list by which the bucket grants to others.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketOwnershipControls.html
    """
    check_ownership(document)

    def check(reader: Reader, bucket: BucketRecord) -> None:
        stored = buckets.document(reader, bucket.bucket_id, acl.DOCUMENT)
        access = acl.access_of(bucket, None, None, stored)
        if not acl.is_private(access.in_force, bucket.owner_id):
            raise InvalidBucketAclWithObjectOwnership

    is_enforced = document.rules[0].object_ownership == Ownership.BUCKET_OWNER_ENFORCED
    return check if is_enforced else None


def read_action(args: GetObjectAclInput) -> str:
    """Old versions have an action of their own."""
    return "s3:GetObjectAcl" if args.version_id is None else "s3:GetObjectVersionAcl"


def write_action(args: PutObjectAclInput) -> str:
    """Old versions have an action of their own."""
    return "s3:PutObjectAcl" if args.version_id is None else "s3:PutObjectVersionAcl"


@handles(GetObjectAcl, action=read_action)
async def get_object_acl(call: Call, args: GetObjectAclInput) -> GetObjectAclOutput:
    """Show the list of an object."""
    version = _find(call, args.key, args.version_id, read_action(args))
    owner_id, in_force = version.owner_id, version.grants
    if not call.services.access(call.bucket).has_lists:
        owner_id, in_force = call.bucket.owner_id, None
    if in_force is None:
        in_force = acl.only_owner(owner_id)
    return GetObjectAclOutput(
        version_id=facts.shown_version_id(call.bucket, version.version_id),
        owner=call.owner(owner_id),
        grants=shown(call, in_force),
    )


@handles(PutObjectAcl, action=write_action)
async def put_object_acl(call: Call, args: PutObjectAclInput) -> PutObjectAclOutput:
    """Set the list of an object."""
    while True:
        version = _find(call, args.key, args.version_id, write_action(args))
        access = call.services.access(call.bucket)
        owner_id = version.owner_id if access.has_lists else call.bucket.owner_id
        asked = grants.asked_for(call, args, owner_id, acl.CANNED)
        version_id = facts.shown_version_id(call.bucket, version.version_id)
        if not access.has_lists:
            return PutObjectAclOutput(version_id=version_id)
        grants.require_settable(call, write_action(args), access, asked, args.key)
        wanted = grants.stored(asked, version.owner_id)
        try:
            await call.store.change_version_acl(
                call.bucket,
                args.key,
                args.version_id,
                _of(version, wanted),
                occasion=call.occasion("ObjectAcl:Put"),
            )
        except SourceChanged:  # another version is the newest one now
            call.require(write_action(args), call.bucket, args.key, args.version_id)
            continue
        return PutObjectAclOutput(version_id=version_id)


def shown(call: Call, listed: Sequence[Grant]) -> list[ShownGrant]:
    """A list as documents show it."""
    return [
        ShownGrant(grantee=_grantee(call, grant), permission=grant.permission) for grant in listed
    ]


def _grantee(call: Call, grant: Grant) -> Grantee:
    if grant.kind == acl.GROUP:
        return Grantee(type=grant.kind, uri=grant.grantee)
    owner = call.owner(grant.grantee)
    return Grantee(type=grant.kind, id=owner.id, display_name=owner.display_name)


def _of(version: VersionAcl, wanted: Sequence[Grant] | None) -> acls.Change:
    """The change of one version's list, and of no other's."""

    def change(found: VersionAcl | None) -> Sequence[Grant] | None:
        if found is None or found.version != version.version:
            raise SourceChanged(f"version {version.version} is gone")
        return wanted

    return change


def _find(call: Call, key: str, version_id: str | None, action: str) -> VersionAcl:
    """What the version that is asked for says, to callers who may know or change it."""
    check_address(call, key, version_id)
    found = call.store.version_acl(call.bucket, key, version_id)
    version = require_object(call, key, version_id, found)
    call.require_of_owner(action, call.bucket, version, key)
    return version
