import json
from typing import Any

from ferrox.identity import PolicyRecord, PolicyVersion
from tests.in_process import ROOT
from tests.queries import Queries, items

ADA = f"arn:aws:iam::{ROOT.account_id}:user/ada"


def policy(*keys: str, **more: Any) -> str:
    condition = {"StringEquals": dict.fromkeys(keys, "x")}
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition}
    return json.dumps({"Version": "2012-10-17", "Statement": statement | more})


def names(result: Any) -> list[str]:
    return items(result["ContextKeyNames"])


async def test_the_keys_of_given_policies_are_told(root: Queries) -> None:
    found = await root.iam(
        "GetContextKeysForCustomPolicy",
        **{
            "PolicyInputList.member.1": policy("aws:SourceIp", "s3:prefix"),
            "PolicyInputList.member.2": policy(
                "aws:sourceip", Resource="arn:aws:s3:::${aws:username}"
            ),
        },
    )

    assert ["aws:SourceIp", "s3:prefix", "aws:username"] == names(found)


async def test_those_of_a_user_are_those_of_its_groups_and_boundary_too(root: Queries) -> None:
    await root.iam("CreateUser", UserName="ada")
    await root.iam("CreateGroup", GroupName="team")
    await root.iam("AddUserToGroup", UserName="ada", GroupName="team")
    await root.iam("PutUserPolicy", UserName="ada", PolicyName="p", PolicyDocument=policy("aws:a"))
    await root.iam(
        "PutGroupPolicy", GroupName="team", PolicyName="p", PolicyDocument=policy("aws:b")
    )
    bounds = PolicyRecord(
        ROOT.account_id, "bounds", "ANPA", 0, 0, (PolicyVersion("v1", policy("aws:c"), 0),), "v1", 1
    )
    await root.keep(bounds)
    await root.iam("PutUserPermissionsBoundary", UserName="ada", PermissionsBoundary=bounds.arn)
    given = {"PolicyInputList.member.1": policy("aws:d")}

    found = await root.iam("GetContextKeysForPrincipalPolicy", PolicySourceArn=ADA, **given)

    assert ["aws:a", "aws:b", "aws:c", "aws:d"] == names(found)


async def test_what_is_no_policy_is_refused(root: Queries) -> None:
    given = {"PolicyInputList.member.1": policy("aws:a"), "PolicyInputList.member.2": "{}"}

    status, code, message = await root.refused("GetContextKeysForCustomPolicy", **given)

    assert (400, "InvalidInput") == (status, code)
    assert message.startswith("Invalid policy PolicyInputList.2: ")
