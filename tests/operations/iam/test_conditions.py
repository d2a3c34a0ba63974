import pytest

from ferrox.identity import GroupRecord, PolicyRecord, ProviderRecord, RoleRecord, UserRecord
from ferrox.operations.iam.call import IamCall
from ferrox.operations.iam.conditions import condition_keys
from ferrox.protocol.iam import operations as iam
from ferrox.protocol.message import Request
from ferrox.protocol.query import decode
from ferrox.protocol.query.operation import AnyQueryOperation
from tests.callers import add_user, policy
from tests.in_process import ROOT, InProcess
from tests.queries import Queries

ACCOUNT = ROOT.account_id
POLICY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
LIMIT = f"arn:aws:iam::{ACCOUNT}:policy/limit"
OWN_POLICY = f"arn:aws:iam::{ACCOUNT}:policy/own"
PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/id.example.com/v1"
TAGGED = {"aws:resourcetag/team": ("web",), "iam:resourcetag/team": ("web",)}
TAG = {"Tags.member.1.Key": "team", "Tags.member.1.Value": "web"}
TRUST = policy("sts:AssumeRole", Principal={"AWS": ACCOUNT}).replace('"Resource": "*", ', "")
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
        (iam.DeletePolicy, {"PolicyArn": OWN_POLICY}, TAGGED),
        (iam.DeletePolicy, {"PolicyArn": OWN_POLICY.replace("/own", "/other/own")}, {}),
        (iam.DeleteOpenIDConnectProvider, {"OpenIDConnectProviderArn": PROVIDER}, TAGGED),
        (iam.CreateRole, {"RoleName": "role", "AssumeRolePolicyDocument": "{}"}, {}),
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
        PolicyRecord(ACCOUNT, "own", "ANPA", 0, 0, (), "v1", 1, tags=tags),
        ProviderRecord(ACCOUNT, "id.example.com/v1", 0, tags=tags),
    )
    call = IamCall(root.server.services, ROOT, Request("POST", "/", "", {}), ACCOUNT)

    assert expected == condition_keys(
        call, operation, decode.structure(operation.input, parameters)
    )


async def test_a_policy_about_what_is_tagged_does_not_mean_the_tags_of_the_caller(
    s3: InProcess,
) -> None:
    mine = {"StringEquals": {"aws:ResourceTag/team": "web"}}
    own = policy("iam:CreatePolicyVersion", "iam:TagUser", Condition=mine)
    ada = Queries(s3, add_user(s3, "ada", own, tags={"team": "web"}))
    await Queries(s3).iam("CreatePolicy", PolicyName="plain", PolicyDocument=policy("s3:Get*"))
    await Queries(s3).iam(
        "CreatePolicy", PolicyName="tagged", PolicyDocument=policy("s3:Get*"), **TAG
    )
    new = {"PolicyDocument": policy("*"), "SetAsDefault": "true"}
    arns = [f"arn:aws:iam::{ACCOUNT}:policy/{name}" for name in ("plain", "tagged")]

    answers = [await ada.ask("iam", "CreatePolicyVersion", PolicyArn=arn, **new) for arn in arns]

    assert [403, 200] == [answer.status for answer in answers]


@pytest.mark.parametrize(
    ("action", "parameters", "wanted"),
    [
        ("CreateUser", {"UserName": "bob"}, "iam:TagUser"),
        ("CreateRole", {"RoleName": "r", "AssumeRolePolicyDocument": TRUST}, "iam:TagRole"),
        ("CreatePolicy", {"PolicyName": "p", "PolicyDocument": policy("s3:*")}, "iam:TagPolicy"),
        (
            "CreateOpenIDConnectProvider",
            {"Url": "https://id.example.com"},
            "iam:TagOpenIDConnectProvider",
        ),
    ],
)
async def test_who_gives_tags_to_something_new_must_be_allowed_to(
    s3: InProcess, action: str, parameters: dict[str, str], wanted: str
) -> None:
    maker = Queries(s3, add_user(s3, "ada", policy("iam:Create*")))
    tagger = Queries(s3, add_user(s3, "eve", policy("iam:Create*", wanted)))

    status, code, message = await maker.refused(action, **parameters, **TAG)
    await tagger.iam(action, **parameters, **TAG)

    assert (403, "AccessDenied") == (status, code)
    assert f"is not authorized to perform: {wanted} on resource: arn:aws:iam::" in message
