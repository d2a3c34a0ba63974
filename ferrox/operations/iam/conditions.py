"""The condition keys of IAM itself: what a policy about identities may depend on.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html#awsidentityandaccessmanagementiam-policy-keys
So somebody may be let make users on condition that they get a certain boundary, attach certain
policies only, or change only what bears a certain tag.
"""

from collections.abc import Mapping
from typing import Any

from ferrox.identity import GroupRecord, PolicyRecord, ProviderRecord, RoleRecord, UserRecord
from ferrox.operations.iam.call import IamCall
from ferrox.operations.iam.resources import resource_arn
from ferrox.protocol.query.operation import AnyQueryOperation

Thing = UserRecord | GroupRecord | RoleRecord | PolicyRecord | ProviderRecord
Keys = dict[str, tuple[str, ...]]
"""In lower case, as policies are compiled."""


def condition_keys(call: IamCall, operation: AnyQueryOperation, args: Any) -> Keys:
    """What an operation with these arguments is about."""
    thing = None if operation.resource.is_new else _thing(call, operation, args)
    keys = _of_tags(args)
    present = thing.boundary if isinstance(thing, UserRecord | RoleRecord) else ""
    boundary: str | None = getattr(args, "permissions_boundary", None)
    if boundary or present:
        keys["iam:permissionsboundary"] = (boundary or present,)
    policy_arn: str | None = getattr(args, "policy_arn", None)
    if policy_arn and isinstance(thing, UserRecord | GroupRecord | RoleRecord):
        keys["iam:policyarn"] = (policy_arn,)
    if thing is not None and not isinstance(thing, GroupRecord):  # which have no tags
        keys |= of_tagged(thing.tags)
    return keys


def of_tagged(tags: Mapping[str, str]) -> Keys:
    """What policies may ask about the tags of what is acted on."""
    return {
        f"{prefix}:resourcetag/{name.lower()}": (value,)
        for name, value in tags.items()
        for prefix in ("aws", "iam")
    }


def _of_tags(args: Any) -> Keys:
    tags = getattr(args, "tags", None) or ()
    names = getattr(args, "tag_keys", None) or [tag.key for tag in tags]
    keys: Keys = {f"aws:requesttag/{tag.key.lower()}": (tag.value,) for tag in tags}
    if names:
        keys["aws:tagkeys"] = tuple(names)
    return keys


def _thing(call: IamCall, operation: AnyQueryOperation, args: Any) -> Thing | None:
    """What the operation acts on, which is what its caller needs permission for."""
    arn = resource_arn(call, operation.resource, args)
    kind, _, path = arn.split(":", 5)[-1].partition("/")
    identities, name = call.identities, path.rpartition("/")[2]
    found: Thing | None
    match kind:
        case "user":
            found = identities.user(call.account_id, name)
        case "group":
            found = identities.group(call.account_id, name)
        case "role":
            found = identities.role(call.account_id, name)
        case "policy":
            found = identities.policy(call.account_id, name)
        case "oidc-provider":
            found = identities.provider(call.account_id, path)
        case _:
            return None
    return found if found is not None and found.arn == arn else None
