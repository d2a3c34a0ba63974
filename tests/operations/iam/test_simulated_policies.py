import json
from typing import Any

import pytest

from ferrox.iam_errors import InvalidInput
from ferrox.identity import GroupRecord, UserRecord
from ferrox.operations.held_policies import Held
from ferrox.operations.iam import simulated_policies
from ferrox.operations.iam.simulated_policies import Exclusions, of_held
from ferrox.protocol.iam.simulation import InlinePolicyIdentifier, PolicyIdentifier

ACCOUNT = "123456789012"
TEXT = json.dumps({"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}})
ADA = UserRecord(ACCOUNT, "ada", "AIDA", 0)
TEAM = GroupRecord(ACCOUNT, "team", "AGPA", 0)
OF_USER = Held(ADA, "own", TEXT)
OF_GROUP = Held(TEAM, "own", TEXT)
OF_AWS = Held(ADA, "ReadOnly", TEXT, "arn:aws:iam::aws:policy/ReadOnly")
OF_ACCOUNT = Held(ADA, "ReadAll", TEXT, f"arn:aws:iam::{ACCOUNT}:policy/a/ReadAll")
ALL = [OF_USER, OF_GROUP, OF_AWS, OF_ACCOUNT]


@pytest.mark.parametrize(
    ("held", "policy_id", "policy_type"),
    [
        (OF_USER, "user_ada_own", "user"),
        (OF_GROUP, "group_team_own", "group"),
        (OF_AWS, "ReadOnly", "aws-managed"),
        (OF_ACCOUNT, "ReadAll", "user-managed"),
    ],
)
def test_a_policy_is_called_after_whose_it_is(held: Held, policy_id: str, policy_type: str) -> None:
    found = of_held(held)

    assert (policy_id, policy_type) == (found.policy_id, found.policy_type)


def inline(name: str, kind: str, of: str) -> dict[str, Any]:
    identifier = InlinePolicyIdentifier(policy_name=name, attachment_type=kind, attachment_name=of)
    return {"inline_policy_identifier": identifier}


@pytest.mark.parametrize(
    ("identifier", "left"),
    [
        ({"policy_type": "inline"}, [OF_AWS, OF_ACCOUNT]),
        ({"policy_type": "aws-managed"}, [OF_USER, OF_GROUP, OF_ACCOUNT]),
        ({"policy_type": "user-managed"}, [OF_USER, OF_GROUP, OF_AWS]),
        ({"policy_type": "scp"}, ALL),
        ({"policy_type": "permission-boundary"}, ALL),
        ({"policy_arn": OF_ACCOUNT.arn}, [OF_USER, OF_GROUP, OF_AWS]),
        ({"policy_arn": "arn:aws:iam::aws:policy/Read*"}, [OF_USER, OF_GROUP, OF_ACCOUNT]),
        (inline("own", "user", "a*"), [OF_GROUP, OF_AWS, OF_ACCOUNT]),
        (inline("own", "role", "a*"), ALL),
        (inline("other", "user", "ada"), ALL),
    ],
)
def test_policies_are_left_out(identifier: dict[str, Any], left: list[Held]) -> None:
    exclusions = Exclusions([PolicyIdentifier(**identifier)])

    assert left == list(exclusions.left(iter(ALL)))


def test_a_boundary_is_left_out_by_its_type() -> None:
    assert Exclusions(None).left_boundary(OF_AWS) is OF_AWS
    out = Exclusions([PolicyIdentifier(policy_type="permission-boundary")])
    assert out.left_boundary(OF_AWS) is None


@pytest.mark.parametrize(
    "identifier",
    [
        {},
        {"policy_type": "inline", "policy_arn": OF_AWS.arn},
        {"policy_arn": "arn:aws:iam::aws:role/ReadOnly"},
        {"policy_arn": "arn:aws:iam::aws:policy/*Read*"},
        {"policy_arn": "arn:aws:iam::*:policy/ReadOnly"},
    ],
)
def test_what_identifies_nothing_is_refused(identifier: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        Exclusions([PolicyIdentifier(**identifier)])


def test_given_policies_are_called_by_their_place() -> None:
    found = simulated_policies.given([TEXT, TEXT], "PolicyInputList")

    assert ["PolicyInputList.1", "PolicyInputList.2"] == [one.policy_id for one in found]
    assert simulated_policies.given_boundary(None) is None
    assert simulated_policies.given_for_resource(None) is None
