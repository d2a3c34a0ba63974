"""Shapes of groups: https://docs.aws.amazon.com/IAM/latest/APIReference/API_Group.html"""

from ferrox.protocol.iam.groupings import Entity, GroupNamed, Page, Paged, PagedByPath, UserNamed
from ferrox.protocol.iam.limits import GROUP_NAME, PATH
from ferrox.protocol.iam.users import User
from ferrox.protocol.shape import Shape, member


class Group(Entity):
    group_name: str = member()
    group_id: str = member()


class CreateGroupInput(GroupNamed):
    path: str | None = member(PATH, default=None)


class CreateGroupOutput(Shape):
    group: Group = member()


class GetGroupInput(GroupNamed, Paged):
    pass


class GetGroupOutput(Page):
    group: Group = member()
    users: list[User] = member()


class ListGroupsInput(PagedByPath):
    pass


class ListGroupsOutput(Page):
    groups: list[Group] = member()


class UpdateGroupInput(GroupNamed):
    new_path: str | None = member(PATH, default=None)
    new_group_name: str | None = member(GROUP_NAME, default=None)


class DeleteGroupInput(GroupNamed):
    pass


class AddUserToGroupInput(GroupNamed, UserNamed):
    pass


class RemoveUserFromGroupInput(GroupNamed, UserNamed):
    pass


class ListGroupsForUserInput(UserNamed, Paged):
    pass


class ListGroupsForUserOutput(Page):
    groups: list[Group] = member()
