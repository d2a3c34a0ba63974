"""The one place that says yes or no: which principal may do which action to which resource.

Every action an operation needs is asked for here, by its name in the S3 service authorization
reference: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
"""

import re

from ferrox.errors import AccessDenied, InvalidBucketOwnerAWSAccountID
from ferrox.records import BucketRecord, Principal

_is_account_id = re.compile(r"[0-9]{12}").fullmatch


class Authorizer:
    """Decides over the identities that exist: account roots, and callers who did not sign."""

    def require(
        self, principal: Principal, action: str, bucket: BucketRecord | None, key: str = ""
    ) -> None:
        """Return if `principal` may do `action` to the bucket or object, else raise AccessDenied.

        An account's root owns what its account owns, and nothing else. Nothing is anonymous.
        """
        if principal.is_anonymous:
            raise AccessDenied
        if bucket is not None and bucket.owner_id != principal.canonical_id:
            raise AccessDenied(
                f"User: {principal.arn} is not authorized to perform: {action} on resource: "
                f'"{resource_arn(bucket, key)}"'
            )


def require_owner(principal: Principal, expected_owner: str | None) -> None:
    """Hold a bucket to the account that the request expects to own it; None expects nothing.

    A caller reaches only what its own account owns, so the owner is the caller's account.
    """
    if expected_owner is None:
        return
    if not _is_account_id(expected_owner):
        raise InvalidBucketOwnerAWSAccountID(
            "The value of the expected bucket owner parameter must be an AWS Account ID... "
            f"[{expected_owner}]"
        )
    if expected_owner != principal.account_id:
        raise AccessDenied


def resource_arn(bucket: BucketRecord, key: str = "") -> str:
    """The name by which policies and messages speak of a bucket or an object."""
    return f"arn:aws:s3:::{bucket.name}/{key}" if key else f"arn:aws:s3:::{bucket.name}"
