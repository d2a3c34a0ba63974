"""Every module that handles operations of IAM and STS, imported by name, so that HANDLERS is whole.

It is imported with the first request that asks for one of them: few servers have many.
"""

from ferrox.operations.iam import (
    absences,
    access_keys,
    account,
    attached_policies,
    authorization_details,
    context_keys,
    groups,
    inline_policies,
    oidc_providers,
    policies,
    policy_entities,
    policy_versions,
    roles,
    simulation,
    tagging,
    users,
)
from ferrox.operations.iam.registry import HANDLERS
from ferrox.operations.sts import assume_role, callers, user_sessions, web_identity

__all__ = [
    "HANDLERS",
    "absences",
    "access_keys",
    "account",
    "assume_role",
    "attached_policies",
    "authorization_details",
    "callers",
    "context_keys",
    "groups",
    "inline_policies",
    "oidc_providers",
    "policies",
    "policy_entities",
    "policy_versions",
    "roles",
    "simulation",
    "tagging",
    "user_sessions",
    "users",
    "web_identity",
]
