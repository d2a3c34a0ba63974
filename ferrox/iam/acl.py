"""Access control lists: what they grant, to whom, and what of it a bucket lets count.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html

Theory of operation. Lists are asked only about callers whom policies do not let pass, and about
the bucket's owner only where an object belongs to somebody else. A list speaks of accounts and of
everybody, as the Principal of a policy does: what it grants to an account, the account's users need
from their own policies, too. Three documents of the bucket decide together:

    ownership controls    BucketOwnerEnforced switches all lists off: everything belongs to the
                          bucket's owner. Without the document each object belongs to its writer.
    public access block   IgnorePublicAcls takes what is granted to everybody, or to every account,
                          for not granted; BlockPublicAcls keeps such grants from being made.
    acl                   who may list the bucket, write to it, read and write this list.

A list that was never set grants its owner everything and others nothing. Whatever a list says, the
owner of an object may read and write its list.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from ferrox.iam.principals import Named
from ferrox.identity import Principal
from ferrox.records import BucketRecord, Grant, VersionAcl

DOCUMENT = "acl"
"""The document of a bucket that holds its list."""
OWNERSHIP_DOCUMENT = "ownershipControls"
PUBLIC_ACCESS_BLOCK_DOCUMENT = "publicAccessBlock"

CANONICAL_USER = "CanonicalUser"
GROUP = "Group"

ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"
AUTHENTICATED_USERS = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
LOG_DELIVERY = "http://acs.amazonaws.com/groups/s3/LogDelivery"
GROUPS = frozenset({ALL_USERS, AUTHENTICATED_USERS, LOG_DELIVERY})
PUBLIC_GROUPS = frozenset({ALL_USERS, AUTHENTICATED_USERS})

FULL_CONTROL = "FULL_CONTROL"
READ = "READ"
WRITE = "WRITE"
READ_ACP = "READ_ACP"
WRITE_ACP = "WRITE_ACP"

MOST_GRANTS = 100
"""How many grants a list has at most."""

ANONYMOUS_OWNER_ID = "65a011a29cdf8ec533ec3d1ccaae921c"
"""Whom AWS calls the owner of what nobody signed for."""

EC2_IMAGE_READER_ID = "6aa5a366c34c1cbe25dc49211496e913e0351eb0e8c37aa3477e40942ec6b97c"
"""To whom aws-exec-read grants: the service that reads machine images."""

BUCKET_PERMISSIONS = {
    "s3:ListBucket": READ,
    "s3:ListBucketVersions": READ,
    "s3:ListBucketMultipartUploads": READ,
    "s3:PutObject": WRITE,
    "s3:DeleteObject": WRITE,
    "s3:AbortMultipartUpload": WRITE,
    "s3:ListMultipartUploadParts": WRITE,
    "s3:GetBucketAcl": READ_ACP,
    "s3:PutBucketAcl": WRITE_ACP,
}
"""Which permission on the bucket each action needs; others no list can grant."""

OBJECT_PERMISSIONS = {
    "s3:GetObject": READ,
    "s3:GetObjectVersion": READ,
    "s3:GetObjectAcl": READ_ACP,
    "s3:GetObjectVersionAcl": READ_ACP,
    "s3:PutObjectAcl": WRITE_ACP,
    "s3:PutObjectVersionAcl": WRITE_ACP,
}
"""The same for permissions on an object."""

_EVERYBODY = {"public-read": (READ,), "public-read-write": (READ, WRITE)}

OWNER_FULL_CONTROL = "bucket-owner-full-control"
CANNED = frozenset(
    {
        "private",
        *_EVERYBODY,
        "authenticated-read",
        "aws-exec-read",
        "bucket-owner-read",
        OWNER_FULL_CONTROL,
    }
)
"""Lists that have a name."""
CANNED_FOR_BUCKETS = CANNED | {"log-delivery-write"}


class Ownership(StrEnum):
    """Whose the objects of a bucket are."""

    OBJECT_WRITER = "ObjectWriter"
    BUCKET_OWNER_PREFERRED = "BucketOwnerPreferred"
    BUCKET_OWNER_ENFORCED = "BucketOwnerEnforced"


class Access(NamedTuple):
    """What a bucket's documents say about lists.

    grants                its own list; None is the one that was never set
    blocks_public_acls    lists that grant to the public may not be set
    ignores_public_acls   what lists grant to the public does not count
    """

    owner_id: str
    ownership: Ownership = Ownership.OBJECT_WRITER
    blocks_public_acls: bool = False
    ignores_public_acls: bool = False
    grants: Sequence[Grant] | None = None

    @property
    def has_lists(self) -> bool:
        """Whether lists count here at all."""
        return self.ownership is not Ownership.BUCKET_OWNER_ENFORCED

    @property
    def in_force(self) -> Sequence[Grant]:
        """What the bucket's own list grants now."""
        return (
            only_owner(self.owner_id) if self.grants is None or not self.has_lists else self.grants
        )


