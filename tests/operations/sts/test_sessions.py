"""operations/sts/sessions.py: what each kind of session may not ask, whatever policies say."""

import pytest

from ferrox.errors import AccessDenied
from ferrox.iam_errors import InvalidClientTokenId
from ferrox.identity import Principal, PrincipalKind, Session
from ferrox.operations.sts.sessions import refuse_session
from ferrox.protocol.iam.operations import GetUser
from ferrox.protocol.query.operation import AnyQueryOperation
from ferrox.protocol.sts.operations import (
    AssumeRole,
    GetAccessKeyInfo,
    GetCallerIdentity,
    GetFederationToken,
    GetSessionToken,
)
from tests.sessions import World, allowing

USER = PrincipalKind.USER
ROLE_SESSION = PrincipalKind.ROLE_SESSION
FEDERATED = PrincipalKind.FEDERATED


def principal(kind: PrincipalKind, *, has_session: bool = True, is_mfa: bool = False) -> Principal:
    session = Session(0, 1, is_mfa=is_mfa) if has_session else None
    return Principal("123456789012", "c" * 64, "root", "arn", "KEY", kind, session=session)


@pytest.mark.parametrize(
    ("kind", "operation"),
    [
        (USER, GetCallerIdentity),
        (USER, AssumeRole),
        (PrincipalKind.ROOT, GetCallerIdentity),
        (ROLE_SESSION, GetCallerIdentity),
        (ROLE_SESSION, AssumeRole),
        (ROLE_SESSION, GetAccessKeyInfo),
        (ROLE_SESSION, GetUser),
        (FEDERATED, GetCallerIdentity),
    ],
)
def test_some_things_every_policy_can_allow(
    kind: PrincipalKind, operation: AnyQueryOperation
) -> None:
    assert refuse_session(principal(kind), operation) is None  # type: ignore[func-returns-value] # it returns


@pytest.mark.parametrize(
    ("kind", "operation"),
    [
        (USER, GetSessionToken),
        (USER, GetFederationToken),
        (USER, GetAccessKeyInfo),
        (PrincipalKind.ROOT, GetSessionToken),
        (ROLE_SESSION, GetSessionToken),
        (ROLE_SESSION, GetFederationToken),
        (FEDERATED, AssumeRole),
        (FEDERATED, GetFederationToken),
    ],
)
def test_others_need_a_lasting_key(kind: PrincipalKind, operation: AnyQueryOperation) -> None:
    said = f"Cannot call {operation.name} with session credentials"
    with pytest.raises(AccessDenied, match=said):
        refuse_session(principal(kind), operation)


@pytest.mark.parametrize("kind", [USER, PrincipalKind.ROOT, FEDERATED])
def test_identities_are_not_for_sessions_without_a_second_factor(kind: PrincipalKind) -> None:
    with pytest.raises(InvalidClientTokenId):
        refuse_session(principal(kind), GetUser)
    with pytest.raises(InvalidClientTokenId):
        refuse_session(principal(FEDERATED, is_mfa=True), GetUser)


@pytest.mark.parametrize("operation", [GetSessionToken, GetFederationToken, GetUser, AssumeRole])
def test_lasting_keys_may_ask_for_everything(operation: AnyQueryOperation) -> None:
    assert refuse_session(principal(USER, has_session=False), operation) is None  # type: ignore[func-returns-value] # it returns
    assert refuse_session(principal(USER, is_mfa=True), GetUser) is None  # type: ignore[func-returns-value] # it returns


async def test_the_pipeline_asks(world: World) -> None:
    ada = await world.user("ada", allowing("*"))
    session = ada.within(await ada.sts("GetSessionToken"))

    assert "AccessDenied" == (await session.denied("GetSessionToken"))[1]
    assert (403, "InvalidClientTokenId") == (await session.refused("GetUser"))[:2]
