import pytest

from ferrox.iam_errors import InvalidInput
from ferrox.identity import Account, GroupRecord, RoleRecord, UserRecord
from ferrox.operations.iam.call import IamCall
from ferrox.operations.iam.simulated_request import (
    Caller,
    Imagined,
    account_in,
    anybody,
    caller_called,
    caller_with,
    stated,
)
from ferrox.protocol.iam.simulation import ContextEntry
from ferrox.protocol.message import Request
from tests.in_process import OTHER, ROOT, InProcess

ADA = UserRecord(ROOT.account_id, "ada", "AIDA", 0, "/a/", tags={"Team": "x"})
READER = RoleRecord(ROOT.account_id, "reader", "AROA", 0, "{}")
TEAM = GroupRecord(ROOT.account_id, "team", "AGPA", 0)
WHO = (
    *("aws:principalarn", "aws:userid", "aws:username", "aws:principaltype"),
    *("aws:principalaccount", "aws:principaltag/team"),
)


@pytest.fixture
def call(s3: InProcess) -> IamCall:
    return IamCall(s3.services, ROOT, Request("POST", "/", "", {}), ROOT.account_id)


def known(call: IamCall, caller: Caller) -> list[str | None]:
    values = Imagined(call, caller, {}, ROOT.account_id)
    return [None if (found := values.get(key)) is None else found[0] for key in WHO]


def test_all_of_a_user_is_known(call: IamCall) -> None:
    assert [ADA.arn, "AIDA", "ada", "User", ROOT.account_id, "x"] == known(
        call, caller_with(call, ADA)
    )


def test_of_a_role_the_session_is_not_known(call: IamCall) -> None:
    assert [READER.arn, None, None, "AssumedRole", ROOT.account_id, None] == known(
        call, caller_with(call, READER)
    )


def test_of_a_group_and_of_anybody_the_account_is_known(call: IamCall) -> None:
    expected = [None, None, None, None, ROOT.account_id, None]

    assert expected == known(call, caller_with(call, TEAM))
    assert expected == known(call, anybody(call))


async def test_of_somebody_called_the_name_is_known(call: IamCall) -> None:
    account = Account(OTHER.account_id, OTHER.canonical_id, "other")
    await call.identities.change(lambda tx: tx.put(account))
    arn = f"arn:aws:iam::{OTHER.account_id}:user/a/b/bob"

    caller = caller_called(call, arn)

    assert [arn, None, "bob", "User", OTHER.account_id, None] == known(call, caller)
    assert OTHER.canonical_id == caller.principal.canonical_id


@pytest.mark.parametrize(
    "arn", [ROOT.arn, READER.arn, "arn:aws:iam::1:user/ada", "arn:aws:iam::123456789012:user/"]
)
def test_only_users_are_called(call: IamCall, arn: str) -> None:
    with pytest.raises(InvalidInput):
        caller_called(call, arn)


def test_what_is_said_comes_first_and_the_owner_is_known(call: IamCall) -> None:
    given = {"aws:username": ("bob",), "aws:sourceip": ()}
    values = Imagined(call, caller_with(call, ADA), given, OTHER.account_id)

    assert ("bob",) == values.get("aws:username")
    assert () == values.get("aws:sourceip")
    assert (OTHER.account_id,) == values.get("aws:resourceaccount")
    assert values.get("s3:prefix") is None
    assert {"s3:prefix"} == values.missed


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("numeric", "1.5", "one"),
        ("boolean", "True", "yes"),
        ("ip", "::1", "10.0.0.0/8"),
        ("date", "2026-01-02T03:04:05Z", "tomorrow"),
        ("binary", "AAAA", "A"),
    ],
)
def test_values_are_of_their_type(kind: str, good: str, bad: str) -> None:
    def entry(value: str, kind: str = kind) -> list[ContextEntry]:
        return [
            ContextEntry(
                context_key_name="aws:X", context_key_type=kind, context_key_values=[value]
            )
        ]

    assert {"aws:x": (good,)} == stated(entry(good))
    assert {"aws:x": (bad,)} == stated(entry(bad, "stringList"))
    for name in (kind, f"{kind}List"):
        with pytest.raises(InvalidInput):
            stated(entry(bad, name))


def test_only_lists_have_several_values() -> None:
    entry = ContextEntry(context_key_name="aws:x", context_key_values=["a", "b"])

    with pytest.raises(InvalidInput):
        stated([entry])
    with pytest.raises(InvalidInput):
        stated([ContextEntry(context_key_values=["a"])])


def test_an_owner_is_an_account() -> None:
    assert OTHER.account_id == account_in(OTHER.arn)
    with pytest.raises(InvalidInput):
        account_in(ADA.arn)
