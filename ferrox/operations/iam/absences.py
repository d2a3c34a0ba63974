"""Features of IAM that there are not: lists of them are empty, and none can be found.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListMFADevices.html and its like.
Tools that remove a user or a role look for these first.
"""

from collections.abc import Awaitable, Callable
from typing import Any, NoReturn

from ferrox.iam_errors import NoSuchEntity
from ferrox.operations.iam import roles, users
from ferrox.operations.iam.call import IamCall
from ferrox.operations.iam.registry import handles
from ferrox.protocol.iam.absences import GetAccountPasswordPolicyInput, ShortlyCallerOrUserNamed
from ferrox.protocol.iam.operations import (
    DeleteLoginProfile,
    GetAccountPasswordPolicy,
    GetLoginProfile,
    ListInstanceProfilesForRole,
    ListMFADevices,
    ListServiceSpecificCredentials,
    ListSigningCertificates,
    ListSSHPublicKeys,
    ListVirtualMFADevices,
)
from ferrox.protocol.query.operation import AnyQueryOperation
from ferrox.protocol.shape import Shape

_LISTS: dict[AnyQueryOperation, str] = {
    ListInstanceProfilesForRole: "instance_profiles",
    ListMFADevices: "mfa_devices",
    ListSSHPublicKeys: "ssh_public_keys",
    ListServiceSpecificCredentials: "service_specific_credentials",
    ListSigningCertificates: "certificates",
    ListVirtualMFADevices: "virtual_mfa_devices",
}
"""What each of these would tell."""


@handles(GetLoginProfile, DeleteLoginProfile)
async def find_login_profile(call: IamCall, args: ShortlyCallerOrUserNamed) -> NoReturn:
    """Tell that a user has no password."""
    name = users.named(call, args.user_name)
    if name:
        users.find(call.identities, call.account_id, name)
    raise NoSuchEntity(f"Login Profile for User {name or users.root_name(call)} cannot be found.")


@handles(GetAccountPasswordPolicy)
async def get_account_password_policy(
    call: IamCall, _args: GetAccountPasswordPolicyInput
) -> NoReturn:
    """Tell that nothing is asked of passwords."""
    raise NoSuchEntity(f"The Password Policy with domain name {call.account_id} cannot be found.")


def _listing_none(
    operation: AnyQueryOperation, listed: str
) -> Callable[[IamCall, Any], Awaitable[Shape]]:
    """A handler that tells of nothing, once it knows that whoever is named is there."""

    async def list_none(call: IamCall, args: Any) -> Shape:
        if hasattr(args, "role_name"):
            roles.find(call.identities, call.account_id, args.role_name)
        elif getattr(args, "user_name", None):
            users.find(call.identities, call.account_id, args.user_name)
        output: Shape = operation.output(**{listed: []}, is_truncated=False)
        return output

    return list_none


for _operation, _listed in _LISTS.items():
    handles(_operation)(_listing_none(_operation, _listed))
