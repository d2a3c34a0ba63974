"""Shapes of what concerns the account as a whole: alias, summary, everything in it at once.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
"""

from ferrox.protocol.iam.attachments import AttachedPolicy
from ferrox.protocol.iam.groupings import (
    AttachedPermissionsBoundary,
    MaybeEntity,
    OptionalTags,
    Page,
    Paged,
)
from ferrox.protocol.iam.limits import ACCOUNT_ALIAS, ENTITY_TYPE
from ferrox.protocol.iam.policies import PolicyFacts, PolicyVersion
from ferrox.protocol.iam.roles import RoleLastUsed
from ferrox.protocol.shape import Shape, member


class AliasNamed(Shape):
    account_alias: str = member(ACCOUNT_ALIAS)


class CreateAccountAliasInput(AliasNamed):
    pass


class DeleteAccountAliasInput(AliasNamed):
    pass


class ListAccountAliasesInput(Paged):
    pass


class ListAccountAliasesOutput(Page):
    account_aliases: list[str] = member()


class GetAccountSummaryInput(Shape):
    pass


class GetAccountSummaryOutput(Shape):
    summary_map: dict[str, int] | None = member(default=None)


class GetAccountAuthorizationDetailsInput(Paged):
    filter: list[str] | None = member(ENTITY_TYPE, default=None)


class PolicyDetail(Shape):
    policy_name: str | None = member(default=None)
    policy_document: str | None = member(default=None, is_escaped=True)


class Managed(Shape):
    attached_managed_policies: list[AttachedPolicy] | None = member(default=None)


class Bounded(MaybeEntity, OptionalTags):
    permissions_boundary: AttachedPermissionsBoundary | None = member(default=None)


class UserDetail(Bounded, Managed):
    user_name: str | None = member(default=None)
    user_id: str | None = member(default=None)
    user_policy_list: list[PolicyDetail] | None = member(default=None)
    group_list: list[str] | None = member(default=None)


class GroupDetail(MaybeEntity, Managed):
    group_name: str | None = member(default=None)
    group_id: str | None = member(default=None)
    group_policy_list: list[PolicyDetail] | None = member(default=None)


class RoleDetail(Bounded, Managed):
    role_name: str | None = member(default=None)
    role_id: str | None = member(default=None)
    assume_role_policy_document: str | None = member(default=None, is_escaped=True)
    role_policy_list: list[PolicyDetail] | None = member(default=None)
    role_last_used: RoleLastUsed | None = member(default=None)


class ManagedPolicyDetail(PolicyFacts):
    policy_version_list: list[PolicyVersion] | None = member(default=None)


class GetAccountAuthorizationDetailsOutput(Page):
    user_detail_list: list[UserDetail] | None = member(default=None)
    group_detail_list: list[GroupDetail] | None = member(default=None)
    role_detail_list: list[RoleDetail] | None = member(default=None)
    policies: list[ManagedPolicyDetail] | None = member(default=None)
