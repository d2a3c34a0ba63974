import pytest

from tests.in_process import ROOT
from tests.queries import Queries, items

TRUST = '{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}}'
LISTS = {
    "ListMFADevices": "MFADevices",
    "ListSSHPublicKeys": "SSHPublicKeys",
    "ListServiceSpecificCredentials": "ServiceSpecificCredentials",
    "ListSigningCertificates": "Certificates",
}


@pytest.mark.parametrize(("action", "listed"), LISTS.items())
async def test_a_user_has_none(root: Queries, action: str, listed: str) -> None:
    await root.iam("CreateUser", UserName="alice")

    of_user = await root.iam(action, UserName="alice")
    of_root = await root.iam(action)
    of_nobody = await root.refused(action, UserName="none")

    assert of_user == of_root
    assert ([], "false") == (items(of_user[listed]), of_user["IsTruncated"])
    assert (404, "NoSuchEntity", "The user with name none cannot be found.") == of_nobody


async def test_there_are_no_virtual_devices(root: Queries) -> None:
    found = await root.iam("ListVirtualMFADevices", AssignmentStatus="Assigned")

    assert [] == items(found["VirtualMFADevices"])


async def test_a_role_has_no_instances(root: Queries) -> None:
    await root.iam("CreateRole", RoleName="role", AssumeRolePolicyDocument=TRUST)

    found = await root.iam("ListInstanceProfilesForRole", RoleName="role")
    refused = await root.refused("ListInstanceProfilesForRole", RoleName="none")

    assert [] == items(found["InstanceProfiles"])
    assert (404, "NoSuchEntity", "The role with name none cannot be found.") == refused


@pytest.mark.parametrize("action", ["GetLoginProfile", "DeleteLoginProfile"])
async def test_nobody_has_a_password(root: Queries, action: str) -> None:
    await root.iam("CreateUser", UserName="alice")

    of_user = await root.refused(action, UserName="alice")
    of_root = await root.refused(action)
    of_nobody = await root.refused(action, UserName="none")

    absent = (404, "NoSuchEntity")
    assert (*absent, "Login Profile for User alice cannot be found.") == of_user
    assert (*absent, f"Login Profile for User {ROOT.display_name} cannot be found.") == of_root
    assert (*absent, "The user with name none cannot be found.") == of_nobody


async def test_nothing_is_asked_of_passwords(root: Queries) -> None:
    refused = await root.refused("GetAccountPasswordPolicy")

    message = f"The Password Policy with domain name {ROOT.account_id} cannot be found."
    assert (404, "NoSuchEntity", message) == refused
