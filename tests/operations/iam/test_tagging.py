"""operations/iam/tagging.py: users, roles, policies and providers have tags alike."""

from collections.abc import Iterable

import pytest

from ferrox.identity import PolicyRecord, PolicyVersion, ProviderRecord, RoleRecord, UserRecord
from ferrox.storage.identities.names import Record
from tests.in_process import ROOT
from tests.queries import Queries, items

ACCOUNT = ROOT.account_id
TEAM = {"Team": "web"}
POLICY = PolicyRecord(
    ACCOUNT, "it", "ANPA", 0, 0, (PolicyVersion("v1", "{}", 0),), "v1", 1, tags=TEAM
)
PROVIDER = ProviderRecord(ACCOUNT, "login.example.com", 0, tags=TEAM)
KINDS: dict[str, tuple[Record, dict[str, str], str]] = {
    "User": (UserRecord(ACCOUNT, "it", "AIDA", 0, tags=TEAM), {"UserName": "it"}, "nobody"),
    "Role": (RoleRecord(ACCOUNT, "it", "AROA", 0, "{}", tags=TEAM), {"RoleName": "it"}, "nobody"),
    "Policy": (POLICY, {"PolicyArn": POLICY.arn}, f"{POLICY.arn}2"),
    "OpenIDConnectProvider": (
        PROVIDER, {"OpenIDConnectProviderArn": PROVIDER.arn}, f"{PROVIDER.arn}2",
    ),
}  # fmt: skip
"""By kind: one of it that has tags, the parameter that names it, and a name that none has."""


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """What has tags."""
    return str(request.param)


@pytest.fixture
async def named(root: Queries, kind: str) -> dict[str, str]:
    """The parameter that names one of that kind, which is there."""
    record, parameter, _ = KINDS[kind]
    await root.keep(record)
    return parameter


def some(*tags: tuple[str, str]) -> dict[str, str]:
    parameters: dict[str, str] = {}
    for number, (key, value) in enumerate(tags, 1):
        parameters |= {f"Tags.member.{number}.Key": key, f"Tags.member.{number}.Value": value}
    return parameters


def keys(*names: str) -> dict[str, str]:
    return {f"TagKeys.member.{number}": name for number, name in enumerate(names, 1)}


def pairs(tags: Iterable[dict[str, str | None]]) -> list[tuple[str | None, str]]:
    return [(tag["Key"], tag["Value"] or "") for tag in tags]


async def listed(root: Queries, kind: str, named: dict[str, str]) -> list[tuple[str | None, str]]:
    return pairs(items((await root.iam(f"List{kind}Tags", **named))["Tags"]))


async def test_tags_are_put_over_each_other_whatever_their_capitals(
    root: Queries, kind: str, named: dict[str, str]
) -> None:
    await root.iam(f"Tag{kind}", **named, **some(("TEAM", "db"), ("Cost", "")))
    both = await listed(root, kind, named)
    await root.iam(f"Untag{kind}", **named, **keys("team", "unknown"))
    one = await listed(root, kind, named)

    assert [("Cost", ""), ("TEAM", "db")] == both
    assert [("Cost", "")] == one


async def test_tags_are_told_in_pages(root: Queries, kind: str, named: dict[str, str]) -> None:
    await root.iam(f"Tag{kind}", **named, **some(("cost", "1")))

    first = await root.iam(f"List{kind}Tags", **named, MaxItems="1")
    rest = await root.iam(f"List{kind}Tags", **named, Marker=first["Marker"])

    assert ([("cost", "1")], "true") == (pairs(items(first["Tags"])), first["IsTruncated"])
    assert ([("Team", "web")], "false") == (pairs(items(rest["Tags"])), rest["IsTruncated"])


@pytest.mark.usefixtures("named")
async def test_what_is_not_there_has_no_tags(root: Queries, kind: str) -> None:
    _, parameter, unknown = KINDS[kind]
    nobody = dict.fromkeys(parameter, unknown)

    for action, more in (
        (f"Tag{kind}", some(("a", "b"))),
        (f"Untag{kind}", keys("a")),
        (f"List{kind}Tags", {}),
    ):
        status, code, _ = await root.refused(action, **nobody, **more)
        assert (404, "NoSuchEntity") == (status, code), action


async def test_policies_of_aws_have_none_and_get_none(root: Queries) -> None:
    of_aws = {"PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}

    told = await listed(root, "Policy", of_aws)
    refused = await root.refused("TagPolicy", **of_aws, **some(("a", "b")))

    assert [] == told
    assert (403, "AccessDenied", "Policy is outside your own account.") == refused
