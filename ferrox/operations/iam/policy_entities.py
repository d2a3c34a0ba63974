"""ListEntitiesForPolicy: who has a managed policy, to permit something or as a boundary.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListEntitiesForPolicy.html
A page is filled with groups first, then users, then roles.
"""

from collections.abc import Iterator

from ferrox.identity import GroupRecord, RoleRecord, UserRecord
from ferrox.operations.iam import entities, paging, policy_arns
from ferrox.operations.iam.call import IamCall
from ferrox.operations.iam.entities import Entity
from ferrox.operations.iam.policies import BOUNDARY
from ferrox.operations.iam.registry import handles
from ferrox.protocol.iam.operations import ListEntitiesForPolicy
from ferrox.protocol.iam.policies import (
    ListEntitiesForPolicyInput,
    ListEntitiesForPolicyOutput,
    PolicyGroup,
    PolicyRole,
    PolicyUser,
)


@handles(ListEntitiesForPolicy)
async def list_entities_for_policy(
    call: IamCall, args: ListEntitiesForPolicyInput
) -> ListEntitiesForPolicyOutput:
    """Tell of all who have a policy, or of one kind of them below a path."""
    policy = policy_arns.find(call.identities, call.account_id, args.policy_arn)
    holders = (one for one in _entities(call, args) if _has(one, policy.arn, args))
    page = paging.cut(holders, args, _order)
    return ListEntitiesForPolicyOutput(
        policy_groups=[
            PolicyGroup(group_name=one.name, group_id=one.group_id)
            for one in page.items
            if isinstance(one, GroupRecord)
        ],
        policy_users=[
            PolicyUser(user_name=one.name, user_id=one.user_id)
            for one in page.items
            if isinstance(one, UserRecord)
        ],
        policy_roles=[
            PolicyRole(role_name=one.name, role_id=one.role_id)
            for one in page.items
            if isinstance(one, RoleRecord)
        ],
        is_truncated=page.is_truncated,
        marker=page.marker,
    )


def _entities(call: IamCall, args: ListEntitiesForPolicyInput) -> Iterator[Entity]:
    """Those of the kind, and below the path, that is asked for."""
    identities, account_id = call.identities, call.account_id
    kinds: list[list[Entity]] = [
        [*identities.groups(account_id)],
        [*identities.users(account_id)],
        [*identities.roles(account_id)],
    ]
    for entity in (one for kind in kinds for one in kind):
        is_wanted = args.entity_filter in {None, entities.word(entity).capitalize()}
        if is_wanted and entity.path.startswith(args.path_prefix or "/"):
            yield entity


def _has(entity: Entity, arn: str, args: ListEntitiesForPolicyInput) -> bool:
    """Whether an entity has the policy for the use that is asked for, or for any."""
    limits = not isinstance(entity, GroupRecord) and entity.boundary == arn
    permits = arn in entity.attached
    if args.policy_usage_filter is None:
        return limits or permits
    return limits if args.policy_usage_filter == BOUNDARY else permits


def _order(entity: Entity) -> str:
    place = ("group", "user", "role").index(entities.word(entity))
    return f"{place}/{entity.name.lower()}"
