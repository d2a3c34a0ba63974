"""operations/iam/simulation.py: what is told of requests that nobody makes."""

import json
from typing import Any

import pytest

from tests.in_process import OTHER, ROOT
from tests.queries import Queries, items

ADA = f"arn:aws:iam::{ROOT.account_id}:user/ada"
CAT = "arn:aws:s3:::photos/cat.png"
Told = dict[str, Any]


def policy(*actions: str, effect: str = "Allow", resource: Any = "*", **more: Any) -> str:
    statement = {"Effect": effect, "Action": actions, "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement | more]})


def form(**given: Any) -> dict[str, str]:
    """Lists and structures as they are on the wire."""
    sent: dict[str, str] = {}
    for name, value in given.items():
        for number, one in enumerate(value if isinstance(value, list) else [value], 1):
            at = f"{name}.member.{number}" if isinstance(value, list) else name
            parts = form(**one) if isinstance(one, dict) else {"": one}
            sent |= {f"{at}.{part}" if part else at: text for part, text in parts.items()}
    return sent


async def simulate(asking: Queries, action: str = "Custom", **given: Any) -> list[Told]:
    result = await asking.iam(f"Simulate{action}Policy", **form(**given))
    return items(result["EvaluationResults"])


async def custom(root: Queries, *policies: str, **given: Any) -> Told:
    """The only result of the simulation of one action."""
    given = {"ActionNames": ["s3:GetObject"], "PolicyInputList": list(policies)} | given
    (result,) = await simulate(root, **given)
    return result


def matched(result: Told) -> list[tuple[str, str]]:
    return [
        (one["SourcePolicyId"], one["SourcePolicyType"])
        for one in items(result["MatchedStatements"])
    ]


def entry(name: str, *values: str, kind: str = "string") -> Told:
    return {"ContextKeyName": name, "ContextKeyType": kind, "ContextKeyValues": list(values)}


async def test_an_action_without_a_resource_is_tried_on_all(root: Queries) -> None:
    result = await custom(root, policy("s3:PutObject"), policy("s3:Get*"))

    assert ("s3:GetObject", "*", "allowed") == (
        result["EvalActionName"],
        result["EvalResourceName"],
        result["EvalDecision"],
    )
    (statement,) = items(result["MatchedStatements"])
    assert {
        "SourcePolicyId": "PolicyInputList.2",
        "SourcePolicyType": "none",
        "StartPosition": {"Line": "1", "Column": "41"},
        "EndPosition": {"Line": "1", "Column": str(len(policy("s3:Get*")) - 1)},
    } == statement
    assert {"ResourceSpecificResults", "EvalDecisionDetails"}.isdisjoint(result)


@pytest.mark.parametrize(
    ("policies", "decision", "numbers"),
    [
        ([policy("s3:PutObject")], "implicitDeny", []),
        ([policy("s3:*"), policy("*")], "allowed", [1, 2]),
        ([policy("s3:*"), policy("s3:*", effect="Deny")], "explicitDeny", [2]),
        ([policy("s3:*", resource="arn:aws:s3:::photos/*")], "implicitDeny", []),
    ],
)
async def test_the_statements_that_decide_are_told(
    root: Queries, policies: list[str], decision: str, numbers: list[int]
) -> None:
    result = await custom(root, *policies)

    assert decision == result["EvalDecision"]
    assert [(f"PolicyInputList.{number}", "none") for number in numbers] == matched(result)


async def test_every_resource_is_told_of_alone(root: Queries) -> None:
    allowing = policy("s3:*", resource=CAT)
    denying = policy("s3:*", effect="Deny", resource="arn:aws:s3:::secret/*")
    resources = [CAT, "arn:aws:s3:::secret/x", "arn:aws:s3:::other/x"]

    result = await custom(root, allowing, denying, ResourceArns=resources)

    assert [
        (CAT, "allowed", [("PolicyInputList.1", "none")]),
        ("arn:aws:s3:::secret/x", "explicitDeny", [("PolicyInputList.2", "none")]),
        ("arn:aws:s3:::other/x", "implicitDeny", []),
    ] == [
        (one["EvalResourceName"], one["EvalResourceDecision"], matched(one))
        for one in items(result["ResourceSpecificResults"])
    ]
    assert "arn:aws:s3:::${BucketName}/${KeyName}" == result["EvalResourceName"]
    assert "explicitDeny" == result["EvalDecision"]
    assert [("PolicyInputList.2", "none")] == matched(result)


@pytest.mark.parametrize(
    ("action", "template"),
    [("s3:ListBucket", "arn:aws:s3:::${BucketName}"), ("sqs:SendMessage", "*")],
)
async def test_several_resources_are_told_of_under_what_they_are(
    root: Queries, action: str, template: str
) -> None:
    given = {"ResourceArns": [CAT, CAT], "ActionNames": [action]}

    result = await custom(root, policy("*"), **given)

    assert (template, "allowed") == (result["EvalResourceName"], result["EvalDecision"])
    assert [("PolicyInputList.1", "none")] == matched(result)


async def test_one_resource_is_told_of_by_its_name(root: Queries) -> None:
    result = await custom(root, policy("s3:*"), ResourceArns=[CAT])

    assert (CAT, None) == (result["EvalResourceName"], result["EvalDecisionDetails"])
    assert [CAT] == [one["EvalResourceName"] for one in items(result["ResourceSpecificResults"])]


async def test_what_is_not_said_is_missing(root: Queries) -> None:
    conditions = {
        "IpAddress": {"aws:SourceIp": "10.0.0.0/8"},
        "StringEquals": {"aws:UserAgent": "x", "s3:prefix": "${aws:username}"},
    }
    text = policy("s3:GetObject", Condition=conditions)
    unrelated = policy("s3:PutObject", Condition={"Bool": {"aws:SecureTransport": "true"}})
    said = [entry("AWS:sourceip", "10.1.2.3", kind="ip"), entry("s3:prefix", "ada")]

    first = await custom(root, text, unrelated, ContextEntries=said)
    said += [entry("aws:username", "ada"), entry("aws:useragent", "x", "y", kind="stringList")]
    second = await custom(root, text, unrelated, ContextEntries=said)

    assert "implicitDeny" == first["EvalDecision"]
    assert ["aws:UserAgent", "aws:username"] == items(first["MissingContextValues"])
    assert ("allowed", []) == (second["EvalDecision"], items(second["MissingContextValues"]))


async def test_what_is_missing_for_a_resource_is_told_with_it(root: Queries) -> None:
    text = policy("s3:*", Condition={"Bool": {"aws:SecureTransport": "true"}})

    result = await custom(root, text, ResourceArns=[CAT])

    (one,) = items(result["ResourceSpecificResults"])
    assert [] == items(result["MissingContextValues"])
    assert ["aws:SecureTransport"] == items(one["MissingContextValues"])


async def test_a_boundary_is_told_of(root: Queries) -> None:
    given = {"PermissionsBoundaryPolicyInputList": [policy("s3:PutObject")]}

    result = await custom(root, policy("s3:*"), **given)
    denied = await custom(
        root, policy("s3:*"), PermissionsBoundaryPolicyInputList=[policy("s3:*", effect="Deny")]
    )
    wide = await custom(root, policy("s3:*"), PermissionsBoundaryPolicyInputList=[policy("*")])

    assert ("implicitDeny", "false") == boundary_of(result)
    assert ("explicitDeny", "false") == boundary_of(denied)
    assert [("PermissionsBoundaryPolicyInputList.1", "none")] == matched(denied)
    assert ("allowed", "true") == boundary_of(wide)


def boundary_of(result: Told) -> tuple[str, str]:
    detail = result["PermissionsBoundaryDecisionDetail"]
    return result["EvalDecision"], detail["AllowedByPermissionsBoundary"]


@pytest.mark.parametrize(
    ("own", "principal", "owner", "expected", "details"),
    [
        ("s3:*", ADA, OTHER, "allowed", ("allowed", "allowed")),
        ("s3:*", ROOT.account_id, OTHER, "allowed", ("allowed", "allowed")),
        ("sqs:*", ADA, OTHER, "implicitDeny", ("implicitDeny", "allowed")),
        ("s3:*", OTHER.account_id, OTHER, "implicitDeny", ("allowed", "implicitDeny")),
        ("sqs:*", ADA, ROOT, "allowed", None),
        ("sqs:*", ROOT.account_id, ROOT, "implicitDeny", None),
    ],
)
async def test_the_policy_of_the_resource_counts_by_whose_it_is(
    root: Queries, own: str, principal: str, owner: Any, expected: str, details: Any
) -> None:
    result = await custom(
        root,
        policy(own),
        ResourcePolicy=policy("s3:*", Principal={"AWS": principal}),
        ResourceOwner=owner.arn,
        CallerArn=ADA,
        ResourceArns=[CAT],
    )

    told = result["EvalDecisionDetails"]
    pairs = told and tuple(one["value"] for one in told["entry"])
    assert (expected, details) == (result["EvalDecision"], pairs)


async def test_an_arn_with_an_account_says_whose_the_resource_is(root: Queries) -> None:
    queue = f"arn:aws:sqs:us-east-1:{OTHER.account_id}:q"

    given = {"ActionNames": ["sqs:SendMessage"], "ResourceArns": [queue]}
    result = await custom(root, policy("*"), **given)

    assert "implicitDeny" == result["EvalDecision"]


async def test_statements_of_both_policies_are_told(root: Queries) -> None:
    result = await custom(
        root,
        policy("s3:*"),
        ResourcePolicy=policy("s3:*", Principal="*"),
        CallerArn=ADA,
    )

    assert [("PolicyInputList.1", "none"), ("ResourcePolicy", "resource")] == matched(result)


async def test_what_the_resource_denies_counts(root: Queries) -> None:
    denying = policy("s3:*", effect="Deny", Principal={"AWS": ADA})

    result = await custom(root, policy("s3:*"), ResourcePolicy=denying, CallerArn=ADA)
    other = await custom(root, policy("s3:*"), ResourcePolicy=denying, CallerArn=f"{ADA}2")

    assert ("explicitDeny", [("ResourcePolicy", "resource")]) == (
        result["EvalDecision"],
        matched(result),
    )
    assert "allowed" == other["EvalDecision"]


async def test_actions_come_in_pages(root: Queries) -> None:
    actions = [f"s3:Action{number}" for number in range(5)]
    given = form(PolicyInputList=[policy("*")], ActionNames=actions, MaxItems="2")

    found = []
    marker: dict[str, str] = {}
    while True:
        page = await root.iam("SimulateCustomPolicy", **given, **marker)
        found.append([one["EvalActionName"] for one in items(page["EvaluationResults"])])
        if page["IsTruncated"] == "false":
            break
        marker = {"Marker": page["Marker"]}

    assert [actions[:2], actions[2:4], actions[4:]] == found


async def test_a_page_is_no_longer_than_a_moment(root: Queries) -> None:
    resources = ["*"] * 2400
    given = form(PolicyInputList=[policy("*")], ActionNames=["a:b", "a:c"], ResourceArns=resources)

    page = await root.iam("SimulateCustomPolicy", **given)

    assert ("true", 1) == (page["IsTruncated"], len(items(page["EvaluationResults"])))


async def test_more_than_that_is_refused(root: Queries) -> None:
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    many = json.dumps({"Version": "2012-10-17", "Statement": [statement] * 1000})
    given = form(PolicyInputList=[many], ActionNames=["a:b"], ResourceArns=["*"] * 50)

    refused = await root.refused("SimulateCustomPolicy", **given)

    expected = "There are too many statements and resources for one simulation."
    assert (400, "InvalidInput", expected) == refused


# A user, its groups, its boundary
@pytest.fixture
async def ada(root: Queries) -> Queries:
    """A user with a policy of its own and one of its group."""
    await root.iam("CreateUser", UserName="ada", **form(Tags=[{"Key": "team", "Value": "x"}]))
    await root.iam("CreateGroup", GroupName="team")
    await root.iam("AddUserToGroup", UserName="ada", GroupName="team")
    own = policy("s3:GetObject", resource="arn:aws:s3:::${aws:username}/*")
    await root.iam("PutUserPolicy", UserName="ada", PolicyName="own", PolicyDocument=own)
    managed = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
    await root.iam("AttachGroupPolicy", GroupName="team", PolicyArn=managed)
    return root


async def of_ada(ada: Queries, **given: Any) -> Told:
    given = {"ActionNames": ["s3:GetObject"], "PolicySourceArn": ADA} | given
    (result,) = await simulate(ada, "Principal", **given)
    return result


OWN = ("user_ada_own", "user")
MANAGED = ("AmazonS3ReadOnlyAccess", "aws-managed")


async def test_a_user_is_known_by_name_and_policies(ada: Queries) -> None:
    result = await of_ada(ada, ResourceArns=["arn:aws:s3:::ada/x"])

    assert ("allowed", [OWN, MANAGED]) == (result["EvalDecision"], matched(result))


async def test_a_group_has_its_policies_and_no_name(ada: Queries) -> None:
    group = f"arn:aws:iam::{ROOT.account_id}:group/team"
    given = policy("s3:*", effect="Deny", Condition={"StringLike": {"aws:PrincipalArn": "*"}})

    result = await of_ada(ada, PolicySourceArn=group, PolicyInputList=[given])

    assert ("allowed", [MANAGED]) == (result["EvalDecision"], matched(result))
    assert ["aws:PrincipalArn"] == items(result["MissingContextValues"])


async def test_a_role_is_asked_as_its_sessions_are(root: Queries) -> None:
    role_arn = f"arn:aws:iam::{ROOT.account_id}:role/reader"
    trust = {"Effect": "Allow", "Principal": {"AWS": ROOT.arn}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Statement": trust})
    await root.iam("CreateRole", RoleName="reader", AssumeRolePolicyDocument=document)
    conditions = {
        "StringEquals": {"aws:PrincipalArn": role_arn, "aws:PrincipalType": "AssumedRole"}
    }
    text = policy("s3:*", Condition=conditions)
    await root.iam("PutRolePolicy", RoleName="reader", PolicyName="own", PolicyDocument=text)

    result = await of_ada(root, PolicySourceArn=role_arn)

    assert ("allowed", [("role_reader_own", "role")]) == (result["EvalDecision"], matched(result))


async def test_given_policies_come_to_those_that_are_there(ada: Queries) -> None:
    result = await of_ada(ada, PolicyInputList=[policy("s3:*", effect="Deny")])

    assert ("explicitDeny", [("PolicyInputList.1", "none")]) == (
        result["EvalDecision"],
        matched(result),
    )


async def test_a_boundary_of_its_own_is_replaced_by_a_given_one(ada: Queries) -> None:
    bounds = "arn:aws:iam::aws:policy/IAMFullAccess"
    await ada.iam("PutUserPermissionsBoundary", UserName="ada", PermissionsBoundary=bounds)

    bounded = await of_ada(ada)
    given = await of_ada(ada, PermissionsBoundaryPolicyInputList=[policy("s3:*")])
    excluded = await of_ada(ada, PolicyExclusionList=[{"PolicyType": "permission-boundary"}])

    assert ("implicitDeny", "false") == boundary_of(bounded)
    assert ("allowed", "true") == boundary_of(given)
    assert "allowed" == excluded["EvalDecision"]
    assert "PermissionsBoundaryDecisionDetail" not in excluded


async def test_somebody_else_may_be_asked_with_the_same_policies(ada: Queries) -> None:
    bob = f"arn:aws:iam::{ROOT.account_id}:user/bob"
    given = {"CallerArn": bob, "ResourceArns": ["arn:aws:s3:::bob/x"]}

    result = await of_ada(ada, **given)

    assert [OWN, MANAGED] == matched(result)


async def test_tags_of_the_user_are_known(ada: Queries) -> None:
    condition = {"StringEquals": {"aws:PrincipalTag/team": "x"}}
    given = {"ActionNames": ["sqs:a"], "PolicyInputList": [policy("sqs:*", Condition=condition)]}

    assert "allowed" == (await of_ada(ada, **given))["EvalDecision"]
    stranger = await of_ada(ada, **given, CallerArn=f"{ADA}2")
    assert "implicitDeny" == stranger["EvalDecision"]


# Refusals
@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"ActionNames": ["s3:*"]}, "Invalid Action: s3:*"),
        ({"ActionNames": ["GetObject"]}, "Invalid Action: GetObject"),
        ({"ResourceArns": ["photos"]}, "Invalid resource ARN: photos"),
        ({"PolicyInputList": ["{}"]}, "Invalid policy PolicyInputList.1: Missing required field"),
        ({"ResourcePolicy": policy("a:b")}, "CallerArn is required"),
        ({"ResourcePolicy": policy("a:b"), "CallerArn": ADA}, "Invalid policy ResourcePolicy: "),
        ({"CallerArn": ROOT.arn}, "Invalid CallerArn: "),
        ({"ResourceOwner": "123456789012"}, "Invalid ResourceOwner: "),
        (
            {"PermissionsBoundaryPolicyInputList": [policy("a:b")] * 2},
            "Only one permissions boundary",
        ),
        ({"ContextEntries": [entry("aws:SourceIp", "x", kind="ip")]}, "Invalid context entry: "),
    ],
)
async def test_what_makes_no_sense_is_refused(
    root: Queries, given: dict[str, Any], expected: str
) -> None:
    whole = {"ActionNames": ["s3:GetObject"], "PolicyInputList": [policy("s3:*")]} | given

    status, code, message = await root.refused("SimulateCustomPolicy", **form(**whole))

    assert (400, "InvalidInput") == (status, code)
    assert message.startswith(expected), message


async def test_the_policy_of_a_resource_needs_the_name_of_a_user(ada: Queries) -> None:
    group = f"arn:aws:iam::{ROOT.account_id}:group/team"
    given = {
        "ResourcePolicy": policy("s3:*", Principal="*"),
        "ActionNames": ["s3:GetObject"],
        "PolicySourceArn": group,
    }

    status, code, _ = await ada.refused("SimulatePrincipalPolicy", **form(**given))

    assert (400, "InvalidInput") == (status, code)
    assert "allowed" == (await of_ada(ada, **given, CallerArn=ADA))["EvalDecision"]


async def test_there_are_no_organizations(root: Queries) -> None:
    levels = [{"ServiceControlPolicyInputList": [policy("*")]}]
    given = {
        "ActionNames": ["s3:GetObject"],
        "PolicyInputList": [policy("*")],
        "OrderedOrganizationPolicyInputList": levels,
    }

    status, code, _ = await root.refused("SimulateCustomPolicy", **form(**given))

    assert (501, "NotImplemented") == (status, code)
