"""Permissions boundaries: the managed policy that a user or role can never go beyond.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
"""

from ferrox.iam_errors import NoSuchEntity
from ferrox.operations.iam import policy_arns
from ferrox.protocol.iam.groupings import AttachedPermissionsBoundary
from ferrox.storage.identities.view import IdentityView


def require_policy(identities: IdentityView, account_id: str, arn: str) -> None:
    """Refuse a boundary that is no managed policy which this account may use."""
    if policy_arns.lookup(identities, account_id, arn) is None:
        raise NoSuchEntity(f"Scope ARN: {arn} does not exist or is not attachable.")


def shown(arn: str) -> AttachedPermissionsBoundary | None:
    """A boundary as documents have it."""
    if not arn:
        return None
    return AttachedPermissionsBoundary(
        permissions_boundary_type="PermissionsBoundaryPolicy", permissions_boundary_arn=arn
    )
