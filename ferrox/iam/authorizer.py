"""The one place that says yes or no: which principal may do which action to which resource.

Every action an operation needs is asked for here, by its name in the S3 service authorization
reference: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
"""

from ferrox.errors import AccessDenied
from ferrox.records import BucketRecord, Principal


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


def resource_arn(bucket: BucketRecord, key: str = "") -> str:
    """The name by which policies and messages speak of a bucket or an object."""
    return f"arn:aws:s3:::{bucket.name}/{key}" if key else f"arn:aws:s3:::{bucket.name}"