def access_of(
    bucket: BucketRecord,
    ownership_controls: Mapping[str, Any] | None,
    public_access_block: Mapping[str, Any] | None,
    document: Mapping[str, Any] | None,
) -> Access:
    """Read the three documents, as they are stored."""
    block = public_access_block or {}
    return Access(
        bucket.owner_id,
        ownership_of(ownership_controls),
        block.get("BlockPublicAcls") is True,
        block.get("IgnorePublicAcls") is True,
        None if document is None else [Grant(*grant) for grant in document["grants"]],
    )


def ownership_of(ownership_controls: Mapping[str, Any] | None) -> Ownership:
    """The rule of a document of ownership controls."""
    if ownership_controls is None:
        return Ownership.OBJECT_WRITER
    return Ownership(ownership_controls["Rule"][0]["ObjectOwnership"])


def list_document(grants: Sequence[Grant]) -> dict[str, Any]:
    """The document of a bucket's list."""
    return {"grants": [list(grant) for grant in grants]}


def only_owner(owner_id: str) -> list[Grant]:
    """The list that grants its owner everything and others nothing."""
    return [Grant(CANONICAL_USER, owner_id, FULL_CONTROL)]


def canned(name: str, owner_id: str, bucket_owner_id: str) -> list[Grant]:
    """What a list with a name grants.

    owner_id  of the bucket or object that it is for; what names the bucket's owner grants nothing
              new where they are the same
    """
    grants = only_owner(owner_id)
    grants += [Grant(GROUP, ALL_USERS, permission) for permission in _EVERYBODY.get(name, ())]
    if name == "authenticated-read":
        grants.append(Grant(GROUP, AUTHENTICATED_USERS, READ))
    elif name == "log-delivery-write":
        grants += [Grant(GROUP, LOG_DELIVERY, permission) for permission in (WRITE, READ_ACP)]
    elif name == "aws-exec-read":
        grants.append(Grant(CANONICAL_USER, EC2_IMAGE_READER_ID, READ))
    elif owner_id != bucket_owner_id:
        permission = {"bucket-owner-read": READ, OWNER_FULL_CONTROL: FULL_CONTROL}.get(name)
        if permission is not None:
            grants.append(Grant(CANONICAL_USER, bucket_owner_id, permission))
    return grants


def is_public(grants: Iterable[Grant]) -> bool:
    """Whether a list grants anything to everybody or to every account."""
    return any(grant.kind == GROUP and grant.grantee in PUBLIC_GROUPS for grant in grants)


def is_private(grants: Iterable[Grant], owner_id: str) -> bool:
    """Whether a list grants nothing to others than the owner."""
    return all(grant[:2] == (CANONICAL_USER, owner_id) for grant in grants)


def granted_on_bucket(access: Access, principal: Principal, action: str) -> Named:
    """How the bucket's list lets a caller do this in the bucket."""
    permission = BUCKET_PERMISSIONS.get(action)
    if permission is None or not access.has_lists:
        return Named.NOT
    return _granted(access.in_force, permission, principal, access)


def granted_on_object(
    access: Access, version: VersionAcl, principal: Principal, action: str
) -> Named:
    """How an object's list lets a caller do this; where lists are off all is the bucket owner's."""
    if not access.has_lists:
        is_owner = principal.canonical_id == access.owner_id
        return Named.BY_ACCOUNT if is_owner else Named.NOT
    permission = OBJECT_PERMISSIONS.get(action)
    if permission is None:
        return Named.NOT
    granted = _granted(version.grants or (), permission, principal, access)
    is_owner = not principal.is_anonymous and principal.canonical_id == version.owner_id
    if is_owner and (version.grants is None or permission in {READ_ACP, WRITE_ACP}):
        return max(granted, Named.BY_ACCOUNT)
    return granted


def _granted(
    grants: Iterable[Grant], permission: str, principal: Principal, access: Access
) -> Named:
    """What is granted to the caller's account, if not to everybody."""
    groups = {ALL_USERS} if principal.is_anonymous else PUBLIC_GROUPS
    found = Named.NOT
    for kind, grantee, granted in grants:
        if granted not in {permission, FULL_CONTROL}:
            continue
        if kind == CANONICAL_USER:
            if not principal.is_anonymous and grantee == principal.canonical_id:
                found = Named.BY_ACCOUNT
        elif grantee in groups and not access.ignores_public_acls:
            return Named.BY_ITSELF
    return found
