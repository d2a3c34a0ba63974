"""Two accounts at the APIs of IAM and STS: neither reaches, nor learns, what the other one has.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html

In either account there is the same: a user and a role called `one`, a policy and a provider. What
is asked names what is there by its ARN or its id, first that of the own account, then that of the
other, then one in the other account that does not exist.
"""

from typing import Any, NamedTuple

import pytest

from ferrox.identity import (
    KeyRecord,
    PolicyRecord,
    PolicyVersion,
    Principal,
    ProviderRecord,
    RoleRecord,
    UserRecord,
)
from tests.callers import add_account, add_user, policy, user_of
from tests.in_process import OTHER, OTHER_ACCESS_KEY, ROOT, InProcess
from tests.queries import Queries, items
from tests.signing import ACCESS_KEY, SECRET_KEY

EVERYTHING = policy("*")
NOT_FOUND = (404, "NoSuchEntity")
DENIED = (403, "AccessDenied")
DONE = (200, "")
TRUST = (
    '{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Action": "sts:AssumeRole", '
    '"Principal": {{"AWS": "{}"}}}}}}'
)


class Names(NamedTuple):
    """How something of an account is called."""

    policy: str
    role: str
    user: str
    provider: str
    key: str


def names_in(account: Principal, name: str = "one") -> Names:
    start = f"arn:aws:iam::{account.account_id}"
    return Names(
        f"{start}:policy/{name}",
        f"{start}:role/{name}",
        f"{start}:user/{name}",
        f"{start}:oidc-provider/{name}.example",
        f"AKIA{name.upper()}{account.account_id}",
    )


@pytest.fixture
async def server(s3: InProcess) -> InProcess:
    """The server with both accounts; their users may do everything that their account may."""
    for account in (ROOT, OTHER):
        account_id = account.account_id
        add_account(s3, account)
        version = PolicyVersion("v1", EVERYTHING, 0)
        key_id = names_in(account).key
        await Queries(s3).keep(
            PolicyRecord(account_id, "one", "ANPA", 0, 0, (version,), "v1", 1),
            RoleRecord(account_id, "one", "AROA", 0, TRUST.format(account_id)),
            UserRecord(account_id, "one", "AIDAONE", 0),
            KeyRecord(key_id, account_id, "one", s3.store.identities.seal_secret(key_id, "s"), 0),
            ProviderRecord(account_id, "one.example", 0, ("client",)),
        )
        add_user(s3, _user(account), EVERYTHING, account=account)
    return s3


def _user(account: Principal) -> str:
    return "ada" if account is ROOT else "bob"


def asking(server: InProcess, account: Principal, *, is_root: bool) -> Queries:
    root_key = ACCESS_KEY if account is ROOT else OTHER_ACCESS_KEY
    key = root_key if is_root else user_of(account, _user(account)).access_key_id
    return Queries(server, key, SECRET_KEY)


async def outcome(queries: Queries, action: str, **parameters: str) -> tuple[int, str]:
    """Status and code."""
    answer = await queries.ask("sts" if action == "AssumeRole" else "iam", action, **parameters)
    return answer.status, answer.document["Error"]["Code"] if answer.status >= 400 else ""


SIMULATED = {"ActionNames.member.1": "s3:GetObject"}
BY_NAME = [
    ("GetPolicy", "PolicyArn", "policy", {}, DENIED),
    ("GetPolicyVersion", "PolicyArn", "policy", {"VersionId": "v1"}, DENIED),
    ("ListPolicyVersions", "PolicyArn", "policy", {}, DENIED),
    ("ListEntitiesForPolicy", "PolicyArn", "policy", {}, DENIED),
    ("AttachUserPolicy", "PolicyArn", "policy", {"UserName": "one"}, DENIED),
    ("AttachRolePolicy", "PolicyArn", "policy", {"RoleName": "one"}, DENIED),
    ("PutUserPermissionsBoundary", "PermissionsBoundary", "policy", {"UserName": "one"}, NOT_FOUND),
    ("GetContextKeysForPrincipalPolicy", "PolicySourceArn", "user", {}, DENIED),
    ("SimulatePrincipalPolicy", "PolicySourceArn", "user", SIMULATED, DENIED),
    ("SimulatePrincipalPolicy", "PolicySourceArn", "role", SIMULATED, DENIED),
    ("GetAccessKeyLastUsed", "AccessKeyId", "key", {}, NOT_FOUND),
    ("UpdateAccessKey", "AccessKeyId", "key", {"UserName": "one", "Status": "Inactive"}, NOT_FOUND),
    ("DeleteAccessKey", "AccessKeyId", "key", {"UserName": "one"}, NOT_FOUND),
    ("GetOpenIDConnectProvider", "OpenIDConnectProviderArn", "provider", {}, NOT_FOUND),
    ("DeleteOpenIDConnectProvider", "OpenIDConnectProviderArn", "provider", {}, DONE),
    ("AssumeRole", "RoleArn", "role", {"RoleSessionName": "session"}, DENIED),
]


