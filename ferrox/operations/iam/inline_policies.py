"""Inline policies: texts that belong to one user, group or role.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPolicy.html and its siblings.
"""

from ferrox.iam_errors import NoSuchEntity
from ferrox.identity import GroupRecord, UserRecord
from ferrox.operations.iam import entities, paging, policy_texts, quotas
from ferrox.operations.iam.call import IamCall
from ferrox.operations.iam.entities import Entity
from ferrox.operations.iam.registry import handles
from ferrox.protocol.iam.attachments import (
    GetGroupPolicyOutput,
    GetRolePolicyOutput,
    GetUserPolicyOutput,
    InlineNamed,
    InlinePolicy,
    InlineText,
    PolicyNamePage,
)
from ferrox.protocol.iam.groupings import Paged
from ferrox.protocol.iam.operations import (
    DeleteGroupPolicy,
    DeleteRolePolicy,
    DeleteUserPolicy,
    GetGroupPolicy,
    GetRolePolicy,
    GetUserPolicy,
    ListGroupPolicies,
    ListRolePolicies,
    ListUserPolicies,
    PutGroupPolicy,
    PutRolePolicy,
    PutUserPolicy,
)
from ferrox.protocol.query.operation import Nothing
from ferrox.storage.identities.transaction import Tx

_MOST_CHARACTERS = {
    "user": quotas.USER_POLICY_CHARACTERS,
    "group": quotas.GROUP_POLICY_CHARACTERS,
    "role": quotas.ROLE_POLICY_CHARACTERS,
}
"""Of all inline policies of an entity together."""


@handles(PutUserPolicy, PutGroupPolicy, PutRolePolicy)
async def put_policy(call: IamCall, args: InlineText) -> Nothing:
    """Give an entity a policy, in place of the one of that name if there is one."""
    policy_texts.require_inline(args.policy_document)

    def put(tx: Tx) -> None:
        entity = entities.find(tx, call.account_id, args)
        inline = {**entity.inline, args.policy_name: args.policy_document}
        word = entities.word(entity)
        policy_texts.require_room_inline(
            inline.values(), _MOST_CHARACTERS[word], f"{word} {entity.name}"
        )
        tx.put(entity._replace(inline=inline))

    await call.identities.change(put)
    return Nothing()


@handles(GetUserPolicy, GetGroupPolicy, GetRolePolicy)
async def get_policy(call: IamCall, args: InlineNamed) -> InlinePolicy:
    """Show one policy of an entity."""
    entity = entities.find(call.identities, call.account_id, args)
    name, text = args.policy_name, _text(entity, args.policy_name)
    match entity:
        case UserRecord():
            return GetUserPolicyOutput(
                user_name=entity.name, policy_name=name, policy_document=text
            )
        case GroupRecord():
            return GetGroupPolicyOutput(
                group_name=entity.name, policy_name=name, policy_document=text
            )
        case _:
            return GetRolePolicyOutput(
                role_name=entity.name, policy_name=name, policy_document=text
            )


@handles(DeleteUserPolicy, DeleteGroupPolicy, DeleteRolePolicy)
async def delete_policy(call: IamCall, args: InlineNamed) -> Nothing:
    """Take a policy from an entity."""

    def delete(tx: Tx) -> None:
        entity = entities.find(tx, call.account_id, args)
        _text(entity, args.policy_name)
        inline = {name: text for name, text in entity.inline.items() if name != args.policy_name}
        tx.put(entity._replace(inline=inline))

    await call.identities.change(delete)
    return Nothing()


@handles(ListUserPolicies, ListGroupPolicies, ListRolePolicies)
async def list_policies(call: IamCall, args: Paged) -> PolicyNamePage:
    """Tell the names of the policies of an entity."""
    page = paging.cut(entities.find(call.identities, call.account_id, args).inline, args, str)
    return PolicyNamePage(
        policy_names=page.items, is_truncated=page.is_truncated, marker=page.marker
    )


def _text(entity: Entity, name: str) -> str:
    """The policy of this name, or NoSuchEntity."""
    text = entity.inline.get(name)
    if text is None:
        raise NoSuchEntity(f"The {entities.word(entity)} policy with name {name} cannot be found.")
    return text
