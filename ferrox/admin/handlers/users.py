"""Users and groups."""

from collections.abc import Awaitable, Callable
from typing import Any

from ferrox.admin.backstage import AdminCall
from ferrox.admin.errors import NotFound
from ferrox.admin.handlers.accounts import page
from ferrox.admin.handlers.iam import Orders
from ferrox.admin.registry import answers
from ferrox.admin.schema import instant
from ferrox.admin.shapes.identities import (
    GroupPage,
    GroupView,
    KeyPair,
    NewGroup,
    NewUser,
    OfAccount,
    OneGroup,
    OneUser,
    UserMade,
    UserPage,
    UserRemoval,
    UserView,
)
from ferrox.identity import GroupRecord, UserRecord
from ferrox.protocol.iam import operations as iam
from ferrox.protocol.query.operation import AnyQueryOperation

_DIRECT: dict[str, tuple[AnyQueryOperation, dict[str, str]]] = {
    "AttachUserPolicy": (iam.AttachUserPolicy, {"user": "UserName", "policy": "PolicyArn"}),
    "DetachUserPolicy": (iam.DetachUserPolicy, {"user": "UserName", "policy": "PolicyArn"}),
    "AddUserToGroup": (iam.AddUserToGroup, {"user": "UserName", "group": "GroupName"}),
    "RemoveUserFromGroup": (iam.RemoveUserFromGroup, {"user": "UserName", "group": "GroupName"}),
    "DeleteGroup": (iam.DeleteGroup, {"group": "GroupName"}),
    "AttachGroupPolicy": (iam.AttachGroupPolicy, {"group": "GroupName", "policy": "PolicyArn"}),
    "DetachGroupPolicy": (iam.DetachGroupPolicy, {"group": "GroupName", "policy": "PolicyArn"}),
}
"""Endpoints that are one operation of IAM: its name for each field."""


def _direct(
    operation: AnyQueryOperation, wires: dict[str, str]
) -> Callable[[AdminCall, Any], Awaitable[None]]:
    async def give(call: AdminCall, args: Any) -> None:
        orders = Orders(call, args.account)
        given = {wire: getattr(args, name) for name, wire in wires.items()}
        if "PolicyArn" in given:
            given["PolicyArn"] = orders.policy_arn(given["PolicyArn"])
        await orders.give(operation, **given)

    return give


for _name, _row in _DIRECT.items():
    answers(_name)(_direct(*_row))


@answers("CreateUser")
async def create_user(call: AdminCall, args: NewUser) -> UserMade:
    """Make a user with what it needs to begin; nothing is left of it if something is not there."""
    orders = Orders(call, args.account)
    boundary = orders.policy_arn(args.boundary) if args.boundary is not None else None
    await orders.give(
        iam.CreateUser, UserName=args.name, Path=args.path, PermissionsBoundary=boundary
    )
    try:
        for policy in args.policy:
            arn = orders.policy_arn(policy)
            await orders.give(iam.AttachUserPolicy, UserName=args.name, PolicyArn=arn)
        for group in args.group:
            await orders.give(iam.AddUserToGroup, UserName=args.name, GroupName=group)
        pair = None if args.without_key else await make_key(orders, args.name)
    except BaseException:
        await _remove(orders, args.name)
        raise
    return UserMade(user=_user(_found(orders, args.name)), access_key=pair)


async def make_key(orders: Orders, user: str | None) -> KeyPair:
    """Make an access key of a user, or of the root of the account."""
    made = (await orders.give(iam.CreateAccessKey, UserName=user)).access_key
    return KeyPair(access_key_id=made.access_key_id, secret_access_key=made.secret_access_key)


@answers("ListUsers")
async def list_users(call: AdminCall, args: OfAccount) -> UserPage:
    """Return users by name."""
    orders = Orders(call, args.account)
    users = orders.identities.users(orders.account_id)
    shown, following = page(users, [user.name for user in users], args)
    return UserPage(users=tuple(map(_user, shown)), next=following)


@answers("GetUser")
async def get_user(call: AdminCall, args: OneUser) -> UserView:
    """Return one user."""
    return _user(_found(Orders(call, args.account), args.user))


@answers("DeleteUser")
async def delete_user(call: AdminCall, args: UserRemoval) -> None:
    """Remove a user; IAM refuses one that still has something, unless that may go, too."""
    orders = Orders(call, args.account)
    if args.force:
        await _remove(orders, args.user)
    else:
        await orders.give(iam.DeleteUser, UserName=args.user)


async def _remove(orders: Orders, name: str) -> None:
    user = _found(orders, name)
    for key in user.keys:
        await orders.give(iam.DeleteAccessKey, UserName=name, AccessKeyId=key)
    for arn in user.attached:
        await orders.give(iam.DetachUserPolicy, UserName=name, PolicyArn=arn)
    for policy in user.inline:
        await orders.give(iam.DeleteUserPolicy, UserName=name, PolicyName=policy)
    for group in user.groups:
        await orders.give(iam.RemoveUserFromGroup, UserName=name, GroupName=group)
    await orders.give(iam.DeleteUser, UserName=name)


def _found(orders: Orders, name: str) -> UserRecord:
    user = orders.identities.user(orders.account_id, name)
    if user is None:
        raise NotFound(f"There is no user {name}.")
    return user


def _user(user: UserRecord) -> UserView:
    return UserView(
        name=user.name,
        arn=user.arn,
        user_id=user.user_id,
        created=instant(user.created_ms),
        groups=tuple(user.groups),
        policies=tuple(user.attached),
        inline=tuple(user.inline),
        boundary=user.boundary or None,
        keys=tuple(user.keys),
    )


@answers("CreateGroup")
async def create_group(call: AdminCall, args: NewGroup) -> GroupView:
    """Make a group."""
    orders = Orders(call, args.account)
    await orders.give(iam.CreateGroup, GroupName=args.name, Path=args.path)
    return _group(_found_group(orders, args.name))


@answers("ListGroups")
async def list_groups(call: AdminCall, args: OfAccount) -> GroupPage:
    """Return groups by name."""
    orders = Orders(call, args.account)
    groups = orders.identities.groups(orders.account_id)
    shown, following = page(groups, [group.name for group in groups], args)
    return GroupPage(groups=tuple(map(_group, shown)), next=following)


@answers("GetGroup")
async def get_group(call: AdminCall, args: OneGroup) -> GroupView:
    """Return one group."""
    return _group(_found_group(Orders(call, args.account), args.group))


def _found_group(orders: Orders, name: str) -> GroupRecord:
    group = orders.identities.group(orders.account_id, name)
    if group is None:
        raise NotFound(f"There is no group {name}.")
    return group


def _group(group: GroupRecord) -> GroupView:
    return GroupView(
        name=group.name,
        arn=group.arn,
        group_id=group.group_id,
        created=instant(group.created_ms),
        members=tuple(group.members),
        policies=tuple(group.attached),
        inline=tuple(group.inline),
    )
