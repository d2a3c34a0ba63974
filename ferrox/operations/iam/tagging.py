"""Tagging: giving users, roles, policies and providers tags, taking them, telling them.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagUser.html and its siblings.
"""

from collections.abc import Callable, Mapping

from ferrox.identity import PolicyRecord, ProviderRecord, RoleRecord, UserRecord
from ferrox.operations.iam import entities, oidc_providers, policy_arns, tags
from ferrox.operations.iam.call import IamCall
from ferrox.operations.iam.registry import handles
from ferrox.protocol.iam.groupings import (
    Paged,
    PolicyNamed,
    ProviderNamed,
    Tagging,
    TagPage,
    Untagging,
)
from ferrox.protocol.iam.operations import (
    ListOpenIDConnectProviderTags,
    ListPolicyTags,
    ListRoleTags,
    ListUserTags,
    TagOpenIDConnectProvider,
    TagPolicy,
    TagRole,
    TagUser,
    UntagOpenIDConnectProvider,
    UntagPolicy,
    UntagRole,
    UntagUser,
)
from ferrox.protocol.query.operation import Nothing
from ferrox.protocol.shape import Shape
from ferrox.storage.identities.transaction import Tx
from ferrox.storage.identities.view import IdentityView

FindPolicy = Callable[[IdentityView, str, str], PolicyRecord]
Tags = Mapping[str, str]


@handles(TagUser, TagRole, TagPolicy, TagOpenIDConnectProvider)
async def tag(call: IamCall, args: Tagging) -> Nothing:
    """Put tags over those that something has."""
    return await _change(call, args, lambda before: tags.merged(before, args.tags))


@handles(UntagUser, UntagRole, UntagPolicy, UntagOpenIDConnectProvider)
async def untag(call: IamCall, args: Untagging) -> Nothing:
    """Take tags from something."""
    return await _change(call, args, lambda before: tags.without(before, args.tag_keys))


@handles(ListUserTags, ListRoleTags, ListPolicyTags, ListOpenIDConnectProviderTags)
async def list_tags(call: IamCall, args: Paged) -> TagPage:
    """Tell the tags of something; policies of AWS have none, and may be asked."""
    found = _find(call.identities, call.account_id, args, policy_arns.find)
    page = tags.page(found.tags, args)
    return TagPage(tags=page.items, is_truncated=page.is_truncated, marker=page.marker)


async def _change(call: IamCall, args: Shape, after: Callable[[Tags], dict[str, str]]) -> Nothing:
    def change(tx: Tx) -> None:
        found = _find(tx, call.account_id, args, policy_arns.find_own)
        tx.put(found._replace(tags=after(found.tags)))

    await call.identities.change(change)
    return Nothing()


def _find(
    identities: IdentityView, account_id: str, args: Shape, find_policy: FindPolicy
) -> UserRecord | RoleRecord | PolicyRecord | ProviderRecord:
    """What an input names; NoSuchEntity."""
    match args:
        case PolicyNamed():
            return find_policy(identities, account_id, args.policy_arn)
        case ProviderNamed():
            arn = args.open_id_connect_provider_arn
            return oidc_providers.find(identities, account_id, arn)
        case _:
            return entities.find_user_or_role(identities, account_id, args)
