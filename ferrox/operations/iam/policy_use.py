"""Where managed policies are in use, counted: as permissions, and as boundaries.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_Policy.html
"""

from collections import Counter
from typing import NamedTuple

from ferrox.identity import GroupRecord, RoleRecord, UserRecord
from ferrox.storage.identities.view import IdentityView


class PolicyUse(NamedTuple):
    """How many times each policy is in use, by ARN; one that is not has none."""

    attachments: Counter[str]
    boundaries: Counter[str]


def policy_use(identities: IdentityView, account_id: str) -> PolicyUse:
    """Count over everybody in the account."""
    groups: list[GroupRecord] = identities.groups(account_id)
    bounded: list[UserRecord | RoleRecord] = [
        *identities.users(account_id),
        *identities.roles(account_id),
    ]
    return PolicyUse(
        Counter(arn for entity in (*groups, *bounded) for arn in entity.attached),
        Counter(entity.boundary for entity in bounded if entity.boundary),
    )
