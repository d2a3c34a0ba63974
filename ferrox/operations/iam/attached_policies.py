"""Managed policies of users, groups and roles: those that permit, and the one that limits.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachUserPolicy.html
https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPermissionsBoundary.html
Whatever is changed is so for the next request of whoever it is about.
"""

from ferrox.iam_errors import NoSuchEntity
from ferrox.operations.iam import boundaries, entities, paging, policy_arns, quotas
from ferrox.operations.iam.call import IamCall
from ferrox.operations.iam.registry import handles
from ferrox.protocol.iam.attachments import (
    AttachedPolicy,
    AttachedPolicyPage,
    Bounding,
    PagedByPolicyPath,
)
from ferrox.protocol.iam.groupings import PolicyNamed
from ferrox.protocol.iam.operations import (
    AttachGroupPolicy,
    AttachRolePolicy,
    AttachUserPolicy,
    DeleteRolePermissionsBoundary,
    DeleteUserPermissionsBoundary,
    DetachGroupPolicy,
    DetachRolePolicy,
    DetachUserPolicy,
    ListAttachedGroupPolicies,
    ListAttachedRolePolicies,
    ListAttachedUserPolicies,
    PutRolePermissionsBoundary,
    PutUserPermissionsBoundary,
)
from ferrox.protocol.query.operation import Nothing
from ferrox.protocol.shape import Shape
from ferrox.storage.identities.transaction import Tx


@handles(AttachUserPolicy, AttachGroupPolicy, AttachRolePolicy)
async def attach_policy(call: IamCall, args: PolicyNamed) -> Nothing:
    """Give an entity a managed policy; if it has it already, that is fine."""

    def attach(tx: Tx) -> None:
        entity = entities.find(tx, call.account_id, args)
        policy = policy_arns.find_attachable(tx, call.account_id, args.policy_arn)
        if policy.arn in entity.attached:
            return
        what = f"PoliciesPer{entities.word(entity).capitalize()}"
        quotas.require_room(len(entity.attached), quotas.ATTACHED_POLICIES, what)
        tx.put(entity._replace(attached=(*entity.attached, policy.arn)))

    await call.identities.change(attach)
    return Nothing()


@handles(DetachUserPolicy, DetachGroupPolicy, DetachRolePolicy)
async def detach_policy(call: IamCall, args: PolicyNamed) -> Nothing:
    """Take a managed policy from an entity."""

    def detach(tx: Tx) -> None:
        entity = entities.find(tx, call.account_id, args)
        if args.policy_arn not in entity.attached:
            raise NoSuchEntity(f"Policy {args.policy_arn} was not found.")
        attached = tuple(arn for arn in entity.attached if arn != args.policy_arn)
        tx.put(entity._replace(attached=attached))

    await call.identities.change(detach)
    return Nothing()


@handles(ListAttachedUserPolicies, ListAttachedGroupPolicies, ListAttachedRolePolicies)
async def list_attached_policies(call: IamCall, args: PagedByPolicyPath) -> AttachedPolicyPage:
    """Tell which managed policies an entity has, of those below a path."""
    entity = entities.find(call.identities, call.account_id, args)
    prefix = args.path_prefix or "/"
    arns = (arn for arn in entity.attached if policy_arns.path_in(arn).startswith(prefix))
    page = paging.cut(arns, args, policy_arns.order)
    return AttachedPolicyPage(
        attached_policies=[shown(arn) for arn in page.items],
        is_truncated=page.is_truncated,
        marker=page.marker,
    )


@handles(PutUserPermissionsBoundary, PutRolePermissionsBoundary)
async def put_permissions_boundary(call: IamCall, args: Bounding) -> Nothing:
    """Limit a user or role to what a managed policy permits."""

    def limit(tx: Tx) -> None:
        entity = entities.find_user_or_role(tx, call.account_id, args)
        boundaries.require_policy(tx, call.account_id, args.permissions_boundary)
        tx.put(entity._replace(boundary=args.permissions_boundary))

    await call.identities.change(limit)
    return Nothing()


@handles(DeleteUserPermissionsBoundary, DeleteRolePermissionsBoundary)
async def delete_permissions_boundary(call: IamCall, args: Shape) -> Nothing:
    """Limit a user or role no more."""

    def unlimit(tx: Tx) -> None:
        tx.put(entities.find_user_or_role(tx, call.account_id, args)._replace(boundary=""))

    await call.identities.change(unlimit)
    return Nothing()


def shown(arn: str) -> AttachedPolicy:
    """A policy of an entity as documents have it."""
    return AttachedPolicy(policy_name=policy_arns.name_in(arn), policy_arn=arn)
