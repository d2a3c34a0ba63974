"""How many there may be, and how long: the default quotas of IAM.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
The names are those of GetAccountSummary, which tells them, and of the refusals.
"""

from ferrox.iam_errors import LimitExceeded

USERS = 5_000
GROUPS = 300
ROLES = 1_000
POLICIES = 1_500
PROVIDERS = 100
GROUPS_PER_USER = 10
ACCESS_KEYS_PER_USER = 2
ATTACHED_POLICIES = 10
VERSIONS_PER_POLICY = 5
POLICY_VERSIONS_IN_USE = 10_000
POLICY_CHARACTERS = 6_144
USER_POLICY_CHARACTERS = 2_048
GROUP_POLICY_CHARACTERS = 5_120
ROLE_POLICY_CHARACTERS = 10_240
TRUST_POLICY_CHARACTERS = 2_048
TAGS = 50


def require_room(count: int, quota: int, what: str) -> None:
    """Refuse one more of what there are `count` of; `what` is called as AWS calls it."""
    if count >= quota:
        raise LimitExceeded(f"Cannot exceed quota for {what}: {quota}")
