import pytest

from ferrox.identity import GroupRecord, RoleRecord, UserRecord
from ferrox.operations.iam.call import IamCall
from ferrox.operations.iam.conditions import condition_keys
from ferrox.protocol.iam import operations as iam
from ferrox.protocol.message import Request
from ferrox.protocol.query import decode
from ferrox.protocol.query.operation import AnyQueryOperation
from tests.in_process import ROOT
from tests.queries import Queries

ACCOUNT = ROOT.account_id
POLICY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
LIMIT = f"arn:aws:iam::{ACCOUNT}:policy/limit"
TAGGED = {"aws:resourcetag/team": ("web",), "iam:resourcetag/team": ("web",)}
BOUND = {"iam:permissionsboundary": (LIMIT,)}


@pytest.mark.parametrize(
    ("operation", "parameters", "expected"),
    [
        (iam.CreateUser, {"UserName": "bob"}, {}),
        (iam.CreateUser, {"UserName": "bob", "PermissionsBoundary": LIMIT}, BOUND),
        (
            iam.CreateUser,
            {"UserName": "bob", "Tags.member.1.Key": "Cost", "Tags.member.1.Value": "X"},
            {"aws:requesttag/cost": ("X",), "aws:tagkeys": ("Cost",)},
        ),
        (
            iam.UntagUser,
            {"UserName": "alice", "TagKeys.member.1": "Team"},
            {"aws:tagkeys": ("Team",)} | TAGGED | BOUND,
        ),
        (
            iam.AttachUserPolicy,
            {"UserName": "alice", "PolicyArn": POLICY},
            {"iam:policyarn": (POLICY,)} | TAGGED | BOUND,
        ),
        (
            iam.PutUserPermissionsBoundary,
            {"UserName": "alice", "PermissionsBoundary": POLICY},
            {"iam:permissionsboundary": (POLICY,)} | TAGGED,
        ),
        (
            iam.AttachGroupPolicy,
            {"GroupName": "team", "PolicyArn": POLICY},
            {"iam:policyarn": (POLICY,)},
        ),
        (iam.AddUserToGroup, {"GroupName": "team", "UserName": "alice"}, {}),
        (iam.DeleteRole, {"RoleName": "role"}, TAGGED | BOUND),
        (iam.GetPolicy, {"PolicyArn": POLICY}, {}),
        (iam.ListUsers, {}, {}),
    ],
)
async def test_a_policy_may_depend_on(
    root: Queries,
    operation: AnyQueryOperation,
    parameters: dict[str, str],
    expected: dict[str, tuple[str, ...]],
) -> None:
    tags = {"Team": "web"}
    await root.keep(
        UserRecord(ACCOUNT, "alice", "AIDA", 0, boundary=LIMIT, tags=tags),
        RoleRecord(ACCOUNT, "role", "AROA", 0, "{}", boundary=LIMIT, tags=tags),
        GroupRecord(ACCOUNT, "team", "AGPA", 0),
    )
    call = IamCall(root.server.services, ROOT, Request("POST", "/", "", {}), ACCOUNT)

    assert expected == condition_keys(call, decode.structure(operation.input, parameters))
