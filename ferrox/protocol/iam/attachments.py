"""Shapes of what users, groups and roles have of policies: managed, inline, boundaries.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachUserPolicy.html and its siblings.
"""

from ferrox.protocol.iam.groupings import (
    GroupNamed,
    Page,
    Paged,
    PolicyNamed,
    RoleNamed,
    ShortlyUserNamed,
    UserNamed,
)
from ferrox.protocol.iam.limits import ARN, POLICY_DOCUMENT, POLICY_NAME, POLICY_PATH
from ferrox.protocol.shape import Shape, member


class AttachedPolicy(Shape):
    policy_name: str | None = member(default=None)
    policy_arn: str | None = member(default=None)


class AttachUserPolicyInput(ShortlyUserNamed, PolicyNamed):
    pass


class DetachUserPolicyInput(ShortlyUserNamed, PolicyNamed):
    pass


class AttachGroupPolicyInput(GroupNamed, PolicyNamed):
    pass


class DetachGroupPolicyInput(GroupNamed, PolicyNamed):
    pass


class AttachRolePolicyInput(RoleNamed, PolicyNamed):
    pass


class DetachRolePolicyInput(RoleNamed, PolicyNamed):
    pass


class PagedByPolicyPath(Paged):
    path_prefix: str | None = member(POLICY_PATH, default=None)


class ListAttachedUserPoliciesInput(ShortlyUserNamed, PagedByPolicyPath):
    pass


class ListAttachedGroupPoliciesInput(GroupNamed, PagedByPolicyPath):
    pass


class ListAttachedRolePoliciesInput(RoleNamed, PagedByPolicyPath):
    pass


class AttachedPolicyPage(Page):
    attached_policies: list[AttachedPolicy] | None = member(default=None)


class ListAttachedUserPoliciesOutput(AttachedPolicyPage):
    pass


class ListAttachedGroupPoliciesOutput(AttachedPolicyPage):
    pass


class ListAttachedRolePoliciesOutput(AttachedPolicyPage):
    pass


class InlineNamed(Shape):
    policy_name: str = member(POLICY_NAME)


class InlineText(InlineNamed):
    policy_document: str = member(POLICY_DOCUMENT)


class PutUserPolicyInput(UserNamed, InlineText):
    pass


class PutGroupPolicyInput(GroupNamed, InlineText):
    pass


class PutRolePolicyInput(RoleNamed, InlineText):
    pass


class GetUserPolicyInput(UserNamed, InlineNamed):
    pass


class GetGroupPolicyInput(GroupNamed, InlineNamed):
    pass


class GetRolePolicyInput(RoleNamed, InlineNamed):
    pass


class InlinePolicy(Shape):
    policy_name: str = member()
    policy_document: str = member(is_escaped=True)


class GetUserPolicyOutput(InlinePolicy):
    user_name: str = member()


class GetGroupPolicyOutput(InlinePolicy):
    group_name: str = member()


class GetRolePolicyOutput(InlinePolicy):
    role_name: str = member()


class DeleteUserPolicyInput(UserNamed, InlineNamed):
    pass


class DeleteGroupPolicyInput(GroupNamed, InlineNamed):
    pass


class DeleteRolePolicyInput(RoleNamed, InlineNamed):
    pass


class ListUserPoliciesInput(UserNamed, Paged):
    pass


class ListGroupPoliciesInput(GroupNamed, Paged):
    pass


class ListRolePoliciesInput(RoleNamed, Paged):
    pass


class PolicyNamePage(Page):
    policy_names: list[str] = member()


class ListUserPoliciesOutput(PolicyNamePage):
    pass


class ListGroupPoliciesOutput(PolicyNamePage):
    pass


class ListRolePoliciesOutput(PolicyNamePage):
    pass


class Bounding(Shape):
    permissions_boundary: str = member(ARN)


class PutUserPermissionsBoundaryInput(ShortlyUserNamed, Bounding):
    pass


class PutRolePermissionsBoundaryInput(RoleNamed, Bounding):
    pass


class DeleteUserPermissionsBoundaryInput(ShortlyUserNamed):
    pass


class DeleteRolePermissionsBoundaryInput(RoleNamed):
    pass
