"""Members that many shapes share and inherit: whose, of which page, with which tags."""

from ferrox.protocol.iam.limits import (
    ARN,
    GROUP_NAME,
    MARKER,
    MAX_ITEMS,
    MAX_TAGS,
    NEW_USER_NAME,
    PATH_PREFIX,
    ROLE_NAME,
    TAG_KEY,
    TAG_VALUE,
    USER_NAME,
)
from ferrox.protocol.shape import Shape, member


class UserNamed(Shape):
    user_name: str = member(USER_NAME)


class ShortlyUserNamed(Shape):
    user_name: str = member(NEW_USER_NAME)


class CallerOrUserNamed(Shape):
    user_name: str | None = member(USER_NAME, default=None)


class GroupNamed(Shape):
    group_name: str = member(GROUP_NAME)


class RoleNamed(Shape):
    role_name: str = member(ROLE_NAME)


class PolicyNamed(Shape):
    policy_arn: str = member(ARN)


class ProviderNamed(Shape):
    open_id_connect_provider_arn: str = member(ARN, wire="OpenIDConnectProviderArn")


class Paged(Shape):
    marker: str | None = member(MARKER, default=None)
    max_items: int | None = member(MAX_ITEMS, default=None)


class Page(Shape):
    is_truncated: bool | None = member(default=None)
    marker: str | None = member(default=None)


class PagedByPath(Paged):
    path_prefix: str | None = member(PATH_PREFIX, default=None)


class Tag(Shape):
    key: str = member(TAG_KEY)
    value: str = member(TAG_VALUE)


class Tagging(Shape):
    tags: list[Tag] = member(at_most=MAX_TAGS)


class OptionalTags(Shape):
    tags: list[Tag] | None = member(default=None, at_most=MAX_TAGS)


class Untagging(Shape):
    tag_keys: list[str] = member(TAG_KEY, at_most=MAX_TAGS)


class TagPage(Page):
    tags: list[Tag] = member()


class AttachedPermissionsBoundary(Shape):
    permissions_boundary_type: str | None = member(default=None)
    permissions_boundary_arn: str | None = member(default=None)


class Entity(Shape):
    path: str = member()
    arn: str = member()
    create_date: int = member(timestamp="seconds")


class MaybeEntity(Shape):
    path: str | None = member(default=None)
    arn: str | None = member(default=None)
    create_date: int | None = member(default=None, timestamp="seconds")
