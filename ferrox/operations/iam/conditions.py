"""The condition keys of IAM itself: what a policy about identities may depend on.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html#awsidentityandaccessmanagementiam-policy-keys
So somebody may be let make users on condition that they get a certain boundary, attach certain
policies only, or change only what bears a certain tag.
"""

from collections.abc import Mapping
from typing import Any

from ferrox.identity import GroupRecord, RoleRecord, UserRecord
from ferrox.operations.iam.call import IamCall

Entity = UserRecord | GroupRecord | RoleRecord
Keys = dict[str, tuple[str, ...]]
"""In lower case, as policies are compiled."""


def condition_keys(call: IamCall, args: Any) -> Keys:
    """What an operation with these arguments is about."""
    entity = _entity(call, args)
    keys = _of_tags(args)
    present, tags = _limits(entity)
    boundary: str | None = getattr(args, "permissions_boundary", None)
    if boundary or present:
        keys["iam:permissionsboundary"] = (boundary or present,)
    policy_arn: str | None = getattr(args, "policy_arn", None)
    if policy_arn and entity is not None:
        keys["iam:policyarn"] = (policy_arn,)
    for name, value in tags.items():
        for prefix in ("aws", "iam"):
            keys[f"{prefix}:resourcetag/{name.lower()}"] = (value,)
    return keys


def _limits(entity: Entity | None) -> tuple[str, Mapping[str, str]]:
    """The boundary and the tags of an entity; groups have neither."""
    if entity is None or isinstance(entity, GroupRecord):
        return "", {}
    return entity.boundary, entity.tags


def _of_tags(args: Any) -> Keys:
    tags = getattr(args, "tags", None) or ()
    names = getattr(args, "tag_keys", None) or [tag.key for tag in tags]
    keys: Keys = {f"aws:requesttag/{tag.key.lower()}": (tag.value,) for tag in tags}
    if names:
        keys["aws:tagkeys"] = tuple(names)
    return keys


def _entity(call: IamCall, args: Any) -> Entity | None:
    """Whom the arguments name: a group before the user who comes into it."""
    identities, account_id = call.identities, call.account_id
    if group_name := getattr(args, "group_name", None):
        return identities.group(account_id, group_name)
    if role_name := getattr(args, "role_name", None):
        return identities.role(account_id, role_name)
    return identities.user(account_id, getattr(args, "user_name", None) or call.principal.user_name)
