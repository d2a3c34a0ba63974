"""GetAccountAuthorizationDetails: everybody in the account and every policy, at once.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
A page is filled with users first, then groups, roles, and the policies of the account and of AWS.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from ferrox.iam import managed
from ferrox.identity import GroupRecord, PolicyRecord, RoleRecord, UserRecord
from ferrox.operations.iam import attached_policies, boundaries, paging, policy_versions, tags
from ferrox.operations.iam.call import IamCall
from ferrox.operations.iam.policy_use import PolicyUse, policy_use
from ferrox.operations.iam.registry import handles
from ferrox.protocol.iam.account import (
    GetAccountAuthorizationDetailsInput,
    GetAccountAuthorizationDetailsOutput,
    GroupDetail,
    ManagedPolicyDetail,
    PolicyDetail,
    RoleDetail,
    UserDetail,
)
from ferrox.protocol.iam.attachments import AttachedPolicy
from ferrox.protocol.iam.operations import GetAccountAuthorizationDetails
from ferrox.protocol.iam.roles import RoleLastUsed
from ferrox.protocol.shape import Shape
from ferrox.storage.identities.view import IdentityView

_KINDS: dict[str, Callable[[IdentityView, str], list[Any]]] = {
    "User": lambda identities, account_id: identities.users(account_id),
    "Group": lambda identities, account_id: identities.groups(account_id),
    "Role": lambda identities, account_id: identities.roles(account_id),
    "LocalManagedPolicy": lambda identities, account_id: identities.policies(account_id),
    "AWSManagedPolicy": lambda _identities, _account_id: list(managed.POLICIES.values()),
}
"""What can be asked for, in the order in which it is told."""


class _Entry(NamedTuple):
    """One record, and its place among all."""

    place: str
    record: Any


@handles(GetAccountAuthorizationDetails)
async def get_account_authorization_details(
    call: IamCall, args: GetAccountAuthorizationDetailsInput
) -> GetAccountAuthorizationDetailsOutput:
    """Tell of the kinds that are asked for, of all if none is."""
    page = paging.cut(_entries(call, args.filter or ()), args, lambda entry: entry.place)
    use = policy_use(call.identities, call.account_id)
    told: dict[type[Shape], list[Any]] = {}
    for _, record in page.items:
        detail = _detail(record, use)
        told.setdefault(type(detail), []).append(detail)
    return GetAccountAuthorizationDetailsOutput(
        user_detail_list=told.get(UserDetail, []),
        group_detail_list=told.get(GroupDetail, []),
        role_detail_list=told.get(RoleDetail, []),
        policies=told.get(ManagedPolicyDetail, []),
        is_truncated=page.is_truncated,
        marker=page.marker,
    )


def _entries(call: IamCall, wanted: list[str] | tuple[str, ...]) -> Iterator[_Entry]:
    for place, (kind, listed) in enumerate(_KINDS.items()):
        if not wanted or kind in wanted:
            for record in listed(call.identities, call.account_id):
                yield _Entry(f"{place}/{record.name.lower()}", record)


def _detail(record: Any, use: PolicyUse) -> Shape:
    match record:
        case UserRecord():
            return _user(record)
        case GroupRecord():
            return _group(record)
        case RoleRecord():
            return _role(record)
        case _:
            return _policy(record, use)


def _user(user: UserRecord) -> UserDetail:
    return UserDetail(
        user_name=user.name,
        user_id=user.user_id,
        path=user.path,
        arn=user.arn,
        create_date=user.created_ms,
        user_policy_list=_inline(user.inline),
        group_list=list(user.groups),
        attached_managed_policies=_attached(user.attached),
        permissions_boundary=boundaries.shown(user.boundary),
        tags=tags.shown(user.tags),
    )


def _group(group: GroupRecord) -> GroupDetail:
    return GroupDetail(
        group_name=group.name,
        group_id=group.group_id,
        path=group.path,
        arn=group.arn,
        create_date=group.created_ms,
        group_policy_list=_inline(group.inline),
        attached_managed_policies=_attached(group.attached),
    )


def _role(role: RoleRecord) -> RoleDetail:
    return RoleDetail(
        role_name=role.name,
        role_id=role.role_id,
        path=role.path,
        arn=role.arn,
        create_date=role.created_ms,
        assume_role_policy_document=role.trust_policy,
        role_policy_list=_inline(role.inline),
        attached_managed_policies=_attached(role.attached),
        permissions_boundary=boundaries.shown(role.boundary),
        tags=tags.shown(role.tags),
        role_last_used=RoleLastUsed(),
    )


def _policy(policy: PolicyRecord, use: PolicyUse) -> ManagedPolicyDetail:
    return ManagedPolicyDetail(
        policy_name=policy.name,
        policy_id=policy.policy_id,
        path=policy.path,
        arn=policy.arn,
        default_version_id=policy.default_version_id,
        attachment_count=use.attachments[policy.arn],
        permissions_boundary_usage_count=use.boundaries[policy.arn],
        is_attachable=True,
        description=policy.description or None,
        create_date=policy.created_ms,
        update_date=policy.updated_ms,
        policy_version_list=[policy_versions.shown(policy, one) for one in policy.versions],
    )


def _inline(policies: Mapping[str, str]) -> list[PolicyDetail]:
    return [PolicyDetail(policy_name=name, policy_document=text) for name, text in policies.items()]


def _attached(arns: tuple[str, ...]) -> list[AttachedPolicy]:
    return [attached_policies.shown(arn) for arn in arns]
