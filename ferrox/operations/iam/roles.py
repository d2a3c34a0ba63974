"""Roles: CreateRole, GetRole, ListRoles, their updates, DeleteRole, and their trust policies.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
A role that still has policies is not deleted: DeleteConflict. Its sessions end with it.
"""

from ferrox import ids
from ferrox.iam_errors import NoSuchEntity
from ferrox.identity import RoleRecord
from ferrox.operations.iam import boundaries, naming, paging, policy_texts, quotas, tags
from ferrox.operations.iam.call import IamCall
from ferrox.operations.iam.registry import handles
from ferrox.operations.iam.removal import require_bare
from ferrox.protocol.iam.operations import (
    CreateRole,
    DeleteRole,
    GetRole,
    ListRoles,
    UpdateAssumeRolePolicy,
    UpdateRole,
    UpdateRoleDescription,
)
from ferrox.protocol.iam.roles import (
    CreateRoleInput,
    CreateRoleOutput,
    DeleteRoleInput,
    GetRoleInput,
    GetRoleOutput,
    ListRolesInput,
    ListRolesOutput,
    Role,
    RoleLastUsed,
    UpdateAssumeRolePolicyInput,
    UpdateRoleDescriptionInput,
    UpdateRoleDescriptionOutput,
    UpdateRoleInput,
    UpdateRoleOutput,
)
from ferrox.protocol.query.operation import Nothing
from ferrox.storage.identities.transaction import Tx
from ferrox.storage.identities.view import IdentityView

ID_PREFIX = "AROA"
DEFAULT_SESSION_S = 3_600


@handles(CreateRole)
async def create_role(call: IamCall, args: CreateRoleInput) -> CreateRoleOutput:
    """Make a role, which may do nothing yet, for those whom its trust policy names."""
    role = RoleRecord(
        call.account_id,
        args.role_name,
        ids.unique_id(ID_PREFIX),
        call.clock.now_ms(),
        args.assume_role_policy_document,
        args.path or "/",
        args.description or "",
        args.max_session_duration or DEFAULT_SESSION_S,
        boundary=args.permissions_boundary or "",
        tags=tags.read(args.tags),
    )

    def create(tx: Tx) -> None:
        if tx.role(role.account_id, role.name) is not None:
            raise naming.taken(role)
        quotas.require_room(tx.count(RoleRecord, role.account_id), quotas.ROLES, "RolesPerAccount")
        policy_texts.require_trust(tx, role.trust_policy)
        if role.boundary:
            boundaries.require_policy(tx, role.account_id, role.boundary)
        tx.put(role)

    await call.identities.change(create)
    return CreateRoleOutput(role=_shown(role))


@handles(GetRole)
async def get_role(call: IamCall, args: GetRoleInput) -> GetRoleOutput:
    """Tell all of a role."""
    role = _shown(find(call.identities, call.account_id, args.role_name))
    role.role_last_used = RoleLastUsed()
    return GetRoleOutput(role=role)


@handles(ListRoles)
async def list_roles(call: IamCall, args: ListRolesInput) -> ListRolesOutput:
    """Tell of the roles below a path, without their tags and boundaries."""
    prefix = args.path_prefix or "/"
    roles = (
        role for role in call.identities.roles(call.account_id) if role.path.startswith(prefix)
    )
    page = paging.cut(roles, args, lambda role: role.name.lower())
    return ListRolesOutput(
        roles=[_shown(role._replace(boundary="", tags={})) for role in page.items],
        is_truncated=page.is_truncated,
        marker=page.marker,
    )


@handles(UpdateRole)
async def update_role(call: IamCall, args: UpdateRoleInput) -> UpdateRoleOutput:
    """Describe a role anew, or let its sessions last longer or shorter from now on."""

    def update(tx: Tx) -> None:
        role = find(tx, call.account_id, args.role_name)
        description = role.description if args.description is None else args.description
        tx.put(
            role._replace(
                description=description,
                max_session_s=args.max_session_duration or role.max_session_s,
            )
        )

    await call.identities.change(update)
    return UpdateRoleOutput()


@handles(UpdateRoleDescription)
async def update_role_description(
    call: IamCall, args: UpdateRoleDescriptionInput
) -> UpdateRoleDescriptionOutput:
    """Describe a role anew."""

    def update(tx: Tx) -> RoleRecord:
        role = find(tx, call.account_id, args.role_name)._replace(description=args.description)
        tx.put(role)
        return role

    return UpdateRoleDescriptionOutput(role=_shown(await call.identities.change(update)))


@handles(UpdateAssumeRolePolicy)
async def update_assume_role_policy(call: IamCall, args: UpdateAssumeRolePolicyInput) -> Nothing:
    """Name others who may take a role; sessions that there are go on."""

    def update(tx: Tx) -> None:
        role = find(tx, call.account_id, args.role_name)
        policy_texts.require_trust(tx, args.policy_document)
        tx.put(role._replace(trust_policy=args.policy_document))

    await call.identities.change(update)
    return Nothing()


@handles(DeleteRole)
async def delete_role(call: IamCall, args: DeleteRoleInput) -> Nothing:
    """Remove a role that has no policies any more."""

    def delete(tx: Tx) -> None:
        role = find(tx, call.account_id, args.role_name)
        require_bare(role)
        tx.delete(role)

    await call.identities.change(delete)
    return Nothing()


def find(identities: IdentityView, account_id: str, name: str) -> RoleRecord:
    """The role of this name, or NoSuchEntity."""
    role = identities.role(account_id, name)
    if role is None:
        raise NoSuchEntity(f"The role with name {name} cannot be found.")
    return role


def _shown(role: RoleRecord) -> Role:
    """A role as documents have it."""
    return Role(
        role_name=role.name,
        role_id=role.role_id,
        path=role.path,
        arn=role.arn,
        create_date=role.created_ms,
        assume_role_policy_document=role.trust_policy,
        description=role.description or None,
        max_session_duration=role.max_session_s,
        permissions_boundary=boundaries.shown(role.boundary),
        tags=tags.shown(role.tags) or None,
    )
