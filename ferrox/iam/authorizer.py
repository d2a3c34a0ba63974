"""The one place that says yes or no: which principal may do which action to which resource.

Every action an operation needs is asked for here, by its name in the S3 service authorization
reference: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html

An account's root may do everything to what its account owns. Others, and callers who did not sign,
may do what access control lists grant; those are looked at for nobody else.
"""

import re
from typing import Protocol

from ferrox.errors import AccessDenied, InvalidBucketOwnerAWSAccountID
from ferrox.iam import acl
from ferrox.iam.acl import Access
from ferrox.records import BucketRecord, Principal, VersionAcl

_is_account_id = re.compile(r"[0-9]{12}").fullmatch


class Lists(Protocol):
    """Where access control lists are found."""

    def access(self, bucket: BucketRecord) -> Access:
        """Return what a bucket's documents say."""

    def version_acl(
        self, bucket: BucketRecord, key: str, version_id: str | None
    ) -> VersionAcl | None:
        """Return the list of a version, of the newest if none is named."""


class Authorizer:
    """Decides over the identities that exist: account roots, and callers who did not sign."""

    def __init__(self, lists: Lists | None = None) -> None:
        self._lists = lists

    def require(
        self,
        principal: Principal,
        action: str,
        bucket: BucketRecord | None,
        key: str = "",
        version_id: str | None = None,
    ) -> None:
        """Return if `principal` may do `action` to the bucket or object, else raise AccessDenied.

        version_id  of the object, where the request names one
        """
        if bucket is None:
            if principal.is_anonymous:
                raise AccessDenied
            return
        if bucket.owner_id == principal.canonical_id:
            return
        if not self._is_listed(principal, action, bucket, key, version_id):
            raise _denied(principal, action, bucket, key)

    def require_of_owner(
        self, principal: Principal, action: str, bucket: BucketRecord, key: str, version_id: str
    ) -> None:
        """`require` for an object that somebody else owns than the bucket's owner.

        To the object's list the bucket's owner is a caller like others, unless lists are off.
        """
        if bucket.owner_id == principal.canonical_id and not self._is_listed(
            principal, action, bucket, key, version_id
        ):
            raise _denied(principal, action, bucket, key)

    def _is_listed(
        self,
        principal: Principal,
        action: str,
        bucket: BucketRecord,
        key: str,
        version_id: str | None,
    ) -> bool:
        """Whether an access control list grants it."""
        if self._lists is None:
            return False
        access = self._lists.access(bucket)
        if action not in acl.OBJECT_PERMISSIONS:
            return acl.allows_on_bucket(access, principal, action)
        version = self._lists.version_acl(bucket, key, version_id)
        if version is None or version.is_delete_marker:
            # Who may list the bucket may know that there is nothing; to others that is a secret.
            return acl.allows_on_bucket(access, principal, "s3:ListBucket")
        return acl.allows_on_object(access, version, principal, action)


def require_owner(account_id: str | None, expected_owner: str) -> None:
    """Hold a bucket, owned by this account, to the one that the request expects to own it."""
    if not _is_account_id(expected_owner):
        raise InvalidBucketOwnerAWSAccountID(
            "The value of the expected bucket owner parameter must be an AWS Account ID... "
            f"[{expected_owner}]"
        )
    if expected_owner != account_id:
        raise AccessDenied


def resource_arn(bucket: BucketRecord, key: str = "") -> str:
    """The name by which policies and messages speak of a bucket or an object."""
    return f"arn:aws:s3:::{bucket.name}/{key}" if key else f"arn:aws:s3:::{bucket.name}"


def _denied(principal: Principal, action: str, bucket: BucketRecord, key: str) -> AccessDenied:
    if principal.is_anonymous:
        return AccessDenied()
    return AccessDenied(
        f"User: {principal.arn} is not authorized to perform: {action} on resource: "
        f'"{resource_arn(bucket, key)}"'
    )
