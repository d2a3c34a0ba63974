"""Shapes of roles: https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html"""

from ferrox.protocol.iam.groupings import (
    AttachedPermissionsBoundary,
    Entity,
    OptionalTags,
    Page,
    Paged,
    PagedByPath,
    RoleNamed,
    Tagging,
    TagPage,
    Untagging,
)
from ferrox.protocol.iam.limits import ARN, MAX_SESSION_S, PATH, POLICY_DOCUMENT, ROLE_DESCRIPTION
from ferrox.protocol.shape import Shape, member


class RoleLastUsed(Shape):
    last_used_date: int | None = member(default=None, timestamp="seconds")
    region: str | None = member(default=None)


class Role(Entity, OptionalTags):
    role_name: str = member()
    role_id: str = member()
    assume_role_policy_document: str | None = member(default=None, is_escaped=True)
    description: str | None = member(default=None)
    max_session_duration: int | None = member(default=None)
    permissions_boundary: AttachedPermissionsBoundary | None = member(default=None)
    role_last_used: RoleLastUsed | None = member(default=None)


class CreateRoleInput(RoleNamed, OptionalTags):
    path: str | None = member(PATH, default=None)
    assume_role_policy_document: str = member(POLICY_DOCUMENT)
    description: str | None = member(ROLE_DESCRIPTION, default=None)
    max_session_duration: int | None = member(MAX_SESSION_S, default=None)
    permissions_boundary: str | None = member(ARN, default=None)


class CreateRoleOutput(Shape):
    role: Role = member()


class GetRoleInput(RoleNamed):
    pass


class GetRoleOutput(Shape):
    role: Role = member()


class ListRolesInput(PagedByPath):
    pass


class ListRolesOutput(Page):
    roles: list[Role] = member()


class UpdateRoleInput(RoleNamed):
    description: str | None = member(ROLE_DESCRIPTION, default=None)
    max_session_duration: int | None = member(MAX_SESSION_S, default=None)


class UpdateRoleOutput(Shape):
    pass


class UpdateRoleDescriptionInput(RoleNamed):
    description: str = member(ROLE_DESCRIPTION)


class UpdateRoleDescriptionOutput(Shape):
    role: Role | None = member(default=None)


class UpdateAssumeRolePolicyInput(RoleNamed):
    policy_document: str = member(POLICY_DOCUMENT)


class DeleteRoleInput(RoleNamed):
    pass


class TagRoleInput(RoleNamed, Tagging):
    pass


class UntagRoleInput(RoleNamed, Untagging):
    pass


class ListRoleTagsInput(RoleNamed, Paged):
    pass


class ListRoleTagsOutput(TagPage):
    pass
