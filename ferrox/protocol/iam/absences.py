"""Shapes of features of IAM that there are not, whose absence is told to whoever looks for them.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListMFADevices.html and its like.
Passwords, second factors and instances have no part in a store; but tools that remove a user or a
role look first whether it has any.
"""

from ferrox.protocol.iam.groupings import CallerOrUserNamed, Page, Paged, RoleNamed
from ferrox.protocol.iam.limits import ASSIGNMENT_STATUS, NEW_USER_NAME
from ferrox.protocol.shape import Shape, member


class Absent(Shape):
    """What there never is one of."""


class ShortlyCallerOrUserNamed(Shape):
    user_name: str | None = member(NEW_USER_NAME, default=None)


class ListMFADevicesInput(CallerOrUserNamed, Paged):
    pass


class ListMFADevicesOutput(Page):
    mfa_devices: list[Absent] = member(wire="MFADevices")


class ListVirtualMFADevicesInput(Paged):
    assignment_status: str | None = member(ASSIGNMENT_STATUS, default=None)


class ListVirtualMFADevicesOutput(Page):
    virtual_mfa_devices: list[Absent] = member(wire="VirtualMFADevices")


class ListSigningCertificatesInput(CallerOrUserNamed, Paged):
    pass


class ListSigningCertificatesOutput(Page):
    certificates: list[Absent] = member()


class ListSSHPublicKeysInput(ShortlyCallerOrUserNamed, Paged):
    pass


class ListSSHPublicKeysOutput(Page):
    ssh_public_keys: list[Absent] | None = member(wire="SSHPublicKeys", default=None)


class ListServiceSpecificCredentialsInput(ShortlyCallerOrUserNamed, Paged):
    service_name: str | None = member(default=None)
    all_users: bool | None = member(default=None)


class ListServiceSpecificCredentialsOutput(Page):
    service_specific_credentials: list[Absent] | None = member(default=None)


class ListInstanceProfilesForRoleInput(RoleNamed, Paged):
    pass


class ListInstanceProfilesForRoleOutput(Page):
    instance_profiles: list[Absent] = member()


class GetLoginProfileInput(ShortlyCallerOrUserNamed):
    pass


class GetLoginProfileOutput(Shape):
    login_profile: Absent = member()


class DeleteLoginProfileInput(ShortlyCallerOrUserNamed):
    pass


class GetAccountPasswordPolicyInput(Shape):
    pass


class GetAccountPasswordPolicyOutput(Shape):
    password_policy: Absent = member()
