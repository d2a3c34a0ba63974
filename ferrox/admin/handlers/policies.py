"""Managed policies of an account, and those that come with the server."""

import json

from ferrox.admin.backstage import AdminCall
from ferrox.admin.errors import NotFound
from ferrox.admin.handlers.accounts import page
from ferrox.admin.handlers.iam import Orders
from ferrox.admin.registry import answers
from ferrox.admin.schema import instant
from ferrox.admin.shapes.identities import (
    NewPolicy,
    OnePolicy,
    PoliciesOf,
    PolicyChange,
    PolicyPage,
    PolicySummary,
    PolicyView,
)
from ferrox.iam import managed
from ferrox.iam_errors import DeleteConflict
from ferrox.identity import PolicyRecord
from ferrox.operations.iam import policy_arns
from ferrox.operations.iam.quotas import VERSIONS_PER_POLICY
from ferrox.protocol.iam import operations as iam


@answers("CreatePolicy")
async def create_policy(call: AdminCall, args: NewPolicy) -> PolicyView:
    """Make a managed policy."""
    orders = Orders(call, args.account)
    await orders.give(
        iam.CreatePolicy,
        PolicyName=args.name,
        PolicyDocument=json.dumps(args.document),
        Path=args.path,
        Description=args.description or None,
    )
    return _view(_found(orders, args.name))


@answers("ListPolicies")
async def list_policies(call: AdminCall, args: PoliciesOf) -> PolicyPage:
    """Return managed policies by name."""
    orders = Orders(call, args.account)
    policies = list(orders.identities.policies(orders.account_id))
    if args.builtin:
        policies += managed.POLICIES.values()
    shown, following = page(policies, [policy.name for policy in policies], args)
    return PolicyPage(policies=tuple(map(_summary, shown)), next=following)


@answers("GetPolicy")
async def get_policy(call: AdminCall, args: OnePolicy) -> PolicyView:
    """Return one managed policy."""
    return _view(_found(Orders(call, args.account), args.policy))


@answers("ChangePolicy")
async def change_policy(call: AdminCall, args: PolicyChange) -> PolicyView:
    """Add a version and put it in force; the oldest makes room where there are too many."""
    orders = Orders(call, args.account)
    policy = _found(orders, args.policy)
    former = [one for one in policy.versions if one.version_id != policy.default_version_id]
    if len(policy.versions) >= VERSIONS_PER_POLICY:
        oldest = min(former, key=lambda one: int(one.version_id[1:]))
        await orders.give(
            iam.DeletePolicyVersion, PolicyArn=policy.arn, VersionId=oldest.version_id
        )
    await orders.give(
        iam.CreatePolicyVersion,
        PolicyArn=policy.arn,
        PolicyDocument=json.dumps(args.document),
        SetAsDefault="true",
    )
    return _view(_found(orders, policy.arn))


@answers("DeletePolicy")
async def delete_policy(call: AdminCall, args: OnePolicy) -> None:
    """Remove a managed policy with all its versions; IAM wants those removed one by one."""
    orders = Orders(call, args.account)
    policy = _found(orders, args.policy)
    holders = await orders.give(iam.ListEntitiesForPolicy, PolicyArn=policy.arn)
    if holders.policy_users or holders.policy_groups or holders.policy_roles:
        raise DeleteConflict("Cannot delete a policy attached to entities.")
    for version in policy.versions:
        if version.version_id != policy.default_version_id:
            await orders.give(
                iam.DeletePolicyVersion, PolicyArn=policy.arn, VersionId=version.version_id
            )
    await orders.give(iam.DeletePolicy, PolicyArn=policy.arn)


def _found(orders: Orders, name: str) -> PolicyRecord:
    arn = orders.policy_arn(name)
    policy = policy_arns.lookup(orders.identities, orders.account_id, arn)
    if policy is None:
        raise NotFound(f"There is no policy {name}.")
    return policy


def _summary(policy: PolicyRecord) -> PolicySummary:
    return PolicySummary(
        name=policy.name,
        arn=policy.arn,
        version=policy.default_version_id,
        updated=instant(policy.updated_ms),
        description=policy.description,
    )


def _view(policy: PolicyRecord) -> PolicyView:
    return PolicyView(
        name=policy.name,
        arn=policy.arn,
        version=policy.default_version_id,
        updated=instant(policy.updated_ms),
        description=policy.description,
        versions=tuple(one.version_id for one in policy.versions),
        document=json.loads(policy.text),
    )
