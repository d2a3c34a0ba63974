"""operations/caller_keys.py: the condition keys of callers, as AWS's table of principals says."""

import pytest

from ferrox.clock import SettableClock
from ferrox.identity import ANONYMOUS, Principal, PrincipalKind, Session
from ferrox.operations.caller_keys import CallerKeys
from tests.in_process import ROOT

ACCOUNT = ROOT.account_id
NOON_MS = 1_790_000_000_000
ADA = ROOT._replace(
    arn=f"arn:aws:iam::{ACCOUNT}:user/ada",
    kind=PrincipalKind.USER,
    user_id="AIDAADA",
    user_name="ada",
)
READER = ROOT._replace(
    arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/s",
    kind=PrincipalKind.ROLE_SESSION,
    user_id="AROAREADER:s",
    parent_arn=f"arn:aws:iam::{ACCOUNT}:role/reader",
    session=Session(
        NOON_MS - 90_000,
        NOON_MS,
        provider=f"arn:aws:iam::{ACCOUNT}:oidc-provider/id.example.com",
        subject="somebody",
        source_identity="ops",
    ),
)
POSER = READER._replace(
    session=Session(
        NOON_MS - 90_000,
        NOON_MS,
        provider=f"arn:aws:iam::{ACCOUNT}:oidc-provider/evil.org/x:oidc-provider/id.example.com",
        subject="somebody",
    ),
)
BOB = ROOT._replace(
    arn=f"arn:aws:sts::{ACCOUNT}:federated-user/bob",
    kind=PrincipalKind.FEDERATED,
    user_id=f"{ACCOUNT}:bob",
    parent_arn=ADA.arn,
    session=Session(NOON_MS, NOON_MS),
)
WITH_DEVICE = ADA._replace(session=Session(NOON_MS - 90_000, NOON_MS, is_mfa=True))


def value(principal: Principal, key: str) -> str | None:
    """The one value of a key."""
    keys = CallerKeys(principal, SettableClock(NOON_MS), lambda _: {"Team": "blue"})
    found = keys.get(key)
    return found[0] if found else None


@pytest.mark.parametrize(
    ("principal", "name", "user_id", "kind", "arn"),
    [
        (ROOT, None, ACCOUNT, "Account", ROOT.arn),
        (ADA, "ada", "AIDAADA", "User", ADA.arn),
        (BOB, None, f"{ACCOUNT}:bob", "FederatedUser", BOB.arn),
        (READER, None, "AROAREADER:s", "AssumedRole", READER.parent_arn),
        (ANONYMOUS, None, "anonymous", "Anonymous", None),
    ],
)
def test_callers_are_told_apart(
    principal: Principal, name: str | None, user_id: str, kind: str, arn: str | None
) -> None:
    assert name == value(principal, "aws:username")
    assert user_id == value(principal, "aws:userid")
    assert kind == value(principal, "aws:principaltype")
    assert arn == value(principal, "aws:principalarn")
    assert (principal.account_id or None) == value(principal, "aws:principalaccount")


@pytest.mark.parametrize(
    ("principal", "key", "expected"),
    [
        (ADA, "aws:tokenissuetime", None),
        (READER, "aws:tokenissuetime", "2026-09-21T14:11:50Z"),
        (ADA, "aws:multifactorauthpresent", None),
        (READER, "aws:multifactorauthpresent", "false"),
        (WITH_DEVICE, "aws:multifactorauthpresent", "true"),
        (ADA, "aws:multifactorauthage", None),
        (READER, "aws:multifactorauthage", None),
        (WITH_DEVICE, "aws:multifactorauthage", "90"),
        (ADA, "aws:federatedprovider", None),
        (BOB, "aws:federatedprovider", None),
        (
            READER,
            "aws:federatedprovider",
            f"arn:aws:iam::{ACCOUNT}:oidc-provider/id.example.com",
        ),
        (ADA, "aws:sourceidentity", None),
        (BOB, "aws:sourceidentity", None),
        (READER, "aws:sourceidentity", "ops"),
        (READER, "id.example.com:sub", "somebody"),
        (READER, "id.example.com:aud", None),
        (BOB, "id.example.com:sub", None),
        (POSER, "id.example.com:sub", None),
        (POSER, "evil.org/x:oidc-provider/id.example.com:sub", "somebody"),
        (ADA, "aws:principaltag/team", "blue"),
        (ADA, "aws:principaltag/site", None),
        (ADA, "aws:viaawsservice", "false"),
        (ADA, "aws:principalisawsservice", "false"),
        (ADA, "aws:nothing", None),
    ],
)
def test_sessions_and_tags_are_known(principal: Principal, key: str, expected: str | None) -> None:
    assert expected == value(principal, key)
