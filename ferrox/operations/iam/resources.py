"""The ARN that an operation acts on, which is what permission is asked for.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
What does not exist has the ARN that it would have at the root of its kind, so that nobody learns
from a refusal what there is.
"""

from typing import Any

from ferrox.identity import PARTITION
from ferrox.operations.iam.call import IamCall
from ferrox.protocol.query.operation import Resource

_EVERYTHING = "*"
_NAMED = {
    Resource.POLICY: "policy_arn",
    Resource.PROVIDER: "open_id_connect_provider_arn",
    Resource.PRINCIPAL: "policy_source_arn",
}
"""Members that are ARNs already."""
_NEW = {
    Resource.NEW_USER: ("user", "user_name"),
    Resource.NEW_GROUP: ("group", "group_name"),
    Resource.NEW_ROLE: ("role", "role_name"),
    Resource.NEW_POLICY: ("policy", "policy_name"),
}
_LISTED = {Resource.USERS: "user", Resource.GROUPS: "group", Resource.ROLES: "role"}


def resource_arn(call: IamCall, resource: Resource, args: Any) -> str:
    """What an operation with these arguments acts on."""
    if resource in _NAMED:
        return str(getattr(args, _NAMED[resource]))
    if resource in _NEW:
        kind, name = _NEW[resource]
        return arn(call, kind, args.path or "/", getattr(args, name))
    if resource in _LISTED:
        return arn(call, _LISTED[resource], args.path_prefix or "/", "")
    match resource:
        case Resource.USER:
            return user_arn(call, args.user_name)
        case Resource.GROUP:
            group = call.identities.group(call.account_id, args.group_name)
            return group.arn if group else arn(call, "group", "/", args.group_name)
        case Resource.ROLE:
            role = call.identities.role(call.account_id, args.role_name)
            return role.arn if role else arn(call, "role", "/", args.role_name)
        case Resource.KEY_OWNER:
            key = call.identities.key(args.access_key_id)
            is_ours = key is not None and key.account_id == call.account_id
            return user_arn(call, key.user_name) if key and is_ours else _EVERYTHING
        case Resource.NEW_PROVIDER:
            url = args.url.partition("://")[2] or args.url
            return f"arn:{PARTITION}:iam::{call.account_id}:oidc-provider/{url}"
        case Resource.FEDERATED_USER:
            return f"arn:{PARTITION}:sts::{call.account_id}:federated-user/{args.name}"
        case _:
            return _EVERYTHING


def arn(call: IamCall, kind: str, path: str, name: str) -> str:
    """The ARN of something of the caller's account, which need not exist."""
    return f"arn:{PARTITION}:iam::{call.account_id}:{kind}{path}{name}"


def user_arn(call: IamCall, name: str | None) -> str:
    """The ARN of a user; without a name the caller's own, be that the root."""
    if not name:
        return call.principal.parent_arn or call.principal.arn
    user = call.identities.user(call.account_id, name)
    return user.arn if user else arn(call, "user", "/", name)
