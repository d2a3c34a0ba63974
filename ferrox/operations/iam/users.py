"""Users: CreateUser, GetUser, ListUsers, UpdateUser, DeleteUser.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateUser.html
A user that still has keys, policies or groups is not deleted: DeleteConflict.
"""

from ferrox import ids
from ferrox.iam_errors import NoSuchEntity, ValidationError
from ferrox.identity import PrincipalKind, UserRecord
from ferrox.operations.iam import boundaries, naming, paging, quotas, tags
from ferrox.operations.iam.call import IamCall
from ferrox.operations.iam.registry import handles
from ferrox.operations.iam.removal import require_bare
from ferrox.operations.iam.resources import arn
from ferrox.protocol.iam.operations import (
    CreateUser,
    DeleteUser,
    GetUser,
    ListUsers,
    UpdateUser,
)
from ferrox.protocol.iam.users import (
    CreateUserInput,
    CreateUserOutput,
    DeleteUserInput,
    GetUserInput,
    GetUserOutput,
    ListUsersInput,
    ListUsersOutput,
    UpdateUserInput,
    User,
)
from ferrox.protocol.query.operation import Nothing
from ferrox.storage.identities.transaction import Tx
from ferrox.storage.identities.view import IdentityView

ID_PREFIX = "AIDA"


@handles(CreateUser)
async def create_user(call: IamCall, args: CreateUserInput) -> CreateUserOutput:
    """Make a user, who may do nothing yet."""
    user = UserRecord(
        call.account_id,
        args.user_name,
        ids.unique_id(ID_PREFIX),
        call.clock.now_ms(),
        args.path or "/",
        boundary=args.permissions_boundary or "",
        tags=tags.read(args.tags),
    )

    def create(tx: Tx) -> None:
        if tx.user(user.account_id, user.name) is not None:
            raise naming.taken(user)
        quotas.require_room(tx.count(UserRecord, user.account_id), quotas.USERS, "UsersPerAccount")
        if user.boundary:
            boundaries.require_policy(tx, user.account_id, user.boundary)
        tx.put(user)

    await call.identities.change(create)
    return CreateUserOutput(user=shown(user))


@handles(GetUser)
async def get_user(call: IamCall, args: GetUserInput) -> GetUserOutput:
    """Tell all of a user; without a name, of the caller, be it the root."""
    name = named(call, args.user_name)
    user = shown(find(call.identities, call.account_id, name)) if name else _root(call)
    return GetUserOutput(user=user)


@handles(ListUsers)
async def list_users(call: IamCall, args: ListUsersInput) -> ListUsersOutput:
    """Tell of the users below a path, without their tags and boundaries."""
    prefix = args.path_prefix or "/"
    users = (
        user for user in call.identities.users(call.account_id) if user.path.startswith(prefix)
    )
    page = paging.cut(users, args, lambda user: user.name.lower())
    return ListUsersOutput(
        users=[listed(user) for user in page.items],
        is_truncated=page.is_truncated,
        marker=page.marker,
    )


@handles(UpdateUser)
async def update_user(call: IamCall, args: UpdateUserInput) -> Nothing:
    """Give a user another name or path; keys, policies and groups stay."""
    before = find(call.identities, call.account_id, args.user_name)
    path, name = args.new_path or before.path, args.new_user_name or before.name
    call.require(UpdateUser, arn(call, "user", path, name))

    def update(tx: Tx) -> None:
        naming.rename(tx, find(tx, call.account_id, args.user_name), name, path)

    await call.identities.change(update)
    return Nothing()


@handles(DeleteUser)
async def delete_user(call: IamCall, args: DeleteUserInput) -> Nothing:
    """Remove a user who has nothing any more."""

    def delete(tx: Tx) -> None:
        user = find(tx, call.account_id, args.user_name)
        require_bare(user)
        tx.delete(user)

    await call.identities.change(delete)
    return Nothing()


def find(identities: IdentityView, account_id: str, name: str) -> UserRecord:
    """The user of this name, or NoSuchEntity."""
    user = identities.user(account_id, name)
    if user is None:
        raise NoSuchEntity(f"The user with name {name} cannot be found.")
    return user


def named(call: IamCall, name: str | None) -> str:
    """Who is meant by a name; without one the caller, whose name is empty if it is the root."""
    if name or call.principal.user_name:
        return name or call.principal.user_name
    if call.principal.kind is not PrincipalKind.ROOT:
        raise ValidationError("Must specify userName when calling with non-User credentials")
    return ""


def shown(user: UserRecord) -> User:
    """A user as documents have it."""
    return User(
        user_name=user.name,
        user_id=user.user_id,
        path=user.path,
        arn=user.arn,
        create_date=user.created_ms,
        permissions_boundary=boundaries.shown(user.boundary),
        tags=tags.shown(user.tags) or None,
    )


def listed(user: UserRecord) -> User:
    """A user as lists have it."""
    return shown(user._replace(boundary="", tags={}))


def root_name(call: IamCall) -> str:
    """What the root of the account is called where documents want the name of a user."""
    account = call.identities.account(call.account_id)
    return account.display_name if account else call.principal.display_name


def _root(call: IamCall) -> User:
    account = call.identities.account(call.account_id)
    return User(
        user_name=root_name(call),
        user_id=call.account_id,
        path="/",
        arn=call.principal.arn,
        create_date=account.created_ms if account else 0,
    )
