"""operations/sts/role_sessions.py: what an ARN of a role is, and a trust policy that is none."""

import pytest

from ferrox.iam_errors import ValidationError
from ferrox.operations.sts.role_sessions import account_id_of
from tests.sessions import ACCOUNT, World, allowing


@pytest.mark.parametrize("path", ["", "a/", "a/b-c/", "%/"])
def test_a_role_has_an_account_a_path_and_a_name(path: str) -> None:
    assert ACCOUNT == account_id_of(f"arn:aws:iam::{ACCOUNT}:role/{path}reader")


@pytest.mark.parametrize(
    "arn",
    [
        "",
        f"arn:aws:iam::{ACCOUNT}:role/",
        f"arn:aws:iam::{ACCOUNT}:role/a/",
        f"arn:aws:iam::{ACCOUNT}:role/a b",
        f"arn:aws:iam::{ACCOUNT}:role/reader\n",
        f"arn:aws:iam::{ACCOUNT}:user/reader",
        f"arn:aws:sts::{ACCOUNT}:role/reader",
        "arn:aws:iam::\uff11\uff1223456789012:role/reader",
        f"arn:aws-cn:iam::{ACCOUNT}:role/reader",
    ],
)
def test_what_is_no_role_is_invalid(arn: str) -> None:
    with pytest.raises(ValidationError, match="is invalid"):
        account_id_of(arn)


async def test_a_trust_policy_that_cannot_be_read_lets_nobody_in(world: World) -> None:
    ada = await world.user("ada", allowing("sts:*"))
    role = await world.role("reader", "no policy")

    answer = await ada.ask("sts", "AssumeRole", RoleArn=role.arn, RoleSessionName="me")

    assert 500 == answer.status
    assert b"no policy" not in answer.body
