"""The ARN that permission is asked for, for every way of making one."""

from typing import Any

import pytest

from ferrox.identity import GroupRecord, KeyRecord, Principal, PrincipalKind, RoleRecord, UserRecord
from ferrox.operations.iam.call import IamCall
from ferrox.operations.iam.resources import resource_arn
from ferrox.protocol.iam import operations as iam
from ferrox.protocol.message import Request
from ferrox.protocol.query import decode
from ferrox.protocol.query.operation import AnyQueryOperation
from ferrox.protocol.sts import operations as sts
from ferrox.storage.identities.transaction import Tx
from tests.in_process import ROOT, InProcess

ACCOUNT = ROOT.account_id
US = f"arn:aws:iam::{ACCOUNT}"
POLICY = f"{US}:policy/a/p"
PROVIDER = f"{US}:oidc-provider/issuer.example"
KEY_ID = "FRXALICEALICEALICE22"


@pytest.fixture
async def call(s3: InProcess) -> IamCall:
    """A call of the root of an account with a user, a group, and a role, each below a path."""

    def fill(tx: Tx) -> None:
        tx.put(UserRecord(ACCOUNT, "alice", "AIDA", 0, "/staff/"))
        tx.put(GroupRecord(ACCOUNT, "team", "AGPA", 0, "/staff/"))
        tx.put(RoleRecord(ACCOUNT, "role", "AROA", 0, "{}", "/staff/"))
        tx.put(KeyRecord(KEY_ID, ACCOUNT, "alice", "sealed", 0))
        tx.put(KeyRecord("FRXELSEWHEREXXXXXXXX", "210987654321", "bob", "sealed", 0))

    await s3.store.identities.change(fill)
    return IamCall(s3.services, ROOT, Request("POST", "/", "", {}), ACCOUNT)


@pytest.mark.parametrize(
    ("operation", "parameters", "expected"),
    [
        (iam.CreateUser, {"UserName": "bob"}, f"{US}:user/bob"),
        (iam.CreateUser, {"UserName": "bob", "Path": "/a/"}, f"{US}:user/a/bob"),
        (iam.CreateGroup, {"GroupName": "g", "Path": "/a/"}, f"{US}:group/a/g"),
        (
            iam.CreateRole,
            {"RoleName": "r", "Path": "/a/", "AssumeRolePolicyDocument": "{}"},
            f"{US}:role/a/r",
        ),
        (
            iam.CreatePolicy,
            {"PolicyName": "p", "Path": "/a/", "PolicyDocument": "{}"},
            f"{US}:policy/a/p",
        ),
        (iam.CreateOpenIDConnectProvider, {"Url": "https://issuer.example"}, PROVIDER),
        (
            iam.CreateOpenIDConnectProvider,
            {"Url": "http://localhost:1/a"},
            f"{US}:oidc-provider/localhost:1/a",
        ),
        (iam.DeleteUser, {"UserName": "ALICE"}, f"{US}:user/staff/alice"),
        (iam.DeleteUser, {"UserName": "nobody"}, f"{US}:user/nobody"),
        (iam.GetUser, {}, f"{US}:root"),
        (iam.DeleteGroup, {"GroupName": "team"}, f"{US}:group/staff/team"),
        (iam.DeleteGroup, {"GroupName": "none"}, f"{US}:group/none"),
        (iam.DeleteRole, {"RoleName": "role"}, f"{US}:role/staff/role"),
        (iam.DeleteRole, {"RoleName": "none"}, f"{US}:role/none"),
        (iam.GetPolicy, {"PolicyArn": POLICY}, POLICY),
        (iam.AttachUserPolicy, {"UserName": "bob", "PolicyArn": POLICY}, f"{US}:user/bob"),
        (iam.GetOpenIDConnectProvider, {"OpenIDConnectProviderArn": PROVIDER}, PROVIDER),
        (
            iam.SimulatePrincipalPolicy,
            {"PolicySourceArn": f"{US}:user/bob", "ActionNames.member.1": "s3:*"},
            f"{US}:user/bob",
        ),
        (iam.ListUsers, {}, f"{US}:user/"),
        (iam.ListUsers, {"PathPrefix": "/a/"}, f"{US}:user/a/"),
        (iam.ListGroups, {}, f"{US}:group/"),
        (iam.ListRoles, {}, f"{US}:role/"),
        (iam.GetAccessKeyLastUsed, {"AccessKeyId": KEY_ID}, f"{US}:user/staff/alice"),
        (iam.GetAccessKeyLastUsed, {"AccessKeyId": "FRXELSEWHEREXXXXXXXX"}, "*"),
        (iam.GetAccountSummary, {}, "*"),
        (sts.GetFederationToken, {"Name": "bob"}, f"arn:aws:sts::{ACCOUNT}:federated-user/bob"),
    ],
)
async def test_an_operation_acts_on(
    call: IamCall, operation: AnyQueryOperation, parameters: dict[str, str], expected: str
) -> None:
    args = decode.structure(operation.input, parameters)

    assert expected == resource_arn(call, operation.resource, args)


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        (
            Principal(
                ACCOUNT, "c", "", f"{US}:user/staff/alice", "A", PrincipalKind.USER, "", "alice"
            ),
            f"{US}:user/staff/alice",
        ),
        (
            Principal(
                ACCOUNT, "c", "", f"arn:aws:sts::{ACCOUNT}:assumed-role/role/s", "A",
                PrincipalKind.ROLE_SESSION, parent_arn=f"{US}:role/staff/role",
            ),
            f"{US}:role/staff/role",
        ),
    ],
)  # fmt: skip
async def test_without_a_name_it_acts_on_the_caller(
    call: IamCall, principal: Principal, expected: str
) -> None:
    call.principal = principal
    args: Any = decode.structure(iam.CreateAccessKey.input, {})

    assert expected == resource_arn(call, iam.CreateAccessKey.resource, args)
