"""Permissions boundaries: the managed policy that a user or role can never go beyond.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
"""

from ferrox.iam import managed
from ferrox.iam_errors import NoSuchEntity
from ferrox.identity import PARTITION
from ferrox.protocol.iam.groupings import AttachedPermissionsBoundary
from ferrox.storage.identities.view import IdentityView


def require_policy(identities: IdentityView, account_id: str, arn: str) -> None:
    """Refuse a boundary that is no managed policy which this account may use."""
    owner, _, resource = arn.rpartition(":")
    policy = managed.policy(arn)
    if policy is None and owner == f"arn:{PARTITION}:iam::{account_id}":
        policy = identities.policy(account_id, resource.rpartition("/")[2])
    if policy is None or policy.arn != arn:
        raise NoSuchEntity(f"Scope ARN: {arn} does not exist or is not attachable.")


def shown(arn: str) -> AttachedPermissionsBoundary | None:
    """A boundary as documents have it."""
    if not arn:
        return None
    return AttachedPermissionsBoundary(
        permissions_boundary_type="PermissionsBoundaryPolicy", permissions_boundary_arn=arn
    )
