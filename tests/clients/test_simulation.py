"""The policy simulator by the AWS CLI and boto3, held against what real requests then get."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.clients.staff import Staff, employed
from tests.clients.tool import Tool
from tests.server_process import ServerProcess


@pytest.fixture
def staff(server: ServerProcess, s3: Any, bucket: str) -> Iterator[Staff]:
    """A user, a role and a bucket of this test's own, with objects in it."""
    for key in ("open/a", "secret/a", f"{bucket}/a"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"data")
    with employed(server, bucket) as made:
        yield made


@pytest.fixture
def aws(server: ServerProcess, env: dict[str, str], tmp_path: Path) -> Tool:
    """`aws` as the root of the account sees it."""
    return Tool("aws", "--endpoint-url", server.endpoint, env=env, cwd=tmp_path)


def statement(effect: str, *actions: str, resource: str, **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": actions, "Resource": resource, **more}


def granted(staff: Staff) -> None:
    """Let the user do some things, by policies of all kinds."""
    bucket = f"arn:aws:s3:::{staff.name}"
    own = [
        statement("Allow", "s3:GetObject", resource=f"{bucket}/open/*"),
        statement("Allow", "s3:*Object", resource=f"{bucket}/${{aws:username}}/*"),
        statement("Deny", "s3:*", resource=f"{bucket}/secret/*"),
        statement(
            "Allow", "s3:ListBucket", resource=bucket,
            Condition={"StringLike": {"s3:prefix": "open/*"}},
        ),
    ]  # fmt: skip
    text = json.dumps({"Version": "2012-10-17", "Statement": own})
    staff.iam.put_user_policy(UserName=staff.name, PolicyName="all", PolicyDocument=text)


def outcome(function: Any, **parameters: Any) -> str:
    """What a real request gets."""
    try:
        function(**parameters)
    except ClientError as error:
        code, message = error.response["Error"]["Code"], error.response["Error"]["Message"]
        if code != "AccessDenied":
            raise
        return "explicitDeny" if "with an explicit deny" in message else "implicitDeny"
    return "allowed"


def test_the_simulation_says_what_real_requests_get(staff: Staff, aws: Tool) -> None:
    granted(staff)
    s3 = staff.client("s3", staff.key)
    keys = ["open/a", "secret/a", f"{staff.name}/a", "elsewhere"]
    tries = {"s3:GetObject": s3.get_object, "s3:PutObject": s3.put_object}
    real = {
        (action, key): outcome(function, Bucket=staff.name, Key=key)
        for action, function in tries.items()
        for key in keys
    }

    told = json.loads(
        aws(
            *("iam", "simulate-principal-policy", "--policy-source-arn", staff.user_arn),
            *("--action-names", *tries),
            *("--resource-arns", *(f"arn:aws:s3:::{staff.name}/{key}" for key in keys)),
        )
    )

    assert real == {
        (result["EvalActionName"], one["EvalResourceName"].partition("/")[2]): one[
            "EvalResourceDecision"
        ]
        for result in told["EvaluationResults"]
        for one in result["ResourceSpecificResults"]
    }
    assert {"allowed", "explicitDeny", "implicitDeny"} == set(real.values())


@pytest.mark.parametrize("prefix", ["open/", "other/"])
def test_conditions_are_tried_with_the_values_that_are_given(
    staff: Staff, aws: Tool, prefix: str
) -> None:
    granted(staff)
    s3 = staff.client("s3", staff.key)
    real = outcome(s3.list_objects_v2, Bucket=staff.name, Prefix=prefix)
    asking = (
        *("iam", "simulate-principal-policy", "--policy-source-arn", staff.user_arn),
        *("--action-names", "s3:ListBucket", "--resource-arns", f"arn:aws:s3:::{staff.name}"),
    )
    entry = f"ContextKeyName=s3:prefix,ContextKeyValues={prefix},ContextKeyType=string"

    (told,) = json.loads(aws(*asking, "--context-entries", entry))["EvaluationResults"]
    (unsaid,) = json.loads(aws(*asking))["EvaluationResults"]

    assert real == told["EvalDecision"]
    assert ["s3:prefix"] == unsaid["ResourceSpecificResults"][0]["MissingContextValues"]


def test_the_example_of_the_reference_gives_what_it_says(aws: Tool) -> None:
    condition = {"DateGreaterThan": {"aws:CurrentTime": "2018-08-16T12:00:00Z"}}
    one = statement("Allow", resource="*", Condition=condition) | {"Action": "dynamodb:*"}
    text = json.dumps({"Version": "2012-10-17", "Statement": one}, separators=(",", ":"))
    entry = (
        "ContextKeyName='aws:CurrentTime',ContextKeyValues='2019-04-25T11:00:00Z',"
        "ContextKeyType=date"
    )
    policies = ("--policy-input-list", text)

    told = aws(
        *("iam", "simulate-custom-policy", *policies),
        *("--action-names", "dynamodb:CreateBackup", "--context-entries", entry),
    )
    keys = aws("iam", "get-context-keys-for-custom-policy", *policies)

    (result,) = json.loads(told)["EvaluationResults"]
    assert ("dynamodb:CreateBackup", "*", "allowed", []) == (
        result["EvalActionName"],
        result["EvalResourceName"],
        result["EvalDecision"],
        result["MissingContextValues"],
    )
    (found,) = result["MatchedStatements"]
    assert {"Line": 1, "Column": 38} == found["StartPosition"]
    assert ["aws:CurrentTime"] == json.loads(keys)["ContextKeyNames"]


def test_boto3_pages_through_the_results(staff: Staff) -> None:
    actions = [f"sts:Action{number}" for number in range(5)]

    pages = list(
        staff.iam.get_paginator("simulate_principal_policy").paginate(
            PolicySourceArn=staff.user_arn, ActionNames=actions, PaginationConfig={"PageSize": 2}
        )
    )

    results = [one for page in pages for one in page["EvaluationResults"]]
    assert ([2, 2, 1], actions) == (
        [len(page["EvaluationResults"]) for page in pages],
        [one["EvalActionName"] for one in results],
    )
    (first, *_) = results[0]["MatchedStatements"]
    assert (f"user_{staff.name}_all", "user") == (
        first["SourcePolicyId"],
        first["SourcePolicyType"],
    )


def test_whoever_may_not_simulate_learns_nothing(staff: Staff) -> None:
    iam = staff.client("iam", staff.key)

    given = {"PolicySourceArn": staff.user_arn, "ActionNames": ["s3:GetObject"]}

    assert "implicitDeny" == outcome(iam.simulate_principal_policy, **given)
