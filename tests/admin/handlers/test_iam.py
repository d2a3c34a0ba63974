"""admin/handlers/iam.py: orders are given to IAM as the root of an account, in IAM's words."""

import pytest

from ferrox.admin.backstage import AdminCall
from ferrox.admin.errors import NotFound
from ferrox.admin.handlers.iam import Orders
from ferrox.iam_errors import ValidationError
from ferrox.protocol.iam import operations as iam
from ferrox.protocol.message import Request
from tests.admin.operator import ADMIN, Operator


@pytest.fixture
def orders(operator: Operator) -> Orders:
    call = AdminCall(operator.backstage, ADMIN, Request("GET", "/", "", {}))
    return Orders(call, "root")


async def test_an_order_is_carried_out(orders: Orders) -> None:
    made = await orders.give(iam.CreateUser, UserName="alice", Path=None)

    assert "alice" == made.user.user_name
    assert orders.identities.user(orders.account_id, "alice")


async def test_what_iam_would_refuse_is_refused(orders: Orders) -> None:
    with pytest.raises(ValidationError):
        await orders.give(iam.CreateUser, UserName="x" * 65)


def test_a_policy_is_found_by_name_first_among_the_accounts_own(orders: Orders) -> None:
    number = orders.account_id

    assert [
        "arn:aws:iam::1:policy/x",
        "arn:aws:iam::aws:policy/AmazonS3FullAccess",
        f"arn:aws:iam::{number}:policy/unknown",
    ] == [orders.policy_arn(name) for name in ("arn:aws:iam::1:policy/x", "AmazonS3FullAccess",
                                              "unknown")]  # fmt: skip


def test_an_account_that_is_not_there_gets_no_orders(operator: Operator) -> None:
    call = AdminCall(operator.backstage, ADMIN, Request("GET", "/", "", {}))

    with pytest.raises(NotFound):
        Orders(call, "nobody")