@pytest.mark.parametrize(("asks", "other"), [(ROOT, OTHER), (OTHER, ROOT)])
@pytest.mark.parametrize(("action", "parameter", "kind", "more", "expected"), BY_NAME)
async def test_what_is_the_others_is_out_of_reach(
    server: InProcess,
    action: str,
    parameter: str,
    kind: str,
    more: dict[str, str],
    expected: tuple[int, str],
    asks: Principal,
    other: Principal,
) -> None:
    user = asking(server, asks, is_root=False)
    root = asking(server, asks, is_root=True)
    theirs, absent = (getattr(names_in(other, name), kind) for name in ("one", "none"))
    before = all_of(server, other)

    by_user = await outcome(user, action, **{parameter: theirs}, **more)
    by_root = await outcome(root, action, **{parameter: theirs}, **more)
    of_nothing = await outcome(user, action, **{parameter: absent}, **more)
    after = all_of(server, other)
    own = await outcome(user, action, **{parameter: getattr(names_in(asks), kind)}, **more)

    assert DONE == own
    assert [expected] * 3 == [by_user, by_root, of_nothing], "whether it is there is not told"
    assert before == after


def all_of(server: InProcess, account: Principal) -> list[Any]:
    """All that an account has."""
    identities, account_id = server.store.identities, account.account_id
    return [
        identities.policies(account_id),
        identities.roles(account_id),
        identities.users(account_id),
        identities.providers(account_id),
        [identities.keys(account_id, user.name) for user in identities.users(account_id)],
    ]


LISTS = {
    "ListUsers": ("Users", "Arn"),
    "ListRoles": ("Roles", "Arn"),
    "ListPolicies": ("Policies", "Arn"),
    "ListOpenIDConnectProviders": ("OpenIDConnectProviderList", "Arn"),
}


@pytest.mark.parametrize("account", [ROOT, OTHER])
async def test_lists_show_what_is_the_callers_accounts(
    server: InProcess, account: Principal
) -> None:
    user = asking(server, account, is_root=False)

    for action, (listed, name) in LISTS.items():
        scope = {"Scope": "Local"} if action == "ListPolicies" else {}
        result = await user.iam(action, **scope)
        arns = [one[name] for one in items(result[listed])]
        assert arns, action
        assert all(f":iam::{account.account_id}:" in arn for arn in arns), action


async def test_a_name_means_what_the_callers_account_calls_so(server: InProcess) -> None:
    ours, theirs = (asking(server, one, is_root=False) for one in (ROOT, OTHER))

    await ours.iam("DeleteAccessKey", UserName="one", AccessKeyId=names_in(ROOT).key)
    await ours.iam("DeleteUser", UserName="one")

    assert NOT_FOUND == await outcome(ours, "GetUser", UserName="one")
    assert DONE == await outcome(theirs, "GetUser", UserName="one")


BOB = user_of(OTHER, "bob").arn
TAKING = policy("sts:AssumeRole", resource=names_in(ROOT).role)
NOT_TAKING = policy("sts:AssumeRole", resource=names_in(OTHER).role)


@pytest.mark.parametrize(
    ("trusted", "own", "expected"),
    [
        (OTHER.account_id, TAKING, DONE),
        (OTHER.account_id, NOT_TAKING, DENIED),
        (BOB, TAKING, DONE),
        (BOB, NOT_TAKING, DENIED),
        (ROOT.account_id, TAKING, DENIED),
        (user_of(ROOT, "ada").arn, TAKING, DENIED),
        ("*", TAKING, DONE),
        ("*", NOT_TAKING, DENIED),
    ],
)
async def test_a_role_is_taken_if_both_accounts_say_so(
    server: InProcess, trusted: str, own: str, expected: tuple[int, str]
) -> None:
    owner, taker = asking(server, ROOT, is_root=True), asking(server, OTHER, is_root=False)
    root = asking(server, OTHER, is_root=True)
    await owner.iam("UpdateAssumeRolePolicy", RoleName="one", PolicyDocument=TRUST.format(trusted))
    await root.iam("DeleteUserPolicy", UserName="bob", PolicyName="policy-0")
    await root.iam("PutUserPolicy", UserName="bob", PolicyName="own", PolicyDocument=own)

    asked = {"RoleArn": names_in(ROOT).role, "RoleSessionName": "session"}

    assert expected == await outcome(taker, "AssumeRole", **asked)
