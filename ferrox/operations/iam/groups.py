"""Groups, and who is in them.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateGroup.html
Membership is kept on both sides, by name.
"""

from ferrox import ids
from ferrox.iam_errors import NoSuchEntity
from ferrox.identity import GroupRecord
from ferrox.operations.iam import naming, paging, quotas, users
from ferrox.operations.iam.call import IamCall
from ferrox.operations.iam.registry import handles
from ferrox.operations.iam.removal import require_bare
from ferrox.operations.iam.resources import arn
from ferrox.protocol.iam.groups import (
    AddUserToGroupInput,
    CreateGroupInput,
    CreateGroupOutput,
    DeleteGroupInput,
    GetGroupInput,
    GetGroupOutput,
    Group,
    ListGroupsForUserInput,
    ListGroupsForUserOutput,
    ListGroupsInput,
    ListGroupsOutput,
    RemoveUserFromGroupInput,
    UpdateGroupInput,
)
from ferrox.protocol.iam.operations import (
    AddUserToGroup,
    CreateGroup,
    DeleteGroup,
    GetGroup,
    ListGroups,
    ListGroupsForUser,
    RemoveUserFromGroup,
    UpdateGroup,
)
from ferrox.protocol.query.operation import Nothing
from ferrox.storage.identities.transaction import Tx
from ferrox.storage.identities.view import IdentityView

ID_PREFIX = "AGPA"


@handles(CreateGroup)
async def create_group(call: IamCall, args: CreateGroupInput) -> CreateGroupOutput:
    """Make a group, with nobody in it."""
    group = GroupRecord(
        call.account_id,
        args.group_name,
        ids.unique_id(ID_PREFIX),
        call.clock.now_ms(),
        args.path or "/",
    )

    def create(tx: Tx) -> None:
        if tx.group(group.account_id, group.name) is not None:
            raise naming.taken(group)
        quotas.require_room(
            tx.count(GroupRecord, group.account_id), quotas.GROUPS, "GroupsPerAccount"
        )
        tx.put(group)

    await call.identities.change(create)
    return CreateGroupOutput(group=shown(group))


@handles(GetGroup)
async def get_group(call: IamCall, args: GetGroupInput) -> GetGroupOutput:
    """Tell of a group, and who is in it."""
    group = find(call.identities, call.account_id, args.group_name)
    page = paging.cut(group.members, args, str.lower)
    members = (call.identities.user(call.account_id, name) for name in page.items)
    return GetGroupOutput(
        group=shown(group),
        users=[users.listed(user) for user in members if user is not None],
        is_truncated=page.is_truncated,
        marker=page.marker,
    )


@handles(ListGroups)
async def list_groups(call: IamCall, args: ListGroupsInput) -> ListGroupsOutput:
    """Tell of the groups below a path."""
    prefix = args.path_prefix or "/"
    groups = (
        group for group in call.identities.groups(call.account_id) if group.path.startswith(prefix)
    )
    page = paging.cut(groups, args, lambda group: group.name.lower())
    return ListGroupsOutput(
        groups=[shown(group) for group in page.items],
        is_truncated=page.is_truncated,
        marker=page.marker,
    )


@handles(UpdateGroup)
async def update_group(call: IamCall, args: UpdateGroupInput) -> Nothing:
    """Give a group another name or path; who is in it, and its policies, stay."""
    before = find(call.identities, call.account_id, args.group_name)
    path, name = args.new_path or before.path, args.new_group_name or before.name
    call.require(UpdateGroup, arn(call, "group", path, name))

    def update(tx: Tx) -> None:
        naming.rename(tx, find(tx, call.account_id, args.group_name), name, path)

    await call.identities.change(update)
    return Nothing()


@handles(DeleteGroup)
async def delete_group(call: IamCall, args: DeleteGroupInput) -> Nothing:
    """Remove a group that is empty and has no policies."""

    def delete(tx: Tx) -> None:
        group = find(tx, call.account_id, args.group_name)
        require_bare(group)
        tx.delete(group)

    await call.identities.change(delete)
    return Nothing()


@handles(AddUserToGroup)
async def add_user_to_group(call: IamCall, args: AddUserToGroupInput) -> Nothing:
    """Put a user into a group; if it is in there already, that is fine."""

    def add(tx: Tx) -> None:
        group = find(tx, call.account_id, args.group_name)
        user = users.find(tx, call.account_id, args.user_name)
        if user.name in group.members:
            return
        quotas.require_room(len(user.groups), quotas.GROUPS_PER_USER, "GroupsPerUser")
        tx.put(group._replace(members=(*group.members, user.name)))
        tx.put(user._replace(groups=(*user.groups, group.name)))

    await call.identities.change(add)
    return Nothing()


@handles(RemoveUserFromGroup)
async def remove_user_from_group(call: IamCall, args: RemoveUserFromGroupInput) -> Nothing:
    """Take a user out of a group; if it is not in there, that is fine."""

    def remove(tx: Tx) -> None:
        group = find(tx, call.account_id, args.group_name)
        user = users.find(tx, call.account_id, args.user_name)
        members = tuple(name for name in group.members if name != user.name)
        tx.put(group._replace(members=members))
        tx.put(user._replace(groups=tuple(name for name in user.groups if name != group.name)))

    await call.identities.change(remove)
    return Nothing()


@handles(ListGroupsForUser)
async def list_groups_for_user(
    call: IamCall, args: ListGroupsForUserInput
) -> ListGroupsForUserOutput:
    """Tell which groups a user is in."""
    user = users.find(call.identities, call.account_id, args.user_name)
    page = paging.cut(user.groups, args, str.lower)
    groups = (call.identities.group(call.account_id, name) for name in page.items)
    return ListGroupsForUserOutput(
        groups=[shown(group) for group in groups if group is not None],
        is_truncated=page.is_truncated,
        marker=page.marker,
    )


def find(identities: IdentityView, account_id: str, name: str) -> GroupRecord:
    """The group of this name, or NoSuchEntity."""
    group = identities.group(account_id, name)
    if group is None:
        raise NoSuchEntity(f"The group with name {name} cannot be found.")
    return group


def shown(group: GroupRecord) -> Group:
    """A group as documents have it."""
    return Group(
        group_name=group.name,
        group_id=group.group_id,
        path=group.path,
        arn=group.arn,
        create_date=group.created_ms,
    )
