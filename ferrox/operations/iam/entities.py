"""Entities: users, groups and roles alike, as what has policies.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html
"""

from collections.abc import Callable
from typing import TypeAlias

from ferrox.identity import GroupRecord, RoleRecord, UserRecord
from ferrox.operations.iam import groups, roles, users
from ferrox.protocol.shape import Shape
from ferrox.storage.identities.view import IdentityView

Entity: TypeAlias = UserRecord | GroupRecord | RoleRecord

_FIND: dict[str, Callable[[IdentityView, str, str], Entity]] = {
    "user_name": users.find,
    "group_name": groups.find,
    "role_name": roles.find,
}
_WORDS: dict[type[Entity], str] = {UserRecord: "user", GroupRecord: "group", RoleRecord: "role"}


def find(identities: IdentityView, account_id: str, args: Shape) -> Entity:
    """The entity that an input names; NoSuchEntity."""
    for field, found in _FIND.items():
        name = getattr(args, field, None)
        if name is not None:
            return found(identities, account_id, name)
    raise TypeError(f"{type(args).__name__} names nobody")


def find_user_or_role(
    identities: IdentityView, account_id: str, args: Shape
) -> UserRecord | RoleRecord:
    """The user or role that an input names: groups have no boundaries, nor tags; NoSuchEntity."""
    entity = find(identities, account_id, args)
    if isinstance(entity, GroupRecord):
        raise TypeError(f"{type(args).__name__} names a group")
    return entity


def word(entity: Entity) -> str:
    """What it is called: user, group or role."""
    return _WORDS[type(entity)]
