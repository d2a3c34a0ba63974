"""Shapes of users: https://docs.aws.amazon.com/IAM/latest/APIReference/API_User.html"""

from ferrox.protocol.iam.groupings import (
    AttachedPermissionsBoundary,
    CallerOrUserNamed,
    Entity,
    OptionalTags,
    Page,
    Paged,
    PagedByPath,
    Tagging,
    TagPage,
    Untagging,
    UserNamed,
)
from ferrox.protocol.iam.limits import ARN, NEW_USER_NAME, PATH
from ferrox.protocol.shape import Shape, member


class User(Entity, OptionalTags):
    user_name: str = member()
    user_id: str = member()
    password_last_used: int | None = member(default=None, timestamp="seconds")
    permissions_boundary: AttachedPermissionsBoundary | None = member(default=None)


class CreateUserInput(OptionalTags):
    path: str | None = member(PATH, default=None)
    user_name: str = member(NEW_USER_NAME)
    permissions_boundary: str | None = member(ARN, default=None)


class CreateUserOutput(Shape):
    user: User | None = member(default=None)


class GetUserInput(CallerOrUserNamed):
    pass


class GetUserOutput(Shape):
    user: User = member()


class ListUsersInput(PagedByPath):
    pass


class ListUsersOutput(Page):
    users: list[User] = member()


class UpdateUserInput(UserNamed):
    new_path: str | None = member(PATH, default=None)
    new_user_name: str | None = member(NEW_USER_NAME, default=None)


class DeleteUserInput(UserNamed):
    pass


class TagUserInput(UserNamed, Tagging):
    pass


class UntagUserInput(UserNamed, Untagging):
    pass


class ListUserTagsInput(UserNamed, Paged):
    pass


class ListUserTagsOutput(TagPage):
    pass
